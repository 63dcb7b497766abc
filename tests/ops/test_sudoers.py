"""The lines for sudoers: read by the real visudo, and the same words as the probes run."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from collectors.jobs.managers import JOB_MANAGERS
from collectors.jobs.patch_commands import KEPT_VARIABLES, PATCH_COMMANDS, REBOOT_COMMANDS
from collectors.refresh_commands import REFRESH_COMMANDS, RefreshCommand
from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine, TransportKind
from ops.home import open_home
from ops.state import MachineBook, connect
from ops.state.audit import utc_now
from ops.sudoers import choose_commands, doas_lines, family_names, find_commands, find_patch_commands, sudoers_lines

_PROBES = Path(__file__).parents[2] / "collectors/probes"
_JOBS = Path(__file__).parents[2] / "collectors/jobs"

needs_sudo = pytest.mark.skipif(
    not (shutil.which("visudo") and shutil.which("cvtsudoers")), reason="sudo is not installed here"
)


def _words_in_probes() -> set[tuple[int, tuple[str, ...]]]:
    """Seconds and words of every call of run_refresh."""
    found = set()
    for path in _PROBES.glob("*.sh"):
        text = re.sub(r"\\\n\s*", "", path.read_text("utf-8"))
        for match in re.finditer(r"^[^#\n]*\brun_refresh (\d+) ([^;\n]+)", text, re.MULTILINE):
            found.add((int(match[1]), tuple(match[2].split())))
    return found


def _read(lines: Sequence[str], user: str) -> list[str]:
    """The commands that sudo's own reader finds for ``user`` in ``lines``."""
    text = "\n".join(lines) + "\n"
    done = subprocess.run(["cvtsudoers", "-f", "json"], input=text, capture_output=True, text=True, check=True)
    specs = json.loads(done.stdout)["User_Specs"]
    assert all(spec["User_List"] == [{"username": user}] for spec in specs)
    granted = [grant for spec in specs for grant in spec["Cmnd_Specs"]]
    assert all(grant["Options"] == [{"authenticate": False}] for grant in granted)
    assert all(grant["runasusers"] == [{"username": "root"}] for grant in granted)
    return [command["command"] for grant in granted for command in grant["Commands"]]


def test_lines_are_made_of_the_words_that_the_probes_run() -> None:
    """sudo compares them word by word; one that differs would refuse every refresh."""
    assert _words_in_probes() == {(command.seconds, command.words) for command in REFRESH_COMMANDS}


@needs_sudo
@pytest.mark.parametrize("family", family_names())
def test_visudo_takes_the_lines_of_each_family(family: str) -> None:
    """A file with a mistake in it would stop sudo for everybody on the machine."""
    if family == "pacman":
        pytest.skip("pacman needs none")
    text = "\n".join(sudoers_lines("patchdeck", find_commands([family]))) + "\n"

    done = subprocess.run(["visudo", "-cf", "-"], input=text, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@needs_sudo
@pytest.mark.parametrize("command", REFRESH_COMMANDS, ids=lambda command: command.program)
def test_sudo_reads_exactly_the_command_that_is_meant(command: RefreshCommand) -> None:
    """Colons, equal signs and commas mean something in sudoers: escaped, they are what the probe says."""
    (granted,) = _read(list(sudoers_lines("bob", [command])), "bob")

    assert re.sub(r"\\(.)", r"\1", granted) == " ".join(("/usr/bin/timeout", *command.limited_words[1:]))


def test_nothing_in_the_lines_is_a_pattern() -> None:
    """A wildcard behind a package manager is root: apt-get -o runs any command."""
    for line in sudoers_lines("patchdeck", find_commands([])):
        assert line.startswith("#") or not re.search(r"[*?\[\]!^$]", line.replace("!requiretty", ""))


def test_every_program_is_named_by_its_path() -> None:
    """timeout looks its command up in a PATH that might be the user's own."""
    assert all(command.words[0].startswith("/") for command in REFRESH_COMMANDS)


@pytest.mark.parametrize("user", ["ALL", "ADMINS", "%wheel", "a b", "bob,root", "#0", "bob ALL=(ALL) ALL\nx"])
def test_user_that_means_more_than_a_user_is_refused(user: str) -> None:
    """ALL is everybody."""
    with pytest.raises(BadInput):
        list(sudoers_lines(user, find_commands(["apt"])))


@needs_sudo
def test_user_of_a_domain_is_escaped() -> None:
    """winbind names users so."""
    assert _read(list(sudoers_lines("CORP\\bob", find_commands(["apt"]))), "CORP\\bob")


def test_doas_has_the_words_as_they_are() -> None:
    """doas.conf compares the program as it was typed, and needs no escapes."""
    lines = list(doas_lines("patchdeck", find_commands(["apk"])))

    assert lines[-1] == "permit nopass patchdeck as root cmd timeout args -k 5 90 /sbin/apk update"


def test_word_that_is_neither_family_nor_machine_is_refused(tmp_path: Path) -> None:
    """The nearest name is offered for families."""
    with pytest.raises(UnknownName, match="'zypper'"):
        find_commands(["zyper"])
    with pytest.raises(BadInput):
        choose_commands(open_home(tmp_path), ["nothing"], None)


def test_machine_that_was_never_assessed_asks_for_its_family(tmp_path: Path) -> None:
    """Which package manager it has is not guessed."""
    home = open_home(tmp_path)
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).add(Machine("1", "web-01", TransportKind.SSH, utc_now(), user="deploy"))

    with pytest.raises(BadInput, match="web-01 is not known yet"):
        choose_commands(home, ["web-01"], None)


def test_pacman_needs_no_lines() -> None:
    """It says so, in place of an empty file."""
    with pytest.raises(BadInput, match="fakeroot"):
        find_commands(["pacman"])


def test_patching_lines_are_of_the_programs_that_jobs_run() -> None:
    """By the same paths: in the shell of jobs, where it asks for root, and in the probe that looks whether it may."""
    shell = "".join(path.read_text("utf-8") for path in _JOBS.glob("*.sh"))
    managed = set(re.findall(r"^ +manage (/\S+)", shell, re.MULTILINE)) | set(re.findall(r"set -- (/\S+) -y", shell))
    probed = {
        (match[1], *match[2].split())
        for path in _PROBES.glob("*.sh")
        for match in re.finditer(r"^ +read_patching (\w+) (.+)$", path.read_text("utf-8"), re.MULTILINE)
    }
    lined = {command.program for command in PATCH_COMMANDS}

    assert managed <= lined
    assert {program for manager in JOB_MANAGERS for program in manager.programs} <= lined
    assert probed == {(manager.name, *manager.programs) for manager in JOB_MANAGERS if manager.programs}


@needs_sudo
def test_patching_lines_come_only_where_they_are_asked_for(tmp_path: Path) -> None:
    """Whoever only assesses gives nothing more than before; sudo's own reader takes both parts."""
    home = open_home(tmp_path)
    assessing, patching = (choose_commands(home, ["apt"], "bob", patching=wanted) for wanted in (False, True))

    before = list(sudoers_lines("bob", assessing.commands, assessing.patching))
    after = list(sudoers_lines("bob", patching.commands, patching.patching))

    assert assessing.patching == ()
    assert set(_read(after, "bob")) - set(_read(before, "bob")) == {
        "/usr/bin/apt-get",
        "/usr/bin/dpkg --configure -a --force-confdef --force-confold",
        *(command.program for command in REBOOT_COMMANDS),
    }
    (kept,) = (line for line in after if "env_keep" in line)
    assert set(KEPT_VARIABLES) <= set(re.findall(r"\w+", kept))


def test_doas_keeps_the_variables_of_a_package_manager() -> None:
    """They keep it from asking; a reboot needs none."""
    lines = list(doas_lines("bob", find_commands(["apk"]), find_patch_commands(["apk"])))

    (apk,) = (line for line in lines if line.endswith("cmd /sbin/apk"))
    assert apk.startswith("permit nopass setenv { DEBIAN_FRONTEND ")
    assert "permit nopass bob as root cmd /sbin/reboot" in lines


def test_patching_of_pacman_has_lines_though_its_refresh_needs_none(tmp_path: Path) -> None:
    """And images have none, in so many words."""
    choice = choose_commands(open_home(tmp_path), ["pacman"], "bob", patching=True)

    assert (choice.commands, choice.patching[0].program) == ((), "/usr/bin/pacman")
    with pytest.raises(BadInput, match="ostree"):
        find_patch_commands(["ostree"])


def test_each_line_says_what_it_cannot_do(tmp_path: Path) -> None:
    """In the line above it, for sudo and for doas."""
    choice = choose_commands(open_home(tmp_path), [], "bob", patching=True)
    for made, grant in ((sudoers_lines, " ALL=(root) "), (doas_lines, "permit nopass")):
        lines = list(made("bob", choice.commands, choice.patching))
        granted = [number for number, line in enumerate(lines) if grant in line]
        assert len(granted) == len(choice.all_commands)
        assert all(lines[number - 1].startswith("#   It cannot ") for number in granted)


@needs_sudo
def test_path_of_the_user_does_not_count(tmp_path: Path) -> None:
    """sudo leaves PATH alone where nothing sets it, and hooks of package managers call programs by name."""
    text = "\n".join(sudoers_lines("bob", find_commands(["apt"]))) + "\n"

    done = subprocess.run(["cvtsudoers", "-f", "json"], input=text, capture_output=True, text=True, check=True)

    options = [option for each in json.loads(done.stdout)["Defaults"] for option in each["Options"]]
    assert {"secure_path": "/usr/sbin:/usr/bin:/sbin:/bin"} in options
