"""``drctl archives``: the Lambda archives as files, laid out as in the artifact bucket."""

from pathlib import Path

from dr_templates import artifact, files
from dr_templates.cli import view


def run(folder: Path, output: str) -> None:
    """Write every archive below the folder. Raises ``OSError`` when the folder cannot be written."""
    archives = artifact.archives()
    for archive in archives:
        files.replace(folder / archive.key, archive.body)
    if output == "json":
        view.data({archive.parameter: archive.key for archive in archives})
        return
    for archive in archives:
        view.line(f"{archive.parameter}={archive.key}")
    view.say(f"{len(archives)} archives in {folder}")
