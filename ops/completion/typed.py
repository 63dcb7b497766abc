"""A command line as far as it is typed, split as a shell would, also where a quotation is still open."""

from collections.abc import Sequence

_BLANKS = " \t\n"


def split_line(line: str) -> Sequence[str]:
    """The words of ``line``, without quotes and backslashes; the last one is what is being typed, perhaps empty."""
    words, word, quote, is_open, is_escaped = [], "", "", False, False
    for character in line:
        if is_escaped:
            word, is_escaped = word + character, False
        elif character == "\\" and quote != "'":
            is_escaped = is_open = True
        elif quote:
            quote, word = ("", word) if character == quote else (quote, word + character)
        elif character in "'\"":
            quote, is_open = character, True
        elif character in _BLANKS:
            if word or is_open:
                words.append(word)
            word, is_open = "", False
        else:
            word, is_open = word + character, True
    return [*words, word]
