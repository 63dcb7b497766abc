"""Predefined and saved queries: ``.sql`` and ``.kql`` files, found by being there; their header is `query.header`'s."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fleet.errors import BadInput, UnknownName
from query.header import Header, QueryChart, QueryColumn, QueryParameter, parse_header
from query.language import QueryLanguage
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
    text: str
    is_predefined: bool
    path: Path
    problem: str = ""
    language: QueryLanguage = QueryLanguage.SQL
    chart: QueryChart | None = None

    @property
    def sql(self) -> str:
        """The text, by its older name."""
        return self.text

    def values(self, given: Mapping[str, object]) -> dict[str, object]:
        """Values for all parameters: those given, as text or already of their type, and defaults for the others.

        Raises:
            BadInput: one is missing, not of its type or not among its choices, or the query cannot be used at all.
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


def find_queries(dirs: Sequence[Path] = (), *, name: str | None = None) -> tuple[SavedQuery, ...]:
    """The predefined queries and those in ``dirs``, by group and title; of one ``name`` only where it is given.

    Files lie in folders of any depth; a query's name is that of its file. One in a later folder takes the place of
    one of the same name before it. A file that cannot be read or understood is listed with its ``problem``, and so is
    a name that two files of one folder claim.
    """
    found: dict[str, SavedQuery] = {}
    for folder in (PREDEFINED, *dirs):
        claimed: dict[str, SavedQuery] = {}
        for path in query_files(folder):
            stem = path.stem.casefold()
            if name is not None and stem != name.casefold():
                continue
            query = read_query(path, is_predefined=folder == PREDEFINED)
            claimed[stem] = _ambiguous(claimed[stem], path) if stem in claimed else query
        found |= claimed
    return tuple(sorted(found.values(), key=lambda query: (query.group, query.title, query.name)))


def query_files(folder: Path) -> Iterator[Path]:
    """The files of queries in ``folder`` and the folders below, by path; hidden ones are not looked at."""
    endings = {f".{language.value}" for language in QueryLanguage}
    for path in sorted(folder.rglob("*"), key=str):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in endings and not is_hidden and path.is_file():
            yield path


def read_query(path: Path, *, is_predefined: bool = False) -> SavedQuery:
    """The query in the file ``path``; with its ``problem`` where it cannot be read or understood."""
    language = QueryLanguage(path.suffix.removeprefix("."))
    try:
        text = read_query_text(path)
        header = parse_header(text, language)
    except BadInput as error:
        problem = f"Saved query {path} cannot be used: {error}"
        unread = make_query(path, "", Header(title=path.stem), is_predefined=is_predefined)
        return replace(unread, problem=problem)
    return make_query(path, text, header, is_predefined=is_predefined)


def make_query(path: Path, text: str, header: Header, *, is_predefined: bool = False) -> SavedQuery:
    """The query that ``path`` holds, or would hold, with ``text`` and the header that was read from it."""
    return SavedQuery(
        name=path.stem,
        title=header.title,
        group=header.group or (path.parent.name if is_predefined else "Saved"),
        help=header.help,
        parameters=tuple(header.parameters),
        columns=tuple(header.columns),
        text=text,
        is_predefined=is_predefined,
        path=path,
        language=QueryLanguage(path.suffix.removeprefix(".")),
        chart=header.chart,
    )


def read_query_text(path: Path) -> str:
    """What the file ``path`` holds.

    Raises:
        BadInput: it cannot be read, is too large, or is not UTF-8; says so without naming it.
    """
    try:
        if path.stat().st_size > MAX_QUERY_CHARACTERS:
            raise BadInput(f"it is larger than {MAX_QUERY_CHARACTERS:,} bytes.")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"it is not UTF-8 at byte {error.start}.") from error
    except OSError as error:
        raise BadInput(f"{error.strerror}.") from error


def _ambiguous(first: SavedQuery, second: Path) -> SavedQuery:
    problem = f"Two saved queries are called {first.name}: {first.path} and {second}. Rename one of them."
    return replace(first, problem=problem)


def _value(parameter: QueryParameter, given: object) -> object:
    value = parse_value(parameter.name, parameter.type, given) if isinstance(given, str) else given
    parameter.check(value)
    return value
