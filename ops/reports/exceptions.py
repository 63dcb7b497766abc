"""The tables of exceptions that are in state.db and in no record table: exclusions, machines no list names, retired."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.reports.exclusions import Excluder, MissingPackage, list_exclusions
from fleet.reports.sections import EXCLUSIONS, RETIRED, UNLISTED
from fleet.reports.tables import Citation, ReportColumn, ReportTable
from fleet.targets import GroupMembers, find_machines
from ops.groups import group_members
from ops.home import Home
from ops.reports.commands import report_command
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.past_deployments import deployments_at
from ops.state.retired import RetiredBook

if TYPE_CHECKING:
    from ops.reports.asking import Asker

_MISSING = """SELECT
    Product,
    ProductVersion,
    Classification,
    KBID,
    list(SourceComputerId ORDER BY SourceComputerId) AS Machines
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY Product, ProductVersion, Classification, KBID
"""
_DEFINITIONS = (
    "Exclusions are those of the definitions of deployments (patchdeck deployments show NAME). Missing updates are the "
    "rows of Update with UpdateState = 'Needed':"
)


def exclusions_table(asker: "Asker") -> ReportTable:
    """What deployments exclude, and what that leaves out on the machines of the report.

    Raises:
        QueryFailed, QueryTimedOut, QueryCancelled: what is missing could not be asked.
    """
    found = asker.engine.run(_MISSING, limits=replace(asker.limits, rows=None))
    missing = [
        MissingPackage(str(product), str(version), str(class_), str(article or ""), _texts(ids))
        for product, version, class_, article, ids in found.rows
    ]
    excluders = list(_excluders(asker))
    citation = Citation(report_command(asker.request, EXCLUSIONS, asker.now), text=f"-- {_DEFINITIONS}\n{_MISSING}")
    return list_exclusions(excluders, missing, asker.now, citation)


def unlisted_table(asker: "Asker") -> ReportTable:
    """Machines that the list they came from does not name any more."""
    machines = [machine for machine in asker.chosen.machines if machine.missing_since is not None]
    rows = [(m.name, m.source or "", m.missing_since, m.enabled) for m in machines]
    columns = (
        ReportColumn("Computer"),
        ReportColumn("Source", "the list that it came from"),
        ReportColumn("MissingSince", "when that list ceased to name it", type="TIMESTAMP"),
        ReportColumn("Enabled", type="BOOLEAN"),
    )
    return ReportTable(
        key=UNLISTED,
        title="Machines that their source does not name any more",
        help="They are still assessed and patched while they are enabled: somebody is to say whether they should be.",
        columns=columns,
        rows=sorted(rows),
        citation=Citation(report_command(asker.request, UNLISTED, asker.now)),
        if_empty="Every machine that came from a followed list is still named by it.",
    )


def retired_table(asker: "Asker") -> ReportTable:
    """Machines that were taken out of the fleet until the instant of the report, and why; whatever its targets are."""
    with opened(asker.home.state_file) as connection:
        retired = [each for each in RetiredBook(connection).list() if each.retired_at <= asker.now]
    rows = [(r.machine.name, r.retired_at, r.retired_by, r.reason, r.machine.id) for r in retired]
    columns = (
        ReportColumn("Computer"),
        ReportColumn("RetiredAt", type="TIMESTAMP"),
        ReportColumn("RetiredBy"),
        ReportColumn("Reason", "why; empty where none was given"),
        ReportColumn("SourceComputerId"),
    )
    return ReportTable(
        key=RETIRED,
        title="Retired machines",
        help="All that are retired now, whatever the report is of: they are neither assessed nor counted.",
        columns=columns,
        rows=rows,
        citation=Citation("patchdeck machines list --retired"),
        if_empty="No machine is retired.",
    )


def _excluders(asker: "Asker") -> Iterator[Excluder]:
    """The deployments as they were at the instant, those too that reach none of the machines."""
    members, chosen = group_members(asker.home), asker.chosen.machines
    for deployment in _deployments(asker.home, asker.request.as_of):
        yield Excluder(deployment, _ids_of(deployment, chosen, members))


def _ids_of(deployment: Deployment, machines: Sequence[Machine], members: GroupMembers) -> frozenset[str] | None:
    """The ids of those machines that the deployment's targets name; None where a target cannot be evaluated."""
    try:
        found, _ = find_machines(deployment.targets, machines, members)
    except BadInput:
        return None
    return frozenset(machine.id for machine in found)


def _deployments(home: Home, as_of: datetime | None) -> Sequence[Deployment]:
    with opened(home.state_file) as connection:
        if as_of is None:
            return [stored.deployment for stored in DeploymentBook(connection).list()]
        return deployments_at(connection, as_of)


def _texts(values: object) -> Sequence[str]:
    return [str(value) for value in values] if isinstance(values, list) else ()
