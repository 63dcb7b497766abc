"""A query on the command line: asked in a thread that Ctrl-C can stop, its answer written in the format asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from ops.cli.formats import Format, choose_format
from ops.cli.query_output import show, write_sheet, write_table, write_text, write_typed
from ops.cli.query_source import read_standard_input
from ops.cli.terminal import is_terminal, say
from ops.config import Settings
from ops.home import Home
from ops.interrupting import run_interruptibly
from ops.questions import find_query, limits_of, open_engine
from query.language import QueryLanguage

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.limits import Limits

# More rows than anybody reads on a screen; elsewhere the setting query.row_limit holds.
ROWS_ON_A_TERMINAL = 1_000
_LONGEST_QUERY = 1_000_000


@dataclass(frozen=True, slots=True)
class Question:
    """What `patchdeck query` was asked: ``sql``, ``kql`` or the ``name`` of a saved query, and how to answer.

    ``is_shown_only`` asks for the SQL that would run rather than for its answer. ``targets`` and ``in_scope`` choose
    the machines that its parameter ``machines`` names.
    """

    sql: str | None = None
    kql: str | None = None
    name: str | None = None
    parameters: Mapping[str, str] | None = None
    now: datetime | None = None
    as_of: datetime | None = None
    is_shown_only: bool = False
    format: Format | None = None
    output: Path | None = None
    row_limit: int | None = None
    time_limit_seconds: float | None = None
    targets: tuple[str, ...] = ()
    in_scope: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in its language, with values for its parameters."""

    text: str
    language: QueryLanguage
    parameters: Mapping[str, object]


def ask(home: Home, settings: Settings, question: Question) -> None:
    """Answers ``question`` on standard output or in its file; says on standard error which limits bit.

    Raises:
        BadInput: the question cannot be asked like that; QueryRefused and UnknownName among it.
        QueryFailed, QueryTimedOut, QueryCancelled: it did not come to an end.
    """
    asked = find_asked(home, question)
    chosen = choose_format(question.format, question.output)
    limits = _limits(settings, question, chosen)
    with open_engine(home, settings, now=question.now, as_of=question.as_of, limits=limits) as engine:
        if question.is_shown_only:
            show(engine.explain(asked.text, asked.parameters, asked.language), question.output)
        else:
            run_interruptibly(engine, lambda: _answer(engine, asked, question.output, chosen, limits))


def read_query(text: str) -> str:
    """The query itself, from standard input where ``text`` is a dash.

    Raises:
        BadInput: there is none, or more than a query can be; it is not UTF-8.
    """
    query = read_standard_input(_LONGEST_QUERY + 1) if text == "-" else text
    if not query.strip() or len(query) > _LONGEST_QUERY:
        raise BadInput(
            "There is no query." if not query.strip() else f"The query is longer than {_LONGEST_QUERY:,} characters."
        )
    return query


def parse_parameters(texts: list[str]) -> dict[str, str]:
    """Parameters given as ``name=value``; the ``$`` may stand before the name.

    Raises:
        BadInput: one has no ``=``, stands twice, or is not UTF-8.
    """
    parameters: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.removeprefix("$").partition("=")
        if not equals or not name or name in parameters:
            raise BadInput(f"Parameter {text!r} is not usable: write each one once, as name=value.")
        if not _is_utf8(value):
            raise BadInput(f"Parameter {text!r} is not usable: its value is not UTF-8.")
        parameters[name] = value
    return parameters


def parse_moment(text: str) -> datetime:
    """A moment in ISO 8601; UTC where it names no zone.

    Raises:
        BadInput: it is not one.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"Time {text!r} is not usable: write it as 2026-11-20T12:00:00Z.") from error


def find_asked(home: Home, question: Question) -> Asked:
    """The query that is meant, and the values of its parameters.

    Raises:
        BadInput: there is not exactly one, or a value is missing or cannot be used.
    """
    given = {**(question.parameters or {}), **_machines(home, question)}
    if sum(source is not None for source in (question.sql, question.kql, question.name)) != 1:
        raise BadInput(
            "Give a query in SQL, or --kql with one in KQL, or --name with the name of a saved one: just one."
        )
    if question.sql is not None:
        return Asked(question.sql, QueryLanguage.SQL, given)
    if question.kql is not None:
        return Asked(question.kql, QueryLanguage.KQL, given)
    saved = find_query(home, question.name or "")
    return Asked(saved.text, saved.language, saved.values(given))


def _machines(home: Home, question: Question) -> Mapping[str, str]:
    """The parameter ``machines``, where machines are chosen."""
    if not question.targets and not question.in_scope:
        return {}
    if "machines" in (question.parameters or {}):
        raise BadInput("--target and --scope fill the parameter machines: give them, or --param machines=…")
    from fleet.reports.kinds import ReportKind
    from fleet.reports.request import ReportRequest
    from ops.reports.machines import choose_machines

    request = ReportRequest(ReportKind.COMPLIANCE, question.targets, question.in_scope, question.as_of)
    return {"machines": choose_machines(home, request).parameter}


def _limits(settings: Settings, question: Question, chosen: Format) -> "Limits":
    limits = limits_of(settings)
    rows = limits.rows
    if chosen is Format.TABLE and question.output is None and is_terminal(1):
        rows = min(rows or ROWS_ON_A_TERMINAL, ROWS_ON_A_TERMINAL)
    if question.row_limit is not None:
        rows = question.row_limit or None
    return replace(limits, rows=rows, seconds=question.time_limit_seconds or limits.seconds)


def _answer(engine: "QueryEngine", asked: Asked, output: Path | None, chosen: Format, limits: "Limits") -> None:
    if chosen in (Format.PARQUET, Format.ARROW) and output is not None:
        rows = write_typed(engine, asked.text, asked.parameters, chosen, output, limits, asked.language)
        say(_written(rows, output))
        return
    with engine.stream(asked.text, asked.parameters, limits, asked.language) as answer:
        if chosen is Format.XLSX and output is not None:
            rows = write_sheet(answer, output)
        else:
            rows = write_table(answer, output) if chosen is Format.TABLE else write_text(answer, chosen, output)
        for note in answer.notes:
            say(note)
        if answer.truncated:
            say(f"Only the first {rows:,} rows: the limit of rows. For all of them: --limit 0.")
        elif output is not None:
            say(_written(rows, output))


def _written(rows: int, output: Path) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'} in {output}."


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes of an argument that Python could not decode
        return False
    return True
