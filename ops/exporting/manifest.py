"""What a folder of exported tables says of itself: `_patchdeck.json`, and which entries of the folder are ours."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

# Readers of folders, Spark and pyarrow among them, pass over names that begin so.
MANIFEST = "_patchdeck.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """A table in the folder: ``path`` is its file or, if partitioned, its folder, relative to the manifest's.

    Times are ISO 8601; ``since`` and ``until`` are empty where nothing bounded the rows.
    """

    table: str
    format: str
    path: str
    rows: int
    files: int
    partitioned_by: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    made_at: str = ""


def read_manifest(folder: Path) -> tuple[ExportedTable, ...]:
    """What ``folder`` says is in it; nothing where it has no manifest, or one that is not ours."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        if told["format"] != _FORMAT:
            return ()
        return tuple(_read_entry(entry) for entry in told["tables"])
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def write_manifest(folder: Path, tables: Iterable[ExportedTable]) -> None:
    """Write what is in ``folder``."""
    told = {"format": _FORMAT, "tables": [asdict(table) for table in sorted(tables, key=lambda table: table.path)]}
    (folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def _read_entry(entry: Mapping[str, object]) -> ExportedTable:
    given = ExportedTable(**entry)  # type: ignore[arg-type]  # checked below as far as it matters
    is_plain = Path(given.path).name == given.path and not given.path.startswith(".")
    if not is_plain:
        raise ValueError(given.path)
    return given
