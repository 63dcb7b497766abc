"""The machines of the sample fleet: which there are, where they stand and what they are for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from fleet.machines import Become, Machine, OSType, TransportKind
from fleet.winrm import WinrmScheme, WinrmWay
from generator.era import NOW, START
from generator.systems import SYSTEMS, System

TRANSCRIPTS = "transcripts"
# Ids that differ in their end only keep the tables small.
_MACHINE_ID = "5a3d1e00-4c1b-4b6e-9d2f-{:012x}"

# name, system, site, env, role
_LINUX = """
web-01     debian-12     fra  prod     web
web-02     debian-12     fra  prod     web
web-03     debian-12     fra  prod     web
web-04     debian-12     fra  prod     web
web-05     alma-9        ams  prod     web
web-06     debian-12     ams  prod     web
web-07     ubuntu-24.04  ams  prod     web
web-08     ubuntu-24.04  ams  prod     web
web-09     ubuntu-24.04  ams  prod     web
web-stg-01 debian-12     fra  staging  web
web-stg-02 ubuntu-24.04  fra  staging  web
web-stg-03 leap-15       fra  staging  web
app-01     rocky-9       fra  prod     app
app-02     rocky-9       fra  prod     app
app-03     rocky-9       ams  prod     app
app-04     ubuntu-22.04  ams  prod     app
app-05     amazon-2023   ams  prod     app
app-stg-01 rocky-9       fra  staging  app
app-stg-02 ubuntu-22.04  fra  staging  app
app-dev-01 ubuntu-24.04  fra  dev      app
app-dev-02 ubuntu-24.04  fra  dev      app
db-01      debian-12     fra  prod     db
db-02      debian-12     fra  prod     db
db-03      debian-12     ams  prod     db
db-04      ubuntu-20.04  ams  prod     db
db-stg-01  debian-12     fra  staging  db
mail-01    debian-12     fra  prod     mail
mail-02    debian-11     ams  prod     mail
dns-01     debian-12     fra  prod     dns
dns-02     debian-12     ams  prod     dns
vpn-01     debian-11     fra  prod     vpn
mon-01     debian-12     fra  prod     monitoring
log-01     debian-12     fra  prod     monitoring
backup-01  debian-12     ams  prod     backup
git-01     ubuntu-22.04  fra  prod     ci
ci-01      ubuntu-24.04  fra  dev      ci
ci-02      ubuntu-24.04  fra  dev      ci
ci-03      ubuntu-24.04  fra  dev      ci
ci-04      ubuntu-24.04  fra  dev      ci
erp-01     ubuntu-20.04  fra  prod     erp
sap-01     sles-15       fra  prod     erp
legacy-01  rhel-8        ham  prod     app
proxy-01   alpine-3.21   ams  prod     proxy
k8s-01     coreos        fra  prod     container
k8s-02     coreos        fra  prod     container
dev-01     fedora-43     fra  dev      dev
dev-02     arch          fra  dev      dev
edge-ham-01 raspberry    ham  prod     edge
edge-ham-02 raspberry    ham  prod     edge
edge-muc-01 raspberry    muc  prod     edge
edge-muc-02 raspberry    muc  prod     edge
edge-vie-01 raspberry    vie  prod     edge
"""

_WINDOWS = """
dc-01      windows-2022  fra  prod     dc
dc-02      windows-2022  ams  prod     dc
dc-03      windows-2019  ham  prod     dc
file-01    windows-2022  fra  prod     file
file-02    windows-2019  ams  prod     file
sql-01     windows-2022  fra  prod     db
sql-02     windows-2022  fra  prod     db
sql-stg-01 windows-2022  fra  staging  db
iis-01     windows-2022  fra  prod     web
iis-02     windows-2022  fra  prod     web
iis-03     windows-2025  ams  prod     web
iis-stg-01 windows-2025  fra  staging  web
rds-01     windows-2019  fra  prod     rds
rds-02     windows-2019  fra  prod     rds
hv-01      windows-2025  fra  prod     hypervisor
hv-02      windows-2025  ams  prod     hypervisor
wsus-01    windows-2022  fra  prod     wsus
print-01   windows-2019  ham  prod     print
ca-01      windows-2022  fra  prod     pki
wks-ham-01 windows-11    ham  prod     workstation
wks-ham-02 windows-11    ham  prod     workstation
wks-muc-01 windows-11    muc  prod     workstation
wks-dev-01 windows-11    fra  dev      workstation
"""

# web-09 was enrolled ten minutes before the history ends and has not been assessed yet.
_ENROLLED_LATE = {"web-09": NOW - timedelta(minutes=10), "hv-02": START + timedelta(days=40)}
_DISABLED = {"print-01"}
# Machines that are reached as root, which alone sees which services still run what was replaced.
AS_ROOT = {"db-01", "git-01", "web-05", "proxy-01", "k8s-01", "sap-01"}
# Reached by WinRM over HTTP, the others over HTTPS.
_OVER_HTTP = {"wks-dev-01"}
# Reached by their name, not by their address.
_HOST_NAMES = {"app-dev-02": "app-dev-02.fra.example.com"}
_SITE_NETWORKS = {"fra": "192.0.2", "ams": "198.51.100", "ham": "203.0.113", "muc": "203.0.113", "vie": "203.0.113"}


@dataclass(frozen=True, slots=True)
class Member:
    """One machine of the sample fleet: as it is enrolled, and what the enrolment does not say of it.

    ``address`` is its own; it can be enrolled by a name.
    """

    machine: Machine
    system: System
    role: str
    env: str
    address: str

    @property
    def name(self) -> str:
        """The machine's name."""
        return self.machine.name

    @property
    def is_linux(self) -> bool:
        """Whether it runs Linux."""
        return self.system.os_type is OSType.LINUX


def members() -> tuple[Member, ...]:
    """Every machine of the fleet, Linux first."""
    rows = [line.split() for line in (_LINUX + _WINDOWS).split("\n") if line]
    return tuple(_make_members(rows))


def _make_members(rows: list[list[str]]) -> Iterator[Member]:
    hosts = dict.fromkeys(_SITE_NETWORKS.values(), 10)
    for number, (name, system_key, site, env, role) in enumerate(rows, start=1):
        network = _SITE_NETWORKS[site]
        hosts[network] += 1
        address = f"{network}.{hosts[network]}"
        yield _make_member(_MACHINE_ID.format(number), name, SYSTEMS[system_key], site, env, role, address)


def _make_member(id_: str, name: str, system: System, site: str, env: str, role: str, address: str) -> Member:
    is_linux = system.os_type is OSType.LINUX
    user = "root" if name in AS_ROOT else "patchdeck"
    machine = Machine(
        id=id_,
        name=name,
        transport=TransportKind.SCRIPTED,
        created_at=_enrolled_at(name),
        address=_HOST_NAMES.get(name, address),
        user=user if is_linux else "EXAMPLE\\patchdeck",
        transcript=f"{TRANSCRIPTS}/{name}.json",
        become=Become.SUDO if is_linux and name not in AS_ROOT else Become.NONE,
        tags=MappingProxyType({"env": env, "role": role, "site": site}),
        enabled=name not in _DISABLED,
        os_type=system.os_type,
        winrm=None if is_linux else WinrmWay(WinrmScheme.HTTP if name in _OVER_HTTP else WinrmScheme.HTTPS),
    )
    return Member(machine, system, role, env, address)


def _enrolled_at(name: str) -> datetime:
    return _ENROLLED_LATE.get(name, START)
