"""The deployments of the sample fleet: what each installs, on which machines, and when it runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from fleet.updates import Classification
from generator.era import NOW, PATCH_TUESDAYS, days, identity
from generator.offers import Offer
from generator.roster import Member

_DB_ROLES = {"db", "erp"}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployment: ``classes`` empty means every class; names may hold ``*``; what is excluded is never installed."""

    name: str
    targets: Callable[[Member], bool]
    window_minutes: int
    reboot_policy: str
    classes: frozenset[Classification] = frozenset()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def selects(self, offer: Offer) -> str:
        """ "" where the update is to be installed, else why it is not, as the run says it: Excluded, NotIncluded."""
        names = (offer.update.name, offer.update.offered_version)
        if any(fnmatchcase(name, mask) for mask in self.exclude for name in names):
            return "Excluded"
        is_named = any(fnmatchcase(name, mask) for mask in self.include for name in names)
        takes_class = not self.include if not self.classes else offer.update.classification in self.classes
        return "" if is_named or takes_class else "NotIncluded"


@dataclass(frozen=True, slots=True)
class Appointment:
    """One run of a deployment."""

    deployment: Deployment
    starts_at: datetime

    @property
    def run_id(self) -> str:
        """The run's id."""
        name = identity("run", self.deployment.name, self.starts_at)
        return f"{self.starts_at:%Y%m%dT%H%M%SZ}-{name[:6]}"

    @property
    def window_ends_at(self) -> datetime:
        """When its maintenance window closes."""
        return self.starts_at + timedelta(minutes=self.deployment.window_minutes)


def _is_linux(env: str) -> Callable[[Member], bool]:
    return lambda member: member.is_linux and member.env == env


def _is_production(site: str) -> Callable[[Member], bool]:
    return lambda m: (
        m.is_linux
        and m.env == "prod"
        and m.machine.tags["site"] == site
        and m.role not in _DB_ROLES | {"edge", "container"}
    )


_DEV = Deployment("linux-dev", _is_linux("dev"), 120, "IfRequired")
_STAGING = Deployment("linux-staging", _is_linux("staging"), 120, "IfRequired")
_FRANKFURT = Deployment("linux-production-frankfurt", _is_production("fra"), 120, "IfRequired", exclude=("gitlab-*",))
_AMSTERDAM = Deployment("linux-production-amsterdam", _is_production("ams"), 120, "IfRequired")
_DATABASES = Deployment(
    "databases",
    lambda m: m.is_linux and m.env == "prod" and m.role in _DB_ROLES,
    90,
    "Never",
    frozenset({Classification.CRITICAL, Classification.SECURITY}),
    exclude=("postgresql*",),
)
_EDGE = Deployment("edge-devices", lambda member: member.role == "edge", 45, "IfRequired")
_SERVER_CLASSES = frozenset({Classification.CRITICAL, Classification.SECURITY, Classification.UPDATE_ROLLUPS})
_WINDOWS_PILOT = Deployment(
    "windows-pilot", lambda m: not m.is_linux and m.env != "prod", 180, "IfRequired", _SERVER_CLASSES
)
_WINDOWS_FRANKFURT = Deployment(
    "windows-production-frankfurt",
    lambda m: not m.is_linux and m.env == "prod" and m.machine.tags["site"] == "fra",
    120,
    "IfRequired",
    _SERVER_CLASSES,
)
_WINDOWS_SITES = Deployment(
    "windows-production-sites",
    lambda m: not m.is_linux and m.env == "prod" and m.machine.tags["site"] != "fra",
    60,
    "IfRequired",
    _SERVER_CLASSES,
)
_OPENSSL = Deployment(
    "openssl-at-once",
    lambda member: member.is_linux and member.role == "web",
    60,
    "Never",
    include=("openssl", "libssl3*"),
)

ONCE = (_OPENSSL, NOW.replace(month=10, day=1, hour=16))
# Weekday (Monday is 0) and hour of each weekly deployment.
WEEKLY = (
    (_DEV, 1, 14),
    (_STAGING, 1, 16),
    (_EDGE, 1, 20),
    (_FRANKFURT, 3, 15),
    (_AMSTERDAM, 3, 18),
    (_DATABASES, 3, 20),
)
# Days after a Patch Tuesday, and hour.
AFTER_PATCH_TUESDAY = ((_WINDOWS_PILOT, 2, 16), (_WINDOWS_FRANKFURT, 4, 20), (_WINDOWS_SITES, 11, 20))


def appointments() -> tuple[Appointment, ...]:
    """Every run that has begun, oldest first."""
    return tuple(sorted(_all_runs(), key=lambda appointment: appointment.starts_at))


def _all_runs() -> Iterator[Appointment]:
    weekly = [
        Appointment(deployment, day.replace(hour=hour))
        for day in days()
        for deployment, weekday, hour in WEEKLY
        if day.weekday() == weekday
    ]
    monthly = [
        Appointment(deployment, tuesday.replace(hour=hour) + timedelta(days=delay))
        for tuesday in PATCH_TUESDAYS
        for deployment, delay, hour in AFTER_PATCH_TUESDAY
    ]
    return (run for run in (Appointment(*ONCE), *weekly, *monthly) if run.starts_at < NOW - timedelta(hours=3))
