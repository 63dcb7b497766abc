"""What holds on every machine with a package manager, whatever the machine answers; by the manager's name."""

from collections.abc import Mapping

# Their repositories never tell security updates from others.
WITHOUT_CLASSES = frozenset({"apk", "pacman"})
# They are read and refreshed without root, so sudoers has no line for them; and how that is done.
WITHOUT_ROOT: Mapping[str, str] = {
    "pacman": "a refresh works on a copy of its lists, under fakeroot (install that package)"
}
