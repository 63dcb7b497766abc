"""A report that is wanted: of which machines, of which instant, period or run."""

from collections.abc import Sequence
from datetime import datetime

from fleet.reports.kinds import ReportKind
from fleet.reports.request import ReportRequest, check_request
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_TIME = "2026-11-01, or 2026-11-01T02:30Z"


class ReportForm(Form[ReportRequest]):
    """Gives the request for a report of ``kind``; ``targets`` completes what is typed."""

    TAKES = "makes it"

    def __init__(self, kind: ReportKind, targets: tuple[str, ...], now: datetime) -> None:
        super().__init__()
        self._kind = kind
        self._targets = targets
        self._now = now

    def title_text(self) -> str:
        """Which report."""
        return f"Report: {self._kind.heading}"

    def fields(self) -> Sequence[Field]:
        """Machines and time."""
        machines = Field("targets", "Machines", "", "all; group:web tag:env=prod web-*", words=self._targets)
        fields = [machines, Field("as_of", "As of", "", f"now; {_TIME}")]
        if self._kind.takes_period:
            days = self._kind.usual_days
            fields += [Field("since", "From", "", f"{days} days before; {_TIME}"), Field("until", "To", "", _TIME)]
        if self._kind is ReportKind.CHANGE_RECORD:
            fields.append(Field("run", "Of the run", "", "its id, or a deployment for its last run; empty: all"))
        return fields

    def hint(self) -> None:
        """What it answers."""
        self.tell(Piece(self._kind.meaning), Piece("Its figures are those of queries, told with them.", Tone.DIM))

    def made(self, texts: dict[str, str]) -> ReportRequest:
        """The request.

        Raises:
            BadInput: it makes no sense; says why.
        """
        request = ReportRequest(
            self._kind,
            tuple(texts["targets"].split()),
            as_of=_moment(texts["as_of"]),
            since=_moment(texts.get("since", "")),
            until=_moment(texts.get("until", "")),
            run=texts.get("run", ""),
        )
        return check_request(request, self._now)


def _moment(text: str) -> datetime | None:
    from ops.cli.query_run import parse_moment

    return parse_moment(text) if text and text != "now" else None
