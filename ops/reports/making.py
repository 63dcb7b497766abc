"""Making a report: who it is of, all its tables of one moment, what it comes to, and what that rests on."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from fleet.deployments.change_record_blocks import Block, Heading
from fleet.reports.cells import cell_text
from fleet.reports.kinds import ReportKind
from fleet.reports.report import Report
from fleet.reports.request import Period, ReportRequest, check_request, period_of
from fleet.reports.sections import SECTIONS
from fleet.reports.summaries import summarise
from fleet.reports.tables import ReportTable
from ops.config import Settings
from ops.home import Home
from ops.questions import limits_of, open_engine
from ops.reports.machines import ChosenMachines, choose_machines
from ops.state.audit import current_actor, utc_now
from ops.state.database import opened

if TYPE_CHECKING:
    from ops.deployments.history import RunView
    from ops.reports.asking import Asker

# Headings of a change record stand below that of the report.
_DEEPER = 1
# A present that lies further back was chosen by somebody.
_ANOTHER_TIME = timedelta(hours=1)


def make_report(
    home: Home, settings: Settings, request: ReportRequest, now: datetime | None = None, made_by: str = ""
) -> Report:
    """The report, of the tables as they are; ``now`` is what the present is taken for. Blocking; Ctrl-C ends it.

    ``made_by`` is who has it made, in words; empty: whoever runs this process.

    Raises:
        BadInput: the request makes no sense, or means no machine; UnknownName among it.
        QueryFailed, QueryTimedOut, QueryCancelled, StoreBusy: a query did not come to an end.
    """
    from ops.interrupting import run_interruptibly

    now = now or utc_now()
    run = _find_run(home, request)
    with _open_asker(home, settings, check_request(request, now), now, run) as asker:
        tables = run_interruptibly(asker.engine, lambda: tuple(_ask_all(asker)))
        return Report(
            kind=request.kind,
            title=_title(request, run),
            facts=tuple(_facts(asker, tables, made_by or _this_user())),
            summary=summarise(request.kind, tables),
            tables=tables,
            record=() if run is None else _record(run),
            notes=(*asker.chosen.notes, *_notes(asker, run)),
        )


@contextmanager
def _open_asker(
    home: Home, settings: Settings, request: ReportRequest, now: datetime, run: "RunView | None"
) -> Iterator["Asker"]:
    from ops.reports.asking import Asker

    instant = request.as_of or now
    period = period_of(request, now) if request.kind.takes_period else Period(instant - timedelta(days=1), instant)
    if run is not None:
        period = Period(min(run.run.requested_at, run.run.opens_at), instant)
    chosen, limits = choose_machines(home, request), limits_of(settings)
    with open_engine(home, settings, now=None if request.as_of else now, as_of=request.as_of, limits=limits) as engine:
        engine.hold()
        yield Asker(home, engine, limits, request, chosen, period, instant, run.run.id if run else "*")


def _ask_all(asker: "Asker") -> Iterator[ReportTable]:
    from ops.reports.exceptions import exclusions_table, retired_table, unlisted_table

    is_of_exceptions = asker.request.kind is ReportKind.EXCEPTIONS
    if is_of_exceptions:
        yield exclusions_table(asker)
    yield from map(asker.ask, SECTIONS[asker.request.kind])
    if is_of_exceptions:
        yield unlisted_table(asker)
        yield retired_table(asker)


def _find_run(home: Home, request: ReportRequest) -> "RunView | None":
    if not request.run or request.kind is not ReportKind.CHANGE_RECORD:
        return None
    if request.as_of is not None:
        from ops.past.runs import view_run_at

        return view_run_at(home, request.run, request.as_of)
    from ops.deployments.history import view_run

    return view_run(home, request.run)


def _record(run: "RunView") -> Sequence[Block]:
    """The change record of the run, its headings one level deeper than in a record of its own."""
    from fleet.deployments.change_record_contents import compose

    blocks = compose(run.run, run.machines, run.plan, run.interventions)
    return tuple(replace(b, level=b.level + _DEEPER) if isinstance(b, Heading) else b for b in blocks)


def _title(request: ReportRequest, run: "RunView | None") -> str:
    return request.kind.heading if run is None else f"{request.kind.heading}: {run.run.deployment.name}"


def _this_user() -> str:
    actor = current_actor()
    return f"{actor.user}{f' from {actor.ssh_client}' if actor.ssh_client else ''}"


def _facts(asker: "Asker", tables: Sequence[ReportTable], made_by: str) -> Iterator[tuple[str, str]]:
    request = asker.request
    yield "Machines", _said_of(asker.chosen, request)
    yield "As of", f"{cell_text(asker.now)}{'' if request.as_of is None else ', an earlier time'}"
    if request.kind.takes_period:
        yield "Period", f"{cell_text(asker.period.since)} to {cell_text(asker.period.until)}"
    yield "Run", "" if asker.run == "*" else asker.run
    yield from _age(tables)
    with opened(asker.home.state_file) as connection:
        yield "Head of the audit", _head(connection)
    yield "Made", f"{cell_text(utc_now())} by {made_by}"
    yield "Patchdeck", version("patchdeck")


def _said_of(chosen: ChosenMachines, request: ReportRequest) -> str:
    count = len(chosen.machines)
    machines = f"{count:,} machine{'' if count == 1 else 's'}"
    if chosen.is_all:
        return f"all that were enrolled: {machines}"
    named = ", ".join(request.targets)
    inside = "inside the scope" if request.in_scope else ""
    return f"{' '.join(filter(None, (named, inside)))}: {machines}"


def _age(tables: Sequence[ReportTable]) -> Iterator[tuple[str, str]]:
    """How old the answers are that all rests on, where the report has that table."""
    table = next((each for each in tables if each.key == "age"), None)
    if table is None or not table.rows:
        return
    values = dict(zip((column.name for column in table.columns), table.rows[0], strict=True))
    machines, answered, fresh = (values.get(name) or 0 for name in ("Machines", "Answered", "Fresh"))
    said = f"{answered} of {machines} ever answered, {fresh} of {machines} lately"
    if answered:
        newest, oldest = cell_text(values.get("NewestAnswer")), cell_text(values.get("OldestAnswer"))
        said += f"; the newest answer is of {newest}, the oldest of {oldest}"
    yield "Age of the data", said


def _head(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return "the audit is empty" if row is None else f"entry {row[0]}, {row[1]}"


def _notes(asker: "Asker", run: "RunView | None") -> Iterator[str]:
    request = asker.request
    if request.as_of is None and utc_now() - asker.now > _ANOTHER_TIME:
        yield (
            f"{cell_text(asker.now)} was only taken for the present: the figures are of what is known now, with what "
            "was found later. The state of then is told with --as-of."
        )
    if run is not None and not run.run.status.is_over:
        yield f"The run is not over: its figures are those until {'then' if request.as_of else 'now'}."
    if run is not None and not request.is_of_all:
        yield "The change record has all machines of the run; the tables have those that the report is of."
    if request.kind is ReportKind.EXCEPTIONS and request.as_of is not None:
        yield "Machines that were retired then and were restored since are not told of."
