"""The user's saved queries: plain files in the home, written whole, checked before they are kept, and audited."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput, HomeUnusable, QueryFailed, QueryRefused, UnknownName
from fleet.name_lists import some_of
from ops.home import Home
from ops.questions import find_query
from ops.state.audit import Audit
from ops.state.database import opened, transaction
from query.language import QueryLanguage
from query.limits import MAX_QUERY_CHARACTERS

if TYPE_CHECKING:
    from query.library import SavedQuery

# Fit for every file system and every shell, and no option.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


@dataclass(frozen=True, slots=True)
class QueryDraft:
    """A query that is to be kept.

    ``header`` has the values of its lines title, group and help that are to be written; the others are as the text
    has them. A text without any title gets one made of the name.
    """

    name: str
    text: str
    language: QueryLanguage = QueryLanguage.SQL
    header: Mapping[str, str] = field(default_factory=dict)


def save_query(home: Home, draft: QueryDraft, *, replace: bool = False, force: bool = False) -> "SavedQuery":
    """Keeps ``draft`` as a file in the home, and gives it as it will be found.

    With ``replace`` it takes the place of the user's query of that name, or stands before the predefined one. With
    ``force`` it is kept though it cannot be asked.

    Raises:
        BadInput: the name or the text cannot be used, or there is such a query already.
    """
    before = _existing(home, draft.name)
    if before is not None and not replace:
        whose = "predefined query" if before.is_predefined else "saved query"
        raise BadInput(f"There is a {whose} {before.name!r} already: give --replace, or another name.")
    own = before if before is not None and not before.is_predefined else None
    return _keep(home, draft, own, None, force=force)


def change_query(home: Home, query: "SavedQuery", before: bytes, text: str, *, force: bool = False) -> "SavedQuery":
    """Keeps ``text`` in the place of ``before``, what the file of the user's ``query`` held when it was opened.

    Raises:
        BadInput: the text cannot be used, or the file is not as it was when it was opened.
    """
    draft = QueryDraft(query.name, text, query.language)
    return _keep(home, draft, query, before, force=force)


def copy_query(home: Home, name: str, to: str, *, replace: bool = False) -> "SavedQuery":
    """Keeps the query ``name``, a predefined one too, under the name ``to``.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it cannot be read, or as `save_query`.
    """
    found = find_query(home, name)
    text = read_text(found.path)
    return save_query(home, QueryDraft(to, text, found.language), replace=replace, force=bool(found.problem))


def rename_query(home: Home, name: str, to: str) -> "SavedQuery":
    """Calls the user's query ``name`` ``to`` from now on.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it is predefined, a group or an alert rule asks it, there is one called ``to``, or that is no name.
    """
    from query.library import read_query

    found = own_query(home, name)
    _check_name(to)
    _check_unused(home, found, "renamed")
    path = found.path.with_name(f"{to}{found.path.suffix}")
    with _audited(home, "query.rename", found.name, {"name": found.name}, {"name": to}):
        there = _existing(home, to)
        if there is not None and there.path != found.path:
            raise BadInput(f"There is a query {there.name!r} already: remove it, or give another name.")
        found.path.rename(path)
    return read_query(path)


def remove_query(home: Home, name: str) -> "SavedQuery":
    """Removes the user's query ``name``; the audit keeps its text.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it is predefined, or a group or an alert rule asks it.
    """
    found = own_query(home, name)
    _check_unused(home, found, "removed")
    with _audited(home, "query.remove", found.name, _document(found.path), None):
        found.path.unlink()
    return found


def own_query(home: Home, name: str) -> "SavedQuery":
    """The user's query ``name``, which may be changed; one that is broken too.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it is predefined, or two files have that name.
    """
    from query.library import query_files

    found = find_query(home, name)
    if found.is_predefined:
        raise BadInput(f"Query {found.name} is predefined, and stays as it is; your own: patchdeck queries copy.")
    if sum(path.stem.casefold() == found.name.casefold() for path in query_files(home.queries_dir)) > 1:
        raise BadInput(found.problem)
    return found


def read_text(path: Path) -> str:
    """The text of a saved query.

    Raises:
        BadInput: the file cannot be read, is too large, or is not UTF-8.
    """
    from query.library import read_query_text

    try:
        return read_query_text(path)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error


def _existing(home: Home, name: str) -> "SavedQuery | None":
    _check_name(name)
    try:
        return find_query(home, name)
    except UnknownName:
        return None


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{name!r} is no name of a query: letters, digits, - and _, at most 80, the first no - or _; no ending."
        )


def _check_unused(home: Home, query: "SavedQuery", done: str) -> None:
    """Refuses what would leave a group without members or an alert rule without rows, or with a predefined query's."""
    from ops.state.alerts import AlertBook
    from ops.state.groups import GroupBook

    name = query.name.casefold()
    with opened(home.state_file) as connection:
        users = [f"group {group.name}" for group in GroupBook(connection).list() if group.query.casefold() == name]
        rules = [(rule.name, rule.measure) for rule in AlertBook(connection).list()]
    users += [f"alert rule {rule}" for rule, asked in rules if asked is not None and asked.query.casefold() == name]
    if users:
        raise BadInput(f"Query {query.name} is in use: {some_of(users)}. Nothing was {done}.")


def _keep(
    home: Home, draft: QueryDraft, own: "SavedQuery | None", expected: bytes | None, *, force: bool
) -> "SavedQuery":
    from query.library import read_query
    from query.outfile import written_aside

    folder = own.path.resolve().parent if own else home.queries_dir
    path = folder / f"{own.path.stem if own else draft.name}.{draft.language.value}"
    text = _whole_text(home, draft, path, force=force)
    before = _document(own.path) if own else None
    after = {"language": draft.language.value, "text": text}
    with _audited(home, "query.edit" if own else "query.save", path.stem, before, after):
        if own is not None and expected is not None and own.path.read_bytes() != expected:
            raise BadInput(f"Query {own.name} was changed by somebody else meanwhile: look at {own.path} first.")
        if own is None and path.exists():
            raise BadInput(f"There is a saved query {draft.name!r} already: give --replace, or another name.")
        folder.mkdir(parents=True, exist_ok=True)
        with written_aside(path) as file:
            file.write(text.encode())
        if own is not None and own.path.suffix != path.suffix:
            own.path.unlink()  # in the other language: two files of one name would be none
    return read_query(path)


def _whole_text(home: Home, draft: QueryDraft, path: Path, *, force: bool) -> str:
    """The text with its header, tried unless it is forced."""
    from query.header import parse_header, read_header, with_header
    from query.library import make_query
    from query.trial import try_query

    _check_text(draft.text)
    text, values = draft.text, {name: value for name, value in draft.header.items() if value.strip()}
    try:
        if not read_header(draft.text, draft.language).title and "title" not in values:
            values = {"title": draft.name.replace("-", " ").replace("_", " ").capitalize(), **values}
        text = with_header(text, draft.language, values) if values else text
        if not force:
            try_query(make_query(path, text, parse_header(text, draft.language)), home.temp_dir)
    except BadInput as error:
        if not force:
            raise _in_one_line(draft.name, error) from error
    _check_text(text)
    return text


def _in_one_line(name: str, error: BadInput) -> BadInput:
    if isinstance(error, QueryRefused | UnknownName):
        return error  # it tells the place in the text, which the command line shows
    return BadInput(f"Query {name} cannot be kept: {error}")


def _check_text(text: str) -> None:
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError:
        raise BadInput("The query holds what is no text in UTF-8.") from None
    if not text.strip():
        raise BadInput("There is no query.")
    if size_bytes > MAX_QUERY_CHARACTERS:
        raise BadInput(f"The query is larger than {MAX_QUERY_CHARACTERS:,} bytes.")


def _document(path: Path) -> Mapping[str, str]:
    """A query for the audit, as far as it can be read."""
    try:
        return {"language": path.suffix.removeprefix("."), "text": read_text(path)}
    except BadInput:
        return {"language": path.suffix.removeprefix(".")}


@contextmanager
def _audited(
    home: Home, action: str, target: str, before: Mapping[str, str] | None, after: Mapping[str, str] | None
) -> Iterator[None]:
    """Records the deed with it; one at a time, whichever process does it."""

    def written(value: Mapping[str, str] | None) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    with opened(home.state_file) as connection, transaction(connection):
        try:
            yield
        except (OSError, QueryFailed) as error:
            raise HomeUnusable(f"Query {target} cannot be written in {home.queries_dir}: {error}") from error
        Audit(connection).record(action, target, written(before), written(after))
