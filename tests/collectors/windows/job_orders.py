"""Orders for peers in tests, and workers that carry them out."""

from datetime import UTC, datetime

from collectors.jobs.conversation import WorkerOptions
from collectors.windows.worker import WindowsMachineWorker
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.machines import Machine, OSType, TransportKind
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.offers import UPDATES, PeerCategory, PeerUpdate, classified

JOB = "20261120T020000Z-5f3a9c-install"


def make_update(number: int, *, category: str = UPDATES, **fields: object) -> PeerUpdate:
    """An update of a peer, known by a number."""
    categories: list[PeerCategory] = classified(category, "Windows Server 2022")
    title = f"Update for Windows (KB50000{number:02})"
    known = PeerUpdate(update_id(number), title, kb=[f"50000{number:02}"], categories=categories)
    for name, value in fields.items():
        setattr(known, name, value)
    return known


def update_id(number: int) -> str:
    """The identity of `make_update`."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def make_order(machine: PeerMachine, **fields: object) -> JobOrder:
    """An order of everything that ``machine`` offers now."""
    packages = tuple(
        PackageOrder(
            update.title,
            "",
            f"KB{update.kb[0]}" if update.kb else f"rev {update.revision}",
            advisories=tuple(f"KB{kb}" for kb in update.kb or ()),
            update_id=update.id,
            revision=str(update.revision),
            is_exclusive=update.is_exclusive,
        )
        for update in machine.offered()
    )
    told: dict[str, object] = {"id": JOB, "kind": JobKind.INSTALL, "packages": packages, "start_within_seconds": 3600}
    return JobOrder(**{**told, **fields})  # type: ignore[arg-type] # fields of it, by name


def make_worker(transport: PeerTransport, options: WorkerOptions | None = None) -> WindowsMachineWorker:
    """A worker of the machine behind ``transport``."""
    machine = Machine(
        "m-1",
        "win-1",
        TransportKind.WINRM,
        datetime(2026, 1, 1, tzinfo=UTC),
        address="192.0.2.10",
        os_type=OSType.WINDOWS,
    )
    return WindowsMachineWorker(machine, lambda: transport, options or WorkerOptions(), transport.machine.now)
