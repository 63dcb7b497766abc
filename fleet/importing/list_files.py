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

    def files_in(self, folder: str) -> Sequence[str]:
        """The paths of the files right inside ``folder``, by name; none where there is no such folder."""
        ...

    def files_below(self, path: str) -> Sequence[str]:
        """``path`` itself where it is a file, all files below it where it is a folder; none where it is not there."""
        ...

    def matching(self, pattern: str) -> Sequence[str]:
        """The paths of the files that a pattern with ``*``, ``?`` and ``~`` names, by name."""
        ...
