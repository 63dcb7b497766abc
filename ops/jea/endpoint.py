"""The files of the JEA endpoint and the script that registers it.

Nothing of this has been run on a Windows by us: the grammar of PowerShell reads it without a mistake, and the names are
those of Microsoft's documentation (JEA role capabilities and session configurations, Windows Update Agent API). Nothing
that anybody gives stands in a script but the name of a group, which is checked and quoted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from fleet.errors import BadInput

GROUP = "Patchdeck"
# DOMAIN\group, or a group of the machine. What Windows allows beyond that may mean something to a shell.
_GROUP = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,63}\\)?[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_ASSESS, _INSTALL = "PatchdeckAssess", "PatchdeckInstall"
_CANNOT = (
    "run a command, a script, a program or an expression of the caller's own (NoLanguage)",
    "read or write a file or the registry, but for the facts that it gives",
    "log in to another machine: its account lives as long as the session, and on this machine alone",
)
_CANNOT_INSTALL = (
    "install what Windows Update does not offer here, or what asks somebody or wants a licence accepted",
    "remove an update, hide one, or change where updates come from",
)
_CANNOT_ASSESS = ("install, download or hide an update, or restart the machine",)


@dataclass(frozen=True, slots=True)
class JeaFile:
    """One of the files: ``name`` as it is called on Windows, what it is for, and what whoever uses it can't do."""

    name: str
    purpose: str
    content: str
    cannot: tuple[str, ...] = ()


def jea_files(group: str = GROUP, *, patching: bool = False) -> tuple[JeaFile, ...]:
    """The role capabilities, the session configuration and the script that writes and registers them for ``group``.

    Raises:
        BadInput: no group can be called so.
    """
    check_group(group)
    roles = [JeaFile(f"{_ASSESS}.psrc", "what assessing needs", _text(f"{_ASSESS}.psrc"), _CANNOT + _CANNOT_ASSESS)]
    if patching:
        text = _text(f"{_INSTALL}.psrc")
        roles.append(
            JeaFile(f"{_INSTALL}.psrc", "what installing and restarting need", text, _CANNOT + _CANNOT_INSTALL)
        )
    names = ", ".join(f"'{role.name.removesuffix('.psrc')}'" for role in roles)
    session = _text("Patchdeck.pssc").replace("__ROLES__", names)
    script = _registration(group, roles, session)
    return (
        *roles,
        JeaFile("Patchdeck.pssc", "who gets in, and as what", session),
        JeaFile(
            "Register-Patchdeck.ps1", "writes the others and registers the endpoint; run it as administrator", script
        ),
    )


def check_group(group: str) -> str:
    """``group``, of a domain or of the machine.

    Raises:
        BadInput: no group can be called so.
    """
    if not _GROUP.fullmatch(group) or group.endswith((" ", ".")):
        raise BadInput(rf"Group {group!r} cannot be used: write DOMAIN\group, or the name of a group of the machine.")
    return group


def _registration(group: str, roles: list[JeaFile], session: str) -> str:
    written = "\n".join(f"$files['{role.name}'] = @'\n{role.content}'@" for role in roles)
    body = _text("Register-Patchdeck.ps1").replace("__GROUP__", group).replace("__FILES__", written)
    return "".join(f"{line}\n" for line in _head(group, roles)) + body.replace("__SESSION__\n", session)


def _head(group: str, roles: list[JeaFile]) -> Iterator[str]:
    yield "# Register-Patchdeck.ps1: lets members of a group see updates, and what its roles say, and no further (JEA)."
    yield "# For people and other tools: Patchdeck itself does not log in through it: its scripts need a language."
    yield f"# For {group}. Run it as administrator in Windows PowerShell 5.1; it may be run again."
    yield "# Patchdeck's authors have not run it on a Windows: read it, and try it on one machine first."
    yield "# On a domain controller the session's account is one of Domain Admins: use no JEA of this kind there."
    for role in roles:
        yield f"# {role.name}: {role.purpose}. With this role nobody can"
        yield from (f"#   - {each};" for each in role.cannot)
    yield "# Each session is written down in Program Files\\PatchdeckJea\\Transcripts."


def _text(name: str) -> str:
    return files("ops.jea").joinpath(name).read_text("ascii")
