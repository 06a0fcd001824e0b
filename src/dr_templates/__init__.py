"""Two-region disaster recovery for Amazon RDS for PostgreSQL, as code."""

__version__ = "0.1.0"
