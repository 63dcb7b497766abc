"""Where tables lie: in a folder of this machine, or under a URL of an object store. The one type that knows which."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from deltalake import DeltaTable

# After a request that failed: two more, as long as not more time than one request may take has passed.
_RETRIES = 2


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """How an object store is reached; what is secret in it is never part of its text.

    ``options`` are the names and values that the store libraries know, as in ``AWS_REGION``. ``owner`` is the id of the
    home whose tables they are, empty where nothing is to be written.
    """

    options: tuple[tuple[str, str], ...] = field(repr=False)
    endpoint: str = ""
    allow_http: bool = False
    request_seconds: float = 15.0
    connections: int = 8
    owner: str = ""

    def for_deltalake(self) -> dict[str, str]:
        """The options as deltalake takes them, with a deadline for each request."""
        seconds = f"{self.request_seconds:g}s"
        return {
            **dict(self.options),
            "allow_http": str(self.allow_http).lower(),
            "timeout": seconds,
            "connect_timeout": seconds,
            "max_retries": str(_RETRIES),
            "retry_timeout": seconds,
        }

    def for_polars(self) -> dict[str, str | int]:
        """The same as Polars takes them, which has retries of its own around the store's."""
        kept = {name: value for name, value in self.for_deltalake().items() if name != "retry_timeout"}
        return {**kept, "max_retries": 1}

    @property
    def retries(self) -> int:
        """How often a request is sent again."""
        return _RETRIES


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of Delta tables, or one of them: `str` gives its path or its URL. Without ``access`` it is local."""

    where: str
    access: ObjectAccess | None = None

    def __truediv__(self, name: str) -> "Place":
        return Place(f"{self.where}/{name}", self.access)

    def __str__(self) -> str:
        return self.where

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return self.access is None

    @property
    def path(self) -> Path:
        """The folder of a local place."""
        return Path(self.where)

    @property
    def target(self) -> Path | str:
        """What deltalake takes for it."""
        return self.where if self.access else self.path

    def open(self) -> "DeltaTable | None":
        """The newest version of the table here; None where there is none. Blocking.

        Raises:
            DeltaError, OSError: it cannot be read.
        """
        from deltalake import DeltaTable
        from deltalake.exceptions import TableNotFoundError

        if self.access is None:
            return DeltaTable(self.path) if DeltaTable.is_deltatable(self.where) else None
        try:
            return DeltaTable(self.where, storage_options=self.access.for_deltalake())
        except TableNotFoundError:
            return None


def place_of(given: Path | Place) -> Place:
    """``given`` as a place: a path is a folder of this machine."""
    return given if isinstance(given, Place) else Place(str(given))


def files_of(opened: "DeltaTable") -> list[str]:
    """The paths or URLs of the files of a version, as they are: deltalake gives them as parts of URLs."""
    return [unquote(uri) for uri in opened.file_uris()]
