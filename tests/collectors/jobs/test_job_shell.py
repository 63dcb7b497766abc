"""The shell of jobs, in dash and in busybox, with a package manager that is a few lines of shell and says so.

What apt really does is shown in tests/lab/test_jobs_apt.py; here it is how a job goes over its packages.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from collectors.jobs.journal import Journal, read_journal
from collectors.jobs.orders import assignments, read_job_part
from collectors.probe import read_part
from fleet.deployments.jobs import BatchOutcome

SHELLS = [shell for shell in (["dash"], ["busybox", "ash"]) if shutil.which(shell[0])]
PARTS = Path(__file__).parents[3] / "collectors" / "jobs"
# A package is a name in the list; the "manager" installs all of a list or nothing, as its name says.
_FAKE = r"""
install_fake() { manage "$root/fake" "$1"; }
download_fake() { manage "$root/fake" "$1"; }
is_done_fake() { [ -e "$root/installed/$1" ]; }
judge_fake() {
    if [ "$1" = 0 ]; then echo succeeded; elif [ "$1" = 7 ]; then echo locked
    elif [ "$1" = 8 ]; then echo network; elif [ "$1" = 9 ]; then echo no-space; else echo failed; fi
}
repair_fake() { note repaired; }
"""
_PROGRAM = r"""#!/bin/sh
root=$(dirname "$0")
echo "transaction of $(wc -l <"$1")"
if [ -s "$root/trouble" ]; then
    status=$(head -n 1 "$root/trouble")
    sed -i 1d "$root/trouble"
    [ "$status" = 0 ] || exit "$status"
fi
if grep -q ^bad "$1"; then exit 1; fi
if grep -q ^writes "$1"; then rm -f "$root/written"; : >"$root/written"; fi
if grep -q ^slow "$1"; then touch "$root/begun"; until [ -e "$root/go-on" ]; do sleep 0.05; done; fi
cut -f 1 "$1" | while read -r name; do touch "$root/installed/$name"; done
"""


class _Job:
    """A job in a folder of its own: ``root/jobs/ID``."""

    def __init__(self, root: Path, shell: list[str]) -> None:
        self.root = root
        self.shell = shell
        (root / "installed").mkdir(exist_ok=True)
        (root / "fake").write_text(_PROGRAM)
        (root / "fake").chmod(0o755)

    def prepare(self, *names: str, id: str = "one", **settings: str) -> Path:  # noqa: A002
        folder = self.root / "jobs" / id
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "packages").write_text("".join(f"{name}\tall\t1\t\t\n" for name in names))
        values = {
            "jobs": str(self.root / "jobs"),
            "folder": str(folder),
            "root": str(self.root),
            "root_way": "root",
            "is_root": "yes",
            "job_id": id,
            "marker": "",
            "manager": "fake",
            "kind": "install",
            "allow_new": "yes",
            "allow_removals": "no",
            "repair_first": "no",
            "batch_size": "100",
            "start_within": "600",
            "end_within": "",
            "lock_wait_seconds": "5",
            "tries": "1",
            "first_pause_seconds": "1",
            "progress_file": str(folder / "progress"),
            **settings,
        }
        names_of_parts = ("places.sh", "packages.sh", "manage.sh", "batches.sh", "job.sh")
        parts = "".join(read_job_part(name) for name in names_of_parts)
        text = assignments(values) + read_part("frame.sh") + parts + _FAKE + 'run_job "$@"\n'
        (folder / "job").write_text(text)
        for kept in ("log", "journal", "progress"):
            (folder / kept).touch()
        return folder

    def begin(self, folder: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen([*self.shell, folder / "job", "test"], start_new_session=True)

    def run(self, *names: str, **settings: str) -> Journal:
        folder = self.prepare(*names, **settings)
        assert self.begin(folder).wait(60) == 0
        return self.journal(folder)

    def journal(self, folder: Path) -> Journal:
        return read_journal((folder / "journal").read_bytes())

    def installed(self) -> set[str]:
        return {path.name for path in (self.root / "installed").iterdir()}


@pytest.fixture(params=SHELLS, ids=lambda shell: shell[0])
def job(request: pytest.FixtureRequest, tmp_path: Path) -> _Job:
    """A job in one of the shells."""
    return _Job(tmp_path, request.param)


def _until(is_true: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


def _steps(journal: Journal) -> list[tuple[str, str, int]]:
    return [
        (" ".join(name for name, _ in batch.packages), batch.outcome.value if batch.outcome else "", batch.attempt)
        for batch in journal.batches
    ]


@pytest.mark.parametrize("path", sorted(PARTS.glob("*.sh")), ids=lambda path: path.name)
def test_shell_is_clean(path: Path) -> None:
    """Each file is what shellcheck, dash and busybox take."""
    for shell in SHELLS:
        subprocess.run([*shell, "-n", path], check=True)
    if shutil.which("shellcheck"):
        checked = subprocess.run(["shellcheck", "--shell=sh", path], capture_output=True, text=True, check=False)
        assert checked.stdout == ""


def test_one_bad_package_sinks_nobody(job: _Job) -> None:
    """A failed transaction is repaired and repeated in smaller ones, down to the single package that is bad."""
    journal = job.run("a", "b", "c", "bad", "d", "e", batch_size="4")

    assert job.installed() == {"a", "b", "c", "d", "e"}
    assert _steps(journal) == [
        ("a b c bad", "failed", 1),
        ("d e", "succeeded", 1),
        ("a", "succeeded", 2),
        ("b", "succeeded", 2),
        ("c", "succeeded", 2),
        ("bad", "failed", 2),
    ]
    assert (job.root / "jobs/one/exit").read_text() == "1\n"


def test_transactions_get_smaller_by_tens(job: _Job) -> None:
    """A hundred become ten, and ten become one: twenty transactions find one bad package in a hundred."""
    journal = job.run(*(f"p{number}" for number in range(99)), "bad")

    sizes = [len(batch.packages) for batch in journal.batches]
    assert sizes == [100, *[10] * 10, *[1] * 10]
    assert len(job.installed()) == 99


def test_what_is_done_already_is_not_done_again(job: _Job) -> None:
    """Packages that are where they should be take part in no transaction; a job of nothing else succeeds."""
    (job.root / "installed/a").touch()

    assert _steps(job.run("a", "b")) == [("b", "succeeded", 1)]
    assert _steps(job.run("a", "b", id="two")) == []
    assert (job.root / "jobs/two/exit").read_text() == "0\n"


def test_network_trouble_is_tried_again(job: _Job) -> None:
    """A transaction that failed for the network is repeated as it was, and its second attempt counts as one."""
    (job.root / "trouble").write_text("8\n0\n")

    journal = job.run("a", "b", tries="2")

    assert _steps(journal) == [("a b", "network", 1), ("a b", "succeeded", 2)]
    assert journal.notes[0].text == "network: trying again in 1 s"


def test_lock_that_stays_leaves_the_rest(job: _Job) -> None:
    """Once the manager itself says that it is locked, and no try is left, smaller transactions are not tried."""
    (job.root / "trouble").write_text("7\n")

    journal = job.run("a", "b", "c", batch_size="2")

    assert _steps(journal) == [("a b", "locked", 1), ("a b c", "locked", 0)]


def test_full_disk_ends_with_single_packages(job: _Job) -> None:
    """Less at once may still fit; where three packages in a row do not, one by one, the rest is left."""
    (job.root / "trouble").write_text("9\n9\n9\n9\n")

    journal = job.run("a", "b", "c", "d")

    alone = [(name, "no-space", 2) for name in "abc"]
    assert _steps(journal) == [("a b c d", "no-space", 1), *alone, ("c d", "no-space", 0)]


def test_package_that_does_not_fit_sinks_nobody(job: _Job) -> None:
    """A disk that is too small for one package may have room for others."""
    (job.root / "trouble").write_text("9\n9\n0\n9\n")

    journal = job.run("a", "b", "c", "d")

    assert job.installed() == {"b", "d"}
    assert [outcome for _, outcome, _ in _steps(journal)] == [
        "no-space",
        "no-space",
        "succeeded",
        "no-space",
        "succeeded",
    ]


def test_pauses_for_the_network_are_not_begun_anew_for_every_size(job: _Job) -> None:
    """A package that can't be had costs its pauses once; something that succeeds makes them worth it again."""
    (job.root / "trouble").write_text("8\n8\n8\n0\n8\n0\n")

    journal = job.run("a", "b", "c", tries="2")

    assert _steps(journal) == [
        ("a b c", "network", 1),
        ("a b c", "network", 2),
        ("a", "network", 3),
        ("b", "succeeded", 3),
        ("c", "network", 3),
        ("c", "succeeded", 4),
    ]
    assert [note.text for note in journal.notes if note.text.startswith("network")] == [
        "network: trying again in 1 s"
    ] * 2


def test_same_job_begins_once_however_often_it_is_begun(job: _Job) -> None:
    """Ten processes of one job at the same moment: one claims it."""
    folder = job.prepare("slow", "b")

    processes = [job.begin(folder) for _ in range(10)]
    (job.root / "go-on").touch()
    for process in processes:
        process.wait(60)

    text = (folder / "journal").read_text()
    assert (text.count("\tbegan\t"), text.count("\tover\t")) == (1, 1)


def test_one_of_many_jobs_has_the_machine(job: _Job) -> None:
    """Eight jobs at the same moment: while the one that was first works, none of the others begins."""
    folders = [job.prepare("slow", id=f"job{number}") for number in range(8)]

    processes = [job.begin(folder) for folder in folders]
    _until(lambda: sum(process.poll() is None for process in processes) == 1 and (job.root / "begun").exists())
    began = [folder for folder in folders if (folder / "claim").exists()]
    (job.root / "go-on").touch()
    for process in processes:
        process.wait(60)

    assert len(began) == 1
    assert [folder for folder in folders if (folder / "exit").exists()] == began


def test_term_ends_a_job_after_its_transaction(job: _Job) -> None:
    """What a service manager says at a shutdown: the transaction is left to its end, and no other begins."""
    folder = job.prepare("slow", "b", batch_size="1")
    process = job.begin(folder)
    _until((job.root / "begun").exists)

    process.terminate()
    _until((folder / "stop").exists)
    (job.root / "go-on").touch()
    process.wait(60)

    assert job.installed() == {"slow"}
    assert _steps(job.journal(folder)) == [("slow", "succeeded", 1), ("b", BatchOutcome.CANCELLED.value, 0)]


def test_download_asks_for_everything(job: _Job) -> None:
    """A download knows nothing of what is installed, and is judged by its manager's word alone."""
    (job.root / "installed/a").touch()

    assert _steps(job.run("a", "b", kind="download")) == [("a b", "succeeded", 1)]


def test_manager_writes_for_everybody_to_read(job: _Job) -> None:
    """The job keeps its own files to itself; lists and caches of the package manager are for whoever asks next."""
    folder = job.prepare("writes")

    assert job.begin(folder).wait(60) == 0

    assert (job.root / "written").stat().st_mode & 0o777 == 0o644
    assert (folder / "exit").stat().st_mode & 0o777 == 0o600


def test_job_that_cannot_write_its_claim_does_not_begin(job: _Job) -> None:
    """On a full disk the record would be there and empty: nobody would be known to work."""
    folder = job.prepare("a")
    size = _mount_small(folder)
    try:
        _fill(folder)
        assert job.begin(folder).wait(60) == 0
        assert not (folder / "claim").exists()
    finally:
        subprocess.run(["umount", folder], check=True)
    assert size
    assert job.installed() == set()


def test_lock_is_waited_for_within_the_time_to_start(job: _Job) -> None:
    """A manager that waits for its lock by itself must not begin to install after that."""
    folder = job.prepare("a", start_within="5", lock_wait_seconds="600")
    text = (folder / "job").read_text()
    (folder / "job").write_text(text.replace("install_fake() {", "install_fake() { note waits $lock_wait;"))

    assert job.begin(folder).wait(60) == 0

    (note,) = job.journal(folder).notes
    assert 0 <= int(note.text.removeprefix("waits ")) <= 5


def test_guard_of_one_transaction_does_not_outlive_it(job: _Job) -> None:
    """The number of its process may be another's by the time of the hard stop."""
    folder = job.prepare("a", "slow", batch_size="1", end_within="600")
    process = job.begin(folder)
    _until((job.root / "begun").exists)

    _until(lambda: len(_guards(folder)) == 1)
    (job.root / "go-on").touch()

    assert process.wait(60) == 0
    _until(lambda: _guards(folder) == [])


def _guards(folder: Path) -> list[int]:
    """Shells that run the job's script below the job itself."""
    said = subprocess.run(["pgrep", "-f", f"{folder}/job"], capture_output=True, text=True, check=False)
    leader = int((folder / "claim").read_text().split()[0])
    return [int(pid) for pid in said.stdout.split() if int(pid) != leader]


@pytest.mark.parametrize("kind", ["same", "different"])
def test_fifty_starts_at_once_run_one_job_at_a_time(job: _Job, kind: str) -> None:
    """Of one id one runs; of fifty ids one has the machine, and the others leave nothing but their folders."""
    ids = [f"run-{number if kind == 'different' else 0}" for number in range(50)]
    folders = [job.prepare("slow", id=id_) for id_ in dict.fromkeys(ids)]
    processes = [job.begin(job.root / "jobs" / id_) for id_ in ids]
    _until(lambda: sum(process.poll() is None for process in processes) == 1)
    _until((job.root / "begun").exists)
    (job.root / "go-on").touch()

    assert [process.wait(60) for process in processes] == [0] * 50
    assert sum((folder / "claim").exists() for folder in folders) == 1
    assert sum(len(job.journal(folder).batches) for folder in folders) == 1
    assert not [path for folder in folders for path in folder.glob("owner.*")]


def _mount_small(folder: Path) -> bool:
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("file systems can be mounted by root alone")
    for name, text in kept.items():
        (folder / name).write_bytes(text)
    return True


def _fill(folder: Path) -> None:
    with (folder / "filler").open("ab", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)
