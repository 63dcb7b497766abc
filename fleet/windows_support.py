"""Until when builds of Windows get security updates for everybody: by learn.microsoft.com/lifecycle.

One build may be several products, with ends of their own: a server, a client, one for long service (LTSC). What is not
listed is not known here, and that is what is said of it.
"""

from collections.abc import Mapping
from datetime import date
from enum import Enum, auto

from fleet.end_of_life import KNOWN_ON, EndOfLife, Support

_SOURCE = f"learn.microsoft.com/lifecycle, as of {KNOWN_ON.isoformat()}"
_WORKSTATION = 1
_EXTENDED = "Extended Security Updates, for a fee,"


class _Branch(Enum):
    SERVER = auto()
    LONG_SERVICE = auto()
    ENTERPRISE = auto()
    OTHERS = auto()


def find_windows_end(build: str, edition: str, product_type: int | None) -> EndOfLife:
    """The end of the Windows of ``build`` (``20348.2700``) and ``edition`` (``ServerStandard``, as EditionID has it).

    ``product_type`` is Win32_OperatingSystem's: 1 is a workstation.
    """
    branch = _branch(edition, product_type)
    support = _SUPPORT.get((build.partition(".")[0], branch)) if branch is not None else None
    return EndOfLife() if support is None else EndOfLife(support.ends, _SOURCE, support)


def _branch(edition: str, product_type: int | None) -> _Branch | None:
    if edition.startswith("Server") or (product_type is not None and product_type != _WORKSTATION):
        return _Branch.SERVER
    if not edition:
        return None
    # EnterpriseS, EnterpriseSN, IoTEnterpriseS: the letter is that of long service.
    if edition.startswith(("EnterpriseS", "IoTEnterpriseS")):
        # IoT's long service is longer, from 2021 on.
        return _Branch.LONG_SERVICE if edition.startswith("EnterpriseS") else None
    is_long = edition.startswith(("Enterprise", "Education", "IoTEnterprise", "ServerRdsh"))
    return _Branch.ENTERPRISE if is_long else _Branch.OTHERS


def _until(day: str, extended_until: str = "") -> Support:
    if not extended_until:
        return Support(date.fromisoformat(day))
    return Support(date.fromisoformat(day), date.fromisoformat(extended_until), _EXTENDED)


def _client(build: str, others: str, enterprise: str, extended_until: str = "") -> dict[tuple[str, _Branch], Support]:
    return {
        (build, _Branch.OTHERS): _until(others, extended_until),
        (build, _Branch.ENTERPRISE): _until(enterprise, extended_until),
    }


_SUPPORT: Mapping[tuple[str, _Branch], Support] = {
    ("7601", _Branch.SERVER): _until("2020-01-14"),
    ("9200", _Branch.SERVER): _until("2023-10-10", "2026-10-13"),
    ("9600", _Branch.SERVER): _until("2023-10-10", "2026-10-13"),
    ("14393", _Branch.SERVER): _until("2027-01-12"),
    ("17763", _Branch.SERVER): _until("2029-01-09"),
    ("20348", _Branch.SERVER): _until("2031-10-14"),
    ("25398", _Branch.SERVER): _until("2025-10-24"),
    ("10240", _Branch.LONG_SERVICE): _until("2025-10-14"),
    ("14393", _Branch.LONG_SERVICE): _until("2026-10-13"),
    ("17763", _Branch.LONG_SERVICE): _until("2029-01-09"),
    ("19044", _Branch.LONG_SERVICE): _until("2027-01-12"),
    ("26100", _Branch.LONG_SERVICE): _until("2029-10-09"),
    **_client("7601", "2020-01-14", "2020-01-14"),
    **_client("9600", "2023-01-10", "2023-01-10"),
    **_client("19044", "2023-06-13", "2024-06-11"),
    **_client("19045", "2025-10-14", "2025-10-14", "2028-10-10"),
    **_client("22000", "2023-10-10", "2024-10-08"),
    **_client("22621", "2024-10-08", "2025-10-14"),
    **_client("22631", "2025-11-11", "2026-11-10"),
    **_client("26100", "2026-10-13", "2027-10-12"),
    **_client("26200", "2027-10-12", "2028-10-10"),
}
