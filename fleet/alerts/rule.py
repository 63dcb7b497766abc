"""A rule of alerts: what is measured, when that is too much, and who is told how often."""

from dataclasses import dataclass, field
from enum import StrEnum

from fleet.alerts.quiet import QuietHours
from fleet.alerts.severity import Severity


class RuleKind(StrEnum):
    """What a rule looks at: one of the two signals of Update Management, or the rows of a query."""

    DEPLOYMENT_RUNS = "DeploymentRuns"
    MACHINE_RUNS = "MachineRuns"
    QUERY = "Query"


class Comparison(StrEnum):
    """How a measured value is held against the threshold."""

    MORE = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="

    @property
    def is_downward(self) -> bool:
        """Whether less is worse."""
        return self in (Comparison.LESS, Comparison.AT_MOST)

    @property
    def is_ordered(self) -> bool:
        """Whether a value can lie further beyond the threshold than another."""
        return self is not Comparison.EQUAL

    def holds(self, value: float, threshold: float) -> bool:
        """Whether ``value`` is too much, or too little."""
        match self:
            case Comparison.MORE:
                return value > threshold
            case Comparison.AT_LEAST:
                return value >= threshold
            case Comparison.LESS:
                return value < threshold
            case Comparison.AT_MOST:
                return value <= threshold
            case Comparison.EQUAL:
                return value == threshold


class Aggregate(StrEnum):
    """What is made of the values that a column has in several rows of one key; WORST is the one nearest to firing."""

    WORST = "worst"
    TOTAL = "total"
    AVERAGE = "average"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class RunSignal:
    """Which runs are counted: of deployments by a mask of their name, that ended with one of ``statuses``.

    Of machine runs also those of machines by a mask of their name, and of runs by a mask of their id. No status: all.
    """

    deployment: str = "*"
    statuses: tuple[str, ...] = ()
    machine: str = "*"
    run: str = "*"


@dataclass(frozen=True, slots=True)
class QueryMeasure:
    """What is measured of the rows of the saved query ``query``, asked with ``parameters`` as texts.

    ``column`` is the one whose values are taken; empty: the number of rows. A row without a value in it says that it is
    not known there. ``time_column`` is the one that the rule's window is held against, where it has a window.
    """

    query: str
    parameters: tuple[tuple[str, str], ...] = ()
    column: str = ""
    aggregate: Aggregate = Aggregate.WORST
    time_column: str = "TimeGenerated"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One rule. Its ``id`` stays when it is renamed, so that its history stays its own.

    Args:
        signal, measure: what is looked at; one of the two, by ``kind``.
        window_minutes: how far back is looked; of a query 0, where its rows have no time that counts.
        split_by: columns, or dimensions of runs: each combination of their values is an alert of its own. Without any
            the rule has one alert.
        evaluations: how many evaluations in a row, a minute apart, must find it before it opens.
        resolve_minutes: for how long it must not be found any more before it is resolved.
        repeat_minutes: how often people are told again while it is open; 0: never.
        group_minutes: what opens or is resolved within so long after a message is told together.
        breaks_quiet: people are told at once even in quiet hours; of critical rules only.
        channels: by their names.
        starter: the rule of the starter set of which it was made; empty for one of the user's own.
    """

    id: str
    name: str
    kind: RuleKind
    severity: Severity = Severity.WARNING
    description: str = ""
    signal: RunSignal = field(default_factory=RunSignal)
    measure: QueryMeasure | None = None
    comparison: Comparison = Comparison.MORE
    threshold: float = 0.0
    window_minutes: int = 0
    split_by: tuple[str, ...] = ()
    evaluations: int = 1
    resolve_minutes: int = 0
    repeat_minutes: int = 0
    group_minutes: int = 5
    quiet: QuietHours = field(default_factory=QuietHours)
    breaks_quiet: bool = False
    channels: tuple[str, ...] = ()
    is_enabled: bool = True
    starter: str = ""

    def finds(self, value: float) -> bool:
        """Whether ``value`` is one to alert of."""
        return self.comparison.holds(value, self.threshold)

    def is_worse(self, value: float, other: float) -> bool:
        """Whether ``value`` is further beyond the threshold than ``other``."""
        if not self.comparison.is_ordered:
            return False
        return value < other if self.comparison.is_downward else value > other

    @property
    def condition(self) -> str:
        """What is measured and held against what, in one line: another text after every change of it."""
        measure = self.measure
        if measure is None:
            signal = self.signal
            looked_at = f"{self.kind} {signal.deployment} {','.join(signal.statuses)} {signal.machine} {signal.run}"
        else:
            values = " ".join(f"{name}={value}" for name, value in measure.parameters)
            looked_at = f"{measure.query} {values} {measure.column} {measure.aggregate} {measure.time_column}"
        return f"{looked_at} by {','.join(self.split_by)} {self.comparison} {self.threshold:g} in {self.window_minutes}"
