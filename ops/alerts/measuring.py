"""Measuring what rules look at: the two signals of runs, and the rows of saved queries. For a thread: it blocks."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fleet.alerts.grouping import has_machines, measure_rows
from fleet.alerts.measured import Measured
from fleet.alerts.rule import AlertRule, RuleKind
from fleet.errors import (
    BadInput,
    HomeUnusable,
    PatchdeckError,
    QueryCancelled,
    QueryFailed,
    QueryRefused,
    QueryTimedOut,
    StoreBusy,
)
from ops.config import Settings
from ops.home import Home

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.library import SavedQuery
    from query.limits import Limits
    from query.results import Result

MOST_ROWS = 100_000
# A rule that takes longer is one that cannot be evaluated each minute.
MOST_SECONDS = 30.0
SIGNAL_COLUMNS = ("deployment", "status", "machine", "run", "ended_at", "note")

_RUNS = """
SELECT
    arg_max(UpdateRunName, TimeGenerated) AS deployment,
    arg_max(Status, TimeGenerated) AS status,
    '' AS machine,
    CorrelationId AS run,
    max(TimeGenerated) AS ended_at,
    arg_max(Note, TimeGenerated) AS note
FROM DeploymentRun
WHERE TimeGenerated > $after AND TimeGenerated <= $by
GROUP BY CorrelationId
ORDER BY ended_at DESC, run
"""
_MACHINE_RUNS = """
SELECT
    arg_max(UpdateRunName, TimeGenerated) AS deployment,
    arg_max(Status, TimeGenerated) AS status,
    arg_max(Computer, TimeGenerated) AS machine,
    CorrelationId AS run,
    max(TimeGenerated) AS ended_at,
    arg_max(ErrorResult, TimeGenerated) AS note
FROM MachineRun
WHERE TimeGenerated > $after AND TimeGenerated <= $by
GROUP BY CorrelationId, SourceComputerId
ORDER BY ended_at DESC, run, machine
"""
_CHOSEN = """
SELECT * FROM ({runs})
WHERE lower(deployment) GLOB lower($deployment)
    AND lower(machine) GLOB lower($machine)
    AND run GLOB $run
    AND ($statuses = '' OR list_contains(string_split($statuses, ','), status))
"""
_SILENT = """
SELECT Computer, SourceComputerId
FROM Machine
WHERE Enabled AND InScope IS NOT FALSE AND LastOutcome = 'failed'
"""
# What makes an answer another one though nothing was stored since.
_CLOCK = re.compile(r"(?i)\b(now|ago|today|getdate|utcnow|age)\s*\(|timestamp\b|\bcurrent_(date|time)\b|\blocaltime\b")
_COMMENT = re.compile(r"--[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)

Row = tuple[object, ...]
FindQuery = Callable[[str], "SavedQuery"]
OpenRows = Callable[[AlertRule], Sequence[Row]]


class Measuring:
    """Measures rules with one engine. ``open_rows`` gives the runs that are not over, as rows of a signal.

    ``notes`` are what is to be known of the last answer, a sentence each.
    """

    def __init__(
        self,
        engine: "QueryEngine",
        find_query: FindQuery,
        limits: "Limits",
        now: datetime,
        open_rows: OpenRows,
    ) -> None:
        self._engine = engine
        self._find_query = find_query
        self._limits = limits
        self._now = now
        self._open_rows = open_rows
        self._silent: frozenset[str] | None = None
        self.notes: tuple[str, ...] = ()

    def measure(self, rule: AlertRule, *, with_silent: bool = True) -> Measured:
        """What ``rule`` finds now, or why it finds nothing. Which machines are silent matters only to alerts there are.

        Raises:
            StoreBusy, HomeUnusable, QueryCancelled: that is none of the rule's fault; to be tried again.
        """
        try:
            if rule.kind is not RuleKind.QUERY:
                rows = [*self._open_rows(rule), *run_rows(self._engine, rule, self._now, self._limits)]
                return Measured(measure_rows(rule, SIGNAL_COLUMNS, rows, self._now))
            result = self._ask(rule)
            columns = [column.name for column in result.columns]
            silent = self._silent_machines() if with_silent and has_machines(rule) else frozenset[str]()
            return Measured(measure_rows(rule, columns, result.rows, self._now), silent)
        except (StoreBusy, HomeUnusable, QueryCancelled):
            raise
        except PatchdeckError as error:
            return Measured(problem=describe_problem(error))

    def _ask(self, rule: AlertRule) -> "Result":
        if rule.measure is None:
            raise BadInput("it names no query.")
        saved = self._find_query(rule.measure.query)
        values = saved.values(dict(rule.measure.parameters))
        result = self._engine.run(saved.text, values, self._limits, saved.language)
        self.notes = result.notes
        if result.truncated:
            raise BadInput(f"query {saved.name} gives more than {self._limits.rows:,} rows: let it give fewer.")
        return result

    def _silent_machines(self) -> frozenset[str]:
        if self._silent is None:
            result = self._engine.run(_SILENT, {}, self._limits)
            self._silent = frozenset(str(value) for row in result.rows for value in row)
        return self._silent


def run_rows(
    engine: "QueryEngine", rule: AlertRule, by: datetime, limits: "Limits", after: datetime | None = None
) -> Sequence[Row]:
    """The runs that the rule's signal names, whose rows are of its window before ``by``, or of the time ``after``."""
    runs = _RUNS if rule.kind is RuleKind.DEPLOYMENT_RUNS else _MACHINE_RUNS
    signal = rule.signal
    values: dict[str, object] = {
        "after": after or by - timedelta(minutes=rule.window_minutes),
        "by": by,
        "deployment": signal.deployment,
        "machine": signal.machine,
        "run": signal.run,
        "statuses": ",".join(signal.statuses),
    }
    result = engine.run(_CHOSEN.format(runs=runs), values, limits)
    if result.truncated:
        raise BadInput(f"there are more than {limits.rows:,} runs in its window: let it be shorter.")
    return result.rows


def first_run_at(engine: "QueryEngine", rule: AlertRule, limits: "Limits") -> datetime | None:
    """Since when runs of the rule's kind are known; None where none are."""
    table = "DeploymentRun" if rule.kind is RuleKind.DEPLOYMENT_RUNS else "MachineRun"
    first = engine.run(f"SELECT min(TimeGenerated) FROM {table}", {}, limits).rows[0][0]  # noqa: S608 - declared names
    return first if isinstance(first, datetime) else None


def limits_of_rules(settings: Settings) -> "Limits":
    """What a query of a rule may take: as other queries, and not so long that it holds up the others."""
    from ops.questions import limits_of
    from query.limits import Limits

    usual = limits_of(settings)
    seconds = min(usual.seconds or MOST_SECONDS, MOST_SECONDS)
    return Limits(rows=MOST_ROWS, seconds=seconds, memory=usual.memory, spill=usual.spill)


def goes_by_clock(rule: AlertRule, text: str) -> bool:
    """Whether what ``rule`` finds changes with time alone; ``text`` is that of its query."""
    return rule.window_minutes > 0 or _CLOCK.search(_COMMENT.sub(" ", text)) is not None


def finder(home: Home) -> FindQuery:
    """Finds saved queries of ``home``, each file read once."""
    from ops.questions import find_query

    found: dict[str, SavedQuery] = {}

    def find(name: str) -> "SavedQuery":
        if name not in found:
            found[name] = find_query(home, name)
        return found[name]

    return find


def describe_problem(error: PatchdeckError) -> str:
    """Why a rule could not be evaluated, in one line."""
    if isinstance(error, QueryTimedOut):
        return f"its query took longer than {MOST_SECONDS:g} s (or query.time_limit_seconds): let it ask for less."
    if isinstance(error, QueryFailed | QueryRefused):
        return f"its query failed: {error}"
    return str(error)


def no_open_rows(_rule: AlertRule) -> Sequence[Row]:
    """For who looks at the past, in which all runs are over."""
    return ()
