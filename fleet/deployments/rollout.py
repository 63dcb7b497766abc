"""How a run goes over its machines: waves, clusters, how many at once, failure budget, health gates between waves."""

from dataclasses import dataclass
from enum import StrEnum


class WaveKind(StrEnum):
    """How a wave is filled from the machines that no earlier wave has."""

    TARGET = "target"
    COUNT = "count"
    PERCENT = "percent"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class WaveRule:
    """One wave: the machines of a TARGET expression (``tag:ring=canary``), a number, or a percentage of all machines of
    the run, rounded up. A last COUNT or PERCENT is repeated until no machine is left; otherwise the rest is a wave.
    """

    kind: WaveKind
    target: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True)
class FailureBudget:
    """How many machines of the whole run may fail, by count or by percentage; unreachable machines count.

    When more have failed, no machine is begun any more. One of the two is given, the other is None.
    """

    machines: int | None = None
    percent: float | None = None


@dataclass(frozen=True, slots=True)
class HealthGate:
    """What must hold between two waves. ``success_percent`` is of the machines of the wave that ended.

    ``check_units``: no unit of systemd newly failed. ``command`` is run by `sh` on each machine of the wave and must
    end with 0; ``tcp_ports`` must accept a connection there. All of it is looked at after ``soak_minutes``.
    """

    success_percent: float = 0.0
    check_units: bool = False
    command: str = ""
    tcp_ports: tuple[int, ...] = ()
    soak_minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class Rollout:
    """``order_by_tag``: machines go in the order of that tag's value (numbers as numbers, without it last), else by
    name.

    ``cluster_tag``: machines with the same value of that tag are never in work together. ``concurrency`` None: as many
    as the settings say.
    """

    waves: tuple[WaveRule, ...] = ()
    gate: HealthGate = HealthGate()
    budget: FailureBudget | None = None
    cluster_tag: str = ""
    order_by_tag: str = ""
    concurrency: int | None = None
