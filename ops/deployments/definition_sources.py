"""Definitions as text: read from a file or standard input, given back to the byte."""

import sys
from pathlib import Path

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput, UnknownName
from ops.deployments.definition_files import FORMATS, read_definition, write_definition
from ops.deployments.definitions import differences
from ops.deployments.given_files import read_at_most
from ops.state.deployments import Source, StoredDeployment

# Hand-written definitions have a few kilobytes; a list of 10,000 machines has 300.
_MOST_BYTES = 1_000_000
_BYTE_ORDER_MARK = "\ufeff"
_STANDARD_INPUT = "-"
_FORMAT_OF_SUFFIX = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
SOURCE = "source"


def read_source(path: str, asked_format: str | None, name: str | None) -> tuple[Deployment, Source]:
    """The deployment that a file defines (``-``: standard input), and the file to the byte.

    ``name`` is what it must be called where it is given; a file that gives no name is called so, or as the file.

    Raises:
        BadInput: it cannot be read, is no definition (with its line), or is called otherwise.
        UnknownName: there is no such format.
    """
    is_input = path == _STANDARD_INPUT
    format_ = _format_of(path, asked_format)
    text = read_definition_file(path)
    folder = Path() if is_input else Path(path).expanduser().parent
    source = Source(text, format_, str(folder.absolute()))
    try:
        deployment = read_text(source, name or ("" if is_input else Path(path).stem))
    except BadInput as error:
        raise BadInput(f"{'standard input' if is_input else path}: {error}") from error
    if name is not None and deployment.name.casefold() != name.casefold():
        raise BadInput(f"{path} defines {deployment.name!r}, not {name!r}: leave out the name, or change the file.")
    return deployment, source


def read_text(source: Source, name_hint: str) -> Deployment:
    """The deployment that ``source`` defines; a byte order mark is passed over.

    Raises:
        BadInput: it is no definition.
    """
    text = source.text.removeprefix(_BYTE_ORDER_MARK)
    return read_definition(text, source.format, name_hint, Path(source.folder) if source.folder else None)


def definition_text(stored: StoredDeployment, format_: str) -> str:
    """The definition in TOML or YAML, or as the ``source`` that was read, to the byte; canonical TOML where none was.

    Raises:
        UnknownName: there is no such format.
    """
    if format_ == SOURCE:
        return stored.source.text or write_definition(stored.deployment, "toml")
    if format_ not in FORMATS:
        raise UnknownName("format", format_, (*FORMATS, SOURCE))
    return write_definition(stored.deployment, format_)


def drift_of_source(stored: StoredDeployment) -> list[str]:
    """What is to be said of the source that is kept: that there is none, or in what the deployment differs by now."""
    if not stored.source.text:
        return [f"{stored.deployment.name} was defined by options: this is its definition as TOML."]
    try:
        changed = changed_since(stored)
    except BadInput as error:
        return [f"Mind: this Patchdeck cannot read it any more: {error}"]
    return [f"Mind: the deployment differs from this in {', '.join(changed)} by now."] if changed else []


def changed_since(stored: StoredDeployment) -> list[str]:
    """In what the deployment differs from its source by now, as words.

    Raises:
        BadInput: the source cannot be read any more.
    """
    return differences(read_text(stored.source, stored.deployment.name), stored.deployment)


def _format_of(path: str, asked: str | None) -> str:
    """As asked, else by the file's name; standard input is TOML."""
    if asked is not None:
        if asked.casefold() not in FORMATS:
            raise UnknownName("format", asked, FORMATS)
        return asked.casefold()
    suffix = ".toml" if path == _STANDARD_INPUT else Path(path).suffix.casefold()
    if suffix not in _FORMAT_OF_SUFFIX:
        raise BadInput(f"{path}: the name ends in neither .toml nor .yaml: say which it is with --format.")
    return _FORMAT_OF_SUFFIX[suffix]


def read_definition_file(path: str) -> str:
    """The text of a file (``-``: standard input), to the byte.

    Raises:
        BadInput: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        content = _read_input() if path == _STANDARD_INPUT else read_at_most(Path(path).expanduser(), _MOST_BYTES + 1)
    except (OSError, RuntimeError) as error:  # RuntimeError: ~someone whom nobody knows
        raise BadInput(f"Cannot read {path}: {getattr(error, 'strerror', None) or error}.") from error
    if len(content) > _MOST_BYTES:
        raise BadInput(f"{path} is larger than {_MOST_BYTES:,} bytes: that is no definition of a deployment.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: byte {error.start + 1} cannot be read.") from error


def _read_input() -> bytes:
    # A standard input without bytes is one that was put in its place, as tests do.
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read(_MOST_BYTES + 1).encode() if buffer is None else bytes(buffer.read(_MOST_BYTES + 1))
