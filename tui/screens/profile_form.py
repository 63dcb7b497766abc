"""A credential profile's definition: who logs in, by which key, and where each secret is found; never a secret."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import TypeVar

from fleet.errors import BadInput, UnknownName
from fleet.machines import Become, check_user
from fleet.profiles import AgentUse, Profile, SecretOrigin, SecretPlace, check_profile
from fleet.winrm import WinrmKind
from tui.rows.profile_rows import origin_text
from tui.screens.form import Field, Form
from tui.widgets.line import Piece

Word = TypeVar("Word", bound=StrEnum)
_WINRM = "empty: not said; ntlm, kerberos, credssp, basic, certificate"
_WHERE = (
    "No secret stands here, only where it is found: keyring, file (encrypted, of this home), prompt (typed each time), "
    "or command and its words. S on the list of profiles puts one into the first two."
)
_PLACES = (*(place.value for place in SecretPlace), "command pass show ")


class ProfileForm(Form[Profile]):
    """Gives the profile; ``begun`` is what it begins with, a name that ``is_new`` may be written."""

    TAKES = "keeps it"
    DEFAULT_CSS = """
    ProfileForm > .box { width: 92; }
    ProfileForm .hint { max-height: 5; }
    """

    def __init__(self, begun: Profile, *, is_new: bool, reason: str = "") -> None:
        super().__init__(reason)
        self._begun = begun
        self._is_new = is_new

    def title_text(self) -> str:
        """What is defined."""
        return "New profile" if self._is_new else f"Profile {self._begun.name}"

    def fields(self) -> Sequence[Field]:
        """Who logs in by what; where secrets are found."""
        begun = self._begun
        name = (Field("name", "Name", begun.name, "linux-admins"),) if self._is_new else ()
        return (
            *name,
            Field("user", "User", begun.user or "", "empty: as the machine says"),
            Field("key_file", "Key file", begun.key_file or "", "empty: the agent's and the usual ones"),
            Field("certificate_file", "Certificate", begun.certificate_file or "", "of the key; may be empty"),
            Field("agent", "Agent", begun.agent.value, "also, only, never", choices=tuple(a.value for a in AgentUse)),
            _place_field("password", "Password from", begun.password),
            _place_field("passphrase", "Passphrase from", begun.passphrase),
            Field("become", "Root by", begun.become.value, "none, sudo, doas", choices=tuple(b.value for b in Become)),
            _place_field("become_password", "sudo's from", begun.become_password),
            Field(
                "winrm",
                "WinRM by",
                begun.winrm.value if begun.winrm else "",
                _WINRM,
                choices=tuple(w.value for w in WinrmKind),
            ),
            Field("description", "Description", begun.description, "what it is for; may be empty"),
        )

    def hint(self) -> None:
        """Where secrets go."""
        self.tell(Piece(_WHERE))

    def made(self, texts: dict[str, str]) -> Profile:
        """The profile.

        Raises:
            BadInput: a field cannot be used, or parts do not fit together.
        """
        profile = replace(
            self._begun,
            name=texts.get("name", self._begun.name),
            user=check_user(texts["user"]) if texts["user"] else None,
            key_file=texts["key_file"] or None,
            certificate_file=texts["certificate_file"] or None,
            agent=_word("use of the agent", AgentUse, texts["agent"]),
            become=_word("way to become root", Become, texts["become"]),
            password=_origin(texts["password"]),
            become_password=_origin(texts["become_password"]),
            passphrase=_origin(texts["passphrase"]),
            winrm=_word("way to log in to WinRM", WinrmKind, texts["winrm"]) if texts["winrm"] else None,
            description=texts["description"],
        )
        return check_profile(profile)


def _place_field(name: str, label: str, origin: SecretOrigin | None) -> Field:
    hint = "empty: none; keyring, file, prompt, command pass show web"
    return Field(name, label, origin_text(origin), hint, choices=_PLACES)


def _word(kind: str, words: type[Word], text: str) -> Word:
    try:
        return words(text.lower())
    except ValueError as error:
        raise UnknownName(kind, text, [each.value for each in words]) from error


def _origin(text: str) -> SecretOrigin | None:
    if not text:
        return None
    first, _, rest = text.partition(" ")
    place = _word("place of a secret", SecretPlace, first.removesuffix(":"))
    try:
        return SecretOrigin(place, tuple(shlex.split(rest)))
    except ValueError as error:
        raise BadInput(f"The command {rest!r} cannot be read: {error}.") from error
