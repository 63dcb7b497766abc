"""A PostgreSQL of its own, thrown away afterwards, with the rows of the sample store in the tables that --views prints.

It listens on a socket in its folder alone. As root it runs as the user that Debian's package makes: it refuses root.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from fleet.tables import TABLES
from query.dialects.engines import Engine
from query.dialects.views import view_statements
from query.engine import QueryEngine
from query.limits import Limits

SAMPLE = Path(__file__).parents[2] / "sample-data"
NOW = datetime.fromisoformat((SAMPLE / "now.txt").read_text("ascii").strip())
_USER = "postgres"

# Rows as PostgreSQL prints them in JSON, by column.
AskPostgres = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """Our engine over the sample store."""
    with QueryEngine(SAMPLE / "tables", tmp_path_factory.mktemp("temp"), Limits(seconds=60.0), NOW) as opened:
        yield opened


@pytest.fixture(scope="session")
def ask_postgres(engine: QueryEngine) -> Iterator[AskPostgres]:
    """Answers of a PostgreSQL with the rows of the sample store."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs or shutil.which("psql") is None or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("needs PostgreSQL: apt install postgresql, or make test-postgres")
    folder = Path(mkdtemp(prefix="patchdeck-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    data = folder / "data"
    control = [str(programs[-1] / "pg_ctl"), "-D", str(data)]
    options = f"-c listen_addresses='' -k {folder} -c fsync=off -c timezone=UTC"
    try:
        _run([str(programs[-1] / "initdb"), "-D", str(data), "-A", "trust", "--locale=C", "--encoding=UTF8"])
        _run([*control, "-o", options, "-l", str(folder / "log"), "-w", "-t", "60", "start"])
        try:
            _load(engine, folder)
            yield lambda text: _ask(text, folder)
        finally:
            _run([*control, "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(engine: QueryEngine, folder: Path) -> None:
    _psql(view_statements(Engine.POSTGRES, {}), folder)
    for table in TABLES:
        path = folder / f"{table.name}.csv"
        rows = engine.run(f'SELECT * FROM "{table.name}"').rows
        path.write_text("".join(",".join(map(_field, row)) + "\n" for row in rows), "utf-8")
        path.chmod(0o644)
        _psql(f"\\copy \"{table.name}\" FROM '{path}' CSV\n", folder)


def _field(value: object) -> str:
    """A field of CSV: null is nothing, all else stands between quotes, an empty text too."""
    doubled = str(value).replace('"', '""')
    return "" if value is None else f'"{doubled}"'


def _ask(text: str, folder: Path) -> list[dict[str, Any]]:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    printed = _psql(f"SELECT row_to_json(answer)::text FROM (\n{body}\n) AS answer;\n", folder)
    return [json.loads(line) for line in printed.splitlines() if line]


def _psql(text: str, folder: Path) -> str:
    options = ["-h", str(folder), "-d", "postgres", "-qtAX", "-v", "ON_ERROR_STOP=1"]
    return _run(["psql", *options], "SET statement_timeout = '60s';\n" + text)


def _run(command: list[str], text: str = "") -> str:
    as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    ran = subprocess.run(
        [*as_user, *command], input=text, capture_output=True, encoding="utf-8", timeout=120, check=False, cwd="/tmp"
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
