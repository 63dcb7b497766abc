"""`patchdeck check`: results of machines that answered and that did not, and the lines for sudoers."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.readiness import CHECKS

Patchdeck = Callable[..., Any]
Transcript = Callable[..., Path]
REFUSED = {"kind": "login-refused", "tried": "SSH", "came_back": "refused.", "remedy": "Give a key."}


def enrol(patchdeck: Patchdeck, name: str, transcript: Path) -> None:
    patchdeck("machines", "add", name, "--transcript", str(transcript))


def test_every_check_has_its_row_with_evidence(patchdeck: Patchdeck, recorded: Path) -> None:
    """In the order of the checks; a machine in order ends with 0 for the checks that concern it."""
    enrol(patchdeck, "good", recorded)

    rows = json.loads(patchdeck("check", "good", "--only", "system", "--only", "package-manager", "--json").out)

    assert [(row["machine"], row["check"], row["status"]) for row in rows] == [
        ("good", "system", "passed"),
        ("good", "package-manager", "passed"),
    ]
    assert all(row["evidence"] and row["severity"] is None for row in rows)


def test_refused_login_fails_its_check_and_the_exit_code(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """What comes after it is unknown, not failed: it was never asked."""
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))

    ended = patchdeck("check", "bad", "--json", code=3)

    by_check = {row["check"]: row for row in json.loads(ended.out)}
    assert list(by_check) == [check.name for check in CHECKS]
    assert (by_check["login"]["status"], by_check["login"]["severity"]) == ("failed", "error")
    assert by_check["login"]["remedy"] == "Give a key."
    assert by_check["root"]["status"] == "unknown"
    assert "1 of 1 machine cannot be patched as it is." in ended.err


def test_a_machine_that_did_not_answer_passes_no_other_check(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Whoever asks for one check alone must not take unknown for passed."""
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))
    (row,) = json.loads(patchdeck("check", "bad", "--only", "reboot", "--json", code=3).out)
    assert row["status"] == "unknown"


def test_text_says_what_to_do_and_leaves_out_what_passed_on_many(
    patchdeck: Patchdeck, transcript: Transcript, recorded: Path
) -> None:
    """One machine is shown whole; of several only what needs a look."""
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))
    enrol(patchdeck, "good", recorded)

    one, both = patchdeck("check", "good", "--only", "system"), patchdeck("check", "all", code=3)

    assert "passed" in one.out
    assert "To do: Give a key." in both.out
    assert "passed" not in both.out
    assert "checks on 2 machines:" in both.err
    assert both.out.count("Not asked: the check 'login' failed.") == 1


def test_unknown_check_offers_the_nearest(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Before any machine is asked."""
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))

    assert "Did you mean 'root'?" in patchdeck("check", "bad", "--only", "rot", code=2).err


def test_no_target_is_refused(patchdeck: Patchdeck) -> None:
    """A check of everything is asked for by name."""
    assert "or all" in patchdeck("check", code=2).err


def test_names_cannot_steer_the_terminal(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """Escape sequences that a machine prints reach neither stream."""
    hostile = {**REFUSED, "came_back": "\x1b]0;pwned\x07 \x9b31m"}
    enrol(patchdeck, "bad", transcript("bad", failure=hostile))

    ended = patchdeck("check", "bad", code=3)

    assert not any(character in ended.out + ended.err for character in "\x1b\x07\x9b")


def test_sudoers_is_a_file_as_it_stands(patchdeck: Patchdeck) -> None:
    """All of standard output can go to /etc/sudoers.d."""
    ended = patchdeck("check", "--sudoers", "apt", "--user", "bob")

    assert "bob ALL=(root) NOPASSWD: /usr/bin/timeout -k 5 90 /usr/bin/apt-get " in ended.out
    assert ended.err == ""
    if not shutil.which("visudo"):
        pytest.skip("visudo is not installed here")
    subprocess.run(["visudo", "-cf", "-"], input=ended.out, text=True, check=True, capture_output=True)


def test_sudoers_as_json_has_a_row_for_each_command(patchdeck: Patchdeck) -> None:
    """For whoever deploys them with a tool."""
    (row,) = json.loads(patchdeck("check", "--sudoers", "zypper", "--json").out)
    (apk,) = json.loads(patchdeck("check", "--doas", "apk", "--json").out)

    assert (row["manager"], row["user"]) == ("zypper", "patchdeck")
    assert row["line"] in patchdeck("check", "--sudoers", "zypper").out.splitlines()
    assert apk["line"].startswith("permit nopass patchdeck as root cmd timeout args ")


def test_patching_lines_are_a_part_of_their_own(patchdeck: Patchdeck) -> None:
    """With --patching alone; without sudoers it has no meaning."""
    rows = json.loads(patchdeck("check", "--sudoers", "apt", "--patching", "--json").out)

    assert {row["purpose"] for row in rows} >= {"fetch package lists", "download and install updates"}
    assert "/usr/sbin/shutdown" not in patchdeck("check", "--sudoers", "apt").out
    assert "--patching is for --sudoers" in patchdeck("check", "web", "--patching", code=2).err


def test_sudoers_of_a_machine_are_for_its_family(patchdeck: Patchdeck, recorded: Path) -> None:
    """As it was last assessed."""
    enrol(patchdeck, "good", recorded)
    patchdeck("assess", "good")

    lines = [line for line in patchdeck("check", "--sudoers", "good").out.splitlines() if not line.startswith("#")]

    assert lines[0].startswith("Defaults:patchdeck ")
    assert [" /usr/bin/apt-get " in line for line in lines[1:]] == [True]


def test_user_without_sudoers_is_a_mistake(patchdeck: Patchdeck, transcript: Transcript) -> None:
    """It would be taken for the user to log in as."""
    enrol(patchdeck, "bad", transcript("bad", failure=REFUSED))

    assert "--sudoers" in patchdeck("check", "bad", "--user", "bob", code=2).err
