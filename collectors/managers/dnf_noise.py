"""Lines of dnf, yum and their plugins that are no answer, known by how they begin; all others must be read."""

import re

_NOISES = (
    "Last metadata expiration check",
    "Loaded plugins:",
    "Loading mirror speeds",
    "Updating Subscription Management repositories",
    "Updating and loading repositories",
    "Repositories loaded",
    "Not root, Subscription Management repositories not updated",
    "Unable to read consumer identity",
    "This system is not registered",
    "This system has no repositories available through subscriptions",
    "This system is registered ",
    "You can use subscription-manager",
    "Red Hat Subscription Management",
    "Security: ",
    "Unable to detect release version",
    "No matches found for the following disable plugin patterns",
    "updateinfo list done",
    "repolist: ",
    "repo id ",
    "Upgraded Packages",
    "Updated Packages",
    "Limiting package lists to security relevant ones",
    "No packages needed for security",
    "No security updates needed",
    " * ",
    " : ",
    "WARNING:",
    "A newer release of",
    "Available Versions:",
    "Version 20",
    "Run the following command to update to",
    "Release notes:",
    "dnf update --releasever=",
    "dnf upgrade --releasever=",
    "https://docs.aws.amazon.com/",
    "https://aws.amazon.com/",
    "determining the fastest mirror",
    "Determining fastest mirrors",
    # A user may not open what root's dnf remembers; an upgrade's plan needs none of it.
    "History database cannot be created",
)
_HEADINGS = frozenset({"Upgrades", "Upgradable packages", "Available upgrades", "Advisories"})
# base/7/x86_64 | 3.6 kB 00:00:00, as yum shows what it fetches.
_PROGRESS = re.compile(r"\S+ +\| +[\d.]+ +[kMG]?B .*|Repository \S+ is listed more than once in the configuration")
_UNREGISTERED = ("This system is not registered", "Unable to read consumer identity")


def is_noise(line: str) -> bool:
    """Whether ``line`` is a remark of a program or a plugin, and no part of an answer."""
    bare = line.strip()
    if bare in _HEADINGS or _PROGRESS.fullmatch(bare):
        return True
    return line.startswith(_NOISES) or bare.startswith((*_NOISES, ": "))


def says_unregistered(line: str) -> bool:
    """Whether subscription-manager says in ``line`` that the machine has no subscription."""
    return line.strip().startswith(_UNREGISTERED)
