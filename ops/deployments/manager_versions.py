"""Which order of versions a package manager has."""

from collections.abc import Callable, Mapping

from collectors.managers.alpm_versions import compare_alpm
from collectors.managers.apk_versions import compare_apk
from collectors.managers.deb_versions import compare_deb
from collectors.managers.rpm_versions import compare_evr

_ORDERS: Mapping[str, Callable[[str, str], int]] = {
    "apt": compare_deb,
    "pacman": compare_alpm,
    "apk": compare_apk,
}


def compare_of(package_manager: str) -> Callable[[str, str], int]:
    """The order of the versions of ``package_manager``; all that are not named here have rpm's."""
    return _ORDERS.get(package_manager, compare_evr)
