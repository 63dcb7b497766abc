"""The catalogue and the generated pages say what is so."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from fleet.tables import TABLES
from query.engine import QueryEngine

DOCS = Path(__file__).parents[2] / "docs"


def test_catalogue_is_what_queries_see(engine: QueryEngine) -> None:
    """Every table, its columns in order with their types, each with a meaning."""
    catalogue = engine.catalogue()

    assert [table.name for table in catalogue] == [table.name for table in TABLES]
    for table in catalogue:
        seen = engine.run(f"SELECT * FROM {table.name}").columns
        assert [(column.name, column.type) for column in table.columns] == [(c.name, c.type) for c in seen]
        assert table.meaning
        assert all(column.meaning for column in table.columns)


@pytest.mark.parametrize("script", ["make_tables.py", "make_queries.py"])
def test_generated_page_is_up_to_date(script: str) -> None:
    """Run `python docs/make_all.py` when this fails."""
    module = load(DOCS / script)

    assert module.PAGE.read_text("utf-8") == module.make()


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
