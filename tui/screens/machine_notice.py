"""What the screen of a machine says where a tab of it is empty: nothing is missing, or nothing is known."""

from datetime import datetime

from fleet.status import MachineStatus
from tui.rows.ages import describe_age
from tui.rows.machine_rows import COMPLIANCE_TONES, needs_host_key
from tui.tones import Tone
from tui.widgets.line import Piece

NOT_ENROLLED = "This machine is not enrolled any more."
_ASSESS = (Piece("r", Tone.KEY), Piece("  assesses this machine now"))

Notice = tuple[tuple[Piece, ...], ...]


def notice_of(tab: str, status: MachineStatus | None, *, is_read: bool) -> Notice:
    """The notice of an empty ``tab``; ``is_read``: what it shows was read. ``status`` None: it was removed."""
    if status is None:
        return ((Piece(NOT_ENROLLED),), (Piece("esc", Tone.KEY), Piece("  goes back")))
    if status.last_attempt is None:
        return ((Piece("This machine was never assessed."),), _ASSESS)
    match tab:
        case "updates" | "history" | "logs" if not is_read:
            return ((Piece(f"Reading the {tab} …", Tone.DIM),),)
        case "updates" if status.last_answer is None:
            never = "It never answered: what it misses is not known."
            return ((Piece(never),), *_failure_lines(status), _ASSESS)
        case "updates":
            return ((Piece("No update was missing at its last answer."),), _ASSESS)
        case "findings":
            return ((Piece("Nothing was noticed at the last assessment."),),)
        case "logs":
            none = "No raw output of it is kept: no run had work here, and every answer was understood."
            return ((Piece(none),), (Piece("tab", Tone.KEY), Piece("  shows its updates")))
        case _:
            return ((Piece("Nothing is stored of this machine yet."),), _ASSESS)


def standing_facts(status: MachineStatus, now: datetime, progress: str) -> list[Piece]:
    """Compliance and the age of what is known, or ``progress``, how the running assessment stands."""
    compliance = status.compliance(now)
    facts = [Piece(compliance.value, COMPLIANCE_TONES[compliance])]
    if progress:
        facts.append(Piece(progress, Tone.ACCENT))
    elif status.last_attempt:
        age = describe_age(status.last_attempt.ended_at, now)
        facts.append(Piece(f"assessed {age}{'' if age == 'just now' else ' ago'}", Tone.DIM))
    return facts


def _failure_lines(status: MachineStatus) -> list[tuple[Piece, ...]]:
    failure = status.last_attempt.failure if status.last_attempt else None
    if failure is None:
        return []
    lines: list[tuple[Piece, ...]] = [
        (Piece(f"{failure.kind}: {failure.tried}: {failure.came_back}", Tone.BAD),),
        (Piece(failure.remedy),),
    ]
    if needs_host_key(status):
        lines.append((Piece("K", Tone.KEY), Piece("  shows its host key or certificate, to compare and accept")))
    return lines
