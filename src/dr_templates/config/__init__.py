"""The configuration of one environment: read once from a file, checked as a whole, then only values."""

from dr_templates.config.load import load
from dr_templates.config.models import Config

__all__ = ["Config", "load"]
