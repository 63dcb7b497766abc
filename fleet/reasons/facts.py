"""What is known when reasons are looked for: the home with its deployments, and one update of one machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import Start
from fleet.deployments.prediction import Prediction
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run
from fleet.status import MachineStatus
from fleet.updates import Update


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that is not over. ``approval`` says what it lacks of approvals, empty where it waits for none."""

    run: Run
    approval: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentSight:
    """A deployment now. ``members`` are the ids of the machines that its targets name, ``problem`` is what stands in
    the way of every run of it, ``skipped`` what came of the last start of its schedule where no run was made of it.
    """

    deployment: Deployment
    members: frozenset[str]
    next_start: Start | None = None
    problem: str = ""
    open_runs: tuple[OpenRun, ...] = ()
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class HomeSight:
    """The home at ``now``. ``first_seen`` has when the fleet first saw versions, as `fleet.deployments.selection` wants
    it. ``service_stopped`` says why nothing starts by itself, ``read_only`` why this process changes nothing; empty
    where that is not so.
    """

    now: datetime
    deployments: tuple[DeploymentSight, ...] = ()
    first_seen: Mapping[tuple[str, str], datetime] = field(default_factory=lambda: MappingProxyType({}))
    service_stopped: str = ""
    read_only: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeSight:
    """What became of the update in a run; ``log_line`` is the last line of the log that shows it."""

    status: InstallationStatus
    error: str = ""
    error_code: str = ""
    log_line: str = ""


@dataclass(frozen=True, slots=True)
class UpdateTry:
    """A run that the machine was in. ``outcome`` is None where it says nothing of the update; ``counts`` are all its
    machines, by where they stand.
    """

    run: Run
    status: MachineRunStatus
    error: str = ""
    ended_at: datetime | None = None
    outcome: OutcomeSight | None = None
    counts: Mapping[MachineRunStatus, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class UpdateCase:
    """An update that a machine missed at its last answer, at ``seen_at``. ``status`` None: it is not enrolled any more.

    ``siblings`` are other versions of the same package that it is offered. ``tries`` are the runs since the update was
    first seen there, latest first. ``predictions`` are how long the next run of a deployment takes there, by its name.
    """

    machine_id: str
    machine_name: str
    status: MachineStatus | None
    update: Update
    seen_at: datetime
    siblings: tuple[Update, ...] = ()
    tries: tuple[UpdateTry, ...] = ()
    predictions: Mapping[str, Prediction] = field(default_factory=lambda: MappingProxyType({}))
