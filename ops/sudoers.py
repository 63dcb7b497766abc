"""The lines that a user needs in sudoers, or in doas.conf: exactly those for fetching package lists, and apart from
them those for patching and rebooting.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from collectors.jobs.patch_commands import KEPT_VARIABLES, PATCH_COMMANDS, REBOOT_COMMANDS, PatchCommand
from collectors.refresh_commands import REFRESH_COMMANDS, RefreshCommand
from fleet.errors import BadInput, UnknownName
from fleet.package_managers import WITHOUT_ROOT
from fleet.status import MachineStatus
from ops.home import Home
from ops.statuses import statuses_of

# sudoers(5), Command arguments: these must be escaped with a backslash.
_ESCAPED = re.compile(r"([,:=\\])")
# Anything else might be a wildcard, a quote or a regular expression to sudo; none of our commands has it.
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./+@%,:=-]+")
_LIMIT_PROGRAM = "/usr/bin/timeout"
_USER = "patchdeck"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Choice:
    """For whom lines are made, and for which commands: those of a refresh, and those of patching, if any."""

    user: str
    commands: tuple[RefreshCommand, ...]
    patching: tuple[PatchCommand, ...] = ()

    @property
    def all_commands(self) -> tuple[RefreshCommand | PatchCommand, ...]:
        """Both."""
        return (*self.commands, *self.patching)


def choose_commands(home: Home, words: Sequence[str], user: str | None, *, patching: bool = False) -> Choice:
    """What ``words`` ask for: families by the name of their package manager, or machines by target; all for none.

    With ``patching`` also what installing and rebooting need.

    The user is ``user``, else the one that all those machines are reached as, else ``patchdeck``.

    Raises:
        UnknownName, BadInput: a word is neither, or the package manager of a machine is not known yet.
    """
    families = [word for word in words if word in family_names()]
    targets = [word for word in words if word not in families]
    statuses = statuses_of(home, targets) if targets else []
    families += [_manager_of(status) for status in statuses]
    users = {status.machine.user for status in statuses}
    reached_as = users.pop() if len(users) == 1 else None
    user = user or reached_as or _USER
    if not patching:
        return Choice(user, find_commands(families))
    return Choice(user, _find_refresh(families), find_patch_commands(families))


def find_commands(families: Sequence[str]) -> tuple[RefreshCommand, ...]:
    """The refresh commands of ``families``, which are names of package managers or of their programs; all for none.

    Raises:
        UnknownName: one of them is not known.
        BadInput: none of them needs root.
    """
    wanted = _find_refresh(families)
    if not wanted:
        ways = "; ".join(f"{name}: {WITHOUT_ROOT[name]}" for name in dict.fromkeys(families))
        raise BadInput(f"No root is needed to fetch package lists there. {ways}.")
    return wanted


def find_patch_commands(families: Sequence[str]) -> tuple[PatchCommand, ...]:
    """What jobs run as root on ``families``, as for `find_commands`, and then the reboot.

    Raises:
        UnknownName: one of them is not known.
        BadInput: no job installs on any of them.
    """
    _check_families(families)
    wanted = [c for c in PATCH_COMMANDS if not families or _program_name(c) in families or c.manager in families]
    if not wanted:
        raise BadInput(f"No job installs single updates by {', '.join(dict.fromkeys(families))}.")
    return (*wanted, *REBOOT_COMMANDS)


def _find_refresh(families: Sequence[str]) -> tuple[RefreshCommand, ...]:
    _check_families(families)
    return tuple(c for c in REFRESH_COMMANDS if not families or c.program in families or c.manager in families)


def _check_families(families: Sequence[str]) -> None:
    for family in families:
        if family not in family_names():
            raise UnknownName("package manager", family, family_names())


def family_names() -> list[str]:
    """Every name that `find_commands` takes."""
    return list(dict.fromkeys([*(name for c in REFRESH_COMMANDS for name in (c.manager, c.program)), *WITHOUT_ROOT]))


def sudoers_lines(
    user: str, commands: Sequence[RefreshCommand], patching: Sequence[PatchCommand] = ()
) -> Iterator[str]:
    """A file for /etc/sudoers.d that lets ``user`` run these as root without a password, and nothing else.

    Raises:
        BadInput: sudoers would take the name for something else.
    """
    name = _check_user(user)
    yield "# For /etc/sudoers.d/patchdeck, mode 0440; check it with: visudo -cf /etc/sudoers.d/patchdeck"
    if commands:
        rest = "." if patching else ", and do nothing else."
        yield f"# {user} may fetch package lists as root, with exactly these words{rest}"
    # sudo leaves PATH to the user where nothing sets it, and hooks of package managers call programs by name.
    yield f'Defaults:{name} env_reset, secure_path="{_PATH}", !requiretty'
    yield from _explained(commands, lambda command: grant_in_sudoers(user, command))
    if patching:
        yield from _introduce_patching(user)
        yield f'Defaults:{name} env_keep += "{" ".join(KEPT_VARIABLES)}"'
        yield from _explained(patching, lambda command: grant_in_sudoers(user, command))


def grant_in_sudoers(user: str, command: RefreshCommand | PatchCommand) -> str:
    """The line that lets ``user`` run ``command``.

    Raises:
        BadInput: sudoers would take the name for something else.
    """
    if isinstance(command, RefreshCommand):
        words = (_LIMIT_PROGRAM, *command.limited_words[1:])
    else:
        # A command without arguments in sudoers may be run with any.
        words = (command.program, *(command.arguments or ()))
    return f"{_check_user(user)} ALL=(root) NOPASSWD: {_escape(words)}"


def doas_lines(user: str, commands: Sequence[RefreshCommand], patching: Sequence[PatchCommand] = ()) -> Iterator[str]:
    """Lines for /etc/doas.conf that let ``user`` run these as root without a password, and nothing else.

    Raises:
        BadInput: doas would take the name for something else.
    """
    name = _check_user(user)
    if commands:
        yield f"# For /etc/doas.conf: {name} may fetch package lists as root, with exactly these words."
    yield from _explained(commands, lambda command: grant_in_doas(user, command))
    if patching:
        yield from _introduce_patching(user)
        yield from _explained(patching, lambda command: grant_in_doas(user, command))


def grant_in_doas(user: str, command: RefreshCommand | PatchCommand) -> str:
    """The line of doas.conf that lets ``user`` run ``command``.

    Raises:
        BadInput: doas would take the name for something else.
    """
    name = _check_user(user)
    if isinstance(command, RefreshCommand):
        words = command.limited_words
        return f"permit nopass {name} as root cmd {words[0]} args {' '.join(_check_words(words[1:]))}"
    kept = f" setenv {{ {' '.join(KEPT_VARIABLES)} }}" if command.manager else ""
    arguments = "" if command.arguments is None else f" args {' '.join(_check_words(command.arguments))}"
    return f"permit nopass{kept} {name} as root cmd {command.program}{arguments}"


def _introduce_patching(user: str) -> Iterator[str]:
    yield f"# {user} may install updates, and reboot after them. Whoever may install packages can become root by a"
    yield "# package of their own: leave all below this line out where machines are assessed only."


def _explained(
    commands: Sequence[RefreshCommand] | Sequence[PatchCommand],
    grant: Callable[[RefreshCommand | PatchCommand], str],
) -> Iterator[str]:
    for command in commands:
        purpose = f"; {command.purpose}" if isinstance(command, PatchCommand) else ""
        yield f"# {_program_name(command)}: {command.systems}{purpose}"
        yield f"#   It cannot {command.cannot}."
        yield grant(command)


def _program_name(command: RefreshCommand | PatchCommand) -> str:
    return command.program.rpartition("/")[2]


def _manager_of(status: MachineStatus) -> str:
    manager = status.last_answer.facts.package_manager if status.last_answer else None
    if manager is None:
        raise BadInput(
            f"The package manager of {status.machine.name} is not known yet: assess it, or name one of "
            f"{', '.join(family_names())}."
        )
    return manager


def _escape(words: Sequence[str]) -> str:
    return _ESCAPED.sub(r"\\\1", " ".join(_check_words(words)))


def _check_words(words: Sequence[str]) -> Sequence[str]:
    strange = next((word for word in words if not _PLAIN_WORD.fullmatch(word)), None)
    if strange is not None:
        raise BadInput(f"The word {strange!r} of a command means something else in sudoers.")
    return words


def _check_user(user: str) -> str:
    # ALL is everybody, and a name in capitals alone may be an alias; % and + begin groups, # a number.
    if re.fullmatch(r"[A-Z][A-Z0-9_]*", user):
        raise BadInput(f"User name {user!r} would be an alias in sudoers: names of capitals alone cannot be used.")
    if not re.fullmatch(r"[A-Za-z0-9_.][A-Za-z0-9_.@\\-]*\$?", user):
        raise BadInput(f"User name {user!r} cannot be used in sudoers.")
    return user.replace("\\", "\\\\")
