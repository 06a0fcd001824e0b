"""The command ``drctl``."""
