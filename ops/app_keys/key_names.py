"""Keys by name, as config.toml and the app write them: ``ctrl+g``, ``f7``, ``G``, ``/``."""

import re

from fleet.errors import BadInput

# By the sign that people write; the name is the app's (Textual's, of the Unicode name).
_SIGNS = {
    "/": "slash",
    "\\": "backslash",
    ":": "colon",
    ";": "semicolon",
    "?": "question_mark",
    "!": "exclamation_mark",
    "@": "at",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    '"': "quotation_mark",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
_BY_NAME = {name: sign for sign, name in _SIGNS.items()}
_SHOWN = {"escape": "esc", "ctrl+@": "ctrl+space"}
_NAMED = frozenset(
    ["up", "down", "left", "right", "home", "end", "pageup", "pagedown", "insert", "delete"]
    + ["enter", "tab", "space", "backspace", "escape"]
    + [f"f{number}" for number in range(1, 25)]
)
# What a terminal sends for them is what it sends for another key, so that nobody could tell them apart.
_SAME_AS = {
    "ctrl+m": "enter",
    "ctrl+j": "enter",
    "ctrl+i": "tab",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}
_KEY = re.compile(r"((?:(?:ctrl|alt|shift|super)\+)*)(.+)", re.DOTALL)


def read_key(text: str) -> str:
    """The app's name of the key that people call ``text``.

    Raises:
        BadInput: there is no such key, or terminals send another one for it.
    """
    found = _KEY.fullmatch(text.strip())
    modifiers, base = (found[1], found[2]) if found else ("", "")
    named = {"esc": "escape", "del": "delete"}.get(base, _SIGNS.get(base, base))
    is_letter = len(named) == 1 and named.isprintable() and not named.isspace()
    if not (is_letter or named in _NAMED or named in _BY_NAME):
        raise BadInput(f"there is no key {text!r}; keys are called as in ctrl+g, f7, G, /, pageup")
    if is_letter and modifiers and named.isalpha():
        named = named.lower()
    if modifiers == "shift+" and is_letter:
        raise BadInput(f"{text}: write a capital letter in the place of shift")
    key = "ctrl+@" if modifiers + named == "ctrl+space" else modifiers + named
    if key in _SAME_AS:
        raise BadInput(f"terminals send {_SAME_AS[key]} for {text}: choose another key")
    if key == "escape":
        raise BadInput("esc always leads out: it cannot be given to anything else")
    return key


def show_key(key: str) -> str:
    """What the app's ``key`` is called on the screen and in the documentation."""
    modifiers, _, base = key.rpartition("+")
    if key in _SHOWN or not base:
        return _SHOWN.get(key, key)
    shown = _BY_NAME.get(base, _SHOWN.get(base, base))
    return f"{modifiers}+{shown}" if modifiers else shown
