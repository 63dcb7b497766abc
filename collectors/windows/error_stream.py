"""What PowerShell printed as errors: plain, or in the XML that it writes where nobody sits before it (``CLIXML``)."""

import re
from html import unescape

from fleet.hostile import decode

_HEAD = "#< CLIXML"
_ERROR = re.compile(r'<S S="Error">([^<]*)</S>')
# What XML cannot hold or would lose: _x000D__x000A_ is the end of a line.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_errors(stderr: bytes) -> str:
    """The words of the errors; empty where there is nothing but progress and other talk."""
    text = decode(stderr)
    if _HEAD not in text:
        return text.strip()
    plain, _, rest = text.partition(_HEAD)
    words = "".join(unescape(found) for found in _ERROR.findall(rest))
    units = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), words)
    # Units of UTF-16: two of them may be one character, and one alone is none.
    return (plain + units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")).strip()
