"""The local lab: real PostgreSQL, started and stopped on this machine."""
