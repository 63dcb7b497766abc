"""The one line that is run on a machine: made from a script file, short enough to be pasted, no secret in argv."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fleet.errors import BadInput
from fleet.introductions import ENDING, HEADING
from ops.enrol_tokens.console import Console, check_account

_FOLDER = Path(__file__).parent
# A terminal hands over at most 4,095 bytes of a line (termios(3), canonical mode); tags come after ours.
MOST_CHARACTERS = 3_900
# What would mean something to one of the shells that the line may be pasted into, in single quotes.
_SPECIAL = set("'\\!\n")


@dataclass(frozen=True, slots=True)
class TokenSecrets:
    """What only the line holds: the private key, in base64 without its frame, and the text that proves it."""

    private_key: str = field(repr=False)
    proof: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyInstallation:
    """The console's public key, ``ALGORITHM BASE64``, and the user to install it for; None: whoever runs the line."""

    public_key: str
    user: str | None


def shell_line(secrets: TokenSecrets, console: Console, installation: KeyInstallation | None) -> str:
    """For any POSIX machine with sh and ssh. Tags are given after it: ``… | sh -s role=web``.

    Raises:
        BadInput: something of the console's cannot stand in it, or it would be too long to paste.
    """
    values = _values(secrets, console)
    values["HOST_KEYS"] = " ".join(f'"{key}"' for key in console.host_keys)
    values["INSTALL"] = _install(installation) if installation else "installed=;"
    script = _filled("introduce.sh", values)
    if _SPECIAL & set(script) or not script.isascii():
        raise BadInput(f"Something of the console cannot stand in a line for a shell: {console.user}@{console.host}.")
    return _checked(f"echo '{script}' | sh")


def powershell_line(secrets: TokenSecrets, console: Console) -> str:
    """For PowerShell on a Windows machine with OpenSSH's client. Tags are given after it: ``& { … } role=web``.

    Raises:
        BadInput: it would be too long to paste.
    """
    values = _values(secrets, console)
    values["HOST_KEYS"] = ", ".join(f"'{key}'" for key in console.host_keys)
    return _checked(_filled("introduce.ps1", values))


def _values(secrets: TokenSecrets, console: Console) -> dict[str, str]:
    return {
        "HEADING": HEADING,
        "ENDING": ENDING,
        "KEY": secrets.private_key,
        "PROOF": secrets.proof,
        "HOST": console.host,
        "PORT": str(console.port),
        "USER": check_account(console.user),
    }


def _install(installation: KeyInstallation) -> str:
    user = check_account(installation.user) if installation.user else "$(id -un)"
    blob = installation.public_key.split()[1]
    values = {"USER": user, "BLOB": blob, "PUBLIC_KEY": f"{installation.public_key} patchdeck"}
    return _filled("install_key.sh", values)


def _filled(name: str, values: Mapping[str, str]) -> str:
    """The script on one line, with the values in their places."""
    lines = (line.strip() for line in (_FOLDER / name).read_text(encoding="ascii").splitlines())
    script = " ".join(line for line in lines if line and not line.startswith("#"))
    for word, value in values.items():
        script = script.replace(f"@{word}@", value)
    return script


def _checked(line: str) -> str:
    if len(line) > MOST_CHARACTERS:
        raise BadInput(f"The line would have {len(line):,} characters, more than can be pasted: use fewer options.")
    return line
