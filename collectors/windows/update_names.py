"""What Windows updates are called here: by their titles, made unique on their machine, always in the same way."""

from collections import Counter
from collections.abc import Iterable

from collectors.windows.update_classes import plain_id
from fleet.hostile import clean_name

_ID_CHARACTERS = 8


class UpdateNames:
    """Names of updates, by all the (id, title) that one machine knows.

    A title that two updates share, and one of an update without an article (drivers), has the start of the GUID behind
    it.
    """

    def __init__(self, known: Iterable[tuple[str, str]]) -> None:
        each = {(plain_id(update_id), title) for update_id, title in known}
        self._titles = Counter(clean_name(title) for _, title in each)

    def name(self, update_id: str, title: str, kb: tuple[str, ...]) -> str:
        """The name of the update ``update_id``."""
        shown = clean_name(title)
        if kb and shown and self._titles[shown] <= 1:
            return shown
        return long_name(update_id, title)


def long_name(update_id: str, title: str) -> str:
    """The name with the start of the GUID, which is unique whatever else there is."""
    return f"{clean_name(title) or 'update without a title'} [{plain_id(update_id)[:_ID_CHARACTERS]}]"


def article_number(text: str) -> str:
    """An article without ``KB``; some are no numbers."""
    plain = text.strip()
    return plain[2:].strip() if plain[:2].casefold() == "kb" else plain
