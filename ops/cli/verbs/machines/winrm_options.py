"""What the options of WinRM come to: `add`, `edit` and `test` have them in common."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fleet.machines import TransportKind
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay

if TYPE_CHECKING:
    from collections.abc import Collection

    from ops.enrolment import Definition

CLEARABLE = ("winrm", "ca-file", "proxy")


@dataclass(frozen=True, slots=True)
class WinrmOptions:
    """The options as given, each None where it was not; ``http`` and ``clear_text`` have two sides."""

    kind: WinrmKind | None = None
    http: bool | None = None
    ca_file: str | None = None
    proxy: str | None = None
    clear_text: bool | None = None

    @property
    def is_given(self) -> bool:
        """Whether there is any of them."""
        return self != WinrmOptions()

    def way(self, old: WinrmWay | None, cleared: "Collection[str]" = ()) -> WinrmWay | None:
        """``old`` with what was given and without what was ``cleared``; None where nobody has said anything."""
        if old is None and not self.is_given:
            return None
        known = old or WinrmWay()
        known = replace(
            known,
            kind=None if "winrm" in cleared else known.kind,
            ca_file=None if "ca-file" in cleared else known.ca_file,
            proxy=None if "proxy" in cleared else known.proxy,
        )
        scheme = known.scheme if self.http is None else WinrmScheme.HTTP if self.http else WinrmScheme.HTTPS
        is_clear = known.is_clear_text_allowed if self.clear_text is None else self.clear_text
        return replace(
            known,
            scheme=scheme,
            kind=self.kind or known.kind,
            ca_file=self.ca_file or known.ca_file,
            proxy=self.proxy or known.proxy,
            is_clear_text_allowed=is_clear,
        )

    def changed(
        self, old: "Definition", new: "Definition", *, has_port: bool, cleared: "Collection[str]" = ()
    ) -> "Definition":
        """``new``, of which ``old`` is the present one, with the way and the port that it leads to.

        The way is forgotten with the transport. So is a port that belongs to what was before, if none is given.
        """
        is_winrm = new.transport is TransportKind.WINRM
        given = self.way(old.winrm if is_winrm else None, cleared)
        if has_port or not _leads_elsewhere(old, new.transport, given):
            return replace(new, winrm=given)
        return replace(new, winrm=given, port=None)


def _leads_elsewhere(old: "Definition", transport: TransportKind, way: WinrmWay | None) -> bool:
    if old.transport is not transport:
        return TransportKind.WINRM in (old.transport, transport)
    before, after = old.winrm or WinrmWay(), way or WinrmWay()
    return before.scheme is not after.scheme and old.port in (None, before.default_port)
