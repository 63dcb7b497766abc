"""What dnf, dnf5 or yum said, in one shape, whether rows of the probe or texts of the commands told it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RpmOffer:
    """A version of a package that a repository has; ``source`` is the name of its source package, empty if unknown."""

    name: str
    evr: str
    architecture: str
    repository: str
    size_bytes: int | None = None
    source: str = ""

    @property
    def key(self) -> Key:
        """What an update is one of a kind by on a machine."""
        return self.name, self.architecture


@dataclass(frozen=True, slots=True)
class Fix:
    """A package in the version with which an advisory fixes it.

    ``kind`` is security, bugfix, enhancement, newpackage or unknown; ``severity`` the vendor's word, empty if none.
    """

    advisory: str
    kind: str
    severity: str
    name: str
    evr: str
    architecture: str
    published_at: datetime | None = None
    urls: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()

    @property
    def is_security(self) -> bool:
        """Whether the advisory is a security advisory."""
        return self.kind == "security"


@dataclass(frozen=True, slots=True)
class RpmMetadata:
    """What is cached of a repository: when it was made, by its own word, and when it was fetched."""

    made_at: datetime | None
    fetched_at: datetime | None
    has_advisories: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ordinary upgrade would do: versions that come, names that go, and why some packages stay.

    ``repositories`` are those that the versions come from: by priority and cost, where several have them.
    """

    versions: Mapping[Key, str]
    replaced: frozenset[Key] = frozenset()
    problems: tuple[str, ...] = ()
    repositories: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DnfAnswer:
    """All of it.

    ``newest`` has the newest version of each package that can be upgraded, excluded and locked ones too; ``visible``
    what is left of it for an upgrade. ``plan`` is None where nothing could be solved. ``enabled`` are ids of
    repositories; those that are not in ``metadata`` said nothing. ``unread`` are lines that fit no known shape,
    ``noises`` remarks of programs; ``is_framed`` is whether an update can be told from them whatever they say.
    ``updated_since_boot`` are core packages after whose update dnf's needs-restarting asks for a reboot, None if it
    was not asked, or is not there. ``unsolvable`` says why an upgrade would do nothing at all, empty if it would.
    """

    enabled: tuple[str, ...]
    metadata: Mapping[str, RpmMetadata]
    newest: Mapping[Key, RpmOffer]
    visible: Mapping[Key, RpmOffer]
    fixes: tuple[Fix, ...]
    plan: Plan | None = None
    release: str = ""
    unread: tuple[str, ...] = ()
    noises: tuple[str, ...] = ()
    is_framed: bool = False
    updated_since_boot: tuple[str, ...] | None = None
    unsolvable: str = ""

    @property
    def silent(self) -> tuple[str, ...]:
        """The enabled repositories of which nothing is cached."""
        return tuple(name for name in self.enabled if name not in self.metadata)
