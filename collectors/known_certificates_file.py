"""The home's file of accepted certificates: lines ``HOST:PORT SHA256:FINGERPRINT``, one for each place."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from collectors.known_hosts_file import lines_of, only_writer
from collectors.whole_files import write_whole

_FINGERPRINT = re.compile(r"SHA256:[0-9A-F]{64}")


def certificate_place(host: str, port: int) -> str:
    """``host:port`` in small letters, the address of IPv6 in brackets: what the file calls a place."""
    return f"[{host.lower()}]:{port}" if ":" in host else f"{host.lower()}:{port}"


class AcceptedCertificates:
    """The certificates that the file at a path held when this was made; lines that cannot be read are none.

    Raises:
        OSError: it is there and cannot be read.
    """

    def __init__(self, path: Path) -> None:
        entries = (entry for line in lines_of(path) if (entry := _parse(line)) is not None)
        self._by_place: dict[str, str] = dict(entries)

    def of(self, place: str) -> str | None:
        """The fingerprint ``SHA256:…`` that is trusted at ``place``, None where none is; the last line counts."""
        return self._by_place.get(place)

    def places_with(self, fingerprint: str) -> tuple[str, ...]:
        """The places at which ``fingerprint`` is trusted, as they stand in the file."""
        return tuple(place for place, known in self._by_place.items() if known == fingerprint)


def replace_certificates(path: Path, fingerprints_by_place: Mapping[str, str]) -> None:
    """Write each place's fingerprint into ``path`` as the only one that it has there; everything else stays as it is.

    The file is replaced as a whole. Of two writers at once the second waits, and finds what the first wrote.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    _rewrite(path, fingerprints_by_place, [f"{place} {known}" for place, known in fingerprints_by_place.items()])


def forget_certificates(path: Path, places: Collection[str]) -> None:
    """Take the certificates of ``places`` out of ``path``: from then on authorities alone vouch for them.

    Raises:
        OSError: it cannot be read or written; the old content stands.
    """
    _rewrite(path, places, [])


def _rewrite(path: Path, places: Collection[str], new: list[str]) -> None:
    with only_writer(path.parent):
        lines = lines_of(path)
        kept = [line for line in lines if (entry := _parse(line)) is None or entry[0] not in places]
        if [*kept, *new] != lines:
            write_whole(path, "".join(f"{line}\n" for line in [*kept, *new]), is_shared=True)


def _parse(line: str) -> tuple[str, str] | None:
    """The place and the fingerprint in ``line``; None in a comment, and where a line is no such thing."""
    words = line.split()
    if len(words) != 2 or line.startswith("#") or not _FINGERPRINT.fullmatch(words[1]):
        return None
    return words[0].lower(), words[1]
