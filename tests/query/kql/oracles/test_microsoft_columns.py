"""Names, order and types of columns are those that Microsoft's binder finds.

Development only, as test_microsoft_parser.py is.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from query.kql.bound import Schema
from query.kql.translate import translate
from query.kql.types import KqlType

HERE = Path(__file__).parent
CACHES = (
    Path(os.environ.get("PATCHDECK_ORACLES", "~/.cache/patchdeck-oracles")).expanduser(),
    Path(__file__).parents[4] / ".cache" / "kql-oracles",
)
CACHE = next((folder for folder in CACHES if (folder / "node_modules" / "@kusto").is_dir()), None)
NODE = shutil.which("node")
QUERIES = (HERE.parent / "varied-queries.kql").read_text("utf-8").strip().split("\n---\n")

TABLES = {
    "L": (("k", KqlType.STRING), ("a", KqlType.LONG), ("b", KqlType.STRING)),
    "R": (
        *(("k", KqlType.STRING), ("a", KqlType.REAL), ("c", KqlType.DATETIME), ("k1", KqlType.INT)),
        ("d", KqlType.DYNAMIC),
    ),
}


@pytest.mark.skipif(NODE is None or CACHE is None, reason="Microsoft's parser is not installed: make test-kql-oracles")
def test_columns_are_those_that_microsofts_binder_finds(tmp_path: Path) -> None:
    """Default names, suffixes, the columns of joins and unions, types of results."""
    tables = tmp_path / "tables.json"
    tables.write_text(json.dumps({name: [(c, t.value) for c, t in columns] for name, columns in TABLES.items()}))

    answer = subprocess.run(
        [str(NODE), str(HERE / "microsoft_columns.js"), str(CACHE), str(tables)],
        input="\n".join(json.dumps(query) for query in QUERIES),
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip

    theirs = dict(zip(QUERIES, map(json.loads, answer.stdout.splitlines()), strict=True))
    schema = Schema(TABLES, {})
    ours = {query: [[c.name, c.type.value] for c in translate(query, schema).columns] for query in QUERIES}
    assert ours == theirs
