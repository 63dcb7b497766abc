"""Machines of different builds, as a fleet has them: for the live demo, for benches, and to begin a scenario with."""

from datetime import UTC, datetime

from tests.winrm_peer import traps
from tests.winrm_peer.machine import AUTOMATIC_UPDATES, WINDOWS_UPDATE, PeerMachine
from tests.winrm_peer.offers import PeerHistoryEntry, PeerUpdate

_INSTALLED = datetime(2026, 9, 9, 2, 14, tzinfo=UTC)


def server_2016(name: str = "FILE-2016") -> PeerMachine:
    """The servicing stack first: the cumulative update is offered only once that is installed."""
    stack = traps.servicing_stack(system="Windows Server 2016")
    monthly = traps.cumulative(kb="5044293", build="14393.7428", system="Windows Server 2016")
    monthly.offered_after = stack.id
    machine = _machine(name, "Microsoft Windows Server 2016 Standard", 14393, 7336, "1607")
    machine.updates = [stack, monthly, *_installed(machine), traps.removal_tool()]
    return machine


def server_2019(name: str = "APP-2019") -> PeerMachine:
    """Gets its updates from a WSUS."""
    machine = _machine(name, "Microsoft Windows Server 2019 Standard", 17763, 6293, "1809")
    machine.registry.write(WINDOWS_UPDATE, "WUServer", "https://wsus.example:8531")
    machine.registry.write(WINDOWS_UPDATE, "WUStatusServer", "https://wsus.example:8531")
    machine.registry.write(WINDOWS_UPDATE, "TargetGroup", "Servers")
    machine.registry.write(AUTOMATIC_UPDATES, "UseWUServer", 1)
    machine.registry.write(AUTOMATIC_UPDATES, "AUOptions", 3)
    monthly = traps.cumulative(kb="5044277", build="17763.6414", system="Windows Server 2019")
    machine.updates = [monthly, traps.framework(), *_installed(machine)]
    return machine


def server_2022(name: str = "WEB-2022") -> PeerMachine:
    """Every trap at once."""
    machine = _machine(name, "Microsoft Windows Server 2022 Standard", 20348, 2700, "21H2")
    machine.updates = [*traps.all_traps(), *_installed(machine)]
    return machine


def server_2025(name: str = "SQL-2025") -> PeerMachine:
    """Refuses the search to the login itself; what it is offered fails once before it is installed."""
    machine = _machine(name, "Microsoft Windows Server 2025 Datacenter", 26100, 1742, "24H2")
    machine.edition = "ServerDatacenter"
    system = "Microsoft server operating system version 24H2"
    failing = traps.cumulative(kb="5044284", build="26100.2033", system=system)
    failing.fails_times = 1
    machine.updates = [failing, traps.definitions(), traps.service_pack(), *_installed(machine)]
    machine.servicing_seconds = 3.0
    return machine


def windows_11(name: str = "CLIENT-11") -> PeerMachine:
    """A client whose next release is offered too."""
    machine = _machine(name, "Microsoft Windows 11 Enterprise", 26100, 1742, "24H2")
    machine.edition, machine.installation_type, machine.product_type = "Enterprise", "Client", 1
    monthly = traps.cumulative(kb="5044284", build="26100.2033", system="Windows 11 Version 24H2")
    machine.updates = [monthly, traps.upgrade(), traps.driver(), traps.preview()]
    return machine


def server_core(name: str = "DC-CORE") -> PeerMachine:
    """A domain controller without a desktop, with nothing missing but definitions."""
    machine = _machine(name, "Microsoft Windows Server 2022 Datacenter", 20348, 2762, "21H2")
    machine.edition, machine.installation_type = "ServerDatacenter", "Server Core"
    machine.product_type, machine.domain = 2, "corp.example"
    machine.updates = [traps.definitions(), *_installed(machine)]
    return machine


SYSTEMS = (server_2022, server_2025, server_2019, server_2016, windows_11, server_core)


def fleet(count: int) -> list[PeerMachine]:
    """So many machines of all these kinds in turn, each with its own name."""
    machines = []
    for number in range(count):
        make = SYSTEMS[number % len(SYSTEMS)]
        machine = make()
        if number >= len(SYSTEMS):
            machine.name = f"{machine.name}-{number // len(SYSTEMS) + 1}"
        machine.machine_guid = traps.update_id(0xA000 + number)
        machine.system_uuid = traps.update_id(0xB000 + number)
        machines.append(machine)
    return machines


def _machine(name: str, caption: str, build: int, ubr: int, release: str) -> PeerMachine:
    version = f"10.0.{build}.{ubr}"
    return PeerMachine(
        name=name,
        caption=caption,
        build=build,
        ubr=ubr,
        display_version=release,
        powershell=f"5.1.{build}.{ubr}",
        agent_version=version,
        installed_at=_INSTALLED,
        searched_at=_INSTALLED,
    )


def _installed(machine: PeerMachine) -> list[PeerUpdate]:
    """What was installed months ago, noted in the machine's history."""
    update = traps.cumulative(900, "5041160", "2026-08", f"{machine.build}.{machine.ubr}")
    update.is_needed, update.is_installed, update.installed_at = False, True, _INSTALLED
    machine.history.append(PeerHistoryEntry(_INSTALLED, update.title, update.id))
    return [update]
