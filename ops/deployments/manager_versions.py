"""Which order of versions a package manager has."""

import re
from collections.abc import Callable, Mapping

from collectors.managers.alpm_versions import compare_alpm
from collectors.managers.apk_versions import compare_apk
from collectors.managers.deb_versions import compare_deb
from collectors.managers.rpm_versions import compare_evr
from fleet.deployments.plan import WINDOWS_MANAGER

_NUMBER = re.compile(r"([0-9]{1,18})")


def compare_articles(first: str, second: str) -> int:
    """What Windows updates have for versions, ``KB5044284`` or ``rev 200``: as texts, but numbers as numbers."""
    one, other = _parts(first), _parts(second)
    return (one > other) - (one < other)


def _parts(version: str) -> list[tuple[int, int, str]]:
    texts = enumerate(_NUMBER.split(version))
    return [(1, int(text), "") if number % 2 else (0, 0, text) for number, text in texts if text]


_ORDERS: Mapping[str, Callable[[str, str], int]] = {
    "apt": compare_deb,
    "pacman": compare_alpm,
    "apk": compare_apk,
    WINDOWS_MANAGER: compare_articles,
}


def compare_of(package_manager: str) -> Callable[[str, str], int]:
    """The order of the versions of ``package_manager``; all that are not named here have rpm's."""
    return _ORDERS.get(package_manager, compare_evr)
