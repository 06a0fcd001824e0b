"""Lambda archives: the same source gives the same bytes on every machine, and the name of an archive is its hash."""

import ast
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

from dr_templates.errors import DrError

PACKAGE = Path(__file__).parent
HANDLERS = PACKAGE.parents[1] / "lambda"
DRIVER = ("pg8000", "scramp", "asn1crypto", "python-dateutil", "six")
"""The PostgreSQL driver and everything it needs; all pure Python, so one archive serves every architecture."""

EPOCH = (1980, 1, 1, 0, 0, 0)
READABLE = 0o644 << 16


@dataclass(frozen=True)
class Archive:
    """A zip file: ``parameter`` is the template parameter that takes ``key``, its place in the artifact bucket."""

    name: str
    parameter: str
    key: str
    body: bytes


@dataclass(frozen=True)
class Recipe:
    """What goes in: handlers by module name, data files of the package, distributions by name."""

    parameter: str
    handlers: tuple[str, ...]
    data: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()


RECIPES: Mapping[str, Recipe] = {
    "network": Recipe(
        "NetworkArchiveKey", ("default_security_group_handler", "prefix_list_handler", "peering_dns_handler")
    ),
    "probe": Recipe(
        "ProbeArchiveKey", ("probe_handler",), ("runtime/rds-ca-bundle.pem", "runtime/prepare.sql"), DRIVER
    ),
    "rotation": Recipe("RotationArchiveKey", ("rotation_handler",), ("runtime/rds-ca-bundle.pem",), DRIVER),
    "watchdog": Recipe("WatchdogArchiveKey", ("watchdog_handler",)),
    "failover": Recipe("FailoverArchiveKey", ("observe_handler", "decide_handler", "perform_handler")),
}


def archives(source: Path = HANDLERS) -> tuple[Archive, ...]:
    """Give every archive the templates name. Reads the handlers in ``source`` and the installed driver; writes nothing.

    Raises ``DrError`` when there is no such folder, as in a package that was installed without its checkout.
    """
    if not source.is_dir():
        raise DrError(
            what="archives are built from a checkout, and this is an installed copy: the handlers are not here",
            where=str(source),
            hint="Run the command of a clone of the repository, which `make install` puts at .venv/bin/drctl.",
        )
    return tuple(build(name, recipe, source) for name, recipe in RECIPES.items())


def build(name: str, recipe: Recipe, source: Path = HANDLERS) -> Archive:
    """Give one archive. Raises ``FileNotFoundError`` when ``source`` lacks a handler."""
    files = dict(_files(recipe, source))
    body = _zip(files)
    key = f"lambda/{name}-{hashlib.sha256(body).hexdigest()[:16]}.zip"
    return Archive(name=name, parameter=recipe.parameter, key=key, body=body)


def _files(recipe: Recipe, folder: Path) -> Iterator[tuple[str, bytes]]:
    handlers = [folder / f"{module}.py" for module in recipe.handlers]
    for handler in handlers:
        yield handler.name, handler.read_bytes()
    for source in _closure(handlers):
        yield f"{PACKAGE.name}/{source.relative_to(PACKAGE).as_posix()}", source.read_bytes()
    for path in recipe.data:
        yield f"{PACKAGE.name}/{path}", (PACKAGE / path).read_bytes()
    for needed in recipe.distributions:
        yield from _distributed(needed)


def _closure(handlers: Iterable[Path]) -> list[Path]:
    """Give the modules of this package that the handlers import, directly or not, and the packages they are in."""
    found: set[Path] = set()
    waiting = list(handlers)
    while waiting:
        for name in _imports(waiting.pop()):
            for source in _sources(name):
                if source not in found:
                    found.add(source)
                    waiting.append(source)
    return sorted(found)


def _imports(source: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case _:
                pass


def _sources(name: str) -> Iterator[Path]:
    """Give the files behind a dotted name of this package: the module, and each ``__init__`` above it."""
    top, *rest = name.split(".")
    if top != PACKAGE.name:
        return
    folder = PACKAGE
    yield folder / "__init__.py"
    for part in rest:
        if (folder / f"{part}.py").is_file():
            yield folder / f"{part}.py"
            return
        folder = folder / part
        if not (folder / "__init__.py").is_file():
            return
        yield folder / "__init__.py"


def _distributed(name: str) -> Iterator[tuple[str, bytes]]:
    """Give a distribution's modules, and the licence that must travel with them."""
    for path in distribution(name).files or ():
        if path.suffix == ".py" or _tells_of_itself(path):
            yield path.as_posix(), path.read_binary()


def _tells_of_itself(path: PurePosixPath) -> bool:
    """Tell the licence and the metadata, in which pg8000 looks up its own version when it is imported."""
    told = ("LICENSE", "LICENCE", "COPYING", "METADATA")
    return path.parts[0].endswith(".dist-info") and path.name.upper().startswith(told)


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Give a zip whose bytes depend on names and contents alone; stored, as compressors differ between machines."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = READABLE
            archive.writestr(entry, files[name])
    return buffer.getvalue()
