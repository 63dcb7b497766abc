"""docs/scripts/read_tables.py: every table is the same for DuckDB, Polars, pandas and pyarrow."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pandas")
pytest.importorskip("pyarrow")

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample-data"
SCRIPT = ROOT / "docs" / "scripts" / "read_tables.py"
_READ_EACH = """
import os, runpy, sys
from pathlib import Path
main = runpy.run_path(sys.argv[1])["main"]
for folder in sys.argv[2:]:
    print("ended with", main(Path(folder)), flush=True)
os._exit(0)  # as the script ends itself, and for its reason
"""


@pytest.fixture
def read() -> Callable[..., str]:
    """Runs the script over a folder and gives what it says."""

    def run(folder: Path, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, str(SCRIPT), str(folder)], capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the smaller tables of the sample fleet."""
    import shutil

    path = tmp_path_factory.mktemp("home")
    for name in ("Machine", "DeploymentRun", "MachineRun"):
        if (SAMPLE / "tables" / name).is_dir():
            shutil.copytree(SAMPLE / "tables" / name, path / "tables" / name)
    for name in ("state.db", "version"):
        shutil.copyfile(SAMPLE / name, path / name)
    return path


def _export(home: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "patchdeck.py"), "export", *arguments],
        env={**os.environ, "PATCHDECK_HOME": str(home), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        timeout=120,
    )


def test_the_store_is_read_in_place(home: Path, read: Callable[..., str]) -> None:
    """Each Delta table, by its log."""
    said = read(home / "tables")
    assert "Machine: " in said
    assert "DIFFERENT" not in said


@pytest.mark.soak
def test_exports_are_read_alike(home: Path, tmp_path: Path) -> None:
    """A file for each table, or folders parted as Hive does; one process reads all: it takes seconds to begin."""
    ways = [(), ("--partition", "day"), ("--partition", "month"), ("--format", "arrow")]
    folders = [str(tmp_path / str(number)) for number in range(len(ways))]
    for folder, options in zip(folders, ways, strict=True):
        _export(home, "Machine", "DeploymentRun", "MachineRun", folder, *options)
    done = subprocess.run(
        [sys.executable, "-c", _READ_EACH, str(SCRIPT), *folders],
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert [part.count("the same with") for part in done.stdout.split("ended with 0\n")] == [3, 3, 3, 3, 0]


def test_a_folder_without_tables_is_told(tmp_path: Path, read: Callable[..., str]) -> None:
    """By the exit code."""
    read(tmp_path, code=2)
