"""What failed among all tests runs once more, alone, and is told."""

import subprocess
from pathlib import Path

import pytest
from _pytest.reports import TestReport

from tests.second_look import FailedTests, id_without_group

RUN_ALL = Path(__file__).parent / "run-all"
FAKE = """#!/bin/sh
# pytest, whose ends are told by the test.
echo "called: $*"
case "$*" in
*--collect-only*) ;;
*"@"*) cat "${{4#@}}"; exit {alone} ;;
*) for word; do file=$word; done
   for number in $(seq {failed}); do echo "tests/test_x.py::test_a[$number of it]"; done >"$file"; exit {first} ;;
esac
"""


def run_all(folder: Path, *, first: int, failed: int, alone: int) -> subprocess.CompletedProcess[str]:
    fake = folder / "pytest"
    fake.write_text(FAKE.format(first=first, failed=failed, alone=alone))
    fake.chmod(0o755)
    return subprocess.run([RUN_ALL, folder], capture_output=True, text=True, check=False, timeout=60)


def test_what_passes_alone_is_told_as_unsteady(tmp_path: Path) -> None:
    """The end is a good one, and says what failed."""
    done = run_all(tmp_path, first=1, failed=2, alone=0)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-3].startswith("== UNSTEADY")
    assert done.stdout.splitlines()[-2:] == [f"   tests/test_x.py::test_a[{number} of it]" for number in (1, 2)]


def test_what_fails_alone_too_fails(tmp_path: Path) -> None:
    """Nothing is unsteady about it."""
    done = run_all(tmp_path, first=1, failed=1, alone=1)
    assert done.returncode == 1
    assert "UNSTEADY" not in done.stdout


@pytest.mark.parametrize(("first", "failed"), [(1, 4), (2, 0), (3, 1), (4, 0), (5, 0)])
def test_no_second_look_at_more_than_three_or_at_a_run_that_broke_off(tmp_path: Path, first: int, failed: int) -> None:
    """Where four fail, something is wrong; where not all ran, nobody knows."""
    done = run_all(tmp_path, first=first, failed=failed, alone=0)
    assert done.returncode == first
    assert "called: -n 0" not in done.stdout


def test_where_all_passes_nothing_runs_again(tmp_path: Path) -> None:
    """And the folder of the tests is gone."""
    done = run_all(tmp_path, first=0, failed=0, alone=1)
    assert done.returncode == 0
    base = done.stdout.partition("--basetemp ")[2].split("/all")[0]
    assert base.startswith("/")
    assert not Path(base).exists()


def test_failures_of_setup_call_and_teardown_are_written_once(tmp_path: Path) -> None:
    """One line a test, without the group that xdist appends; what passed is not there."""
    failed = FailedTests(tmp_path / "failed")
    for nodeid, outcome in [("t.py::a@lab", "failed"), ("t.py::a@lab", "failed"), ("t.py::b", "passed")]:
        failed.pytest_runtest_logreport(TestReport(nodeid, ("t.py", 1, "a"), {}, outcome, None, "call"))  # type: ignore[arg-type]
    failed.pytest_sessionfinish()
    assert (tmp_path / "failed").read_text() == "t.py::a\n"


@pytest.mark.parametrize(
    ("nodeid", "expected"),
    [
        ("t.py::a@lab-patching", "t.py::a"),
        ("t.py::a[x@y]@module", "t.py::a[x@y]"),
        ("t.py::a[x@y]", "t.py::a[x@y]"),
        ("t.py::a", "t.py::a"),
    ],
)
def test_the_group_is_no_part_of_the_id(nodeid: str, expected: str) -> None:
    """Also where the values of a test have an @."""
    assert id_without_group(nodeid) == expected
