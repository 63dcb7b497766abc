"""What readers of lists need of files: a list may name others, and lie in a folder with them."""

from collections.abc import Sequence
from typing import Protocol


class ListFiles(Protocol):
    """Files as readers see them. Paths are texts with slashes, as the list's own path is."""

    def read(self, path: str) -> str:
        """The text of a file.

        Raises:
            BadInput: it cannot be read, is too large, or is no text.
        """
        ...

    def is_folder(self, path: str) -> bool:
        """Whether ``path`` is a folder."""
        ...

    def files_below(self, path: str) -> Sequence[str]:
        """``path`` itself where it is a file, all files below it where it is a folder; none where it is not there.

        What is hidden is left out, and links to folders are followed.

        Raises:
            BadInput: a folder cannot be read, or there are more files than any list has.
        """
        ...

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths of the files that a pattern with ``*``, ``?`` and ``~`` names, by name."""
        ...
