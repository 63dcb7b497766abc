"""The machine behind a peer: a Windows that exists only in this model, and changes as a real one would.

Handlers of scripts (``scripts/NAME.py``) read and change it. Nothing here speaks a protocol.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.winrm_peer.clock import PeerClock
from tests.winrm_peer.counters import PeerCounters
from tests.winrm_peer.faults import FaultPlan
from tests.winrm_peer.offers import PeerHistoryEntry, PeerUpdate
from tests.winrm_peer.parts import PeerFile, PeerLimits, PeerService, PeerTask, PeerTimer, PeerUser, ScriptRun
from tests.winrm_peer.registry import PeerRegistry

AUTO_UPDATE_REBOOT = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
CBS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing"
SESSION_MANAGER = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"
WINDOWS_UPDATE = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
AUTOMATIC_UPDATES = WINDOWS_UPDATE + r"\AU"
_NO_SEARCH_FROM_BUILD = 26100


def _services() -> dict[str, PeerService]:
    manual = {"wuauserv": "Stopped", "BITS": "Stopped", "TrustedInstaller": "Stopped"}
    named = {name: PeerService(state, "Manual") for name, state in manual.items()}
    return named | {name: PeerService() for name in ("Schedule", "WinRM", "EventLog", "W32Time")}


@dataclass(slots=True)
class PeerMachine:
    """One Windows. What it is made of stands in its fields; a scenario in JSON names them (`scenario`).

    ``is_search_refused`` None: as its build has it, from 26100 on `CreateUpdateSearcher` is refused to the login
    itself with 0x80070005, and a task may search. ``search_fails_with`` is the HRESULT of searches, empty if they go
    well (``search_fails_times`` None: of every one); ``search_result_code`` 2 is success, 3 success with
    ``search_warnings``. ``are_tasks_refused``: no task can be registered. ``reboot_seconds`` is how long it refuses
    connections while it reboots, ``servicing_seconds`` how long it services what was installed after that;
    ``wont_come_back``: it stays away after a reboot. ``reboots_itself_after`` is how many seconds after a task began
    it reboots by itself, once.
    """

    name: str = "WIN-PEER"
    domain: str = ""
    caption: str = "Microsoft Windows Server 2022 Standard"
    build: int = 20348
    ubr: int = 2700
    display_version: str = "21H2"
    edition: str = "ServerStandard"
    installation_type: str = "Server"
    product_type: int = 3
    language: str = "en-US"
    architecture: str = "AMD64"
    powershell: str = "5.1.20348.2700"
    language_mode: str = "FullLanguage"
    net_release: int = 528449
    system_uuid: str = "4c4c4544-0042-3510-8054-b4c04f564433"
    machine_guid: str = "9f3e6f3a-5b1c-4a57-9a35-0f5d2b6f7a11"
    ip_addresses: list[str] = field(default_factory=lambda: ["192.0.2.10"])
    clock_skew_seconds: float = 0.0
    disk_free_bytes: int = 42_949_672_960
    disk_total_bytes: int = 136_365_211_648
    logged_in_users: list[str] = field(default_factory=list)
    listening_ports: list[int] = field(default_factory=lambda: [135, 445, 3389, 5985, 5986])
    users: list[PeerUser] = field(default_factory=lambda: [PeerUser()])
    services: dict[str, PeerService] = field(default_factory=_services)
    registry: PeerRegistry = field(default_factory=PeerRegistry)
    limits: PeerLimits = field(default_factory=PeerLimits)
    faults: FaultPlan = field(default_factory=FaultPlan)

    updates: list[PeerUpdate] = field(default_factory=list)
    history: list[PeerHistoryEntry] = field(default_factory=list)
    agent_version: str = "10.0.20348.2700"
    searched_at: datetime | None = None
    installed_at: datetime | None = None
    is_search_refused: bool | None = None
    search_seconds: float = 0.0
    search_fails_with: str = ""
    search_fails_times: int | None = None
    search_result_code: int = 2
    search_warnings: list[dict[str, object]] = field(default_factory=list)
    are_tasks_refused: bool = False
    is_other_installer_busy: bool = False

    up_seconds: float = 864_000.0
    reboot_seconds: float = 5.0
    servicing_seconds: float = 0.0
    wont_come_back: bool = False
    reboots_itself_after: float | None = None

    clock: PeerClock = field(default_factory=PeerClock)
    counters: PeerCounters = field(default_factory=PeerCounters)
    tasks: dict[str, PeerTask] = field(default_factory=dict)
    files: dict[str, PeerFile] = field(default_factory=dict)
    runs: list[ScriptRun] = field(default_factory=list)
    boots: int = 1
    _booted: float | None = None
    _spent: float = 0.0
    _timers: list[PeerTimer] = field(default_factory=list)
    _told: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    # -- what it is

    @property
    def version(self) -> str:
        """Its version without the revision: ``10.0.20348``."""
        return f"10.0.{self.build}"

    @property
    def full_version(self) -> str:
        """Its version with the revision: ``10.0.20348.2700``."""
        return f"{self.version}.{self.ubr}"

    def now(self) -> datetime:
        """The moment as this machine has it: its clock may be wrong."""
        return self.clock.now() + timedelta(seconds=self.clock_skew_seconds)

    @property
    def booted_at(self) -> datetime:
        """When it was booted, by its own clock; in whole seconds, in UTC."""
        booted = -self.up_seconds if self._booted is None else self._booted
        moment = self.clock.begun + timedelta(seconds=booted + self.clock_skew_seconds)
        return moment.astimezone(UTC).replace(microsecond=0)

    @property
    def refuses_search(self) -> bool:
        """Whether the login itself may not search for updates, so that a task has to."""
        return self.build >= _NO_SEARCH_FROM_BUILD if self.is_search_refused is None else self.is_search_refused

    def find_user(self, name: str) -> PeerUser | None:
        """The user whom ``name`` (``user``, ``DOMAIN\\user``, ``user@realm``) means, None if there is none."""
        plain = name.rpartition("\\")[2].partition("@")[0].casefold()
        return next((user for user in self.users if user.name.casefold() == plain), None)

    # -- what a script that runs there says and does

    def spend(self, seconds: float) -> None:
        """Says in a handler that this takes so long: what it says from here on comes that much later."""
        self._spent += seconds

    def take_spent(self) -> float:
        """How long the handler has worked so far, for who delivers what it says."""
        return self._spent

    def begin_script(self, run: ScriptRun) -> None:
        """Notes that a script runs, with nothing spent yet."""
        self.settle()
        self._spent = 0.0
        self.runs.append(run)

    def begin_task(self, name: str, seconds: float = 0.0, **told: object) -> PeerTask:
        """Registers and starts a task of SYSTEM that works for ``seconds``."""
        now = self.clock.seconds()
        task = PeerTask(name, told, seconds, registered_at=now, started_at=now, boot=self.boots)
        self.tasks[name] = task
        if self.reboots_itself_after is not None:
            after, self.reboots_itself_after = self.reboots_itself_after, None
            self.after(after, self.reboot)
        return task

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Has something happen by itself so many seconds from now."""
        self._timers.append(PeerTimer(self.clock.seconds() + seconds, happens))
        self._tell()

    def settle(self) -> None:
        """Lets everything happen that is due by now. The peer does it before each message."""
        while (timer := self._take_due()) is not None:
            timer.happens()

    def _take_due(self) -> PeerTimer | None:
        with self._lock:
            due = [timer for timer in self._timers if timer.at <= self.clock.seconds()]
            first = min(due, key=lambda timer: timer.at, default=None)
            if first is not None:
                self._timers.remove(first)
            return first

    def next_change(self) -> float | None:
        """The second at which something happens by itself next, None if nothing will."""
        return min((timer.at for timer in self._timers), default=None)

    # -- updates

    def offered(self) -> Iterator[PeerUpdate]:
        """What a search for updates that are not installed finds, hidden ones included; superseded ones left out."""
        by_id = {update.id: update for update in self.updates}
        wanted = [update for update in self.updates if self._is_wanted(update, by_id)]
        # What is offered, installed, or waits for a reboot takes the place of what it supersedes.
        newer = {update.id for update in self.updates if not update.is_needed} | {update.id for update in wanted}
        yield from (update for update in wanted if update.superseded_by not in newer)

    def superseded(self) -> Iterator[PeerUpdate]:
        """What a search that asks for superseded ones finds beside `offered`."""
        by_id = {update.id: update for update in self.updates}
        names = {update.id for update in self.offered()}
        yield from (
            update for update in self.updates if self._is_wanted(update, by_id) and update.superseded_by in names
        )

    def installed(self) -> Iterator[PeerUpdate]:
        """What a search for installed updates finds."""
        yield from (update for update in self.updates if update.is_installed)

    def revision_of(self, update: PeerUpdate) -> int:
        """The revision that it has now."""
        return update.revision_at(self.clock.seconds())

    def install(self, update: PeerUpdate) -> str:
        """Installs it as the agent would, and gives the HRESULT; `reboot_asked` has whether a reboot is asked for."""
        if update.fails_times > 0:
            update.fails_times -= 1
            self._note(update, 4, update.fails_with)
            return update.fails_with
        update.is_needed = False
        update.waits_for_reboot = update.asks_for_reboot
        if not update.asks_for_reboot:
            self._put_in_place(update)
        update.installed_at = self.installed_at = self.now()
        if update.asks_for_reboot:
            self.registry.add_key(AUTO_UPDATE_REBOOT)
            self.registry.add_key(CBS + r"\RebootPending")
        self._note(update, 2, "0x00000000")
        return "0x00000000"

    @property
    def reboot_asked(self) -> bool:
        """Whether something that was installed waits for a reboot."""
        return self.registry.has_key(AUTO_UPDATE_REBOOT) or self.registry.has_key(CBS + r"\RebootPending")

    def _is_wanted(self, update: PeerUpdate, by_id: dict[str, PeerUpdate]) -> bool:
        before = by_id.get(update.offered_after)
        return update.is_needed and not update.is_installed and (before is None or before.is_installed)

    def _note(self, update: PeerUpdate, result: int, hresult: str) -> None:
        self.history.insert(0, PeerHistoryEntry(self.now(), update.title, update.id, 1, result, hresult))

    # -- reboots

    def when_changed(self, told: Callable[[], None]) -> None:
        """Has ``told`` called whenever it goes down, or something was planned; from whichever thread did it."""
        self._told.append(told)

    def reboot(self) -> None:
        """Goes down now, and comes back after ``reboot_seconds``, with what was installed in place."""
        now = self.clock.seconds()
        self._booted = float("inf") if self.wont_come_back else now + self.reboot_seconds
        self.boots += 1
        self._timers.clear()
        if not self.wont_come_back:
            self.after(self.reboot_seconds, self._finish_boot)
        self._tell()

    @property
    def is_up(self) -> bool:
        """Whether it takes connections."""
        return self._booted is None or self.clock.seconds() >= self._booted

    @property
    def is_servicing(self) -> bool:
        """Whether it still services what was installed before the last reboot."""
        if self._booted is None:
            return False
        return self.is_up and self.clock.seconds() < self._booted + self.servicing_seconds

    def _finish_boot(self) -> None:
        for key in (AUTO_UPDATE_REBOOT, CBS + r"\RebootPending", CBS + r"\PackagesPending"):
            self.registry.remove_key(key)
        self.registry.remove_value(SESSION_MANAGER, "PendingFileRenameOperations")
        for update in self.updates:
            if update.waits_for_reboot:
                update.waits_for_reboot = False
                if update.rolls_back:
                    update.is_needed = True
                else:
                    self._put_in_place(update)
        self._tell()

    def _put_in_place(self, update: PeerUpdate) -> None:
        update.is_installed = True
        self.ubr = max(self.ubr, update.raises_ubr_to)

    def _tell(self) -> None:
        for told in list(self._told):
            told()
