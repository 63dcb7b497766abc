"""Results of readiness checks for people: one machine after the other, each with its evidence and remedy."""

import textwrap
from collections.abc import Iterator, Sequence

from fleet.hostile import clean
from fleet.readiness import CheckResult, CheckStatus
from ops.checks import MachineChecks
from ops.cli.values import count_of

_STATUS_WIDTH = max(len(status.value) for status in CheckStatus)
_TITLE_WIDTH = 27
_INDENT = " " * (2 + _STATUS_WIDTH + 2)


def check_lines(checked: Sequence[MachineChecks], *, width: int | None) -> Iterator[str]:
    """The results as text, wrapped at ``width`` cells. Of several machines, only what did not pass."""
    for each in checked:
        shown = [result for result in each.results if len(checked) == 1 or _needs_a_look(result)]
        if not shown:
            continue
        yield clean(each.machine.name)
        for alike in _group_unknown(shown):
            yield from _lines(alike, width)


def _needs_a_look(result: CheckResult) -> bool:
    return result.verdict.status in (CheckStatus.FAILED, CheckStatus.UNKNOWN)


def _group_unknown(results: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """Each result alone, but those unknown for one and the same reason together, where the first of them is."""
    groups: dict[str, list[CheckResult]] = {}
    for result in results:
        is_unknown = result.verdict.status is CheckStatus.UNKNOWN
        groups.setdefault(result.verdict.evidence if is_unknown else result.check.name, []).append(result)
    return list(groups.values())


def _lines(alike: Sequence[CheckResult], width: int | None) -> Iterator[str]:
    result, verdict = alike[0], alike[0].verdict
    title = result.check.title if len(alike) == 1 else count_of(len(alike), "check")
    title += " (warning)" if result.is_warning else ""
    head = f"  {verdict.status.value:<{_STATUS_WIDTH}}  {title:<{_TITLE_WIDTH}}"
    yield from _wrap(f"{head}  {clean(verdict.evidence)}", width)
    if verdict.remedy and verdict.status is not CheckStatus.PASSED:
        yield from _wrap(f"{_INDENT}To do: {clean(verdict.remedy)}", width)


def _wrap(line: str, width: int | None) -> Sequence[str]:
    if width is None or len(line) <= width:
        return [line]
    # At the width of a title a narrow terminal would have no room left for words.
    return textwrap.wrap(line, max(width, 40), subsequent_indent=_INDENT, drop_whitespace=True, break_on_hyphens=False)
