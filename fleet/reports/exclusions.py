"""What deployments exclude, why, by whom and until when, and which missing updates that leaves out."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text, matches_package
from fleet.deployments.update_rules import Exclusion, UpdateMask
from fleet.deployments.zones import find_zone
from fleet.reports.tables import Citation, ReportColumn, ReportTable, Row

# Within so many days somebody should look whether the exclusion is needed further on.
SOON = timedelta(days=30)

COLUMNS = (
    ReportColumn("Deployment"),
    ReportColumn("Enabled", "whether the deployment starts by itself", type="BOOLEAN"),
    ReportColumn("Mask", "the updates that are left out"),
    ReportColumn("Reason", "why; empty where none was given"),
    ReportColumn("By", "who decided it; empty where that was not said"),
    ReportColumn("Until", "last day on which it holds; empty: for good", type="DATE"),
    ReportColumn("State", "holds, ends soon (within 30 days), no expiry, or expired: it leaves nothing out any more"),
    ReportColumn(
        "Updates",
        "missing updates of the deployment's machines that it leaves out now; empty: its targets cannot be told",
        type="BIGINT",
    ),
    ReportColumn("Important", "those of them that are critical or security", type="BIGINT"),
    ReportColumn("Machines", "machines that miss one of them", type="BIGINT"),
)


@dataclass(frozen=True, slots=True)
class MissingPackage:
    """A version of a package that machines miss; a machine stands in ``machine_ids`` once for each architecture."""

    product: str
    version: str
    classification: str
    article: str
    machine_ids: Sequence[str]

    @property
    def is_important(self) -> bool:
        """Whether it is critical or for security."""
        return self.classification in ("Critical Updates", "Security Updates")


@dataclass(frozen=True, slots=True)
class Excluder:
    """A deployment, and the ids of the machines that its targets name and the report is of; None: not known."""

    deployment: Deployment
    machine_ids: Collection[str] | None


def list_exclusions(
    excluders: Sequence[Excluder], missing: Sequence[MissingPackage], now: datetime, citation: Citation
) -> ReportTable:
    """A row for each exclusion of each deployment; those without an expiry first, then by their last day."""
    rows = [row for excluder in excluders for row in _rows_of(excluder, missing, now)]
    return ReportTable(
        key="exclusions",
        title="Updates that deployments exclude",
        help="One row for each mask that a deployment excludes, and what that leaves out now on its machines.",
        columns=COLUMNS,
        rows=sorted(rows, key=lambda row: (row[5] is not None, str(row[5] or ""), str(row[0]), str(row[2]))),
        citation=citation,
        if_empty="No deployment excludes anything.",
    )


def state_of(until: date | None, today: date) -> str:
    """Whether an exclusion that ends with the day ``until`` still holds."""
    if until is None:
        return "no expiry"
    if until < today:
        return "expired"
    return "ends soon" if until - today <= SOON else "holds"


def _rows_of(excluder: Excluder, missing: Sequence[MissingPackage], now: datetime) -> Iterator[Row]:
    deployment = excluder.deployment
    today = now.astimezone(find_zone(deployment.schedule.time_zone) if deployment.schedule else UTC).date()
    rules = deployment.updates
    for exclusion in (*(Exclusion(mask, "") for mask in rules.exclude), *rules.exclusions):
        state = state_of(exclusion.until, today)
        hidden = [] if state == "expired" else list(_hidden(excluder, exclusion.mask, missing))
        yield (
            deployment.name,
            deployment.enabled,
            mask_text(exclusion.mask),
            exclusion.reason,
            exclusion.by,
            exclusion.until,
            state,
            *((None, None, None) if excluder.machine_ids is None else _counts(hidden)),
        )


def _counts(hidden: Sequence[tuple[str, bool]]) -> tuple[int, int, int]:
    return len(hidden), sum(is_important for _, is_important in hidden), len({machine_id for machine_id, _ in hidden})


def _hidden(excluder: Excluder, mask: UpdateMask, missing: Sequence[MissingPackage]) -> Iterator[tuple[str, bool]]:
    """The machine of each missing update that the mask names, and whether the update is important."""
    ids = excluder.machine_ids or ()
    for package in missing:
        names = (package.product, *((package.article,) if package.article else ()))
        if any(matches_package(mask, name, package.version) for name in names):
            yield from ((i, package.is_important) for i in package.machine_ids if i in ids)
