"""Definitions as text: read from a file or standard input, given back to the byte, edited by hand."""

import sys
from pathlib import Path

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput, UnknownName
from ops.deployments.definition_files import read_definition, write_definition
from ops.deployments.definitions import FORMATS, Source, differences, format_of
from ops.state.deployments import StoredDeployment

# Hand-written definitions have a few kilobytes; a list of 1,000 machines has 30.
_MOST_BYTES = 1_000_000
_BYTE_ORDER_MARK = "\ufeff"
SOURCE = "source"


def read_source(path: str, asked_format: str | None, name: str | None) -> tuple[Deployment, Source]:
    """The deployment that a file defines (``-``: standard input), and the file to the byte.

    ``name`` is what it must be called where it is given; a file that gives no name is called so, or as the file.

    Raises:
        BadInput: it cannot be read, is no definition (with its line), or is called otherwise.
        UnknownName: there is no such format.
    """
    format_ = format_of(path, asked_format)
    text = _read(path)
    try:
        deployment = read_text(text, format_, name or ("" if path == "-" else Path(path).stem))
    except BadInput as error:
        raise BadInput(f"{'standard input' if path == '-' else path}: {error}") from error
    if name is not None and deployment.name.casefold() != name.casefold():
        raise BadInput(f"{path} defines {deployment.name!r}, not {name!r}: leave out the name, or change the file.")
    return deployment, Source(text, format_)


def read_text(text: str, format_: str, name_hint: str) -> Deployment:
    """The deployment that ``text`` defines; a byte order mark is passed over.

    Raises:
        BadInput: it is no definition.
    """
    return read_definition(text.removeprefix(_BYTE_ORDER_MARK), format_, name_hint)


def definition_text(stored: StoredDeployment, format_: str) -> str:
    """The definition in TOML or YAML, or as the ``source`` that was read, to the byte; canonical TOML where none was.

    Raises:
        UnknownName: there is no such format.
    """
    if format_ == SOURCE:
        return stored.source or write_definition(stored.deployment, "toml")
    if format_ not in FORMATS:
        raise UnknownName("format", format_, (*FORMATS, SOURCE))
    return write_definition(stored.deployment, format_)


def drift_of_source(stored: StoredDeployment) -> list[str]:
    """What is to be said of the source that is kept: that there is none, or in what the deployment differs by now."""
    if not stored.source:
        return [f"{stored.deployment.name} was defined by options: this is its definition as TOML."]
    try:
        as_read = read_text(stored.source, stored.source_format, stored.deployment.name)
    except BadInput as error:
        return [f"Mind: this Patchdeck cannot read it any more: {error}"]
    changed = differences(as_read, stored.deployment)
    return [f"Mind: the deployment differs from this in {', '.join(changed)} by now."] if changed else []


def _read(path: str) -> str:
    try:
        content = _read_input() if path == "-" else _read_file(Path(path).expanduser())
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror or error}.") from error
    if len(content) > _MOST_BYTES:
        raise BadInput(f"{path} is larger than {_MOST_BYTES:,} bytes: that is no definition of a deployment.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: byte {error.start + 1} cannot be read.") from error


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES + 1)


def _read_input() -> bytes:
    # A standard input without bytes is one of a test, or was replaced.
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read(_MOST_BYTES + 1).encode() if buffer is None else bytes(buffer.read(_MOST_BYTES + 1))
