"""A report that was made: what it is of, what it says first, and its tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.deployments.change_record_blocks import Block
from fleet.errors import UnknownName
from fleet.reports.kinds import ReportKind
from fleet.reports.sections import MAIN_SECTIONS
from fleet.reports.tables import ReportTable


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Args:
        title: its heading.
        facts: what it is of, and what it rests on: names and values, in order.
        summary: what it comes to, a sentence each, with denominators.
        tables: in order.
        record: the change record of the one run that it is of; otherwise none.
        notes: what is not known, a sentence each.
    """

    kind: ReportKind
    title: str
    facts: tuple[tuple[str, str], ...]
    summary: tuple[str, ...]
    tables: tuple[ReportTable, ...]
    record: Sequence[Block] = ()
    notes: tuple[str, ...] = ()

    def table(self, key: str = "") -> ReportTable:
        """The table called ``key``; without one, that of the detail.

        Raises:
            UnknownName: there is none.
        """
        wanted = key or MAIN_SECTIONS[self.kind]
        for table in self.tables:
            if table.key == wanted:
                return table
        raise UnknownName("table", wanted, [table.key for table in self.tables])
