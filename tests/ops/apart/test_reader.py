"""Questions that a process of its own answers: the same answers, and nothing heavy in the process that asks."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from inspect import signature
from pathlib import Path
from shutil import copyfile, copytree
from types import MappingProxyType

import pytest

from fleet.errors import UnknownName
from ops.apart import reader
from ops.apart.questions import ANSWERED
from ops.apart.reader import ReaderFailed, ReaderLate, Readers, ask_apart
from ops.apart.wire import Answer, Question
from ops.home import Home, open_home

_LIST = "ops.missing_groups:list_groups"
_PATIENT = 120.0
# A reader that hangs: on a file system that does not answer, say.
_HANGS = ("-c", "import time; time.sleep(1000)")
# What the app asks while one looks at missing updates, in a process that begins with nothing loaded.
_ASKING = """
import json, sys
from pathlib import Path
from ops.apart.reader import ask_apart
from ops.home import open_home
from ops.missing import list_missing
from ops.missing_groups import list_groups, list_needing
home = open_home(Path(sys.argv[1]))
groups = ask_apart(home, list_groups, None)
most = max(groups.groups, key=lambda group: group.machine_count)
needing = ask_apart(home, list_needing, most.update, None)
own = ask_apart(home, list_missing, [needing[0].machine_id], None)
print(json.dumps([len(groups.groups), most.machine_count, len(needing), len(own),
    [name for name in ("polars", "duckdb", "deltalake") if name in sys.modules]]))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An empty home."""
    return open_home(tmp_path_factory.mktemp("apart") / "home")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """The processes, ended afterwards."""
    made = Readers()
    yield made
    made.close()


def _question(home: Home, work: str = _LIST, *arguments: object) -> Question:
    return Question(work, str(home.path), False, arguments)


def _wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_who_asks_apart_loads_nothing_heavy(tmp_path: Path) -> None:
    """Counts, machines of an update and updates of a machine come without polars, DuckDB or deltalake."""
    root = Path(__file__).parents[3]
    for name in ("version", "state.db"):
        copyfile(root / "sample-data" / name, tmp_path / name)
    copytree(root / "sample-data/tables/Update", tmp_path / "tables/Update")
    asked = subprocess.run(
        [sys.executable, "-c", _ASKING, str(tmp_path)],
        capture_output=True,
        check=True,
        cwd=root,
        timeout=120,
    )
    groups, machines, needing, own, heavy = json.loads(asked.stdout)
    assert groups > 100
    assert machines == needing > 1
    assert own > 0
    assert heavy == []


def test_reader_is_kept_for_the_next_question(home: Home, readers: Readers) -> None:
    """Two questions, one process."""
    first = readers.ask(_question(home), _PATIENT)
    kept = [each.pid for each in readers._idle]
    assert readers.ask(_question(home), _PATIENT) == first
    assert [each.pid for each in readers._idle] == kept
    assert len(kept) == 1


def test_question_of_a_reader_that_was_killed_is_asked_again(home: Home, readers: Readers) -> None:
    """What reads can be asked twice: nobody is told."""
    readers.ask(_question(home), _PATIENT)
    (killed,) = readers._idle
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert readers.ask(_question(home), _PATIENT).result.machine_count == 0
    assert killed not in readers._idle


def test_error_of_ours_comes_back_as_it_was(home: Home, readers: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its class and its words."""
    from ops.why.finding import find_on_machine

    monkeypatch.setattr(reader, "_HEAVY", ())
    monkeypatch.setattr(reader, "_READERS", readers)
    with pytest.raises(UnknownName, match="There is no machine 'nobody'"):
        ask_apart(home, find_on_machine, "openssl", "nobody")


def test_reader_is_of_the_same_program_wherever_it_is_begun(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules that lie where one stands are not taken for Patchdeck's."""
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    made = Readers()
    assert made.ask(_question(home), _PATIENT).result.machine_count == 0
    made.close()


def test_nothing_but_questions_is_answered(home: Home, readers: Readers) -> None:
    """A function of another name is not called."""
    assert "no question" in readers.ask(_question(home, "os:getcwd"), _PATIENT).broke


def test_process_that_is_asked_no_more_ends(home: Home) -> None:
    """By itself; nothing of it is left, and the next question begins another."""
    impatient = Readers(("-c", "from ops.apart.process import main; main(0.0)"))
    begun = impatient._begin()
    impatient._idle.append(begun)
    _wait_until(lambda: not impatient._idle and begun.stdout is not None and begun.stdout.closed)
    assert begun.returncode == 0
    assert impatient._take() is None


def test_reader_that_hangs_is_ended_and_told(home: Home) -> None:
    """Once a question may take no longer, whether or not it reads what it is asked."""
    made = Readers(_HANGS)
    hung = made._begin()
    made._idle.append(hung)
    with pytest.raises(ReaderLate, match="no answer in time"):
        made.ask(_question(home, _LIST, "x" * 1_000_000), 0.1)
    assert hung.returncode == -signal.SIGKILL
    assert made._asked == made._idle == []


def test_time_that_a_question_may_take_is_that_of_a_query(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the start of a reader; whoever waits is told how long that was, and by which setting."""
    from ops.missing_groups import list_groups

    monkeypatch.setattr(reader, "_HEAVY", ())
    monkeypatch.setattr(reader, "_BEGIN_SECONDS", -59.5)
    monkeypatch.setattr(reader, "_READERS", Readers(_HANGS))
    with pytest.raises(ReaderLate, match=r"not read within 0\.5 s.*query\.time_limit_seconds"):
        ask_apart(home, list_groups, None)


def test_more_questions_than_readers_wait_and_no_longer_than_they_may(home: Home) -> None:
    """However many screens ask, only so many processes read; one that is left waits for none of them."""
    made = Readers(_HANGS, most=1)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(made.ask, _question(home), _PATIENT)
        _wait_until(lambda: len(made._asked) == 1)
        (hung,) = made._asked
        with pytest.raises(ReaderLate, match="busy"):
            made.ask(_question(home), 0.1)
        assert made._asked == [hung]
        made.close()
        with pytest.raises(ReaderFailed, match="being left"):
            first.result(_PATIENT)
    with pytest.raises(ReaderFailed, match="being left"):
        made.ask(_question(home), _PATIENT)
    assert hung.returncode == -signal.SIGKILL


def test_reader_ends_with_its_asker_whatever_it_reads(home: Home) -> None:
    """An app that was killed leaves none behind that reads on."""
    busy = "import time; from ops.apart import process; process._answer = time.sleep; process.receive = lambda _: 1000"
    made = Readers(("-c", f"{busy}; process.main()"))
    begun = made._begin()
    assert begun.stdin is not None
    begun.stdin.write(b"question")
    begun.stdin.close()
    assert begun.wait(60) == 0


def test_where_no_process_may_be_begun_it_is_answered_here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a session over SSH that the kernel keeps from it."""
    from ops.missing_groups import list_groups

    monkeypatch.setattr(reader, "_HEAVY", ())
    monkeypatch.setattr(reader, "_READERS", Readers())
    monkeypatch.setattr(sys, "executable", str(home.path))
    assert ask_apart(home, list_groups, None).groups == ()


def test_read_only_mappings_are_handed_over() -> None:
    """Tags of machines are such."""
    from io import BytesIO

    from ops.apart.wire import receive, send

    stream = BytesIO()
    send(stream, Answer(MappingProxyType({"env": "prod"})))
    stream.seek(0)
    assert receive(stream).result == {"env": "prod"}


def test_every_question_is_there() -> None:
    """A function that takes a home first."""
    for name in ANSWERED:
        module, _, work = name.partition(":")
        assert next(iter(signature(getattr(import_module(module), work)).parameters)) == "home"
