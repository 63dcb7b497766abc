"""The programs whose screens are measured: Patchdeck, harlequin and posting, and the keys that do the same in each."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_REPOSITORY = Path(__file__).parents[1]
_CACHE = _REPOSITORY / ".cache"
# textual 8.2.8 ends with a segmentation fault with tree-sitter 0.26, which pip would take.
_WANTED = {"harlequin": ("harlequin==2.17.0",), "posting": ("posting==2.11.1",)}
_BESIDE = "tree-sitter<0.26"
_REQUESTS = 20
DOWN, PAGE_DOWN = b"\x1b[B", b"\x1b[6~"


@dataclass(frozen=True, slots=True)
class Program:
    """``ready`` is on the screen once it can be used; ``to_table`` are keys, and what shows that they were followed.

    Then ``step`` and ``page`` move in the table, and ``to_typing`` leads to where ``typed`` is typed.
    """

    name: str
    words: tuple[str, ...]
    ready: tuple[str, ...]
    to_table: tuple[tuple[bytes, str], ...] = ()
    step: bytes = DOWN
    page: bytes = PAGE_DOWN
    to_typing: bytes = b""
    typed: bytes = b"e"
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


def install_peers() -> None:
    """harlequin and posting in environments of their own, made once; needs the package index then."""
    for name, packages in _WANTED.items():
        place = _CACHE / name
        if (place / "bin" / name).exists():
            continue
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(place / "bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages, _BESIDE], check=True)


def patchdeck(home: Path) -> Program:
    """Patchdeck over ``home``; the first machines are what it is ready with."""
    words = (str(Path(sys.executable).parent / "patchdeck"), "--home", str(home))
    # The words of the key bar stand in every first screen that can be used, and so does a machine's state.
    return Program("Patchdeck", words, ("enter open", "unreachable  "), step=b"j", to_typing=b"/")


def peers(work: Path, machine_count: int) -> list[Program]:
    """The others, with their files in ``work``: a table of ``machine_count`` rows, a folder of requests."""
    homes = {name: str(work / "peers") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    query = b"select * from machines limit %d" % machine_count
    return [
        Program(
            "harlequin",
            (str(_CACHE / "harlequin/bin/harlequin"), _database(work, machine_count)),
            ("Data Catalog", "fleet"),
            ((query, "limit"), (b"\n", f"({machine_count:,} Records)")),
            to_typing=b"\x1bOQ",  # F2: the editor
            environment=homes,
            cwd=work,
        ),
        Program(
            "posting",
            (str(_CACHE / "posting/bin/posting"), "--collection", _collection(work)),
            ("GET request-1", "Response"),
            to_typing=b"\x0c",  # ctrl+l: the address
            environment=homes,
            cwd=work,
        ),
    ]


def _database(work: Path, count: int) -> str:
    import duckdb

    path = work / "fleet.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            CREATE TABLE machines AS
            SELECT 'web-fra-' || i AS name, 'non-compliant' AS compliance, i % 7 AS critical, i % 13 AS security,
                i % 5 AS others, 'no' AS reboot, 'yes' AS ready, 'Debian GNU/Linux 12' AS os, 'env=prod' AS tags
            FROM range(?) t(i)
            """,
            [count],
        )
    return str(path)


def _collection(work: Path) -> str:
    folder = work / "requests"
    folder.mkdir()
    for number in range(1, _REQUESTS + 1):
        text = f"name: request-{number}\nmethod: GET\nurl: http://127.0.0.1/{number}\n"
        (folder / f"request-{number}.posting.yaml").write_text(text, "utf-8")
    return str(folder)
