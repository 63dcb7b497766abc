"""A scheduled report: which, when, of which machines, and who gets it."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fleet.deployments.schedule import Schedule
from fleet.errors import BadInput, UnknownName
from fleet.reports.kinds import ReportFormat, ReportKind
from fleet.reports.schedule import ReportSchedule, check_report_schedule
from tui.repeating import read_rule
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_KINDS = tuple(kind.value for kind in ReportKind)
_FORMATS = tuple(each.value for each in ReportFormat)


class ReportScheduleForm(Form[ReportSchedule]):
    """Gives the scheduled report that was made of ``begun``; None for a new one."""

    TAKES = "keeps it"
    DEFAULT_CSS = "ReportScheduleForm > .box { width: 92; }"

    def __init__(
        self, begun: ReportSchedule | None, channels: tuple[str, ...], now: datetime, *, is_new: bool, reason: str = ""
    ) -> None:
        super().__init__(reason)
        self._begun = begun
        self._channels = channels
        self._now = now
        self._is_new = is_new

    def title_text(self) -> str:
        """What is defined."""
        return "New scheduled report" if self._is_new or self._begun is None else f"Scheduled report {self._begun.name}"

    def fields(self) -> Sequence[Field]:
        """Which, when, who gets it."""
        begun = self._begun
        schedule = begun.schedule if begun else None
        name = (Field("name", "Name", begun.name if begun else "", "monthly-compliance"),) if self._is_new else ()
        return (
            *name,
            Field("kind", "Report", begun.kind.value if begun else "", ", ".join(_KINDS), choices=_KINDS),
            Field("first", "First", f"{schedule.first:%Y-%m-%d %H:%M}" if schedule else "", "2026-12-01 06:00"),
            Field("zone", "Time zone", schedule.time_zone if schedule else "", "Europe/Berlin; empty: UTC"),
            Field(
                "repeats", "Repeats", schedule.rule if schedule else "", "monthly, weekly, daily, 1st mon, or FREQ=…"
            ),
            Field("formats", "As", " ".join(begun.formats) if begun else "html", " ".join(_FORMATS), words=_FORMATS),
            Field("channels", "Sent on", " ".join(begun.channels) if begun else "", "channels", words=self._channels),
            Field("folder", "Laid into", begun.folder if begun else "", "/srv/reports; empty: nowhere"),
            Field("targets", "Machines", " ".join(begun.targets) if begun else "", "all; group:web tag:env=prod"),
            Field("days", "Days", str(begun.days or "") if begun else "", "of its period; empty: as is usual"),
            Field("description", "Description", begun.description if begun else "", "what it is for"),
        )

    def hint(self) -> None:
        """Who makes it."""
        self.tell(Piece("The service makes it. A time that was missed is made up for once.", Tone.DIM))

    def made(self, texts: dict[str, str]) -> ReportSchedule:
        """The scheduled report.

        Raises:
            BadInput: a field cannot be used.
        """
        report = self._begun or ReportSchedule(
            str(uuid.uuid4()), "", ReportKind.COMPLIANCE, Schedule(self._now.replace(tzinfo=None), "UTC")
        )
        return check_report_schedule(
            replace(
                report,
                name=texts.get("name", report.name),
                kind=_kind(texts["kind"]),
                schedule=self._schedule(texts, report.schedule),
                formats=_formats(texts["formats"]),
                targets=tuple(texts["targets"].split()),
                days=_days(texts["days"]),
                channels=tuple(dict.fromkeys(texts["channels"].replace(",", " ").split())),
                folder=texts["folder"],
                description=texts["description"],
            )
        )

    def _schedule(self, texts: dict[str, str], before: Schedule) -> Schedule:
        from ops.cli.deployment_texts import read_wall_clock

        if not texts["first"]:
            raise BadInput("When is it made first? Write it as YYYY-MM-DD HH:MM.")
        first = read_wall_clock(texts["first"], self._now.date())
        return replace(before, first=first, time_zone=texts["zone"] or "UTC", rule=read_rule(texts["repeats"]))


def _kind(text: str) -> ReportKind:
    if text.lower() not in _KINDS:
        raise UnknownName("report", text, _KINDS)
    return ReportKind(text.lower())


def _formats(text: str) -> tuple[ReportFormat, ...]:
    words = text.lower().replace(",", " ").split()
    for word in words:
        if word not in _FORMATS:
            raise UnknownName("format", word, _FORMATS)
    return tuple(dict.fromkeys(map(ReportFormat, words)))


def _days(text: str) -> int:
    if text and not (text.isdecimal() and len(text) <= 5):
        raise BadInput(f"{text[:20]!r} is no number of days.")
    return int(text or 0)
