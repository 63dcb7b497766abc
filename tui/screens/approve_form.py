"""Approving one machine that waits: what it says of itself, what speaks against it, and as what it is enrolled."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.candidates import Candidate
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.machines import check_address, check_name, check_user
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.candidates import Approval
    from tui.machine_words import MachineWords

_KEYS_SHOWN = 3


class ApproveForm(Form["Approval"]):
    """Gives the approval of ``candidate``; ``begun`` is one that was refused, for ``reason``.

    Keys that it introduced over its token are trusted with the approval. Those that were only seen over the network are
    trusted where somebody types yes.
    """

    TAKES = "enrols it"
    DEFAULT_CSS = """
    ApproveForm > .box { width: 100; }
    ApproveForm .hint { max-height: 9; }
    """

    def __init__(
        self,
        candidate: Candidate,
        fingerprints: Sequence[str],
        words: "MachineWords",
        begun: "Approval | None" = None,
        *,
        reason: str = "",
    ) -> None:
        super().__init__()
        self._candidate = candidate
        self._fingerprints = fingerprints
        self._words = words
        self._begun = begun
        self._refused_for = reason  # told with the keys below it

    def title_text(self) -> str:
        """Who is enrolled."""
        return f"Enrol {clean(self._candidate.name, 40)}"

    def fields(self) -> Sequence[Field]:
        """As what it is enrolled, beginning with what it says; and which keys are trusted."""
        said, begun = self._candidate, self._begun
        address = said.address or said.came_from
        fields = [
            Field("name", "Name", clean((begun and begun.name) or said.name), "web-01"),
            Field("address", "Address", clean((begun and begun.address) or address), "192.0.2.7 or a host name"),
            Field("user", "User", clean((begun and begun.user) or said.user or ""), "empty: the profile's, or you"),
            Field(
                "profile",
                "Profile",
                clean((begun and begun.profile) or said.profile or ""),
                "empty: that of its groups",
                choices=self._words.profiles,
            ),
        ]
        if said.host_keys and not said.introduced_its_keys:
            fields.append(Field("trust", "Trust its key", hint="yes: you compared the fingerprint on the machine"))
        if said.host_keys and self._refused_for:
            fields.append(Field("replace", "Replace the key", hint="yes: the machine that had the address is gone"))
        return fields

    def hint(self) -> None:
        """Why it was refused before, what speaks against it, and its keys."""
        said = self._candidate
        lines: list[tuple[Piece, ...]] = [(Piece(self._refused_for, Tone.BAD),)] if self._refused_for else []
        lines += [(Piece("Doubt:", Tone.PENDING), Piece(text)) for text in said.doubts]
        how = "introduced, trusted with this" if said.introduced_its_keys else "seen over the network, not trusted yet"
        lines += [(Piece(text, Tone.STRONG), Piece(how, Tone.DIM)) for text in self._fingerprints[:_KEYS_SHOWN]]
        if said.system or said.came_from:
            lines.append((Piece(clean(said.system)), Piece(clean(f"from {said.came_from}"), Tone.DIM)))
        self.query_one(".hint", Detail).show(lines)

    def made(self, texts: dict[str, str]) -> "Approval":
        """The approval.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        from fleet.host_key_lines import check_host_key, fingerprint
        from ops.candidates import Approval

        profile = texts["profile"] or None
        if profile is not None and profile.casefold() not in map(str.casefold, self._words.profiles):
            raise UnknownName("profile", profile, self._words.profiles)
        trusts, replaces = _is_yes(texts.get("trust", "")), _is_yes(texts.get("replace", ""))
        return Approval(
            self._candidate.id,
            name=check_name(texts["name"]),
            address=check_address(texts["address"]) if texts["address"] else None,
            user=check_user(texts["user"]) if texts["user"] else None,
            profile=profile,
            fingerprints=tuple(fingerprint(check_host_key(key)) for key in self._candidate.host_keys) if trusts else (),
            seen=self._candidate,
            replaces_key=replaces,
        )


def _is_yes(text: str) -> bool:
    if text.lower() not in ("", "yes", "no"):
        raise BadInput(f"{clean(text, 20)!r} is neither yes nor no; empty is no.")
    return text.lower() == "yes"
