"""Asks duckdb-kql for its SQL: JSON strings in, one a line; its SQL, or null with a reason, out."""

import json
import sys

import duckdb_kql  # type: ignore[import-not-found] # lives in an environment of its own


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        try:
            answer: dict[str, str | None] = {"sql": str(duckdb_kql.to_sql(json.loads(line))), "reason": ""}
        except Exception as error:  # noqa: BLE001 - whatever it cannot do is no answer
            answer = {"sql": None, "reason": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer))


main()
