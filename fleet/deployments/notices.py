"""Notice of what is about to start: what is to be told now, and which notices are to be taken back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.alerts.severity import Severity
from fleet.deployments.durations import describe_span
from fleet.hostile import clean
from fleet.messages import Message, MessageKind

# The clock may be set back over a start: of one that was told of, nobody is told twice.
_REMEMBERED = timedelta(days=7)
_ITEMS_SHOWN = 10
_TARGET_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class ComingRun:
    """Something that is to start ``at``, of which ``channels`` are told ``notice_hours`` before; ``local`` is the time
    in words of its zone.
    """

    deployment: str
    at: datetime
    local: str
    window_minutes: int
    targets: tuple[str, ...]
    channels: tuple[str, ...]
    notice_hours: float

    @property
    def told_at(self) -> datetime:
        """When people are to be told."""
        return self.at - timedelta(hours=self.notice_hours)


@dataclass(frozen=True, slots=True)
class Notice:
    """What people were told: that ``deployment`` starts ``at``."""

    deployment: str
    at: datetime
    local: str
    given_at: datetime
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeChanges:
    """What is to be told now, what is to be taken back, what may be forgotten, and when to look again."""

    give: tuple[ComingRun, ...] = ()
    withdraw: tuple[Notice, ...] = ()
    forget: tuple[Notice, ...] = ()
    next_at: datetime | None = None


def compare_notices(coming: Sequence[ComingRun], given: Sequence[Notice], now: datetime) -> NoticeChanges:
    """What follows from what is ``coming`` now and the notices that were ``given``. A start is told of once; nothing is
    said any more of what has started or is past.
    """
    ahead = {(each.deployment.casefold(), each.at): each for each in coming if each.at > now}
    told = {(each.deployment.casefold(), each.at) for each in given}
    give = [each for key, each in ahead.items() if each.told_at <= now and key not in told]
    later = [each.told_at for key, each in ahead.items() if each.told_at > now and key not in told]
    return NoticeChanges(
        give=tuple(sorted(give, key=lambda each: (each.at, each.deployment))),
        withdraw=tuple(each for each in given if each.at > now and (each.deployment.casefold(), each.at) not in ahead),
        forget=tuple(each for each in given if each.at <= now - _REMEMBERED),
        next_at=min(later, default=None),
    )


def notice_message(coming: ComingRun, machines: Sequence[str] | None, message_id: str, now: datetime) -> Message:
    """That ``coming`` starts soon, on the machines of these names as far as is known now; None: it cannot be told."""
    names = [] if machines is None else sorted(machines)
    return Message(
        id=message_id,
        kind=MessageKind.DEPLOYMENT_NOTICE,
        severity=Severity.INFORMATIONAL,
        at=now,
        title=f"{coming.deployment} starts {coming.local}",
        text=f"In {describe_span(coming.at - now)} updates are installed, within {describe_span(_window(coming))}. "
        "Machines may be rebooted.\n"
        f"What is installed by now: patchdeck deployments preview {coming.deployment}",
        facts=_facts(coming.deployment, coming.at, coming.local)
        | {
            "window ends": _time(coming.at + _window(coming)),
            "targets": clean(", ".join(coming.targets), _TARGET_CHARACTERS),
            "machines": "not known" if machines is None else f"{len(names):,} enabled",
        },
        items=tuple(clean(name) for name in names[:_ITEMS_SHOWN]),
        item_count=len(names),
    )


def withdrawal_message(notice: Notice, why: str, message_id: str, now: datetime) -> Message:
    """That what people were told of does not take place then; ``why`` is a sentence without its full stop."""
    return Message(
        id=message_id,
        kind=MessageKind.DEPLOYMENT_NOTICE,
        severity=Severity.WARNING,
        at=now,
        title=f"{notice.deployment} does not start {notice.local}",
        text=f"You were told of this start at {_time(notice.given_at)}. It does not take place then: {why}.",
        facts=_facts(notice.deployment, notice.at, notice.local),
    )


def _facts(deployment: str, at: datetime, local: str) -> dict[str, str]:
    return {"deployment": deployment, "start": local, "in UTC": _time(at)}


def _window(coming: ComingRun) -> timedelta:
    return timedelta(minutes=coming.window_minutes)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ")
