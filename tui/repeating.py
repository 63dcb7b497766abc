"""How often something starts, from words: ``daily``, ``tue thu``, ``2nd tue``, or a rule of RFC 5545."""

import re

_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_PLACES = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "last": -1, "first": 1, "second": 2, "third": 3, "fourth": 4}
_NTH = re.compile(rf"({'|'.join(_PLACES)}) ({'|'.join(_DAYS)})[a-z]*")
_WEEKLY = re.compile(rf"(?:every |weekly )?((?:{'|'.join(_DAYS)})[a-z]*(?:[ ,]+(?:{'|'.join(_DAYS)})[a-z]*)*)")
_RULES = {
    "daily": "FREQ=DAILY",
    "weekly": "FREQ=WEEKLY",
    "monthly": "FREQ=MONTHLY",
    "patch tuesday": "FREQ=MONTHLY;BYDAY=2TU",
}


def read_rule(text: str) -> str:
    """The RFC 5545 rule of ``daily``, ``weekly``, ``tue thu``, ``2nd tue``, ``last fri``; any other text stays.

    Empty and ``once`` are no rule.
    """
    words = " ".join(text.casefold().split())
    if words in ("", "once"):
        return ""
    if nth := _NTH.fullmatch(words):
        return f"FREQ=MONTHLY;BYDAY={_PLACES[nth[1]]}{nth[2].upper()}"
    if words in _RULES:
        return _RULES[words]
    if weekly := _WEEKLY.fullmatch(words):
        days = [day[:2].upper() for day in re.split("[ ,]+", weekly[1])]
        return f"FREQ=WEEKLY;BYDAY={','.join(days)}"
    return text.strip()
