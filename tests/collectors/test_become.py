"""Tests of how root is gained. sudo is a stand-in, since it must belong to root; the lab has the real one."""

import os
import subprocess
from pathlib import Path

import pytest

from collectors.become import find_no_root, read_is_limited, read_patching, read_root_way
from collectors.probe import build_probe
from collectors.secrets import Secret
from collectors.sections import Section, Sections, split_answer
from fleet.facts import PatchWay, RootWay
from fleet.failures import FindingKind
from fleet.machines import Become

# Behaves as sudo 1.9 does with -n, -l and -S, and writes down what it was called with and what it could see.
_SUDO = """#!/bin/sh
printf 'call %s\\n' "$*" >>"$LOG"
env >>"$LOG"
n=no S=no list=no
while :; do
    case $1 in
        -n) n=yes ;; -S) S=yes ;; -k) ;; -l) list=yes ;; -p) shift ;;
        *) break ;;
    esac
    shift
done
if [ "$n$list" = yesno ] && [ "$NEEDS" = run ]; then NEEDS=yes; fi
if [ "$n" = yes ] && [ "$NEEDS" = yes ]; then echo 'sudo: a password is required' >&2; exit 1; fi
if [ "$S" = yes ]; then
    IFS= read -r given
    if [ "$given" != "it's secret" ]; then
        printf '\\nWe trust you have received the usual lecture.\\n\\nSorry, try again.\\n' >&2
        echo 'sudo: no password was provided' >&2
        echo 'sudo: 1 incorrect password attempt' >&2
        exit 1
    fi
fi
case " $REFUSES " in *" ${1##*/} "*) exit 1 ;; esac
if [ "$list" = yes ]; then echo "/usr/bin/$1"; exit 0; fi
"$@"
"""


@pytest.fixture
def sudo_log(tmp_path: Path) -> Path:
    """Puts the stand-in first on the PATH; the file tells what it was called with."""
    for name, text in {
        "sudo": _SUDO,
        "id": "#!/bin/sh\necho 1000\n",
        "apt-get": '#!/bin/sh\ncat\necho "ran $*"\n',
    }.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path / "log"


def _ask(
    log: Path,
    password: str | None,
    *,
    needs: str,
    refresh: bool = False,
    refuses: str = "",
    become: Become = Become.SUDO,
) -> Sections:
    """``needs``: whether sudo wants a password: yes, no, or only to run. ``refuses``: a command that it never runs."""
    secret = Secret(password) if password is not None else None
    probe = build_probe(["apt"], become=become, sudo_password=secret, refresh=refresh)
    environment = {
        **os.environ,
        "PATH": f"{log.parent}:{os.environ['PATH']}",
        "LOG": str(log),
        "NEEDS": needs,
        "REFUSES": refuses,
    }
    script = probe.script.replace(b"/usr/bin/apt-get", str(log.parent / "apt-get").encode())
    result = subprocess.run(["sh"], input=script, capture_output=True, check=False, env=environment)
    return split_answer(result.stdout, result.stderr, probe.marker)


def test_sudo_without_password_is_no_finding(sudo_log: Path) -> None:
    """It was asked, and would run apt-get."""
    sections = _ask(sudo_log, None, needs="no")

    assert find_no_root(sections.find("become-apt")) is None


def test_missing_password_is_told_in_sudos_words(sudo_log: Path) -> None:
    """The finding quotes sudo and says what to do."""
    finding = find_no_root(_ask(sudo_log, None, needs="yes").find("become-apt"))

    assert finding is not None
    assert finding.kind is FindingKind.CANNOT_BECOME_ROOT
    assert "sudo: a password is required" in finding.text


def test_right_password_gains_root_and_reaches_sudo_alone(sudo_log: Path) -> None:
    """No argument, no environment and no command's input ever holds it."""
    sections = _ask(sudo_log, "it's secret", needs="yes", refresh=True)

    assert find_no_root(sections.find("become-apt")) is None
    assert b"ran -q" in sections.get("apt-refresh").stdout
    assert b"secret" not in sections.get("apt-refresh").stdout
    assert "secret" not in sudo_log.read_text()


def test_wrong_password_is_tried_once(sudo_log: Path) -> None:
    """A second try could lock the account; the refresh is not attempted."""
    sections = _ask(sudo_log, "wrong", needs="yes", refresh=True)

    finding = find_no_root(sections.find("become-apt"))
    assert finding is not None
    assert "1 incorrect password attempt" in finding.text
    assert "lecture" not in finding.text
    assert sudo_log.read_text().count("call -k -S") == 1
    assert sections.get("apt-refresh").exit_status == 97


def test_refresh_runs_within_its_limit_as_root(sudo_log: Path) -> None:
    """Nothing of ours could end a process of root; it is asked for and run with the very same words."""
    sections = _ask(sudo_log, None, needs="no", refresh=True)

    asked, run, *_ = (line for line in sudo_log.read_text().splitlines() if line.startswith("call "))
    assert asked.removeprefix("call -n -l ") == run.removeprefix("call -n ")
    assert run.startswith("call -n timeout -k 5 90 /")
    assert sections.get("apt-refresh").exit_status == 0
    assert read_is_limited(sections.find("become-apt")) is True


def test_sudo_that_knows_no_limit_runs_the_refresh_all_the_same(sudo_log: Path) -> None:
    """Whoever allowed apt-get alone goes on as before."""
    sections = _ask(sudo_log, None, needs="no", refresh=True, refuses="timeout")

    assert b"ran -q" in sections.get("apt-refresh").stdout
    assert read_is_limited(sections.find("become-apt")) is False


def test_password_is_given_where_sudo_wanted_it_only_to_run(sudo_log: Path) -> None:
    """sudo lists without a password what it runs only with one, if any other command needs none."""
    sections = _ask(sudo_log, "it's secret", needs="run", refresh=True)

    assert b"ran -q" in sections.get("apt-refresh").stdout
    assert b"secret" not in sections.get("apt-refresh").stdout
    assert "secret" not in sudo_log.read_text()
    assert b"a password is required" in _ask(sudo_log, None, needs="run", refresh=True).get("apt-refresh").stderr


def test_doas_runs_the_refresh_and_is_not_asked_before(sudo_log: Path) -> None:
    """It has no way to be asked without running the command."""
    doas = sudo_log.parent / "doas"
    doas.write_text('#!/bin/sh\nprintf "call %s\\n" "$*" >>"$LOG"\nshift\n[ "$1" = -C ] || "$@"\n')
    doas.chmod(0o755)

    sections = _ask(sudo_log, None, needs="no", refresh=True, become=Become.DOAS)

    question = sections.find("become-apt")
    assert read_root_way(sections, question, Become.DOAS) is RootWay.DOAS
    (run,) = (line for line in sudo_log.read_text().splitlines() if line.startswith("call -n timeout"))
    assert run.startswith("call -n timeout -k 5 90 /")
    assert b"ran -q" in sections.get("apt-refresh").stdout


@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (127, b"sudo: command not found\n", "Install it"),
        (1, b"sudo: sorry, you must have a tty to run sudo\n", "requiretty"),
        (1, b"Sorry, user bob may not run sudo on web-01.\n", "Allow this user"),
        (1, b"", "Allow this user"),
        (1, b"printf is not a builtin of this shell: the password was not used\n", "process list"),
    ],
)
def test_each_refusal_has_its_remedy(status: int, said: bytes, hint: str) -> None:
    """Messages as sudo 1.9 prints them."""
    finding = find_no_root(Section("become-apt", b"way=none\nis_limited=no\n", said, status))

    assert finding is not None
    assert hint in finding.remedy


@pytest.mark.parametrize(
    ("refuses", "way"),
    [("", PatchWay.SUDO), ("sh", PatchWay.LIMITED_SUDO), ("sh apt-get", PatchWay.NONE)],
)
def test_patching_goes_by_what_sudo_would_let_a_job_do(sudo_log: Path, refuses: str, way: PatchWay) -> None:
    """A shell, else the manager's program alone, else nothing; it is asked, and nothing is run."""
    sections = _ask(sudo_log, None, needs="no", refuses=refuses)

    assert read_patching(sections, "apt", Become.SUDO)[0] is way
    assert all("-l" in line.split() for line in sudo_log.read_text().splitlines() if line.startswith("call "))


def test_patching_question_tries_no_wrong_password_again(sudo_log: Path) -> None:
    """One wrong try is one too many for a machine that locks accounts; a right one tells the way."""
    sections = _ask(sudo_log, "wrong", needs="yes")
    assert sudo_log.read_text().count("call -k -S") == 1
    assert read_patching(sections, "apt", Become.SUDO) == (PatchWay.NONE, False)

    sections = _ask(sudo_log, "it's secret", needs="yes")
    assert read_patching(sections, "apt", Become.SUDO) == (PatchWay.SUDO_PASSWORD, True)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("permit nopass", (PatchWay.DOAS, True)),
        ("deny", (PatchWay.NONE, False)),
        ("", (None, None)),
    ],
)
def test_patching_goes_by_what_doas_says_of_its_file(
    sudo_log: Path, said: str, found: tuple[PatchWay | None, bool | None]
) -> None:
    """doas.conf may be closed to the user: then nothing is known."""
    doas = sudo_log.parent / "doas"
    doas.write_text(f'#!/bin/sh\n[ "$2" = -C ] && echo "{said}"\n')
    doas.chmod(0o755)

    sections = _ask(sudo_log, None, needs="no", become=Become.DOAS)

    assert read_patching(sections, "apt", Become.DOAS) == found
