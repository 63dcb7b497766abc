"""What may stand at the place of the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A word that may stand there, and what it means in one line; empty where it says itself."""

    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Offers:
    """The words that begin as what is typed; or ``are_files``: any file may stand there, which shells know best."""

    words: Sequence[Offer] = ()
    are_files: bool = False
