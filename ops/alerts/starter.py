"""The starter set: rules that most fleets want, off until somebody chooses them.

Each says why it is worth knowing and what to do, with thresholds that are to be fitted to the fleet.
"""

from collections.abc import Sequence
from dataclasses import replace

from fleet.alerts.rule import Aggregate, AlertRule, Comparison, QueryMeasure, RuleKind, RunSignal
from fleet.alerts.severity import Severity
from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.errors import UnknownName

_HOUR, _DAY = 60, 24 * 60


def list_starters() -> Sequence[AlertRule]:
    """The rules of the set, as they would be added; without an id, without channels, and off."""
    return [*_OF_MACHINES, *_OF_RUNS, *_OF_REPOSITORIES]


def find_starter(name: str) -> AlertRule:
    """The rule of the set that is called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    for rule in list_starters():
        if rule.name.casefold() == name.casefold():
            return rule
    raise UnknownName("starter rule", name, [rule.name for rule in list_starters()])


def _rows(
    name: str,
    severity: Severity,
    description: str,
    query: str,
    split_by: tuple[str, ...],
    **parameters: int | str,
) -> AlertRule:
    """A rule that fires at each row of a query; told again each day."""
    measure = QueryMeasure(query, tuple((key, str(value)) for key, value in parameters.items()))
    return AlertRule(
        id="",
        name=name,
        kind=RuleKind.QUERY,
        severity=severity,
        description=description,
        measure=measure,
        split_by=split_by,
        repeat_minutes=_DAY,
        is_enabled=False,
        starter=name,
    )


def _column(rule: AlertRule, column: str, comparison: Comparison, threshold: float) -> AlertRule:
    """``rule``, which fires at values of ``column`` instead; where there is none it says nothing."""
    if rule.measure is None:
        return rule
    measure = replace(rule.measure, column=column, aggregate=Aggregate.WORST)
    return replace(rule, measure=measure, comparison=comparison, threshold=threshold)


def _runs(
    name: str, severity: Severity, description: str, kind: RuleKind, status: str, split_by: tuple[str, ...]
) -> AlertRule:
    """A rule that fires at each run of the last day that ended so."""
    return AlertRule(
        id="",
        name=name,
        kind=kind,
        severity=severity,
        description=description,
        signal=RunSignal(statuses=(status,)),
        window_minutes=_DAY,
        split_by=split_by,
        is_enabled=False,
        starter=name,
    )


_MACHINE = ("Computer",)
_OF_MACHINES = (
    _rows(
        "security-overdue",
        Severity.ERROR,
        "Security updates have been missing for longer than 30 days: deploy them, or exclude them with a reason.",
        "security-missing-long",
        _MACHINE,
        days=30,
    ),
    _column(
        _rows(
            "known-exploited",
            Severity.CRITICAL,
            "A CVE that is known to be exploited is not mended on a machine; needs the feed of known exploited CVEs.",
            "known-exploited-missing",
            ("CVE",),
        ),
        "Machines",
        Comparison.MORE,
        0,
    ),
    _rows(
        "not-assessed",
        Severity.WARNING,
        "A machine has not answered for a day: what it misses is not known. See patchdeck check.",
        "silent-machines",
        _MACHINE,
        hours=24,
    ),
    _column(
        _rows(
            "disk-low",
            Severity.WARNING,
            "There is too little room for updates on a machine: free some before its next window.",
            "disk-shortfall",
            _MACHINE,
            mebibytes=1024,
        ),
        "ShortMiB",
        Comparison.MORE,
        0,
    ),
    _rows(
        "reboot-overdue",
        Severity.WARNING,
        "A machine has waited for its reboot for two weeks: until then it runs what was mended on disk only.",
        "reboot-pending-since",
        _MACHINE,
        at_least_days=14,
    ),
    _column(
        _rows(
            "end-of-life",
            Severity.WARNING,
            "A system gets no security updates any more within 90 days: plan its upgrade.",
            "end-of-life",
            _MACHINE,
            days=90,
        ),
        "DaysLeft",
        Comparison.AT_MOST,
        90,
    ),
    _rows(
        "clones",
        Severity.WARNING,
        "Machines share what should be unique: clones without an id of their own, or one that was added twice.",
        "duplicate-identities",
        ("Mark", "Identity"),
    ),
    _rows(
        "host-key-changed",
        Severity.CRITICAL,
        "A machine shows another host key than the one that is trusted: reinstalled, or somebody in its place.",
        "changed-host-keys",
        _MACHINE,
    ),
    _rows(
        "no-return",
        Severity.CRITICAL,
        "A machine did not come back from the reboot of its last run: look at its console.",
        "lost-machines",
        _MACHINE,
        days=30,
        only_reboots="true",
    ),
)
_OF_RUNS = (
    _runs(
        "run-failed",
        Severity.ERROR,
        "A run of a deployment failed within the last day: see patchdeck deployments results.",
        RuleKind.DEPLOYMENT_RUNS,
        RunStatus.FAILED.value,
        ("deployment",),
    ),
    _rows(
        "failure-budget",
        Severity.CRITICAL,
        "So many machines of a run failed that no other was begun: find out why before the next window.",
        "failed-runs",
        ("UpdateRunName",),
        days=1,
        only_budget="true",
    ),
    _runs(
        "window-exceeded",
        Severity.WARNING,
        "Machines had no time left in the maintenance window of the last day: widen it, or begin earlier.",
        RuleKind.MACHINE_RUNS,
        MachineRunStatus.WINDOW_EXCEEDED.value,
        ("deployment",),
    ),
    replace(
        _runs(
            "nothing-deployed",
            Severity.WARNING,
            "No run of any deployment has succeeded for five weeks.",
            RuleKind.DEPLOYMENT_RUNS,
            RunStatus.SUCCEEDED.value,
            (),
        ),
        window_minutes=35 * _DAY,
        comparison=Comparison.LESS,
        threshold=1,
        repeat_minutes=7 * _DAY,
    ),
)
_OF_REPOSITORIES = (
    _column(
        _rows(
            "repository-stale",
            Severity.WARNING,
            "What a machine knows of its repositories is older than a week: what came out since is not offered there.",
            "metadata-age",
            _MACHINE,
            days=7,
        ),
        "AgeDays",
        Comparison.AT_LEAST,
        7,
    ),
    replace(
        _rows(
            "repository-failing",
            Severity.ERROR,
            "Machines cannot use a repository: what it offers is not known, so nothing of it counts as missing.",
            "failing-repositories",
            ("PackageManager", "Repository"),
        ),
        resolve_minutes=_HOUR,
    ),
)
