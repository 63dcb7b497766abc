"""Shares as block characters: a series in one line, and a bar. Pure."""

from collections.abc import Iterable

# None at all has no block: what is not known is a gap, so 0 % is the lowest one.
_BLOCKS = "▁▂▃▄▅▆▇█"
GAP = " "
# The eighths of a cell from the left.
_PARTS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


def sparkline(percents: Iterable[float | None]) -> str:
    """One character for each of ``percents``, from 0 to 100 always; a gap where it is None."""
    return "".join(GAP if each is None else _BLOCKS[_step(each)] for each in percents)


def _step(percent: float) -> int:
    return min(len(_BLOCKS) - 1, max(0, int(percent * len(_BLOCKS) / 100)))


def bar(percent: float, cells: int) -> str:
    """A bar for ``percent`` of ``cells`` character cells, in eighths of a cell; more than nothing is at least one."""
    eighths = max(1 if percent > 0 else 0, min(cells * 8, int(percent * cells * 8 / 100)))
    return "█" * (eighths // 8) + _PARTS[eighths % 8]
