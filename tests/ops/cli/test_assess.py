"""`patchdeck assess` and `updates`: scripted fleets, this machine for real, Ctrl-C in the middle."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
Patchdeck = Callable[..., Any]
Begin = Callable[..., "subprocess.Popen[str]"]
Transcript = Callable[..., Path]
REFUSED = {"kind": "login-refused", "tried": "SSH", "came_back": "refused.", "remedy": "Give a key."}

needs_apt = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg-query")), reason="this machine has no apt"
)


def enrol(patchdeck: Patchdeck, name: str, transcript: Path) -> None:
    patchdeck("machines", "add", name, "--transcript", str(transcript))


@needs_apt
def test_this_machine_from_enrolment_to_query(patchdeck_process: Patchdeck) -> None:
    """What a newcomer does: add this, assess all, updates, query; the answers agree with one another."""
    patchdeck_process("machines", "add", "this", "--transport", "local")

    (assessed,) = json.loads(patchdeck_process("assess", "all", "--json").out)
    updates = json.loads(patchdeck_process("updates", "--json").out)
    rows = json.loads(
        patchdeck_process(
            *(
                "query",
                "--json",
                "SELECT Classification, count(*) AS n FROM Update WHERE UpdateState = 'Needed' GROUP BY ALL",
            )
        ).out
    )
    (listed,) = json.loads(patchdeck_process("machines", "list", "--json").out)

    assert assessed["machine"] == listed["name"] == "this"
    assert sum(row["n"] for row in rows) == len(updates)
    # This machine may never have fetched the lists of one of its repositories: then nothing is known, and told.
    security = sum(u["classification"] == "Security Updates" for u in updates)
    assert listed["security_missing"] == (None if assessed["outcome"] == "incomplete" else security)
    assert listed["last_answered_at"].endswith("Z")


def test_a_failed_machine_ends_the_scan_with_code_3(
    patchdeck: Patchdeck, transcript: Transcript, recorded: Path
) -> None:
    """The others are assessed and stored all the same; each failure says what to do."""
    enrol(patchdeck, "good", recorded)
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))

    ended = patchdeck("assess", "all", "--json", code=3)

    by_name = {row["machine"]: row for row in json.loads(ended.out)}
    assert (outcome := by_name["good"]["outcome"]) in ("succeeded", "incomplete")  # as this machine's lists are
    assert by_name["bad"]["failure_kind"] == "login-refused"
    assert by_name["bad"]["security_missing"] is None
    assert "Give a key." in by_name["bad"]["says"]
    assert "1 of 2 machines answered, 1 failed" in ended.err
    assert f"{int(outcome == 'succeeded')} of 2 assessed" in patchdeck("machines", "list").err


def test_an_empty_fleet_cannot_be_assessed(patchdeck: Patchdeck) -> None:
    """A scan of nothing is a mistake, with the way out of it."""
    ended = patchdeck("assess", code=2)

    assert "machines add this --transport local" in ended.err


def test_unknown_targets_are_refused_before_anything_is_done(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """A name and a tag that nothing has: the nearest is offered, nothing is assessed."""
    enrol(patchdeck, "web-01", transcript("web-01", failure=REFUSED))
    patchdeck("machines", "edit", "web-01", "--tag", "env=prod")

    name = patchdeck("assess", "web-1", code=2)
    tag = patchdeck("assess", "tag:env=prd", code=2)

    assert "Did you mean 'web-01'?" in name.err
    assert "Did you mean 'env=prod'?" in tag.err
    assert json.loads(patchdeck("query", "SELECT * FROM Assessment", "--json").out) == []


def test_disabled_machines_are_skipped_and_said_so(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Skipping is no failure."""
    enrol(patchdeck, "off", transcript("off", failure=REFUSED))
    patchdeck("machines", "disable", "off")

    ended = patchdeck("assess", "all")

    assert "Skipped, because disabled: off." in ended.err


def test_names_of_packages_cannot_steer_the_terminal(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Escape sequences and markup that a machine prints reach neither stream."""
    hostile = {
        "kind": "not-ssh",
        "tried": "\x1b]0;pwned\x07",
        "came_back": "[@click=app.quit]x[/]\x9b31m",
        "remedy": "\n",
    }
    enrol(patchdeck, "bad", transcript("bad", failure=hostile))

    table, as_json = patchdeck("assess", code=3), patchdeck("assess", "--json", code=3)

    for text in (table.out, table.err, as_json.out, as_json.err, patchdeck("machines", "list").out):
        assert not any(character in text for character in "\x1b\x07\x9b")
    assert "[@click=app.quit]x[/]" in table.out


def test_a_flood_of_output_is_cut_off_and_told(patchdeck: Patchdeck, transcript: Transcript, home: Path) -> None:
    """A machine that prints without end fails with the limit that it ran into; nothing of the flood is kept."""
    enrol(patchdeck, "flood", transcript("flood", exit_status=0, stdout=["x" * 1000, ""], repeat=1_000_000))

    (row,) = json.loads(patchdeck("assess", "--json", code=3).out)

    assert row["failure_kind"] == "output-too-large"
    assert sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) < 1_000_000


def test_the_password_comes_from_standard_input_once(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Without a terminal it is one line each; without any the scan does not begin."""
    enrol(patchdeck, "a", transcript("a", failure=REFUSED))

    asked = patchdeck("assess", "--ask-password", "--ask-sudo-password", given="one\ntwo\n", code=3)
    missing = patchdeck("assess", "--ask-password", "--ask-sudo-password", given="one\n", code=2)

    assert "one" not in asked.err
    assert "No password came" in missing.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_stops_the_scan_and_stores_what_came_in(
    patchdeck: Patchdeck, transcript: Transcript, begin: Begin, home: Path, number: signal.Signals
) -> None:
    """Code 130; the machine that was done is in the tables; the others are named."""
    enrol(patchdeck, "done", transcript("done", failure=REFUSED))
    enrol(patchdeck, "hangs", transcript("hangs", delay_seconds=3600, stdout=[]))
    scan = begin("assess", "all", "--json")
    wait_for_line(home / "patchdeck.log", "machine=done")

    scan.send_signal(number)
    out, err = scan.communicate(timeout=200)

    assert scan.returncode == 130
    assert [row["machine"] for row in json.loads(out)] == ["done"]
    assert "not assessed: hangs" in err
    rows = json.loads(patchdeck("query", "SELECT Computer FROM Assessment", "--json").out)
    assert rows == [{"Computer": "done"}]


def test_progress_is_shown_on_a_terminal_only(
    patchdeck: Patchdeck, transcript: Transcript, environment: dict[str, str]
) -> None:
    """With standard error on a terminal a bar moves there; standard output stays plain data."""
    enrol(patchdeck, "m", transcript("m", failure=REFUSED))
    leader, follower = pty.openpty()
    done = subprocess.run(
        [sys.executable, str(ROOT / "patchdeck.py"), "assess", "--json"],
        env=environment | {"TERM": "xterm-256color"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=follower,
        timeout=60,
        check=False,
    )
    os.close(follower)
    talk = os.read(leader, 1_000_000).decode()
    os.close(leader)

    assert json.loads(done.stdout)[0]["machine"] == "m"
    assert "\x1b[" in talk
    assert "\x1b" not in patchdeck("assess", code=3).err


def wait_for_line(path: Path, text: str) -> None:
    """Returns once the log at ``path`` has a line with ``text``."""
    follow = subprocess.run(
        [
            "timeout",
            "200",
            "sh",
            "-c",
            'until grep -q "$2" "$1" 2>/dev/null; do sleep 0.05; done',
            "sh",
            str(path),
            text,
        ],
        check=False,
    )
    assert follow.returncode == 0, f"{path} never said {text}"
