"""Tests of the probe script itself, run by every shell that is here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from collectors.probe import build_probe, read_part
from collectors.secrets import Secret
from collectors.sections import split_answer
from fleet.errors import BadInput
from fleet.machines import Become

_PROBES = Path(__file__).parents[2] / "collectors/probes"
_SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh"], ["zsh", "--emulate", "sh"]]


def _here(shell: list[str]) -> list[str]:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed here")
    return shell


def _run(shell: list[str], script: bytes, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(shell, input=script, capture_output=True, check=False, env={**os.environ, **environment})


@pytest.mark.parametrize("shell", _SHELLS, ids=lambda shell: shell[0])
def test_probe_answers_in_any_posix_shell(shell: list[str]) -> None:
    """The facts of this machine come whole, whatever `sh` is."""
    probe = build_probe([])

    result = _run(_here(shell), probe.script)

    sections = split_answer(result.stdout, result.stderr, probe.marker)
    assert {"system", "os-release", "managers", "disks", "reboot", "updaters"} <= set(sections.by_name)
    assert sections.get("system").values()["ostype"] == "Linux"
    assert not sections.get("system").stderr


def test_two_probes_have_two_markers() -> None:
    """A marker that was seen once is of no use to anybody."""
    assert build_probe(["apt"]).marker != build_probe(["apt"]).marker


def test_marker_is_where_a_transcript_looks_for_it() -> None:
    """It stands in a line of its own, as collectors.transports.scripted reads it."""
    probe = build_probe(["apt"])

    assert re.search(rf"^marker={probe.marker}$", probe.script.decode(), re.MULTILINE)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_script_that_is_cut_on_the_way_does_nothing(share: float) -> None:
    """Nothing runs before all of it has come."""
    script = build_probe(["apt"]).script

    result = _run(["sh"], script[: int(len(script) * share)])

    assert result.stdout == b""


def test_commands_do_not_eat_the_script() -> None:
    """A command that reads its input finds it empty, and the rest of the script runs."""
    probe = build_probe([])
    script = probe.script.replace(
        b"section os-release read_os_release", b"section greedy cat\nsection os-release read_os_release"
    )

    sections = split_answer(*(_run(["sh"], script).stdout, b""), probe.marker)

    assert sections.get("greedy").stdout == b""
    assert "updaters" in sections.by_name


def test_command_that_hangs_is_stopped() -> None:
    """Its section says so by its status, and what follows is asked."""
    probe = build_probe([])
    script = probe.script.replace(b"section os-release read_os_release", b"section slow limited 1 sleep 60")

    sections = split_answer(*(_run(["sh"], script).stdout, b""), probe.marker)

    assert sections.get("slow").is_timed_out
    assert "updaters" in sections.by_name


def test_daemon_that_is_left_behind_delays_nothing() -> None:
    """What a command leaves running keeps the probe's pipes open; the answer ends all the same."""
    probe = build_probe([])
    script = probe.script.replace(b"section os-release read_os_release", b"section daemon sh -c 'sleep 300 &'")

    result = subprocess.run(["sh"], input=script, capture_output=True, check=False, timeout=60)

    assert "updaters" in split_answer(result.stdout, result.stderr, probe.marker).by_name


def test_german_locale_changes_nothing() -> None:
    """The probe sets its own, whatever the login has."""
    probe = build_probe([])

    result = _run(["sh"], probe.script, LC_ALL="de_DE.UTF-8", LANG="de_DE.UTF-8", LANGUAGE="de")

    assert split_answer(result.stdout, result.stderr, probe.marker).get("system").exit_status == 0


def test_every_part_passes_shellcheck() -> None:
    """The .sh files are clean for a POSIX shell."""
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed here")

    result = subprocess.run(["shellcheck", *_PROBES.glob("*.sh")], capture_output=True, text=True, check=False)

    assert result.stdout == ""


def test_probe_leaves_no_files_behind() -> None:
    """No part of it writes anywhere but to its output."""
    for part in sorted(_PROBES.glob("*.sh")):
        code = re.sub(r"^\s*#.*$|'[^']*'", "", read_part(part.name), flags=re.MULTILINE)
        redirections = re.findall(r"(?<![<&\d])>{1,2}\s*([^\s;&|)]+)", code)
        assert set(redirections) <= {"/dev/null", "&2"}, part.name


@pytest.mark.parametrize("text", ["it's", '"$HOME"', "`id`", "a\\b", "ümläut", "$(id)", "-n", "%s"])
def test_password_of_any_characters_reaches_the_shell_as_it_is(text: str) -> None:
    """Nothing in a password is read by the shell."""
    probe = build_probe([], become=Become.SUDO, sudo_password=Secret(text))
    before, start, _ = probe.script.partition(b"if command -v sed")
    script = before + b"printf '%s' \"$sudo_password\""

    assert start
    assert _run(["sh"], script).stdout.decode() == text


@pytest.mark.parametrize("text", ["two\nlines", "carriage\rreturn", "nul\0"])
def test_password_of_two_lines_is_refused(text: str) -> None:
    """sudo reads one line; the rest would be read by the command."""
    with pytest.raises(BadInput):
        build_probe([], become=Become.SUDO, sudo_password=Secret(text))


def test_password_does_not_show_in_the_probe() -> None:
    """Printing the probe, in a log or a traceback, shows no password."""
    probe = build_probe([], become=Become.SUDO, sudo_password=Secret("hunter2"))

    assert "hunter2" not in repr(probe)
