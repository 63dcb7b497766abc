"""Places in the text of a query, from DuckDB's byte offsets."""

from fleet.errors import Position

# DuckDB's "nowhere": the largest 64-bit number.
_NOWHERE = 2**64 - 1


def position_at(text: str, byte_offset: int) -> Position | None:
    """The line and column of ``byte_offset`` in ``text`` as UTF-8; None where it lies outside."""
    encoded = text.encode()
    if byte_offset == _NOWHERE or not 0 <= byte_offset <= len(encoded):
        return None
    before = encoded[:byte_offset].decode(errors="ignore")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Position(line, column, text.split("\n")[line - 1].rstrip("\r"))
