"""How DuckDB's functions are said in each engine; what is in none of these files is refused."""

from query.dialects.functions.handler import Handler

__all__ = ["Handler"]
