"""The queries that a user asked in the app: kept in the home, each user's apart, bounded.

Values of parameters are kept, so that a query can be asked again; what KQL marks as secret (``h"…"``) is not.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collectors.handed_down import folder_mode
from collectors.known_hosts_file import only_writer
from fleet.errors import StoreBusy
from fleet.ssh_logins import login_number
from ops.acting_login import acting_login
from ops.home import Home
from ops.permission import refusal
from query.language import QueryLanguage

MOST_QUERIES = 500
# A longer text came from a file or a generator: whoever wrote it has it there.
MOST_CHARACTERS = 20_000
# Some more are let come in before the file is written anew.
_SLACK = 100
# In a verbatim string a backslash is one, and a quote is written twice; three backticks or tildes hold lines.
_SECRET = re.compile(
    r"""(?<!\w)[hH](?:@(?:"(?:[^"\n]|"")*"|'(?:[^'\n]|'')*')|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|```.*?```|~~~.*?~~~)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query that was asked: when last, its text, and its parameters as texts."""

    at: datetime
    text: str
    language: QueryLanguage
    parameters: tuple[tuple[str, str], ...] = ()


def remember_query(home: Home, asked: AskedQuery) -> None:
    """Keeps ``asked`` as the newest of this user; the oldest go. Blocking, but short. Not in a home that is only read.

    Raises:
        OSError: it cannot be written.
        StoreBusy: another process keeps us from it.
    """
    if len(asked.text) > MOST_CHARACTERS or refusal(home.path) is not None:
        return
    with _held(home) as path:
        known = _read(path)
        line = _line(asked)
        if len(known) > MOST_QUERIES + _SLACK:
            aside = path.with_suffix(".new")
            aside.write_text("".join(_line(each) for each in known[-MOST_QUERIES:]) + line, encoding="utf-8")
            aside.chmod(0o600)
            aside.replace(path)
            return
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line if _ends_whole(path) else f"\n{line}")


def list_asked_queries(home: Home) -> tuple[AskedQuery, ...]:
    """What this user asked, the newest first, each text once.

    A line that cannot be read is passed over: a full disk may have cut it.

    Raises:
        OSError: the file cannot be read.
    """
    newest: dict[tuple[str, QueryLanguage], AskedQuery] = {}
    for each in reversed(_read(_path(home))):
        newest.setdefault((each.text, each.language), each)
    return tuple(newest.values())[:MOST_QUERIES]


def _path(home: Home) -> Path:
    login = acting_login()
    return home.asked_dir / f"{os.geteuid() if login is None else login_number(login.name)}.ndjson"


def file_beside_queries(home: Home, ending: str) -> Path:
    """A file of this user's own beside their queries, whose name ends in ``ending``."""
    return _path(home).with_suffix(ending)


@contextmanager
def _held(home: Home) -> Iterator[Path]:
    """The file of this user; no other app of theirs writes meanwhile."""
    home.asked_dir.mkdir(mode=folder_mode(home.path), exist_ok=True)
    try:
        with only_writer(home.asked_dir):
            yield _path(home)
    except BlockingIOError as error:  # whoever may look into a folder can hold its lock
        raise StoreBusy(f"Another process holds {home.asked_dir}: see lslocks. The query was not kept.") from error


def _ends_whole(path: Path) -> bool:
    """Whether the last line is whole: a full disk may have cut it."""
    with path.open("rb") as file:
        return file.seek(0, os.SEEK_END) == 0 or (file.seek(-1, os.SEEK_END) >= 0 and file.read(1) == b"\n")


def _read(path: Path) -> list[AskedQuery]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")  # not where a text holds another end of line
    return [asked for line in lines if (asked := _parse(line)) is not None]


def _line(asked: AskedQuery) -> str:
    text = _SECRET.sub('h"…"', asked.text)
    fields = {
        "at": asked.at.astimezone(UTC).isoformat(timespec="seconds"),
        "language": asked.language.value,
        "text": text,
        "parameters": dict(asked.parameters),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"


def _parse(line: str) -> AskedQuery | None:
    try:
        fields = json.loads(line)
        parameters = tuple((str(name), str(value)) for name, value in fields["parameters"].items())
        at = datetime.fromisoformat(fields["at"])
        return AskedQuery(at, str(fields["text"]), QueryLanguage(fields["language"]), parameters)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
