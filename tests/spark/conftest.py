"""PySpark over the sample store: Java and pyspark are extras, so these tests say where they are missing.

delta-spark's jars come from Maven alone; what it would read, the files of a table's version, Spark reads as Parquet.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deltalake import DeltaTable

from fleet.tables import TABLES
from query.dialects.engines import Engine
from query.dialects.views import StoredTable, type_of, view_statements

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SAMPLE = Path(__file__).parents[2] / "sample-data"

# A row as Spark gives it; its types are what is looked at.
AskSpark = Callable[[str], tuple[list[str], list[tuple[Any, ...]]]]


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """A session in UTC with our views over the sample store."""
    if shutil.which("java") is None:
        pytest.skip("needs Java: make test-spark installs it where it may")
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark: pip install -e '.[spark]', or make test-spark")
    folder = tmp_path_factory.mktemp("spark")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.warehouse.dir", str(folder))
        # Each query runs once: compiling its code well would take longer than running it.
        .config(
            "spark.driver.extraJavaOptions",
            f"-Duser.timezone=UTC -Dderby.system.home={folder} -XX:TieredStopAtLevel=1",
        )
        .getOrCreate()
    )
    _make_views(session)
    yield session
    session.stop()


@pytest.fixture(scope="session")
def ask_spark(spark: "SparkSession") -> AskSpark:
    """Answers of Spark: names and rows."""

    def ask(text: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        answer = spark.sql(text)
        return answer.columns, [tuple(row) for row in answer.collect()]

    return ask


def _make_views(session: "SparkSession") -> None:
    """The views as --views prints them, with the files of each table in the place of delta.`…`."""
    stored = {}
    for table in TABLES:
        path = SAMPLE / "tables" / table.name
        delta = DeltaTable(path)
        files = delta.file_uris()
        columns = [field.name for field in delta.schema().fields]
        stored[table.name] = StoredTable(table.name, str(path) if files else "", columns)
        if files:
            # As Delta does it: the log says which columns there are, and files may lack some.
            schema = ", ".join(f"`{c.name}` {type_of(Engine.SPARK, c)}" for c in table.columns)
            reader = session.read.option("basePath", str(path)).schema(schema)
            reader.parquet(*files).createOrReplaceTempView(f"files_{table.name}")
    text = view_statements(Engine.SPARK, stored)
    for table in TABLES:
        text = text.replace(f"delta.`{SAMPLE / 'tables' / table.name}`", f"files_{table.name}")
    for statement in text.split(";\n"):
        body = "\n".join(line for line in statement.splitlines() if not line.startswith("--")).strip()
        if body:
            session.sql(body)
