"""What the app does with reports: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.reports.kinds import ReportFormat, ReportKind, format_of_file
from fleet.reports.schedule import ReportSchedule
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.paging import show_paged
from tui.screens.name_form import NameForm

if TYPE_CHECKING:
    from fleet.reports.report import Report
    from fleet.reports.request import ReportRequest
    from tui.app import PatchdeckApp


def ask_for_report(deck: "PatchdeckApp", kind: ReportKind) -> None:
    """Asks of which machines and which time, makes the report and shows it; one that was refused is asked for again."""
    from fleet.reports.request import ReportRequest

    _ask_for_report(deck, ReportRequest(kind))


def page(deck: "PatchdeckApp", report: "Report") -> None:
    """Opens all of ``report`` in the user's pager."""
    from ops.reports.writing import report_text

    def show(text: str) -> None:
        show_paged(deck, text, ".md")

    in_thread(deck, lambda: report_text(report, ReportFormat.MARKDOWN), show, deck.complain, what="writing the report")


def write(deck: "PatchdeckApp", report: "Report", path: Path) -> None:
    """Writes ``report`` to ``path``, in the format that its name says; as HTML files into a folder that is there."""
    from ops.reports.writing import write_report

    def work() -> tuple[Path, ...]:
        return write_report(report, ReportFormat.HTML if path.is_dir() else format_of_file(path.name), path)

    def written(paths: tuple[Path, ...]) -> None:
        deck.say(f"{', '.join(map(str, paths))} written.")

    in_thread(deck, work, written, deck.complain, what="writing the report")


def add_schedule(deck: "PatchdeckApp", begun: ReportSchedule | None = None, reason: str = "") -> None:
    """Asks for a report that the service makes from time to time."""
    from ops.reports.schedules import add_report_schedule

    def keep(schedule: ReportSchedule, _: ReportSchedule | None) -> str:
        return f"{add_report_schedule(deck.home, schedule, deck.clock()).name} is scheduled."

    _ask_for_schedule(deck, begun, keep, is_new=True, reason=reason)


def edit_schedule(deck: "PatchdeckApp", before: ReportSchedule) -> None:
    """Asks for another definition of a scheduled report."""

    def keep(after: ReportSchedule, known: ReportSchedule | None) -> str:
        return _changed(deck, after, "is changed", known or before)

    _ask_for_schedule(deck, before, keep, is_new=False)


def switch_schedule(deck: "PatchdeckApp", schedule: ReportSchedule) -> None:
    """Enables a disabled scheduled report, disables an enabled one."""
    after = replace(schedule, is_enabled=not schedule.is_enabled)
    told = "is on" if after.is_enabled else "is off: it is not made"

    def put(wanted: ReportSchedule, known: ReportSchedule) -> None:
        failed = or_conflict(deck, deck.complain, put)
        work = lambda: _changed(deck, wanted, told, known)  # noqa: E731  # one expression, used once
        in_thread(deck, work, _said(deck), failed, what="switching the report")

    put(after, schedule)


def ask_to_remove_schedule(deck: "PatchdeckApp", schedule: ReportSchedule) -> None:
    """Asks for the name, then removes the scheduled report; what it made stays."""
    from ops.reports.schedules import remove_report_schedule

    def work() -> str:
        return f"{remove_report_schedule(deck.home, schedule.name).name} is removed; what it made stays."

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            in_thread(deck, work, _said(deck), deck.complain, what="removing the scheduled report")

    effect = f"{schedule.name} is made no more. The files that it laid into folders stay."
    deck.push_screen(NameForm("Remove a scheduled report", schedule.name, effect, takes="removes it"), answered)


def _ask_for_report(deck: "PatchdeckApp", begun: "ReportRequest", reason: str = "") -> None:
    from ops.groups import list_groups
    from tui.group_words import target_words
    from tui.screens.report_form import ReportForm

    statuses = deck.fleet.statuses

    def answered(request: "ReportRequest | None") -> None:
        if request is not None:
            _make(deck, request)

    def show(targets: tuple[str, ...]) -> None:
        deck.push_screen(ReportForm(begun, targets, deck.clock(), reason), answered)

    work = lambda: target_words(statuses, [group.name for group in list_groups(deck.home)])  # noqa: E731  # used once
    in_thread(deck, work, show, deck.complain, what="looking for machines", opens=True)


def _make(deck: "PatchdeckApp", request: "ReportRequest") -> None:
    from ops.config import load_settings
    from ops.reports.making import make_report
    from tui.screens.report import ReportScreen

    def made(report: "Report") -> None:
        deck.push_screen(ReportScreen(report))

    def refused(error: PatchdeckError) -> None:
        _ask_for_report(deck, request, str(error))

    deck.say("The report is being made …")
    work = lambda: make_report(deck.home, load_settings(deck.home), request, deck.clock())  # noqa: E731  # used once
    in_thread(deck, work, made, refused, what="making the report")


def _ask_for_schedule(
    deck: "PatchdeckApp",
    begun: ReportSchedule | None,
    keep: Callable[[ReportSchedule, ReportSchedule | None], str],
    *,
    is_new: bool,
    reason: str = "",
) -> None:
    from ops.messages.channels import list_channels
    from tui.screens.report_schedule_form import ReportScheduleForm

    def answered(schedule: ReportSchedule | None) -> None:
        if schedule is None:
            return

        def refused(error: PatchdeckError) -> None:
            _ask_for_schedule(deck, schedule, keep, is_new=is_new, reason=str(error))

        def put(after: ReportSchedule, known: ReportSchedule | None) -> None:
            failed = or_conflict(deck, refused, put)
            in_thread(deck, lambda: keep(after, known), _said(deck), failed, what="keeping the scheduled report")

        put(schedule, None)

    def show(channels: tuple[str, ...]) -> None:
        form = ReportScheduleForm(begun, channels, deck.clock(), is_new=is_new, reason=reason)
        deck.push_screen(form, answered)

    work = lambda: tuple(each.name for each in list_channels(deck.home))  # noqa: E731  # one expression, used once
    in_thread(deck, work, show, deck.complain, what="looking for channels", opens=True)


def _changed(deck: "PatchdeckApp", after: ReportSchedule, told: str, seen: ReportSchedule) -> str:
    from ops.reports.schedules import change_report_schedule

    return f"{change_report_schedule(deck.home, after, seen=seen).name} {told}."


def _said(deck: "PatchdeckApp") -> Callable[[str], None]:
    def told(line: str) -> None:
        deck.say(line)
        deck.work.look()

    return told
