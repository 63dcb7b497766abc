"""Modes of new files: for their owner alone, unless the folder hands an access control list down to what is made in it.

Such a list overrules the umask, and the mode that a program asks for limits the list (acl(5)): with 0600 nobody would
get what the folder's owner meant them to have. Patchdeck gives a home such lists when it is shared.
"""

import os
from pathlib import Path

_DEFAULT_ACL = "system.posix_acl_default"


def hands_down(folder: Path) -> bool:
    """Whether what is made in ``folder`` gets an access control list from it."""
    try:
        return bool(os.getxattr(folder, _DEFAULT_ACL))
    except OSError:
        return False


def file_mode(folder: Path) -> int:
    """The mode with which a file is made in ``folder``."""
    return 0o660 if hands_down(folder) else 0o600


def folder_mode(folder: Path) -> int:
    """The mode with which a folder is made in ``folder``."""
    return 0o770 if hands_down(folder) else 0o700
