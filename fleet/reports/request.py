"""What a report is asked of: which machines, which instant, which period or run."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.errors import BadInput
from fleet.reports.kinds import ReportKind

LONGEST_DAYS = 3_660
_TEXT = "%Y-%m-%dT%H:%M:%SZ"
# Nothing was assessed before the first, and the second leaves room for a period; datetime ends with the year 9999.
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """A report that is wanted.

    Args:
        kind: which.
        targets: TARGET expressions, of which a machine fits any; none: every machine.
        in_scope: only machines inside the scope.
        as_of: the earlier instant that it is of, aware; None: the present.
        since: when its period begins, aware; None: as long before its end as is usual.
        until: when its period ends, aware; None: at its instant.
        run: the run that it is of; empty: all of its period.
    """

    kind: ReportKind
    targets: tuple[str, ...] = ()
    in_scope: bool = False
    as_of: datetime | None = None
    since: datetime | None = None
    until: datetime | None = None
    run: str = ""

    @property
    def is_of_all(self) -> bool:
        """Whether it is of every machine."""
        return not self.targets and not self.in_scope


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` up to and without ``until``, aware."""

    since: datetime
    until: datetime

    @property
    def since_text(self) -> str:
        """As queries take it."""
        return self.since.strftime(_TEXT)

    @property
    def until_text(self) -> str:
        """As queries take it, up to the next whole second: what happened until then is in it."""
        return (self.until + timedelta(microseconds=999_999)).strftime(_TEXT)


def check_request(request: ReportRequest, now: datetime) -> ReportRequest:
    """``request``, if it makes sense at ``now``.

    Raises:
        BadInput: a period or a run that the report has none of, an end before the beginning, a time to come or of
            another age.
    """
    for at in (now, request.as_of, request.since, request.until):
        if at is not None and not _FIRST <= at <= _LAST:
            raise BadInput(f"No report is of {at.isoformat()}: give a time from {_FIRST.year} to {_LAST.year}.")
    kind = request.kind
    if not kind.takes_period and (request.since or request.until):
        raise BadInput(f"The report {kind} is of one instant: give --as-of, and neither --from nor --to.")
    if request.run and kind is not ReportKind.CHANGE_RECORD:
        raise BadInput(f"The report {kind} is of no run: --run goes with change-record.")
    if request.run and (request.since or request.until):
        raise BadInput("A run has its own time: --run goes with neither --from nor --to.")
    if request.as_of is not None and request.as_of > now:
        raise BadInput(f"--as-of {request.as_of:{_TEXT}} is yet to come: nothing is known of it.")
    if kind.takes_period:
        period_of(request, now)
    return request


def period_of(request: ReportRequest, now: datetime) -> Period:
    """The period that a report at ``now`` is of; it never reaches beyond the report's instant.

    Raises:
        BadInput: it ends before it begins, begins later than the instant, or is longer than ten years.
    """
    instant = request.as_of or now
    until = min(request.until or instant, instant)
    since = request.since or until - timedelta(days=request.kind.usual_days)
    if since >= until:
        raise BadInput(f"The period ends ({until:{_TEXT}}) before it begins ({since:{_TEXT}}).")
    if until - since > timedelta(days=LONGEST_DAYS):
        raise BadInput(f"The period is longer than {LONGEST_DAYS:,} days.")
    return Period(since, until)
