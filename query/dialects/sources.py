"""How each engine reaches a Delta table where it lies: what must be set up once, and what goes into FROM."""

from collections.abc import Mapping
from dataclasses import dataclass

from query.dialects.engines import Engine


@dataclass(frozen=True, slots=True)
class SourceForm:
    """Text with places: {location} of the table, {stored} a name for it, {name} our table's, {partition} its column."""

    table: str
    setup: str = ""
    notes: tuple[str, ...] = ()


SOURCES: Mapping[Engine, SourceForm] = {
    Engine.SPARK: SourceForm(
        "delta.`{location}`",
        notes=("Needs delta-spark (io.delta:delta-spark) in the session. SET TIME ZONE 'UTC' before any query.",),
    ),
    Engine.TRINO: SourceForm(
        "delta.patchdeck.{stored}",
        "CALL delta.system.register_table(\n"
        "  schema_name => 'patchdeck', table_name => '{stored}', table_location => '{location}'\n);",
        (
            "The names of the catalog and its schema are examples. Set delta.register-table-procedure.enabled.",
            "A path of this machine needs fs.native-local.enabled; object storage needs its own settings.",
        ),
    ),
    Engine.SNOWFLAKE: SourceForm(
        '"{stored}"',
        "CREATE ICEBERG TABLE IF NOT EXISTS \"{stored}\"\n  CATALOG = 'patchdeck_delta'\n"
        "  EXTERNAL_VOLUME = 'patchdeck'\n  BASE_LOCATION = '{name}';",
        (
            "First: an external volume over the tables' storage, called as below, and a catalog integration",
            "with CATALOG_SOURCE = OBJECT_STORE and TABLE_FORMAT = DELTA. Refresh with ALTER ICEBERG TABLE … REFRESH.",
        ),
    ),
    Engine.BIGQUERY: SourceForm(
        "patchdeck.{stored}",
        "CREATE EXTERNAL TABLE IF NOT EXISTS patchdeck.{stored}\nWITH CONNECTION `eu.patchdeck`\n"
        "OPTIONS (format = 'DELTA_LAKE', uris = ['{location}']);",
        ("The names of the dataset and of the connection are examples; the tables lie in Cloud Storage.",),
    ),
    Engine.TSQL: SourceForm(
        "OPENROWSET(BULK '{location}', FORMAT = 'DELTA') AS stored",
        notes=(
            "For Synapse serverless and Fabric; run each statement in a batch of its own (GO).",
            "In a Fabric lakehouse the tables are there by name: put it in place of OPENROWSET(…).",
        ),
    ),
    Engine.POSTGRES: SourceForm(
        "",
        notes=(
            "Fill each table from an export of it as CSV, with a header: \\copy \"TABLE\" FROM 'TABLE.csv' CSV HEADER;",
            "and Update from the answer of SELECT * FROM Update, which is a view here.",
        ),
    ),
}

# A stored time, an instant, as UTC without a zone.
TIMES: Mapping[Engine, str] = {
    Engine.SPARK: "{0}",
    Engine.TRINO: "{0} AT TIME ZONE 'UTC'",
    Engine.SNOWFLAKE: "CONVERT_TIMEZONE('UTC', {0})",
    Engine.BIGQUERY: "DATETIME({0}, 'UTC')",
    Engine.TSQL: "{0}",
    Engine.POSTGRES: "{0}",
}
