"""What a report is made of beside the blocks of a change record. Texts are raw: each writer escapes them."""

from collections.abc import Iterable
from dataclasses import dataclass

from fleet.deployments.change_record_blocks import Block
from fleet.reports.tables import ReportChart, ReportTable


@dataclass(frozen=True, slots=True)
class Figures:
    """A table with columns of numbers, of which at most so many rows are shown."""

    table: ReportTable
    shown_rows: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart of a table."""

    table: ReportTable
    chart: ReportChart


@dataclass(frozen=True, slots=True)
class Command:
    """A sentence that ends in a command."""

    words: str
    command: str


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page, where there are pages."""


ReportBlock = Block | Figures | Drawing | Command | NewPage
Blocks = Iterable[ReportBlock]
