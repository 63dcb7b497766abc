"""The tables of a report: each the whole answer to one saved query, all of the same state of the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.reports.request import Period, ReportRequest
from fleet.reports.sections import Given, Section
from fleet.reports.tables import ChartKind, Citation, ReportChart, ReportColumn, ReportTable
from ops.home import Home
from ops.questions import find_query
from ops.reports.commands import query_command
from ops.reports.machines import ChosenMachines

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.library import SavedQuery
    from query.limits import Limits
    from query.results import Result

# More rows than that are no report any more: 100,000 machines.
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks what a report needs. ``now`` is what queries take for now; ``run`` the id of its run, ``*`` for any."""

    home: Home
    engine: "QueryEngine"
    limits: "Limits"
    request: ReportRequest
    chosen: ChosenMachines
    period: Period
    now: datetime
    run: str = "*"

    def ask(self, section: Section) -> ReportTable:
        """The table of ``section``.

        Raises:
            UnknownName, BadInput: the home has a query of its own in the place of a predefined one, which does not fit.
            QueryFailed, QueryTimedOut, QueryCancelled: it did not come to an end.
        """
        saved = find_query(self.home, section.query)
        given = {name.value: self._value(name) for name in section.given}
        try:
            values = saved.values(given)
        except BadInput as error:
            raise BadInput(f"The query {saved.name} of this home ({saved.path}) does not fit: {error}") from error
        result = self.engine.run(saved.text, values, replace(self.limits, rows=MOST_ROWS), language=saved.language)
        return ReportTable(
            key=section.key,
            title=saved.title,
            help=saved.help,
            columns=_columns(saved, result),
            rows=result.rows,
            citation=self._citation(saved, given),
            if_empty=section.if_empty,
            chart=_chart(saved),
            notes=(*result.notes, *_own(saved)),
            is_cut=result.truncated,
        )

    def _value(self, name: Given) -> str:
        match name:
            case Given.MACHINES:
                return self.chosen.parameter
            case Given.SINCE:
                return self.period.since_text
            case Given.UNTIL:
                return self.period.until_text
            case Given.RUN:
                return self.run

    def _citation(self, saved: "SavedQuery", given: Mapping[str, str]) -> Citation:
        typed = {name: value for name, value in given.items() if name != Given.MACHINES}
        defaults = {p.name: str(p.default) for p in saved.parameters if p.name not in given}
        machines = {Given.MACHINES.value: self.chosen.parameter_text} if Given.MACHINES in given else {}
        return Citation(
            command=query_command(saved.name, typed, self.request, self.now),
            name=saved.name,
            parameters=typed | defaults | machines,
            text=saved.text,
            is_own=not saved.is_predefined,
        )


def _own(saved: "SavedQuery") -> tuple[str, ...]:
    """That the answer is not that of the predefined query, where it is so."""
    if saved.is_predefined:
        return ()
    return (f"{saved.title}: answered by this home's own query {saved.name}, in the place of the predefined one.",)


def _columns(saved: "SavedQuery", result: "Result") -> tuple[ReportColumn, ...]:
    told = {column.name: column for column in saved.columns}
    return tuple(
        ReportColumn(c.name, told[c.name].meaning, told[c.name].unit, c.type)
        if c.name in told
        else ReportColumn(c.name, type=c.type)
        for c in result.columns
    )


def _chart(saved: "SavedQuery") -> ReportChart | None:
    if saved.chart is None:
        return None
    kind = ChartKind.BAR if saved.chart.kind == "bar" else ChartKind.LINE
    return ReportChart(kind, saved.chart.x, saved.chart.y)
