"""How people write parts of a rule: spans of time, thresholds, parameters of queries."""

import re

from fleet.alerts.rule import Comparison
from fleet.errors import BadInput

_SPAN = re.compile(r"(?:(\d{1,6})\s*d)?\s*(?:(\d{1,6})\s*h)?\s*(?:(\d{1,8})\s*(?:min|m)?)?")
_THRESHOLD = re.compile(r"(>=|<=|==|=|>|<)\s*([-+]?[0-9.eE+_]+)")


def parse_minutes(text: str) -> int:
    """``90``, ``90min``, ``4h``, ``1d 12h``: as minutes.

    Raises:
        BadInput: it is none of these.
    """
    match = _SPAN.fullmatch(text.strip().casefold())
    if match is None or not any(match.groups()):
        raise BadInput(f"{text!r} is no span of time: write 30min, 4h, 1d 12h, or a number of minutes.")
    days, hours, minutes = (int(part or 0) for part in match.groups())
    return (days * 24 + hours) * 60 + minutes


def parse_threshold(text: str) -> tuple[Comparison, float]:
    """``> 10``, ``>=10``, ``< 1``, ``<= 90``, ``= 0``.

    Raises:
        BadInput: it is none of these.
    """
    match = _THRESHOLD.fullmatch(text.strip())
    try:
        if match is not None:
            return Comparison(match[1].replace("==", "=")), float(match[2])
    except ValueError:
        pass
    raise BadInput(f"{text!r} is no threshold: write '> 10', '>= 10', '< 1', '<= 90' or '= 0', in quotes.")


def parse_parameter(text: str) -> tuple[str, str]:
    """``days=30``, a parameter of a query with its value.

    Raises:
        BadInput: it has no name or no equals sign.
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadInput(f"{text!r} is no parameter: write NAME=VALUE.")
    return name.strip().removeprefix("$"), value.strip()
