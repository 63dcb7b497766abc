"""Candidates: machines that were found, or that introduced themselves, and that nobody has enrolled yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from fleet.machines import OSType
from fleet.winrm import WinrmScheme


class CandidateOrigin(StrEnum):
    """How a candidate became known."""

    PROBE = "probe"
    SOURCE = "source"
    TOKEN = "token"  # noqa: S105 the word, not one


class CandidateState(StrEnum):
    """What was decided about a candidate; one that is enrolled is none any more."""

    DISCOVERED = "discovered"
    PENDING = "pending"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate, as it was found or as it describes itself: hostile until an administrator has decided.

    ``host_keys`` are lines ``ALGORITHM BASE64``. ``found_by`` names the probe's range, the source or the token.
    ``came_from`` is the address that an introduction came from. ``system`` and ``note`` are texts to show, clean.
    ``doubts`` are what speaks against believing it unseen: a name or a key that another machine has, a tag that its
    token does not allow. ``profile`` is the credential profile that it is to have. ``also_from`` are other addresses
    that introductions by its name and with its keys came from: it has moved, or there are clones of it.
    ``winrm_scheme`` is by what its WinRM is reached, None where it is reached by SSH; ``certificate`` is the
    fingerprint ``SHA256:…`` of its certificate, which it introduced.
    """

    id: str
    name: str
    origin: CandidateOrigin
    state: CandidateState
    found_at: datetime
    seen_at: datetime
    found_by: str = ""
    address: str | None = None
    port: int | None = None
    user: str | None = None
    came_from: str = ""
    os_type: OSType | None = None
    system: str = ""
    host_keys: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    fqdn: str = ""
    addresses: tuple[str, ...] = ()
    machine_id: str = ""
    profile: str | None = None
    doubts: tuple[str, ...] = ()
    also_from: tuple[str, ...] = ()
    winrm_scheme: WinrmScheme | None = None
    certificate: str = ""

    @property
    def introduced_its_keys(self) -> bool:
        """Whether ``host_keys`` came from the machine itself over an authenticated way, and not from the network."""
        return self.origin is CandidateOrigin.TOKEN and bool(self.host_keys)

    @property
    def introduced_its_certificate(self) -> bool:
        """Whether ``certificate`` came from the machine itself over an authenticated way, and not from the network."""
        return self.origin is CandidateOrigin.TOKEN and bool(self.certificate)

    def with_doubt(self, doubt: str) -> "Candidate":
        """It with one doubt more, which its note tells too."""
        rest = self.note.removeprefix(describe_doubts(self.doubts)).strip()
        doubts = (*self.doubts, doubt)
        return replace(self, doubts=doubts, note=f"{describe_doubts(doubts)} {rest}".strip())


def describe_doubts(doubts: Sequence[str]) -> str:
    """One sentence with all ``doubts``, with which a note begins; empty without any."""
    return f"Look twice: {'; '.join(doubts)}." if doubts else ""
