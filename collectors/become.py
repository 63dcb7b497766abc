"""Whether root can be gained on a machine, by what sudo said when it was asked without running anything."""

from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, decode

# Exit statuses of the probe: become.sh.
_NO_SUDO = 127
_NO_BUILTIN_PRINTF = 96


def find_no_root(section: Section | None) -> Finding | None:
    """The finding that root cannot be gained, with sudo's own words; None where it can, or where it was not asked."""
    if section is None or section.exit_status == 0:
        return None
    said = _last_words(section.stderr)
    text = f"Root cannot be gained: {said}"
    return Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, text, _remedy(section, said))


def _last_words(stderr: bytes) -> str:
    """sudo's message without its lecture: the lines that it signs, else the last line."""
    lines = [line.strip() for line in decode(stderr[-16384:]).splitlines() if line.strip()]
    signed = [line for line in lines if line.startswith(("sudo:", "Sorry, ", "printf "))]
    return clean(" ".join(signed or lines[-1:]) or "sudo refused without a word", 500)


def _remedy(section: Section, said: str) -> str:
    if section.exit_status == _NO_SUDO:
        return "Install sudo there, or log in as root."
    if section.exit_status == _NO_BUILTIN_PRINTF:
        return "Give the user sudo without a password there; its shell would show the password in the process list."
    if "a password is required" in said:
        return "Give the sudo password, or allow apt-get in sudoers with NOPASSWD."
    if "incorrect password" in said or "try again" in said:
        return "The password was tried once; give the right one."
    if "tty" in said:
        return "Take requiretty out of sudoers for this user."
    return "Allow this user apt-get in sudoers."
