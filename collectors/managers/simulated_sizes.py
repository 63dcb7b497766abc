"""Sizes as package managers print them for people: ``5.5 k``, ``1.2 MiB``, ``0  B``."""

import re

# dnf 4 and yum 3 count in 1024s and leave the rest out: format_number() of dnf/cli/format.py.
_STEPS = "KMGTPE"
_SIZE = re.compile(r"(?P<number>[0-9]{1,12}(?:\.[0-9]{1,3})?) {0,8}(?P<unit>[A-Za-z]{0,3})")


def parse_size(text: str) -> int | None:
    """The bytes that ``text`` means, as exactly as it says; None where it is no size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    unit = match["unit"].upper().removesuffix("IB").removesuffix("B")
    if unit and unit not in _STEPS:
        return None
    step: int = 1024 ** (_STEPS.index(unit) + 1 if unit else 0)
    return round(float(match["number"]) * step)
