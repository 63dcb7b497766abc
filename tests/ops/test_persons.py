"""Who stands behind a process: real processes of real users; an environment only adds to what the kernel says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.persons import Person
from ops.persons import current_person, person_called, person_of_peer

ROOT = Path(__file__).parents[2]
SAY = "from ops.persons import current_person; print(*current_person().numbers)"
_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes others")


def numbers_of(*command: str, code: str = SAY, **environment: str) -> set[int]:
    """What a Python says of itself that ``command`` starts."""
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | environment
    ended = subprocess.run(
        [*command, _python(), "-c", code], check=True, capture_output=True, text=True, env=clean, cwd="/", timeout=60
    )
    return {int(word) for word in ended.stdout.split()}


def _python() -> str:
    from tests.ops.people import find_python

    return find_python() or sys.executable


@_AS_ROOT
def test_sudo_of_root_tells_who_it_is() -> None:
    """And root alone is root alone."""
    behind = {number for number in current_person().numbers if number}
    assert numbers_of(SUDO_UID="4001") == {4001, *behind}
    assert numbers_of() == (behind or {0})


@_AS_ROOT
def test_environment_cannot_make_somebody_another() -> None:
    """Who pretends to be another is both, and so can approve for neither."""
    assert {4001, 4002} <= numbers_of("setpriv", "--reuid=4002", "--clear-groups", SUDO_UID="4001")


@_AS_ROOT
def test_whoever_became_another_user_is_still_known_by_their_parents() -> None:
    """As after su without a login: the process that started it is theirs."""
    inner = (
        "import os, subprocess, sys\n"
        f"ended = subprocess.run([sys.executable, '-c', {SAY!r}], env=os.environ, stdout=subprocess.PIPE, user=4003)\n"
        "sys.stdout.buffer.write(ended.stdout)"
    )
    # The real user is 4001 while root's rights are kept to become another.
    kept = "import os, sys; os.setresuid(4001, 0, 0); exec(compile(sys.argv[1], 'inner', 'exec'))"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [_python(), "-c", kept, inner], check=True, capture_output=True, text=True, env=environment, cwd="/", timeout=60
    )
    assert {4001, 4003} <= {int(word) for word in ended.stdout.split()}


@_AS_ROOT
def test_numbers_of_a_user_namespace_only_add() -> None:
    """Anybody can have any number in one that they make; whose it is outside is known, too."""
    mapped = ("setpriv", "--reuid=4001", "--clear-groups", "unshare", "--user", "--map-user=4002")
    if subprocess.run([*mapped, "true"], check=False, capture_output=True, timeout=60).returncode:
        pytest.skip("users make no namespaces here")
    assert {4001, 4002} <= numbers_of(*mapped)
    says = "from ops.persons import is_disguised; print(int(is_disguised()))"
    assert (numbers_of(*mapped, code=says), numbers_of(code=says)) == ({1}, {0})


@pytest.mark.parametrize("said", ["", "x", "-1", "4294967295", "9999999999", "99999999999999999999"])
def test_environment_that_makes_no_sense_says_nothing(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only numbers of users do."""
    monkeypatch.delenv("SUDO_UID", raising=False)
    before = current_person()
    monkeypatch.setenv("SUDO_UID", said)
    assert current_person() == before


def test_peer_is_who_the_kernel_says_and_where_they_come_from() -> None:
    """Also one whose process is gone by then."""
    assert 4001 in person_of_peer(2**22 + 1, 4001).numbers
    assert person_of_peer(os.getpid(), 4001).numbers[-1] == 4001


@pytest.mark.parametrize(
    ("name", "numbers"), [("root", (0,)), ("root (daemon)", (1,)), ("schedule", ()), ("no such (one)", ())]
)
def test_user_is_found_by_the_name_that_the_audit_has(name: str, numbers: tuple[int, ...]) -> None:
    """The one in brackets is who logged in."""
    assert person_called(name) == Person(numbers, name)
