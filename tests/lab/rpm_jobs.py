"""Jobs on machines of the lab, by Patchdeck's own worker over SSH, and what the machines say of it themselves."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.secrets import NoSecrets
from collectors.transports.opening import load_ssh_context, open_transport
from fleet.deployments.jobs import BatchOutcome, JobKind, JobOrder, JobReport, PackageOrder
from fleet.deployments.plan import Simulation
from fleet.machines import Become
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import enrol

Answer = TypeVar("Answer")
_JOB_SECONDS = 180.0
_ADDRESS_OF_NOBODY = "127.99.99.99"


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that ended: its last report, its whole log, and what was in work when it was looked at."""

    report: JobReport
    log: str
    steps: frozenset[tuple[str, str]]

    @property
    def notes(self) -> str:
        """What the job noted, a line each."""
        return "\n".join(note.text for note in self.report.notes)

    @property
    def outcomes(self) -> set[BatchOutcome | None]:
        """How its transactions ended."""
        return {batch.outcome for batch in self.report.batches}


def order_of(*words: str, kind: JobKind = JobKind.INSTALL, **options: int | bool) -> JobOrder:
    """The order of packages written ``name[/arch] version``."""
    packages = tuple(_package(*text.split()) for text in words)
    order = JobOrder(f"lab-{kind}", kind, packages, 300, tries=1, lock_wait_seconds=2)
    return replace(order, **options)  # type: ignore[arg-type]  # numbers and truths of its own fields


def _package(name: str, version: str) -> PackageOrder:
    name, _, architecture = name.partition("/")
    return PackageOrder(name, architecture or "x86_64", version)


def simulate(lab: Lab, name: str, order: JobOrder, become: Become = Become.SUDO) -> Simulation:
    """What the machine's package manager would do."""
    return asyncio.run(_with_worker(lab, name, become, lambda worker: worker.simulate(order)))


def run_job(
    lab: Lab,
    name: str,
    order: JobOrder,
    become: Become = Become.SUDO,
    on_report: Callable[[JobReport], None] = lambda _: None,
) -> Finished:
    """The job, followed to its end; each report is handed on as it comes."""

    async def run(worker: SshMachineWorker) -> Finished:
        seen: list[JobReport] = []

        def take(report: JobReport) -> None:
            seen.append(report)
            on_report(report)

        await worker.start(order)
        report = await worker.follow(order.id, 0, take, for_seconds=_JOB_SECONDS)
        log = b"".join(each.log for each in seen).decode(errors="replace")
        steps = frozenset((each.progress.package, each.progress.doing) for each in seen if each.progress)
        return Finished(report, log, steps)

    return asyncio.run(_with_worker(lab, name, become, run))


async def _with_worker(
    lab: Lab, name: str, become: Become, ask: Callable[[SshMachineWorker], Awaitable[Answer]]
) -> Answer:
    ssh = await load_ssh_context(known_hosts_files=[lab.known_hosts], config_files=[], secrets=NoSecrets())
    machine = enrol(lab, name, become)
    try:
        worker = SshMachineWorker(
            machine, lambda: open_transport(machine, ssh), WorkerOptions(), lambda: datetime.now(UTC)
        )
        return await ask(worker)
    finally:
        await ssh.close()


def installed(lab: Lab, name: str) -> set[tuple[str, str]]:
    """Every installed package with its version, by the machine's own word."""
    if name.startswith("arch"):
        return {(words[0], words[1]) for words in map(str.split, _said(lab, name, "pacman -Q"))}
    lines = _said(lab, name, r"rpm -qa --qf '%{NAME} %|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\n'")
    return {(words[0], words[1]) for words in map(str.split, lines)}


def _said(lab: Lab, name: str, command: str) -> list[str]:
    return lab.exec(name, ["sh", "-c", command]).stdout.splitlines()


def stop_repositories(lab: Lab, name: str) -> None:
    """Nothing listens any more where the machine looks for its repositories."""
    lab.exec(
        name, ["sh", "-c", rf"sed 's/^127[.0-9]*\(.*archive.lab\)/{_ADDRESS_OF_NOBODY}\1/' /etc/hosts >/tmp/hosts"]
    )
    lab.exec(name, ["sh", "-c", "cat /tmp/hosts >/etc/hosts"])


def brought(before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """What is there now and was not."""
    return set(after) - set(before)
