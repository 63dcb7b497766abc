"""Files of a list that lie nowhere but in a test."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fleet.errors import BadInput


class ListFolder:
    """`fleet.importing.list_files.ListFiles` over texts by their paths."""

    def __init__(self, **texts: str) -> None:
        self.texts = dict(texts)

    def read(self, path: str) -> str:
        """The text, or the error of a file that is not there."""
        if path not in self.texts:
            raise BadInput(f"Cannot read {path}: No such file or directory.")
        return self.texts[path]

    def is_folder(self, path: str) -> bool:
        """Whether something lies below it."""
        return any(each.startswith(f"{path}/") for each in self.texts)

    def files_below(self, path: str) -> Sequence[str]:
        """Itself, or those below."""
        return sorted(each for each in self.texts if each == path or each.startswith(f"{path}/"))

    def matching(self, pattern: str) -> Sequence[str]:
        """Those that fit."""
        return sorted(each for each in self.texts if fnmatchcase(each, pattern))
