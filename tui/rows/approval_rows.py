"""Approvals of plans as rows: who approved which, whether that still holds, and what a plan has of what it needs."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.approvals import Standing
from fleet.deployments.durations import describe_span
from fleet.hostile import clean, clean_name
from tui.rows.ages import describe_time
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from ops.approvals.overview import ShownApproval

APPROVAL_COLUMNS = (
    TableColumn("deployment", "Deployment", most=36, least=12, priority=0),
    TableColumn("by", "Approved by", most=24, least=11, priority=0),
    TableColumn("at", "When", most=17, least=17, priority=2),
    TableColumn("holds", "Holds", most=60, least=20, priority=1),
    TableColumn("plan", "Plan", most=12, least=12, priority=3),
    TableColumn("note", "Note", most=80, least=12, priority=4),
)


def approval_rows(approvals: "Iterable[ShownApproval]", now: datetime) -> list[Row]:
    """A row for each approval, in the order given."""
    return [_row(number, shown, now) for number, shown in enumerate(approvals)]


def holds_text(shown: "ShownApproval", now: datetime) -> str:
    """``20 h more``, else why it does not count any more."""
    return clean(shown.problem) or f"{describe_span(shown.until - now)} more"


def describe_approval(shown: "ShownApproval", now: datetime) -> list[tuple[Piece, ...]]:
    """All of an approval in a few lines."""
    approval = shown.approval
    head = (
        Piece(clean_name(approval.person.name), Tone.STRONG),
        *labelled("approved a plan of", clean_name(approval.deployment)),
        *labelled("at", describe_time(approval.at)),
    )
    holds = labelled("Holds", holds_text(shown, now), Tone.OFFLINE if shown.problem else Tone.GOOD)
    plan = labelled("Plan", clean_name(approval.plan))
    return [head, holds, plan] + ([(Piece(clean(approval.note)),)] if approval.note else [])


def standing_pieces(standing: Standing) -> tuple[Piece, ...]:
    """``1 of 2 approvals, by anna``; and whose do not count, with why."""
    tone = Tone.GOOD if standing.is_enough else Tone.PENDING
    refused = "; ".join(f"not {each.approval.person.name}'s: {each.why}" for each in standing.worth_telling)
    return (Piece(clean(standing.describe()), tone), *([Piece(f"({clean(refused)}).", Tone.DIM)] if refused else []))


def need_pieces(standing: Standing | None) -> list[Piece]:
    """For a title: what a plan has of the approvals that it needs; nothing where it needs none or that is not known."""
    if standing is None or not standing.wanted.needed:
        return []
    return [Piece(clean(standing.describe()), Tone.GOOD if standing.is_enough else Tone.PENDING)]


def barred_text(standing: Standing) -> str:
    """Whose approval does not count: ``ben, who asked for the run``; empty where nobody is."""
    return clean("; ".join(f"{each.person.name}, who {each.why}" for each in standing.wanted.barred))


def _row(number: int, shown: "ShownApproval", now: datetime) -> Row:
    approval = shown.approval
    cells = (
        clean_name(approval.deployment),
        clean_name(approval.person.name),
        describe_time(approval.at),
        holds_text(shown, now),
        clean_name(approval.plan)[:12],
        clean(approval.note),
    )
    tones = (Tone.STRONG, Tone.NORMAL, Tone.NORMAL, Tone.OFFLINE if shown.problem else Tone.GOOD, Tone.DIM, Tone.DIM)
    order = (cells[0].casefold(), cells[1].casefold(), approval.at, shown.until, *cells[4:])
    return Row(str(number), cells, tones, order)
