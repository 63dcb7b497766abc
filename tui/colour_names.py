"""How many colours the environment asks for, in the words that Textual knows."""

from collections.abc import MutableMapping

VARIABLE = "TEXTUAL_COLOR_SYSTEM"
_KNOWN = frozenset({"auto", "standard", "256", "truecolor"})
_OTHER_NAMES = {"8": "standard", "16": "standard", "ansi": "standard", "24bit": "truecolor", "16m": "truecolor"}


def settle_colours(environment: MutableMapping[str, str]) -> None:
    """Names colours as Textual does, before it is imported; a name that says nothing to it would end the app."""
    wanted = environment.get(VARIABLE, "").strip().lower()
    if not wanted:
        return
    name = _OTHER_NAMES.get(wanted, wanted)
    environment[VARIABLE] = name if name in _KNOWN else "auto"
