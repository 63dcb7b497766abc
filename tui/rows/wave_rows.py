"""The waves of a run as rows: which machines, how far each is, which is next, and what must hold before it."""

from collections import Counter
from collections.abc import Sequence

from fleet.deployments.budget import describe_budget, is_exhausted
from fleet.deployments.rollout import HealthGate, Rollout
from fleet.deployments.runs import MachineRun, Run
from fleet.deployments.waves import wave_text
from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of
from ops.deployments import events
from ops.deployments.run_picture import RunPicture
from tui.rows.run_machine_rows import STATE_WORDS, status_in
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

WAVE_COLUMNS = (
    TableColumn("wave", "Wave", most=6, least=4, priority=0, is_number=True),
    TableColumn("state", "State", most=12, least=11, priority=0),
    TableColumn("over", "Over", most=16, least=8, priority=1),
    TableColumn("failed", "Failed", most=8, least=6, priority=1, is_number=True),
    TableColumn("gate", "Gate after it", most=40, least=10, priority=2),
    TableColumn("rule", "Filled by", most=32, least=9, priority=3),
    TableColumn("machines", "Machines", most=200, least=16, priority=2),
)
_NAMES = 8
_GATE = 4
_TONES = {
    "done": Tone.GOOD, "in progress": Tone.ACCENT, "next": Tone.STRONG, "waiting": Tone.DIM,
    "cut short": Tone.PENDING, "not begun": Tone.OFFLINE,
}  # fmt: skip


def wave_rows(run: Run, machines: Sequence[MachineRun], picture: RunPicture, *, is_replayed: bool = False) -> list[Row]:
    """A row for each wave that has machines, in order."""
    by_wave: dict[int, list[MachineRun]] = {}
    for machine in machines:
        by_wave.setdefault(machine.wave, []).append(machine)
    begun = -1 if picture.wave is None else picture.wave
    is_over = run.status.is_over and not is_replayed
    last = max(by_wave, default=0)
    return [
        _row(
            run.deployment.rollout,
            wave,
            of,
            picture,
            _state(wave, begun, of, picture, is_over, is_replayed),
            is_replayed,
            is_last=wave == last,
        )
        for wave, of in sorted(by_wave.items())
    ]


def budget_pieces(run: Run, machines: Sequence[MachineRun], picture: RunPicture) -> tuple[Piece, ...]:
    """How much of the failure budget is used: ``1 of 24 machines failed, 3 may``."""
    failed = sum(status_in(picture, machine).counts_as_failure for machine in machines)
    budget = run.deployment.rollout.budget
    exhausted = is_exhausted(budget, failed, len(machines))
    text = describe_budget(budget, failed, len(machines))
    more = " · nothing more is begun" if exhausted and not run.status.is_over else ""
    return labelled("Failure budget", f"{text}{more}", Tone.BAD if exhausted else Tone.NORMAL)


def describe_wave(
    row: Row, run: Run, machines: Sequence[MachineRun], told: Sequence[events.RunEvent], picture: RunPicture
) -> list[tuple[Piece, ...]]:
    """The wave in ``row``: the budget of the run, what its gate asks or said, its machines by state."""
    wave = int(row.key)
    own = [machine for machine in machines if machine.wave == wave]
    counts = Counter(STATE_WORDS[status_in(picture, machine)] for machine in own)
    lines = [budget_pieces(run, machines, picture)]
    problems = [
        p for event in told if isinstance(event, events.GateFailed) and event.wave == wave for p in event.problems
    ]
    if problems:
        lines.append((Piece("Its gate failed:", Tone.BAD), Piece(clean("; ".join(problems)))))
    elif asks := row.cells[_GATE]:
        lines.append(labelled("Before the next wave", asks))
    lines.append(labelled(f"Wave {wave + 1}", ", ".join(f"{count} {word}" for word, count in counts.items())))
    return lines


def gate_text(gate: HealthGate) -> str:
    """What must hold after a wave, in a few words; empty where nothing is asked."""
    parts = [f"{gate.success_percent:g}% succeeded"] if gate.success_percent else []
    parts += ["no unit failed"] if gate.check_units else []
    parts += [clean(gate.command, 60)] if gate.command else []
    parts += [f"port {', '.join(map(str, gate.tcp_ports))} open"] if gate.tcp_ports else []
    parts += [f"after {gate.soak_minutes:g} min"] if gate.soak_minutes else []
    return ", ".join(parts)


def _state(
    wave: int, begun: int, machines: Sequence[MachineRun], picture: RunPicture, is_over: bool, is_replayed: bool
) -> str:
    states = [status_in(picture, machine, is_replayed=is_replayed) for machine in machines]
    if all(state.is_over for state in states):
        return "done"
    if is_over:
        return "cut short" if any(state.is_over for state in states) else "not begun"
    if wave <= begun or any(machine.machine_id in picture.in_work for machine in machines):
        return "in progress"
    return "next" if wave == begun + 1 else "waiting"


def _row(
    rollout: Rollout,
    wave: int,
    machines: Sequence[MachineRun],
    picture: RunPicture,
    state: str,
    is_replayed: bool,
    *,
    is_last: bool,
) -> Row:
    states = [status_in(picture, machine, is_replayed=is_replayed) for machine in machines]
    over, failed = sum(each.is_over for each in states), sum(each.counts_as_failure for each in states)
    rules = rollout.waves
    # The last rule is repeated, or the rest of the machines is a wave of its own: see WaveRule.
    rule = wave_text(rules[wave]) if wave < len(rules) else "the rest" if rules else "all at once"
    cells = (
        str(wave + 1),
        state,
        f"{over:,} of {len(machines):,}",
        f"{failed:,}",
        "" if is_last else gate_text(rollout.gate),
        rule,
        some_of([clean_name(machine.machine_name) for machine in machines], _NAMES),
    )
    tones = (
        Tone.STRONG, _TONES[state], Tone.NORMAL, Tone.BAD if failed else Tone.DIM, Tone.DIM, Tone.DIM, Tone.NORMAL,
    )  # fmt: skip
    return Row(str(wave), cells, tones, (wave, state, over, failed, *cells[4:]))
