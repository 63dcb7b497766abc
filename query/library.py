"""Predefined and saved queries: ``.sql`` files, found by being there. Their header is that of `query.header`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import BadInput, UnknownName
from query.header import QueryColumn, QueryParameter, parse_header
from query.limits import MAX_QUERY_CHARACTERS
from query.literals import parse_value

PREDEFINED = Path(__file__).with_name("library")


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query in a file. ``problem`` says in one line why it cannot be used; empty where it can."""

    name: str
    title: str
    group: str
    help: str
    parameters: tuple[QueryParameter, ...]
    columns: tuple[QueryColumn, ...]
    sql: str
    is_predefined: bool
    path: Path
    problem: str = ""

    def values(self, given: Mapping[str, object]) -> dict[str, object]:
        """Values for all parameters: those given, as text or already of their type, and defaults for the others.

        Raises:
            BadInput: one is missing or not of its type, or the query cannot be used at all.
            UnknownName: one was given that the query does not have.
        """
        if self.problem:
            raise BadInput(self.problem)
        by_name = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in by_name:
                raise UnknownName("parameter", name, by_name)
        values = {p.name: _value(p, given[p.name]) if p.name in given else p.default for p in self.parameters}
        missing = [f"{p.name} ({p.meaning})" for p in self.parameters if values[p.name] is None]
        if missing:
            raise BadInput(f"Query {self.name} needs a value for {', '.join(missing)}.")
        return values


def find_queries(dirs: Sequence[Path] = ()) -> tuple[SavedQuery, ...]:
    """The predefined queries and those in ``dirs``, by group and title.

    Files lie in folders of any depth; a query's name is that of its file. One in a later folder takes the place of
    one of the same name before it. A file that cannot be read or understood is listed with its ``problem``.
    """
    found: dict[str, SavedQuery] = {}
    for folder in (PREDEFINED, *dirs):
        for path in _sql_files(folder):
            found[path.stem.casefold()] = _read(path, is_predefined=folder == PREDEFINED)
    return tuple(sorted(found.values(), key=lambda query: (query.group, query.title, query.name)))


def _sql_files(folder: Path) -> Iterator[Path]:
    paths = sorted(folder.rglob("*.sql"), key=str)
    return (path for path in paths if path.is_file() and not any(p.startswith(".") for p in path.parts[-2:]))


def _read(path: Path, *, is_predefined: bool) -> SavedQuery:
    group = path.parent.name if is_predefined else "Saved"
    try:
        text = _text(path)
        header = parse_header(text)
    except BadInput as error:
        problem = f"Saved query {path} cannot be used: {error}"
        return SavedQuery(path.stem, path.stem, group, "", (), (), "", is_predefined, path, problem)
    return SavedQuery(
        path.stem,
        header.title,
        header.group or group,
        header.help,
        tuple(header.parameters),
        tuple(header.columns),
        text,
        is_predefined,
        path,
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_QUERY_CHARACTERS:
            raise BadInput(f"it is larger than {MAX_QUERY_CHARACTERS:,} bytes.")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"it is not UTF-8 at byte {error.start}.") from error
    except OSError as error:
        raise BadInput(f"{error.strerror}.") from error


def _value(parameter: QueryParameter, given: object) -> object:
    return parse_value(parameter.name, parameter.type, given) if isinstance(given, str) else given
