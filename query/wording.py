"""Words of errors, kept to one line that can be shown."""

from fleet.hostile import clean

_MESSAGE_CHARACTERS = 300
_NAME_CHARACTERS = 80


def sentence(message: str) -> str:
    """The first line of ``message``, harmless, not too long, with a full stop."""
    lines = message.strip().splitlines()
    shown = clean(lines[0] if lines else "DuckDB gave no reason", _MESSAGE_CHARACTERS)
    return shown if shown.endswith((".", "!", "?", "…")) else shown + "."


def short_name(name: str) -> str:
    """``name`` as it fits into a message."""
    return clean(name, _NAME_CHARACTERS)
