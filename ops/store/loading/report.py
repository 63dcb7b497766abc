"""What became of the rows of a load."""

from dataclasses import dataclass, field
from pathlib import Path

from fleet.errors import BadInput
from ops.store.loading.files import BadLine

# Who has more bad rows than these has one mistake many times.
_MOST_KEPT = 100


@dataclass(slots=True)
class FileReport:
    """The rows of one file: taken, known already, and refused, of which the first are kept with their reasons."""

    path: Path
    taken: int = 0
    known: int = 0
    refused: int = 0
    bad: list[BadLine] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All that the file holds."""
        return self.taken + self.known + self.refused

    def refuse(self, line: BadLine) -> None:
        """Note that ``line`` cannot be taken."""
        self.refused += 1
        if len(self.bad) < _MOST_KEPT:
            self.bad.append(line)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """A load into ``table``; ``aside`` is the file with what its columns do not hold, None without such."""

    table: str
    files: tuple[FileReport, ...]
    aside: Path | None = None


class RowsRefused(BadInput):
    """Rows cannot be taken, and nothing was loaded; ``report`` says which."""

    def __init__(self, report: LoadReport) -> None:
        self.report = report
        refused = sum(file.refused for file in report.files)
        first = next(file for file in report.files if file.bad)
        rows = "1 row" if refused == 1 else f"{refused:,} rows"
        super().__init__(
            f"Nothing was loaded: {rows} cannot be taken, the first in {first.path}, line {first.bad[0].line}: "
            f"{first.bad[0].why}. With --skip-bad the others are loaded."
        )
