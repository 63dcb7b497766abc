"""TOML that somebody wrote, or tampered with: parsed by tomllib, with whatever is wrong told with its line."""

import re
import tomllib

from fleet.hostile import clean

_FOUND = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
# tomllib takes memory by the square of a dotted key's length: 100,000 parts are more than a console has.
_LONG_KEY = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){50}""")
_TOO_DEEP = "a key of more than fifty parts is nested too deep"


class NotToml(ValueError):
    """What is wrong, in words without a full stop; ``line`` and ``column`` count from 1, None where unknown."""

    def __init__(self, words: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.line = line
        self.column = column


def load_toml(text: str) -> dict[str, object]:
    """The tables of ``text``.

    Raises:
        NotToml: it is not TOML, or TOML that nobody writes and that would take all memory.
    """
    if long_key := _LONG_KEY.search(text):
        raise NotToml(_TOO_DEEP, text.count("\n", 0, long_key.start()) + 1)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # tomllib of Python 3.11 tells the position in the message only.
        found = _FOUND.fullmatch(str(error))
        message, line, column = found.groups() if found else (str(error), None, None)
        end = len(text.splitlines()) or 1
        raise NotToml(f"not TOML: {clean(message, 200)}", int(line or end), int(column) if column else None) from error
    except RecursionError as error:
        raise NotToml("not TOML that anybody wrote: it is nested too deep") from error
    except ValueError as error:  # a number of more than 4,300 digits, a date such as February 30
        raise NotToml(f"not TOML: {clean(str(error), 200).rstrip('.')}") from error
