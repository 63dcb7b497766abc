"""Whatever a machine answers to a simulation or writes to a job's log, it becomes a simulation or is not read."""

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.jobs.managers import JOB_MANAGERS, JobManager
from collectors.sections import AnswerCut, AnswerMissing, split_answer
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.deployments.plan import Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import TEXT_CHARACTERS, clean
from tests.collectors.fuzz.answers import HOSTILE_LINES, HOSTILE_TOKENS

EXAMPLES = int(os.environ.get("PATCHDECK_FUZZ_EXAMPLES", "150"))
CAPTURES = Path(__file__).parents[1] / "captures"
_FOLDERS = {"apt": ("apt",), "dnf": ("dnf", "yum"), "zypper": ("zypper",), "pacman": ("pacman",), "apk": ("apk",)}
_SEEDS = [
    (manager, path.read_bytes().split(b"\n"))
    for manager in JOB_MANAGERS
    for folder in _FOLDERS.get(manager.name, ())
    for path in sorted((CAPTURES / folder).glob("*.out"))
]
_LOGS = [
    (manager, path.read_bytes().split(b"\n"))
    for manager in JOB_MANAGERS
    for folder in _FOLDERS.get(manager.name, ())
    for path in sorted((CAPTURES / folder).glob("*.log"))
]
_ORDER = JobOrder("job", JobKind.INSTALL, (PackageOrder("acme-good", "x86_64", "1.1-1.el9_4", "1.0-1.el9"),), 100)


@st.composite
def hostile_texts(draw: st.DrawFn, seeds: list[tuple[JobManager, list[bytes]]]) -> tuple[JobManager, bytes]:
    """A captured text with one to five lines changed, repeated, lost or put in, and sometimes cut."""
    manager, seed = draw(st.sampled_from(seeds))
    lines = list(seed)
    for _ in range(draw(st.integers(1, 5))):
        position = draw(st.integers(0, len(lines) - 1))
        line, at = lines[position], draw(st.integers(0, len(lines[position])))
        token = draw(st.sampled_from(HOSTILE_TOKENS))
        lines[position : position + 1] = draw(
            st.sampled_from(
                ([], [line, line], [line, draw(st.sampled_from(HOSTILE_LINES))], [line[:at] + token + line[at:]])
            )
        ) or [b""]
    text = b"\n".join(lines)
    return manager, text[: draw(st.integers(0, len(text)))] if draw(st.integers(0, 9)) == 0 else text


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(answer=hostile_texts(_SEEDS))
def test_any_answer_is_a_simulation_or_not_read(answer: tuple[JobManager, bytes]) -> None:
    """No other exception, and no text in it that steers a terminal or has no end."""
    manager, text = answer
    try:
        sections = split_answer(text.replace(b"@MARKER@", b"patchdeck-test"), b"", "patchdeck-test")
        simulation = manager.read_simulation(sections, _ORDER)
    except (UnreadableOutput, AnswerCut, AnswerMissing):
        return
    for words in _texts(simulation):
        assert words == clean(words)
        assert len(words) <= TEXT_CHARACTERS


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=hostile_texts(_LOGS))
def test_any_log_gives_harmless_progress(log: tuple[JobManager, bytes]) -> None:
    """The percentage is one, and the name shows as it is."""
    manager, text = log
    progress = manager.read_progress("", text.decode(errors="replace"))

    if progress is not None:
        assert progress.percent is None or 0 <= progress.percent <= 100
        assert (progress.package, progress.doing) == (clean(progress.package), clean(progress.doing))


def _texts(simulation: Simulation) -> list[str]:
    changes = [text for c in simulation.changes for text in (c.name, c.architecture, c.from_version, c.to_version)]
    return [simulation.problem, *changes, *(text for each in simulation.kept for text in (each.name, each.words))]
