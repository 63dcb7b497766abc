"""How much a query may take: rows, time, memory, disk, threads."""

import os
import re
from dataclasses import dataclass

from fleet.errors import BadInput

# Two cores leave room for the app beside a query; more than eight threads gain nothing on tables of this size.
_THREADS = max(1, min(8, os.cpu_count() or 1))


# A saved query or a pasted one; more would only be there to hurt the parser.
MAX_QUERY_CHARACTERS = 100_000

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    ``rows`` and ``seconds`` are None for no limit. ``memory`` and ``spill`` are sizes as DuckDB writes them: what the
    engine may hold at once, and what it may lay aside in its temporary folder.
    """

    rows: int | None = 10_000
    seconds: float | None = 60.0
    memory: str = "1GB"
    threads: int = _THREADS
    spill: str = "4GB"

    @property
    def memory_bytes(self) -> int:
        """``memory`` as a number.

        Raises:
            BadInput: it is not a number with a unit.
        """
        return _bytes("Memory limit", self.memory)

    @property
    def spill_bytes(self) -> int:
        """``spill`` as a number; raises as `memory_bytes`."""
        return _bytes("Disk limit", self.spill)


def _bytes(name: str, size: str) -> int:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT]?i?B)", size.strip(), re.IGNORECASE)
    if not match or match.group(2).upper() not in _UNITS:
        raise BadInput(f"{name} {size!r} is not usable: write for example 512MB or 2GB.")
    return int(float(match.group(1)) * _UNITS[match.group(2).upper()])


NO_LIMITS = Limits(rows=None, seconds=None)
