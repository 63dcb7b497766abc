"""Probing addresses that somebody named, for what answers there: slow on purpose, bounded, stoppable."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.importing.ranges import USUAL_PORTS, ProbeTarget
from ops.assess_limits import StartPace
from ops.home import Home
from ops.importing.banners import WINRM_PORT, Banner, BannerKind, read_banner
from ops.importing.enrolled_addresses import addresses_of, enrolled_addresses, with_looked_up
from ops.permission import require_writable

# Connections opened in a second: a firewall takes more for an attack.
USUAL_RATE = 50.0
USUAL_SECONDS = 3.0
USUAL_DEADLINE_SECONDS = 600.0
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """What is probed and how fast. ``seconds`` is how long one port may take, ``deadline_seconds`` all together."""

    targets: Sequence[ProbeTarget]
    ports: tuple[int, ...] = USUAL_PORTS
    per_second: float = USUAL_RATE
    seconds: float = USUAL_SECONDS
    deadline_seconds: float = USUAL_DEADLINE_SECONDS


@dataclass(frozen=True, slots=True)
class Answering:
    """A target of which some port answers, and what each says."""

    target: ProbeTarget
    address: str
    banners: tuple[Banner, ...]


@dataclass(slots=True)
class Probe:
    """One probe, and what came in until now.

    ``enrolled`` are targets at which a machine is enrolled or was retired, with its name: they are not connected to.
    """

    home: Home
    request: ProbeRequest
    answering: list[Answering] = field(default_factory=list)
    enrolled: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    unresolved: list[str] = field(default_factory=list)
    is_out_of_time: bool = False

    @property
    def unasked(self) -> int:
        """How many targets there was no time for."""
        return len(self.request.targets) - self.asked - len(self.enrolled) - len(self.unresolved)

    async def run(self) -> None:
        """Asks every target, until done, cancelled or out of time; what came in stays in any case.

        Raises:
            NotPermitted: this process does not change the home, so that it could keep nothing.
        """
        require_writable(self.home.path, "probe addresses")
        pace, ends_at = StartPace(self.request.per_second), time.monotonic() + self.request.deadline_seconds
        known = await with_looked_up(await asyncio.to_thread(enrolled_addresses, self.home))
        waiting = iter(self.request.targets)

        async def work() -> None:
            for target in waiting:
                if time.monotonic() > ends_at:
                    self.is_out_of_time = True
                    return
                await self._ask(target, known, pace)

        try:
            async with asyncio.timeout(max(0.0, ends_at - time.monotonic())), asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(self.request.targets))):
                    group.create_task(work())
        except TimeoutError:
            self.is_out_of_time = True
        order = {target.address: index for index, target in enumerate(self.request.targets)}
        self.answering.sort(key=lambda each: order[each.target.address])

    async def _ask(self, target: ProbeTarget, known: dict[str, str], pace: StartPace) -> None:
        addresses = await addresses_of(target.address)
        owner = next(
            (known[each.casefold()] for each in (target.address, *addresses) if each.casefold() in known), None
        )
        if owner is not None:
            self.enrolled[target.address] = owner
            return
        if not addresses:
            self.unresolved.append(target.address)
            return
        banners = []
        for port in self.request.ports:
            await pace.wait()
            banner = await read_banner(addresses[0], port, self.request.seconds)
            if banner is not None:
                banners.append(banner)
        self.asked += 1
        if banners:
            self.answering.append(Answering(target, addresses[0], tuple(banners)))


def main_banner(answering: Answering) -> Banner:
    """What says most of a machine: SSH's banner, else WinRM's by HTTPS, else WinRM's, else any."""
    order = (BannerKind.SSH, BannerKind.WINRM, BannerKind.OTHER)
    return min(answering.banners, key=lambda banner: (order.index(banner.kind), banner.port == WINRM_PORT))
