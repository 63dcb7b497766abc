"""The same questions over the same fleet, stored in other ways: whole snapshots in Parquet, and rows in SQLite."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from bench.fleet_year import FleetYear
from query.engine import QueryEngine

_COLUMNS = "SourceComputerId, Computer, Product, ProductArch, Classification, UpdateState, TimeGenerated"
_NEEDED = "SELECT Classification, count(*) FROM {} WHERE UpdateState = 'Needed' GROUP BY Classification"
_INSTALLED = "SELECT count(*), count(DISTINCT Computer) FROM {} WHERE UpdateState = 'Installed' AND TimeGenerated > {}"
_OF_ONE = "SELECT Product, UpdateState, TimeGenerated FROM {} WHERE Computer = 'm00001' ORDER BY TimeGenerated"


def compare_stores(
    engine: QueryEngine, year: FleetYear, work: Path, fastest_ms: Callable[[Callable[[], object]], float]
) -> Iterator[str]:
    """A table of the questions, in milliseconds for each store, and of their sizes."""
    snapshots, rows = work / "snapshots", work / "rows.sqlite"
    with duckdb.connect() as plain, sqlite3.connect(rows) as lite:
        _write_snapshots(plain, year, work / "home/tables", snapshots)
        _write_sqlite(plain, lite, work / "home/tables")
        whole = f"read_parquet('{snapshots}/*/*.parquet', hive_partitioning = true)"
        latest = f"(SELECT *, 'Needed' AS UpdateState FROM {whole} WHERE Day = (SELECT max(Day) FROM {whole}))"
        installed = (
            "SELECT count(*), count(DISTINCT Computer) FROM (SELECT Computer, Product, max(Day) AS last FROM "
            f"{whole} WHERE Day > DATE '{year.now:%Y-%m-%d}' - 31 GROUP BY ALL) WHERE last < DATE '{year.now:%Y-%m-%d}'"
        )
        month = f"datetime('{year.now:%Y-%m-%d %H:%M:%S}', '-30 days')"
        asked = {
            "needed now, by class": (
                _NEEDED.format("Update"), _NEEDED.format(latest), _NEEDED.format("updates"),
            ),
            "installed in 30 days": (
                _INSTALLED.format("UpdateHistory", "now() - INTERVAL 30 DAY"),
                installed,
                _INSTALLED.format("history", month),
            ),
            "history of one machine": (
                _OF_ONE.format("UpdateHistory"),
                f"SELECT Product, min(Day), max(Day) FROM {whole} WHERE Computer = 'm00001' GROUP BY Product",
                _OF_ONE.format("history"),
            ),
        }  # fmt: skip
        yield "| question | ms | over daily snapshots | ratio | over SQLite | ratio |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for title, (ours, theirs, in_rows) in asked.items():
            ms = fastest_ms(lambda ours=ours: engine.run(ours))  # type: ignore[misc]
            slow = fastest_ms(lambda theirs=theirs: plain.execute(theirs).fetchall())  # type: ignore[misc]
            row = fastest_ms(lambda in_rows=in_rows: lite.execute(in_rows).fetchall())  # type: ignore[misc]
            yield f"| {title} | {ms:.0f} | {slow:.0f} | {slow / ms:.1f} | {row:.0f} | {row / ms:.1f} |"
    ours_mb = sum(_megabytes(work / "home/tables" / name) for name in ("Update", "UpdateHistory"))
    yield f"| MB | {ours_mb:.0f} | {_megabytes(snapshots):.0f} | | {rows.stat().st_size / 1e6:.0f} | |"


def _write_snapshots(connection: duckdb.DuckDBPyConnection, year: FleetYear, tables: Path, target: Path) -> None:
    """One snapshot a day of what was needed: the change-only history, replayed."""
    connection.execute(f"""
        COPY (
            SELECT md5(m::VARCHAR) AS SourceComputerId, 'm' || lpad(m::VARCHAR, 5, '0') AS Computer,
                'package-' || p AS Product, 'amd64' AS ProductArch, Classification, Day
            FROM (
                SELECT substr(Computer, 2)::INTEGER AS m, substr(Product, 9)::INTEGER AS p, Classification, UpdateState,
                    CAST(TimeGenerated AS DATE) AS first,
                    coalesce(
                        lead(CAST(TimeGenerated AS DATE)) OVER (PARTITION BY Computer, Product ORDER BY TimeGenerated),
                        DATE '{year.now:%Y-%m-%d}' + 1
                    ) AS last
                FROM read_parquet('{tables}/UpdateHistory/*/*.parquet')
            ), LATERAL (SELECT CAST(unnest(range(first, last, INTERVAL 1 DAY)) AS DATE) AS Day)
            WHERE UpdateState = 'Needed'
            ORDER BY Computer
        ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (Day))""")


def _write_sqlite(connection: duckdb.DuckDBPyConnection, lite: sqlite3.Connection, tables: Path) -> None:
    for name, files in (("updates", "Update/*.parquet"), ("history", "UpdateHistory/*/*.parquet")):
        lite.execute(f"CREATE TABLE {name} ({_COLUMNS})")
        rows = connection.execute(
            f"SELECT * REPLACE (strftime(TimeGenerated, '%Y-%m-%d %H:%M:%S') AS TimeGenerated) FROM "
            f"(SELECT {_COLUMNS} FROM read_parquet('{tables}/{files}'))"
        )
        while batch := rows.fetchmany(50_000):
            lite.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?, ?, ?)", batch)
        lite.execute(f"CREATE INDEX {name}_of_machine ON {name} (Computer)")
        lite.execute(f"CREATE INDEX {name}_by_time ON {name} (UpdateState, TimeGenerated)")
    lite.commit()


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1e6
