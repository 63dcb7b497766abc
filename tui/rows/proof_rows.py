"""What came of logging in to the machines of a profile, as rows."""

from collections import Counter
from collections.abc import Iterable, Sequence

from fleet.hostile import clean, clean_name
from fleet.machines import Machine
from ops.credentials.proving import Proof, Verdict
from tui.rows.ages import describe_seconds
from tui.rows.machine_rows import reached_by
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

PROOF_COLUMNS = (
    TableColumn("name", "Machine", most=40, least=12, priority=0),
    TableColumn("verdict", "Login", most=10, least=9, priority=1),
    TableColumn("what", "What came", most=120, least=24, priority=1),
    TableColumn("seconds", "Took", most=8, least=6, is_number=True, priority=3),
    TableColumn("address", "Reached by", most=40, least=12, priority=4),
)
_TONES = {
    Verdict.PROVEN: Tone.GOOD,
    Verdict.REFUSED: Tone.BAD,
    Verdict.UNREACHED: Tone.PENDING,
    Verdict.LEFT_OUT: Tone.OFFLINE,
}


def proof_row(proof: Proof) -> Row:
    """The row of a machine that has said something."""
    machine, seconds = proof.machine, proof.seconds
    cells = (
        clean_name(machine.name),
        proof.verdict.value,
        clean(proof.text),
        "" if seconds is None else describe_seconds(seconds),
        reached_by(machine),
    )
    tones = (Tone.STRONG, _TONES[proof.verdict], Tone.NORMAL, Tone.DIM, Tone.DIM)
    order = (cells[0].casefold(), list(Verdict).index(proof.verdict), cells[2].casefold(), seconds, cells[4])
    return Row(machine.id, cells, tones, order)


def waiting_row(machine: Machine) -> Row:
    """The row of a machine that has said nothing yet."""
    cells = (clean_name(machine.name), "…", "", "", reached_by(machine))
    return Row(
        machine.id,
        cells,
        (Tone.NORMAL, Tone.ACCENT, Tone.DIM, Tone.DIM, Tone.DIM),
        (cells[0].casefold(), -1, "", None, cells[4]),
    )


def proof_facts(proofs: Iterable[Proof], total: int, *, is_going_on: bool) -> Sequence[Piece]:
    """How many came to which end, of how many."""
    counts = Counter(proof.verdict for proof in proofs)
    done = sum(counts.values())
    facts = [Piece(f"{done:,} of {total:,} …", Tone.ACCENT)] if is_going_on else []
    return facts + [Piece(f"{count:,} {verdict.value}", _TONES[verdict]) for verdict, count in counts.items()]
