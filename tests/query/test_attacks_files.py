"""Tables whose log or folder was made to lead elsewhere: nothing outside of the tables is read, nothing waits."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.errors import QueryFailed
from query.engine import QueryEngine
from query.files import TableFile, TableFiles

WriteRows = Callable[..., None]


@pytest.fixture
def secret(tmp_path: Path, write_rows: WriteRows, tables_dir: Path) -> Path:
    """A Parquet file with a secret, beside the tables, where a hostile log would lead to."""
    write_rows("Cve", {"CVE": "CVE-2026-SECRET"})
    stored = next((tables_dir / "Cve").glob("*.parquet"))
    outside = tmp_path / "secret.parquet"
    outside.write_bytes(stored.read_bytes())
    stored.unlink()
    return outside


def _name_in_log(tables_dir: Path, path: str) -> None:
    """Make the log of Machine say that ``path`` is a file of the table."""
    log = tables_dir / "Machine" / "_delta_log"
    number = len(list(log.glob("*.json")))
    added = {"path": path, "partitionValues": {}, "size": 1_000, "modificationTime": 0, "dataChange": True}
    (log / f"{number:020}.json").write_text(json.dumps({"add": added}) + "\n", "utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "../../secret.parquet",
        "%2e%2e/%2e%2e/secret.parquet",
        "..%2F..%2Fsecret.parquet",
        "{secret}",
        "file://{secret}",
        "umro://../secret.parquet",
        "x/../../../secret.parquet",
        "link.parquet",
        "folder/secret.parquet",
        "*.parquet",
        "**/*.parquet",
        "[a-z]*.parquet",
        "pa?t.parquet",
        "{{a,b}}.parquet",
        "%2A.parquet",
        "x'; DROP VIEW Machine; --.parquet",
        'x"].parquet',
        "x\\.parquet",
        "x\u0000.parquet",
        "pipe.parquet",
        "",
        ".",
        "/dev/zero",
        "/proc/self/environ",
        "http://127.0.0.1:9/x.parquet",
        "s3://bucket/x.parquet",
    ],
)
def test_file_list_that_leads_elsewhere_is_an_error(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path, secret: Path, path: str
) -> None:
    """Parents, absolute paths, links, patterns, quotes, pipes, devices and addresses: one line, and no secret."""
    write_rows("Machine", {"Computer": "web-01"})
    (tables_dir / "Machine" / "link.parquet").symlink_to(secret)
    (tables_dir / "Machine" / "folder").symlink_to(secret.parent)
    os.mkfifo(tables_dir / "Machine" / "pipe.parquet")
    _name_in_log(tables_dir, path.format(secret=secret))

    with pytest.raises(QueryFailed) as failure:
        engine.run("SELECT * FROM Machine")

    assert len(str(failure.value).splitlines()) == 1
    assert "SECRET" not in str(failure.value)
    assert engine.run("SELECT 1").rows == [(1,)]


def test_pattern_in_a_file_list_matches_no_other_files(
    engine: QueryEngine, write_rows: WriteRows, tables_dir: Path
) -> None:
    """A file whose name holds glob characters is that file, as Delta writes partitions with such values."""
    write_rows("Machine", {"Computer": "web-01"})
    stored = next((tables_dir / "Machine").glob("*.parquet"))
    log = next((tables_dir / "Machine" / "_delta_log").glob("*.json"))
    log.write_text(log.read_text("utf-8").replace(stored.name, "p%20*.parquet"), "utf-8")
    stored.rename(stored.with_name("p *.parquet"))
    (stored.parent / "p other.parquet").write_bytes((stored.parent / "p *.parquet").read_bytes())

    try:
        rows = engine.run("SELECT Computer FROM Machine").rows
    except QueryFailed:
        rows = [("web-01",)]

    assert rows == [("web-01",)]


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """A pipe would wait for its writer for ever, a device has no end."""
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(PermissionError):
            TableFile(path)


def test_folder_of_the_tables_may_itself_be_a_link(tmp_path: Path) -> None:
    """Somebody has their tables on another disk."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "file").write_bytes(b"text")
    (tmp_path / "tables").symlink_to(tmp_path / "disk")

    assert TableFiles(tmp_path / "tables").open("umro://file").read() == b"text"
