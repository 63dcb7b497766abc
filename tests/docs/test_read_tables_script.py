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


@pytest.fixture
def read() -> Callable[..., str]:
    """Runs the script over a folder and gives what it says."""

    def run(folder: Path, code: int = 0) -> str:
        script = ROOT / "docs" / "scripts" / "read_tables.py"
        done = subprocess.run(
            [sys.executable, str(script), str(folder)], capture_output=True, text=True, timeout=200, check=False
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


@pytest.mark.parametrize("options", [(), ("--partition", "day"), ("--partition", "month"), ("--format", "arrow")])
def test_exports_are_read_alike(home: Path, tmp_path: Path, read: Callable[..., str], options: tuple[str, ...]) -> None:
    """A file for each table, or folders parted as Hive does."""
    _export(home, "Machine", "DeploymentRun", "MachineRun", str(tmp_path / "out"), *options)
    said = read(tmp_path / "out")
    assert said.count("the same with") == 3


def test_a_folder_without_tables_is_told(tmp_path: Path, read: Callable[..., str]) -> None:
    """By the exit code."""
    read(tmp_path, code=2)
