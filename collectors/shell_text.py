"""Shell scripts made shorter without changing what they do, since every machine is sent one at every assessment."""

_QUOTES = "'\"`"


def shorten(script: str) -> str:
    """``script`` without its comment lines, empty lines and indentation; what stands in quotes is left as it is.

    Here-documents are not known: a script that has one must not be shortened.
    """
    lines: list[str] = []
    quote = ""
    for line in script.splitlines():
        if quote:
            lines.append(line)
        elif (text := line.strip()) and not text.startswith("#"):
            lines.append(line.lstrip())
        else:
            continue
        quote = _quote_after(lines[-1], quote)
    return "\n".join(lines) + "\n"


def _quote_after(line: str, quote: str) -> str:
    """The quote that is open at the end of ``line`` where ``quote`` was at its begin; empty if none is."""
    is_escaped = False
    previous = " "
    for character in line:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character == "#" and previous in " \t;":
            return ""
        elif character in _QUOTES:
            quote = character
        previous = character
    return quote
