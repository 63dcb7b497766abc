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
    """Gives the request for a report; begins with ``begun``, and ``targets`` complete what is typed."""

    TAKES = "makes it"

    def __init__(self, begun: ReportRequest, targets: tuple[str, ...], now: datetime, reason: str = "") -> None:
        super().__init__(reason)
        self._begun = begun
        self._kind = begun.kind
        self._targets = targets
        self._now = now

    def title_text(self) -> str:
        """Which report."""
        return f"Report: {self._kind.heading}"

    def fields(self) -> Sequence[Field]:
        """Machines and time."""
        begun = self._begun
        hint = "all; group:web tag:env=prod web-*"
        fields = [
            Field("targets", "Machines", " ".join(begun.targets), hint, words=self._targets),
            Field("as_of", "As of", _text(begun.as_of), f"now; {_TIME}"),
        ]
        if self._kind.takes_period:
            days = self._kind.usual_days
            fields.append(Field("since", "From", _text(begun.since), f"{days} days before; {_TIME}"))
            fields.append(Field("until", "To", _text(begun.until), _TIME))
        if self._kind is ReportKind.CHANGE_RECORD:
            fields.append(Field("run", "Of the run", begun.run, "its id, or a deployment for its last run; empty: all"))
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


def _text(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""
