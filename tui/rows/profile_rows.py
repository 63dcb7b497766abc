"""Credential profiles as rows: who logs in, by which key, and where each secret is found; never a secret itself."""

import shlex
from dataclasses import dataclass

from fleet.hostile import clean
from fleet.machines import Become
from fleet.name_lists import some_of
from fleet.profiles import AgentUse, Profile, SecretKind, SecretOrigin, SecretPlace
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

PROFILE_COLUMNS = (
    TableColumn("name", "Profile", most=32, least=12, priority=0),
    TableColumn("user", "User", most=24, least=8, priority=1),
    TableColumn("key", "Key", most=48, least=12, priority=2),
    TableColumn("password", "Password", most=12, least=8, priority=2),
    TableColumn("become", "Root by", most=16, least=7, priority=3),
    TableColumn("users", "Used by", is_number=True, priority=1),
    TableColumn("agent", "Agent", most=8, least=6, priority=5),
    TableColumn("passphrase", "Passphrase", most=12, least=10, priority=4),
    TableColumn("description", "Description", most=60, least=12, priority=6),
)
_MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class ProfileNow:
    """A profile, and what names it."""

    profile: Profile
    users: tuple[str, ...]


def origin_text(origin: SecretOrigin | None) -> str:
    """``keyring``, ``command pass show web``; empty for none. As the form takes it."""
    if origin is None:
        return ""
    return " ".join((origin.place.value, shlex.join(origin.command))).strip()


def profile_row(now: ProfileNow) -> Row:
    """The row of one profile."""
    profile = now.profile
    become = "" if profile.become is Become.NONE else profile.become.value
    if profile.become_password is not None:
        become = f"{become}, {profile.become_password.place.value}"
    cells = (
        profile.name,
        clean(profile.user or ""),
        clean(profile.key_file or ("agent" if profile.agent is AgentUse.ONLY else "")),
        _place(profile, SecretKind.PASSWORD),
        become,
        f"{len(now.users):,}",
        profile.agent.value,
        _place(profile, SecretKind.PASSPHRASE),
        clean(profile.description),
    )
    tones = (Tone.STRONG, *([Tone.NORMAL] * 4), Tone.NORMAL if now.users else Tone.DIM, *([Tone.DIM] * 3))
    order = (*map(str.casefold, cells[:5]), len(now.users), *map(str.casefold, cells[6:]))
    return Row(profile.name, cells, tones, order)


def describe_profile(now: ProfileNow) -> list[tuple[Piece, ...]]:
    """All of a profile in a few lines."""
    profile = now.profile
    lines: list[tuple[Piece, ...]] = [
        (Piece(profile.name, Tone.STRONG), *labelled("logs in as", profile.user or "whoever the machine names"))
    ]
    key = profile.key_file or {AgentUse.NEVER: "none"}.get(profile.agent, "those of the agent and the usual ones")
    certificate = labelled("with", profile.certificate_file) if profile.certificate_file else ()
    lines.append((*labelled("Key", clean(key)), *certificate))
    kinds = ((kind, profile.origin(kind)) for kind in SecretKind)
    secrets = [f"{kind.value} from {origin_text(origin)}" for kind, origin in kinds if origin is not None]
    lines.append(labelled("Secrets", clean("; ".join(secrets)) or "none"))
    lines.append(labelled("Used by", some_of(now.users, _MOST_NAMED) if now.users else "nothing"))
    winrm = [labelled("WinRM by", profile.winrm.value)] if profile.winrm else []
    return lines + winrm + ([(Piece(clean(profile.description)),)] if profile.description else [])


def keeps_secret(profile: Profile, kind: SecretKind) -> bool:
    """Whether Patchdeck keeps the profile's secret of that kind, so that it can be put there."""
    origin = profile.origin(kind)
    return origin is not None and origin.place in (SecretPlace.KEYRING, SecretPlace.FILE)


def _place(profile: Profile, kind: SecretKind) -> str:
    origin = profile.origin(kind)
    return origin.place.value if origin else ""
