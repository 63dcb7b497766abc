"""Until when systems get security updates for everybody, where they do not say so themselves: data and its look-up.

Dates are those that the vendors' pages gave on `KNOWN_ON`; each system names its page. What a vendor sells or gives
beyond the date (LTS, ESM, ELS, LTSS) is a note, since it is not for everybody or not for every package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

KNOWN_ON = date(2026, 5, 1)
ROLLING = "rolling release: no version that ends"
_ROLLING_IDS = frozenset(
    {"arch", "archarm", "manjaro", "endeavouros", "opensuse-tumbleweed", "opensuse-microos", "gentoo", "void", "nixos"}
)


@dataclass(frozen=True, slots=True)
class Support:
    """Support of one version. ``ends`` is its last day; ``extended_until`` and ``extended_by`` tell of what follows.

    ``is_extended_for_all``: without a contract, by the repositories that are configured anyway.
    """

    ends: date
    extended_until: date | None = None
    extended_by: str = ""
    is_extended_for_all: bool = False


@dataclass(frozen=True, slots=True)
class EndOfLife:
    """What is known of a system's end: the day, None if unknown or if there is none, who says so, and what follows."""

    ends: date | None = None
    source: str = ""
    support: Support | None = None

    @property
    def note(self) -> str:
        """What comes after the last day, as a sentence; empty if nothing is known to."""
        if self.support is None or self.support.extended_until is None:
            return ""
        return f"{self.support.extended_by} until {self.support.extended_until.isoformat()}."


def find_end_of_life(
    os_id: str | None, version: str | None, *, name: str | None = None, support_end: str | None = None
) -> EndOfLife:
    """The end of the system that os-release(5) calls ``os_id`` and ``version``; its own SUPPORT_END comes first."""
    said = _read_date(support_end)
    if said is not None:
        return EndOfLife(said, "the system's own os-release (SUPPORT_END)")
    if os_id in _ROLLING_IDS or (os_id == "alpine" and "_" in (version or "")):
        return EndOfLife(source=ROLLING)
    key = "centos-stream" if os_id == "centos" and "Stream" in (name or "") else _SAME_AS.get(os_id or "", os_id or "")
    page, periods = _SUPPORT.get(key, ("", {}))
    words = (version or "").split(".")
    for length in range(len(words), 0, -1):
        support = periods.get(".".join(words[:length]))
        if support is not None:
            return EndOfLife(support.ends, f"{page}, as of {KNOWN_ON.isoformat()}", support)
    return EndOfLife()


def _read_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _days(**ends: str) -> Mapping[str, Support]:
    """Versions without extension: ``v3_20="2026-04-01"`` is version 3.20."""
    return {name[1:].replace("_", "."): Support(date.fromisoformat(day)) for name, day in ends.items()}


def _with(by: str, **ends: tuple[str, str]) -> Mapping[str, Support]:
    return {
        name[1:].replace("_", "."): Support(date.fromisoformat(day), date.fromisoformat(until), by)
        for name, (day, until) in ends.items()
    }


def _debian(ends: str, lts: str) -> Support:
    return Support(date.fromisoformat(ends), date.fromisoformat(lts), "Debian LTS, for most packages", True)


_SAME_AS = {"raspbian": "debian", "sled": "sles", "sles_sap": "sles"}

_SUPPORT: Mapping[str, tuple[str, Mapping[str, Support]]] = {
    "debian": (
        "wiki.debian.org/DebianReleases",
        {
            "8": _debian("2018-06-17", "2020-06-30"),
            "9": _debian("2020-07-18", "2022-06-30"),
            "10": _debian("2022-09-10", "2024-06-30"),
            "11": _debian("2024-08-14", "2026-08-31"),
            "12": _debian("2026-06-10", "2028-06-30"),
            "13": _debian("2028-08-09", "2030-06-30"),
        },
    ),
    "ubuntu": (
        "wiki.ubuntu.com/Releases",
        {
            **_with(
                "Expanded Security Maintenance with Ubuntu Pro",
                v14_04=("2019-04-02", "2024-04-02"),
                v16_04=("2021-04-02", "2026-04-02"),
                v18_04=("2023-05-31", "2028-04-01"),
                v20_04=("2025-05-31", "2030-04-02"),
                v22_04=("2027-04-01", "2032-04-09"),
                v24_04=("2029-05-31", "2036-05-31"),
                v26_04=("2031-04-30", "2036-04-30"),
            ),
            **_days(v23_04="2024-01-20", v23_10="2024-07-12", v24_10="2025-07-10"),
            **_days(v25_04="2026-01-17", v25_10="2026-07-01"),
        },
    ),
    "rhel": (
        "access.redhat.com/support/policy/updates/errata",
        {
            **_with("Extended Life Cycle Support", v6=("2020-11-30", "2024-06-30"), v7=("2024-06-30", "2028-06-30")),
            **_days(v8="2029-05-31", v9="2032-05-31", v10="2035-05-31"),
        },
    ),
    "almalinux": ("wiki.almalinux.org/release-notes", _days(v8="2029-03-01", v9="2032-05-31", v10="2035-05-31")),
    "rocky": ("wiki.rockylinux.org/rocky/version", _days(v8="2029-05-31", v9="2032-05-31", v10="2035-05-31")),
    "ol": (
        "oracle.com, Lifetime Support Policy: Oracle Linux, Premier Support",
        {
            **_with(
                "Extended Support",
                v6=("2021-03-31", "2024-12-31"),
                v7=("2024-12-31", "2026-06-30"),
                v8=("2029-07-31", "2032-07-31"),
                v9=("2032-06-30", "2035-06-30"),
            ),
            **_days(v10="2035-06-30"),
        },
    ),
    "centos": ("centos.org/centos-linux-eol", _days(v6="2020-11-30", v7="2024-06-30", v8="2021-12-31")),
    "centos-stream": ("centos.org/cl-vs-cs", _days(v8="2024-05-31", v9="2027-05-31", v10="2030-05-31")),
    "amzn": (
        "aws.amazon.com/amazon-linux-2/faqs and aws.amazon.com/linux/amazon-linux-2023/faqs",
        _days(v2018_03="2023-12-31", v2="2026-06-30", v2023="2029-06-30"),
    ),
    "fedora": (
        "docs.fedoraproject.org/en-US/releases/eol and fedorapeople.org/groups/schedule",
        {
            **_days(v37="2023-12-05", v38="2024-05-21", v39="2024-11-26", v40="2025-05-13"),
            **_days(v41="2025-12-15", v42="2026-05-13", v43="2026-12-09"),
        },
    ),
    "sles": (
        "suse.com/lifecycle, general support",
        {
            **_with(
                "Long Term Service Pack Support",
                v12_5=("2024-10-31", "2027-10-31"),
                v15_3=("2022-12-31", "2025-12-31"),
                v15_4=("2023-12-31", "2026-12-31"),
                v15_5=("2024-12-31", "2027-12-31"),
                v15_6=("2025-12-31", "2028-12-31"),
                v15_7=("2031-07-31", "2034-07-31"),
            ),
            **_days(v16_0="2027-11-30"),
        },
    ),
    "opensuse-leap": (
        "en.opensuse.org/Lifetime",
        {
            **_days(v15_3="2022-12-31", v15_4="2023-12-07", v15_5="2024-12-31"),
            **_days(v15_6="2026-04-30", v16_0="2027-10-31"),
        },
    ),
    "alpine": (
        "alpinelinux.org/releases",
        {
            **_days(v3_16="2024-05-23", v3_17="2024-11-22", v3_18="2025-05-09", v3_19="2025-11-01"),
            **_days(v3_20="2026-04-01", v3_21="2026-11-01", v3_22="2027-05-01", v3_23="2027-11-01"),
        },
    ),
}
