"""What rpm-ostree and bootc both speak of: images that are booted, staged, or waiting to be fetched."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.facts import UpdateModel

_SHOWN_DIGITS = 12
_LATEST = 32_503_680_000  # the year 3000


@dataclass(frozen=True, slots=True)
class Image:
    """One image. ``source`` is the ref or image that it is of, ``digest`` a commit or a digest."""

    source: str
    version: str
    digest: str
    made_at: datetime | None = None

    def describe(self, other: "Image | None" = None) -> str:
        """Its version; with the digest where ``other`` bears the same version, as images without labels do."""
        short = self.digest.rpartition(":")[2][:_SHOWN_DIGITS]
        if not self.version:
            return short
        return f"{self.version} ({short})" if other is not None and other.version == self.version else self.version


@dataclass(frozen=True, slots=True)
class ImageAdvisory:
    """An advisory of the packages in an image. ``kind`` and ``severity`` are in words, empty where not known."""

    name: str
    kind: str
    severity: str
    cves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImageState:
    """An immutable system. ``next`` is what the next boot takes where that is not ``booted``.

    ``transaction`` names what its tool is doing at this moment, empty if nothing.
    ``available`` is a newer image that the last check found and that is not staged; ``is_checked`` is whether that
    check left anything to read. ``advisories`` is None where nothing tells what the newer image mends.
    """

    model: UpdateModel
    booted: Image
    next: Image | None = None
    is_staged: bool = False
    available: Image | None = None
    is_checked: bool = False
    advisories: tuple[ImageAdvisory, ...] | None = None
    size_bytes: int | None = None
    layered: tuple[str, ...] = ()
    driver: str = ""
    is_incompatible: bool = False
    transaction: str = ""


def read_seconds(seconds: int | None) -> datetime | None:
    """A number of seconds since 1970 as a time; None where it is none that can be."""
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < _LATEST else None
