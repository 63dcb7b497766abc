"""The engines whose SQL can be printed, and what is said above it."""

from dataclasses import dataclass
from enum import StrEnum


class Engine(StrEnum):
    """An engine; the value is its dialect's name, sqlglot's too."""

    SPARK = "spark"
    TRINO = "trino"
    SNOWFLAKE = "snowflake"
    BIGQUERY = "bigquery"
    TSQL = "tsql"
    POSTGRES = "postgres"


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What users of an engine are told: its name, how it reaches the tables, what is known of the form."""

    title: str
    reaching: str
    proof: str


_PARSED_ONLY = "Not run on {}: it is only known to parse as that engine's SQL."

FACTS: dict[Engine, EngineFacts] = {
    Engine.SPARK: EngineFacts(
        "Spark 4 SQL",
        "The views of --views read the Delta tables in place. Times are UTC: SET TIME ZONE 'UTC' first.",
        "On PySpark the predefined queries give the rows of Patchdeck (sample data); others were not run.",
    ),
    Engine.TRINO: EngineFacts(
        "Trino",
        "The Delta Lake connector reads the tables in place, once they are registered; --views prints how.",
        _PARSED_ONLY.format("Trino"),
    ),
    Engine.SNOWFLAKE: EngineFacts(
        "Snowflake",
        "Snowflake reads the Delta tables from object storage; --views prints how. Quoted names keep their case.",
        _PARSED_ONLY.format("Snowflake"),
    ),
    Engine.BIGQUERY: EngineFacts(
        "BigQuery",
        "External tables read the Delta tables from Cloud Storage; --views prints how.",
        _PARSED_ONLY.format("BigQuery"),
    ),
    Engine.TSQL: EngineFacts(
        "T-SQL of Fabric, Synapse and SQL Server 2022",
        "OPENROWSET reads the Delta tables in place; --views prints how. The views compare text by its bytes, as here.",
        _PARSED_ONLY.format("SQL Server"),
    ),
    Engine.POSTGRES: EngineFacts(
        "PostgreSQL 15 and newer",
        "PostgreSQL does not read Delta: load the tables of `patchdeck export` into those that --views prints.",
        "On PostgreSQL 15 the predefined queries give the rows of Patchdeck (sample data); others were not run.",
    ),
}
