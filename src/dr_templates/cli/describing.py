"""``drctl schema``: the configuration's JSON Schema."""

from dr_templates.cli import view
from dr_templates.config import Config


def schema() -> None:
    """Show the schema that ``config/schema.json`` holds."""
    view.data({"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()})
