"""Text for Textual's own widgets: cleaned, and never read as markup."""

from textual.content import Content

from fleet.hostile import clean


def plain(text: str) -> Content:
    """``text`` as content that shows exactly its characters, steering characters as U+FFFD."""
    return Content(clean(text))


def plain_lines(text: str) -> Content:
    """`plain`, but line breaks stay line breaks."""
    return Content("\n".join(clean(line) for line in text.splitlines()))
