"""What the title of an answer says: how many rows, how long it took, what of it is not shown."""

from tui.answers import Answer
from tui.asking import MOST_ROWS, Question
from tui.rows.ages import describe_seconds
from tui.screens.table_screen import shown_filter
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.table import BigTable

# From here on a running query says how long it takes; sooner it would only flicker.
PATIENCE_SECONDS = 0.3


def count_rows(shown: int, total: int) -> str:
    """``37 of 1,200 rows``."""
    count = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
    return f"{count} row{'s' if total != 1 else ''}"


def answer_facts(answer: Answer, table: BigTable) -> list[Piece]:
    """What there is to know of ``answer``, shown in ``table``; what is missing of it comes first."""
    facts: list[Piece] = []
    if answer.is_stopped:
        facts.append(Piece("stopped: not all rows", Tone.PENDING))
    if answer.truncated:
        helps = "" if answer.row_limit == MOST_ROWS else ", M asks for all"
        facts.append(Piece(f"the first {answer.row_limit:,} only: row limit{helps}", Tone.PENDING))
    is_arranged = bool(table.filter_text.strip()) or table.sorting is not None
    if is_arranged and answer.tail_count:
        facts.append(Piece(f"of the first {len(answer) - answer.tail_count:,} rows only", Tone.PENDING))
    facts += [Piece(note, Tone.PENDING) for note in answer.notes]
    if table.filter_text.strip():
        facts.append(Piece(f"filter: {shown_filter(table)}", Tone.ACCENT))
    if table.sorting is not None:
        facts.append(Piece(f"by {table.columns[table.sorting.column].heading}", Tone.DIM))
    facts.append(Piece(describe_seconds(answer.elapsed_seconds), Tone.DIM))
    return facts


def waiting_fact(question: Question, seconds: float) -> Piece:
    """How long ``question`` runs, how far it has come where the engine knows that, and which key stops it."""
    waited = f"asking, {describe_seconds(seconds)}" if seconds >= PATIENCE_SECONDS else "asking"
    done = question.percent_done() if seconds >= PATIENCE_SECONDS else None
    share = f", {done:.0%}" if done is not None else ""
    return Piece(f"{waited}{share} · esc cancels", Tone.ACCENT)
