"""Numbers on the edge of a chart: short, and round where a scale has them."""

import math


def short_number(value: float) -> str:
    """``value`` in few characters: 1,234 · 12.3k · 4.5M."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            size = value / (limit if unit != "k" else 1e3)
            return f"{size:.3g}{unit}"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.3g}"


def nice_top(value: float) -> float:
    """The round number at or above ``value``: 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9))


def bounds(values: list[float]) -> tuple[float, float]:
    """The lowest and highest number of a scale for ``values``; zero belongs to it unless all lie far from it."""
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if low < 0:
        return -nice_top(-low), nice_top(high) if high > 0 else 0.0
    return 0.0, nice_top(high)
