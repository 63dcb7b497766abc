"""The formats of feeds: which there are, and which one a document is in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from fleet.cves import CveRecord, Fix
from fleet.errors import BadInput, FeedUnusable, nearest_name
from ops.feeds.csaf import Csaf
from ops.feeds.debian_tracker import DebianTracker
from ops.feeds.documents import Document, open_documents
from ops.feeds.kev import Kev
from ops.feeds.osv import Osv
from ops.feeds.oval import Oval
from ops.feeds.secdb import Secdb
from ops.feeds.ubuntu_tracker import UbuntuTracker

# A folder may begin with a few files that are no feed.
_DOCUMENTS_TRIED = 20


class FeedFormat(Protocol):
    """One format. Adding one is a file here and a line in `FORMATS`."""

    @property
    def kind(self) -> str:
        """Its name, as `--kind` takes it."""
        ...

    @property
    def meaning(self) -> str:
        """What it is, in a few words."""
        ...

    @property
    def speaks_of_exploitation(self) -> bool:
        """Whether a CVE that it does not name is, by its word, not known to be exploited."""
        ...

    def fits(self, head: bytes) -> bool:
        """Whether a document that begins with ``head`` is in this format."""
        ...

    def read(self, document: Document) -> Iterator[CveRecord | Fix]:
        """What the document says, in any order; of one CVE it may speak several times.

        Raises:
            FeedUnusable: it is not shaped as the format has it.
        """
        ...


# The first one that fits is taken: those with the surest signs come first.
FORMATS: tuple[FeedFormat, ...] = (Kev(), Csaf(), Secdb(), Oval(), Osv(), UbuntuTracker(), DebianTracker())


def find_format(kind: str) -> FeedFormat:
    """The format called ``kind``.

    Raises:
        BadInput: none is.
    """
    known = {each.kind: each for each in FORMATS}
    if kind not in known:
        near = nearest_name(kind, known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise BadInput(f"There is no kind of feed {kind!r}: {', '.join(known)}.{hint}")
    return known[kind]


def detect_format(path: Path) -> FeedFormat:
    """The format of the feed at ``path``, by the first of its documents that is in any.

    Raises:
        FeedUnusable: none of the first documents is in a known format, or they cannot be read.
    """
    for number, document in enumerate(open_documents(path)):
        head = document.stream.peek()
        found = next((each for each in FORMATS if each.fits(head)), None)
        if found is not None:
            return found
        if number >= _DOCUMENTS_TRIED:
            break
    kinds = ", ".join(each.kind for each in FORMATS)
    raise FeedUnusable(f"{path.name} is in no known format. Known are: {kinds}.")
