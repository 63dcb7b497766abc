"""Whether root can be gained on a machine, by what sudo said when it was asked without running anything."""

from collectors.sections import Section, Sections
from fleet.errors import UnreadableOutput
from fleet.facts import PatchWay, RootWay
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, decode
from fleet.machines import Become

# Exit status of the probe: become.sh.
_NO_PROGRAM = 127


def find_question(sections: Sections, manager: str | None) -> Section | None:
    """What sudo said about the refresh of ``manager``, by its name; None where it was not asked."""
    return sections.find(f"become-{manager}") if manager else None


def read_root_way(sections: Sections, question: Section | None, become: Become) -> RootWay | None:
    """How root is gained on a machine that is to ``become`` it so; None where nothing tells.

    Raises:
        UnreadableOutput: the probe's own lines are not there.
    """
    user_id = sections.get("system").values().get("uid")
    if user_id == "0":
        return RootWay.ROOT
    if question is None:
        return RootWay.NONE if user_id and become is Become.NONE else None
    try:
        return RootWay(question.value("way"))
    except ValueError as error:
        raise UnreadableOutput(question.name, 1, clean(question.value("way"))) from error


def read_is_limited(question: Section | None) -> bool | None:
    """Whether sudo would run the refresh together with its time limit; None where it was not asked.

    Raises:
        UnreadableOutput: the probe's own lines are not there.
    """
    return question.value("is_limited") == "yes" if question is not None and question.exit_status == 0 else None


def read_patching(sections: Sections, manager: str | None, become: Become) -> tuple[PatchWay | None, bool | None]:
    """How a job would have root, and whether it may reboot the machine; None each where nothing tells.

    Raises:
        UnreadableOutput: the probe's own lines are not there.
    """
    user_id = sections.get("system").values().get("uid")
    if user_id == "0":
        return PatchWay.ROOT, True
    question = sections.find(f"patching-{manager}") if manager else None
    if question is None:
        return (PatchWay.NONE, False) if user_id and become is Become.NONE else (None, None)
    way, reboot = question.value("way"), question.value("reboot")
    if way == "unknown":
        return None, None
    try:
        return PatchWay(way), reboot == "yes"
    except ValueError as error:
        raise UnreadableOutput(question.name, 1, clean(way)) from error


def find_no_root(question: Section | None) -> Finding | None:
    """The finding that root cannot be gained, with sudo's own words; None where it can, or where it was not asked."""
    if question is None or question.exit_status == 0:
        return None
    said = _last_words(question.stderr)
    text = f"Root cannot be gained: {said}"
    return Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, text, _remedy(question, said))


def _last_words(stderr: bytes) -> str:
    """sudo's message without its lecture: the lines that it signs, else the last line."""
    lines = [line.strip() for line in decode(stderr[-16384:]).splitlines() if line.strip()]
    signed = [line for line in lines if line.startswith(("sudo:", "Sorry, ", "printf "))]
    return clean(" ".join(signed or lines[-1:]) or "sudo refused without a word", 500)


def _remedy(question: Section, said: str) -> str:
    if question.exit_status == _NO_PROGRAM:
        return "Install it there, or log in as root."
    if "printf is not a builtin" in said:
        return "Give the user sudo without a password there; its shell would show the password in the process list."
    if "a password is required" in said:
        return "Give the sudo password, or allow the command without one: patchdeck check --sudoers has the lines."
    if "incorrect password" in said or "try again" in said:
        return "The password was tried once; give the right one."
    if "tty" in said:
        return "Take requiretty out of sudoers for this user: patchdeck check --sudoers has the lines."
    return "Allow this user the refresh in sudoers: patchdeck check --sudoers has the lines."
