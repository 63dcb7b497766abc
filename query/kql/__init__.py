"""KQL, the language of Update Management's log workspace, translated to DuckDB's SQL."""
