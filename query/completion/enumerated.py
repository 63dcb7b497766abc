"""The columns that only ever hold certain values, and these values."""

from collections.abc import Mapping
from enum import StrEnum

from fleet.answers import Answer, Coverage
from fleet.assessments import Outcome
from fleet.cves import CveSeverity
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, RunStatus, RunStep
from fleet.facts import SearchWay, UpdateModel
from fleet.failures import FailureKind
from fleet.machines import OSType, TransportKind
from fleet.tables import ASSESSMENT, CVE, DEPLOYMENT_RUN, MACHINE_RUN, TABLES
from fleet.updates import Blocker, Classification, RebootBehavior, UpdateState

# In every table that has a column of this name.
_EVERYWHERE: Mapping[str, type[StrEnum]] = {
    "OSType": OSType,
    "UpdateState": UpdateState,
    "Classification": Classification,
    "InstallationStatus": InstallationStatus,
    "NotInstallableReason": Blocker,
    "Coverage": Coverage,
    "FailureKind": FailureKind,
    "RebootPolicy": RebootPolicy,
    "Transport": TransportKind,
    "UpdateModel": UpdateModel,
    "CVESeverity": CveSeverity,
    "LastOutcome": Outcome,
    "RebootRequired": Answer,
    "RebootBehavior": RebootBehavior,
    "SearchWay": SearchWay,
}
_IN_TABLE: Mapping[tuple[str, str], type[StrEnum]] = {
    (DEPLOYMENT_RUN.name, "Status"): RunStatus,
    (MACHINE_RUN.name, "Status"): MachineRunStatus,
    (MACHINE_RUN.name, "Step"): RunStep,
    (ASSESSMENT.name, "Outcome"): Outcome,
    (CVE.name, "Severity"): CveSeverity,
}
_TABLE_NAMES: Mapping[str, tuple[str, ...]] = {"Type": tuple(table.name for table in TABLES)}


def enumerated_values(table: str, column: str) -> tuple[str, ...]:
    """The values that ``column`` of ``table`` can have, in their natural order; none where it may hold anything.

    An empty ``table`` stands for any that has such a column.
    """
    if column in _TABLE_NAMES:
        return _TABLE_NAMES[column]
    kinds = [kind for (owner, name), kind in _IN_TABLE.items() if name == column and table in ("", owner)]
    kinds = kinds or ([_EVERYWHERE[column]] if column in _EVERYWHERE else [])
    return tuple(dict.fromkeys(str(each) for kind in kinds for each in kind))
