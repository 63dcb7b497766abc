"""Which order of versions a release's packages have."""

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from collectors.managers.apk_versions import compare_apk
from collectors.managers.deb_versions import deb_key
from collectors.managers.rpm_versions import evr_key

# Any: keys of one order compare with each other, and mean nothing beside.
VersionKey = Callable[[str], Any]

_APK: VersionKey = cmp_to_key(compare_apk)
_DEB = frozenset({"debian", "ubuntu"})
_RPM = frozenset({"rhel", "almalinux", "rocky", "ol", "sles", "opensuse-leap", "opensuse-tumbleweed"})


def order_of(release: str) -> VersionKey | None:
    """What sorts versions of ``release`` (``debian:12``), None for a family whose order is not known."""
    family = release.partition(":")[0]
    if family in _DEB:
        return deb_key
    if family == "alpine":
        return _APK
    return evr_key if family in _RPM else None
