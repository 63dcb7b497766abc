"""The Windows updates of the sample fleet. KB numbers of monthly updates are invented; each belongs to a stream in
which a newer update supersedes the older."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from fleet.updates import Classification
from generator.era import NOW, PATCH_TUESDAYS, START, chance, identity
from generator.systems import SYSTEMS

_PRODUCTS = {
    "windows-2019": "Windows Server 2019",
    "windows-2022": "Microsoft Server operating system-21H2",
    "windows-2025": "Microsoft Server operating system-24H2",
    "windows-11": "Windows 11",
}
_DEFENDER = "Security Intelligence Update for Microsoft Defender Antivirus"
_PATCH_DAY_BEFORE = datetime(2026, 8, 11, 17, 0, tzinfo=UTC)
_PATCH_DAYS = (_PATCH_DAY_BEFORE, *PATCH_TUESDAYS)
_OUT_OF_BAND = datetime(2026, 10, 23, 16, 0, tzinfo=UTC)
# Fourth Tuesdays, when previews of the next month's update appear.
_PREVIEW_DAYS = tuple(datetime(2026, month, day, 17, 0, tzinfo=UTC) for month, day in ((8, 25), (9, 22), (10, 27)))
_DOTNET_PREVIEW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
_DRIVERS = {
    "hypervisor": ("Intel - Net - 30.4.7.2: Ethernet Adapter X710", 3_100_000),
    "workstation": ("Intel Corporation - Display - 32.0.101.8247", 812_000_000),
}
_DRIVERS_OFFERED = datetime(2026, 10, 30, 9, 0, tzinfo=UTC)
_UPGRADE_OFFERED = datetime(2026, 10, 6, 17, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PublishedUpdate:
    """One update of a stream; ``number`` counts from 0. ``size_bytes`` is the download. ``kb`` is empty for drivers.

    ``is_exclusive``: the agent installs it alone. ``has_new_licence``: one that nobody accepted yet.
    """

    stream: str
    number: int
    kb: str
    title: str
    product: str
    classification: Classification
    published_at: datetime
    size_bytes: int
    severity: str = ""
    needs_reboot: bool = False
    is_optional: bool = False
    is_exclusive: bool = False
    has_new_licence: bool = False
    withdrawn_at: datetime | None = None

    @property
    def update_id(self) -> str:
        """Its GUID."""
        return identity("windows-update", self.product, self.title)


@cache
def streams_of(system_key: str, role: str) -> dict[str, tuple[PublishedUpdate, ...]]:
    """The updates for a system and role, by stream, oldest first; the first of a stream is installed from the start."""
    product = _PRODUCTS[system_key]
    streams = {
        "cumulative": _cumulative(system_key, product),
        "dotnet": _dotnet(system_key, product),
        "malicious-software": _malicious_software(product),
        "defender": _defender(),
        "preview": _previews(system_key, product),
    }
    if system_key == "windows-2019":
        streams["servicing-stack"] = _servicing_stack(product)
    if system_key == "windows-2022":
        streams["out-of-band"] = _out_of_band(product)
    if role == "db":
        streams["sql-server"] = _sql_server()
        streams["odbc"] = _odbc_driver()
    if role in {"hypervisor", "workstation"}:
        streams["driver"] = _drivers(role)
    if system_key in {"windows-11", "windows-2025"}:
        streams["dotnet-preview"] = _dotnet_preview(system_key, product)
    if system_key == "windows-11":
        streams["feature"] = _feature_upgrade(product)
    return streams


def revision(number: int) -> int:
    """The last part of the build that a cumulative update brings."""
    return 7000 + 310 * number


def _kb(*purpose: object) -> str:
    return str(5095000 + chance("kb", *purpose).randrange(9000))


def _month(at: datetime) -> str:
    return at.strftime("%Y-%m")


def _cumulative(system_key: str, product: str) -> tuple[PublishedUpdate, ...]:
    build = SYSTEMS[system_key].os_version.rpartition(".")[2]
    return tuple(
        PublishedUpdate(
            "cumulative",
            number,
            kb := _kb("cumulative", system_key, number),
            f"{_month(at)} Cumulative Update for {product} for x64-based Systems (KB{kb}) ({build}.{revision(number)})",
            product,
            Classification.SECURITY,
            at,
            (620 + 35 * number) * 1_000_000,
            "Critical",
            needs_reboot=True,
        )
        for number, at in enumerate(_PATCH_DAYS)
    )


def _dotnet(system_key: str, product: str) -> tuple[PublishedUpdate, ...]:
    return tuple(
        PublishedUpdate(
            "dotnet",
            number,
            kb := _kb("dotnet", system_key, number),
            f"{_month(at)} Cumulative Update for .NET Framework 3.5 and 4.8.1 for {product} for x64 (KB{kb})",
            product,
            Classification.SECURITY,
            at,
            72_000_000,
            "Important",
            needs_reboot=True,
        )
        for number, at in enumerate((_PATCH_DAYS[0], _PATCH_DAYS[2], _PATCH_DAYS[3]))
    )


def _malicious_software(product: str) -> tuple[PublishedUpdate, ...]:
    return tuple(
        PublishedUpdate(
            "malicious-software",
            number,
            "890830",
            f"Windows Malicious Software Removal Tool x64 - v5.{141 + number} (KB890830)",
            product,
            Classification.UPDATE_ROLLUPS,
            at,
            76_000_000,
        )
        for number, at in enumerate(_PATCH_DAYS)
    )


def _defender() -> tuple[PublishedUpdate, ...]:
    weeks = range((NOW - START).days // 7 + 1)
    return tuple(
        PublishedUpdate(
            "defender",
            week,
            "2267602",
            f"{_DEFENDER} - KB2267602 (Version 1.447.{40 + 67 * week}.0)",
            "Microsoft Defender Antivirus",
            Classification.DEFINITION_UPDATES,
            START.replace(hour=8) + timedelta(days=7 * week - 1),
            96_000_000,
        )
        for week in weeks
    )


def _previews(system_key: str, product: str) -> tuple[PublishedUpdate, ...]:
    return tuple(
        PublishedUpdate(
            "preview",
            number,
            kb := _kb("preview", system_key, number),
            f"{_month(at)} Cumulative Update Preview for {product} for x64-based Systems (KB{kb})",
            product,
            Classification.UPDATES,
            at,
            640_000_000,
            needs_reboot=True,
            is_optional=True,
            withdrawn_at=PATCH_TUESDAYS[number],
        )
        for number, at in enumerate(_PREVIEW_DAYS)
    )


def _dotnet_preview(system_key: str, product: str) -> tuple[PublishedUpdate, ...]:
    kb = _kb("dotnet-preview", system_key)
    title = (
        f"{_month(_DOTNET_PREVIEW)} Cumulative Update Preview for .NET Framework 3.5 and 4.8.1 for {product} (KB{kb})"
    )
    return (
        PublishedUpdate(
            "dotnet-preview",
            1,
            kb,
            title,
            product,
            Classification.UPDATES,
            _DOTNET_PREVIEW,
            81_000_000,
            needs_reboot=True,
            is_optional=True,
        ),
    )


def _servicing_stack(product: str) -> tuple[PublishedUpdate, ...]:
    return tuple(
        PublishedUpdate(
            "servicing-stack",
            number,
            kb := _kb("servicing-stack", number),
            f"{_month(at)} Servicing Stack Update for {product} for x64-based Systems (KB{kb})",
            product,
            Classification.CRITICAL,
            at,
            14_000_000,
            "Critical",
            is_exclusive=True,
        )
        for number, at in enumerate((_PATCH_DAYS[0], _PATCH_DAYS[3]))
    )


def _out_of_band(product: str) -> tuple[PublishedUpdate, ...]:
    kb = _kb("out-of-band")
    title = f"{_month(_OUT_OF_BAND)} Update for {product} for x64-based Systems (KB{kb}): out of band"
    update = PublishedUpdate(
        "out-of-band", 1, kb, title, product, Classification.CRITICAL, _OUT_OF_BAND, 210_000_000, needs_reboot=True
    )
    return (update,)


def _sql_server() -> tuple[PublishedUpdate, ...]:
    return tuple(
        PublishedUpdate(
            "sql-server",
            number,
            kb := _kb("sql-server", number),
            f"Security Update for SQL Server 2022 RTM CU (KB{kb})",
            "Microsoft SQL Server 2022",
            Classification.SECURITY,
            at,
            410_000_000,
            "Important",
        )
        for number, at in enumerate((_PATCH_DAYS[0], _PATCH_DAYS[3]))
    )


def _odbc_driver() -> tuple[PublishedUpdate, ...]:
    kb = _kb("odbc")
    title = f"Microsoft ODBC Driver 18.6 for SQL Server (KB{kb})"
    published_at = _PATCH_DAYS[2] + timedelta(days=9)
    return (
        PublishedUpdate(
            "odbc",
            1,
            kb,
            title,
            "Microsoft SQL Server 2022",
            Classification.UPDATES,
            published_at,
            6_400_000,
            has_new_licence=True,
        ),
    )


def _drivers(role: str) -> tuple[PublishedUpdate, ...]:
    """Drivers have no article."""
    title, size_bytes = _DRIVERS[role]
    return (
        PublishedUpdate(
            "driver", 1, "", title, "Drivers", Classification.DRIVERS, _DRIVERS_OFFERED, size_bytes, is_optional=True
        ),
    )


def _feature_upgrade(product: str) -> tuple[PublishedUpdate, ...]:
    return (
        PublishedUpdate(
            "feature",
            1,
            "",
            "Windows 11, version 26H2",
            product,
            Classification.UPGRADES,
            _UPGRADE_OFFERED,
            4_300_000_000,
            needs_reboot=True,
            is_optional=True,
        ),
    )
