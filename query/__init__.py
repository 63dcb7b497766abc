"""Questions: DuckDB, locked, over the record tables; predefined queries; results as files. Writes no table."""
