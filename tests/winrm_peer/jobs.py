"""A job on a peer: what `job_task.ps1` does, step by step, by the machine's clock.

It is no PowerShell, but keeps the same status file and log, asks the same questions in the same order, and dies with a
reboot or when it is killed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.offers import SERVICE_PACKS, UPGRADES, PeerUpdate
from tests.winrm_peer.parts import PeerTask

OK = "0x00000000"
_FIRST_PROCESS = 4000
_TRIED_AGAIN = ("0x80240009", "0x80240016", "0x8024402C", "0x80072EE2", "0x80244010")
_GOING_DOWN = ("0x8007045B", "0x8024001E")
_FINAL = ("0x80070070", "0x80240020", "0x8024200A", "0x80240023")


@dataclass(slots=True)
class PeerJob:
    """One job. ``status`` is its status file, ``at`` the second of the machine's clock up to which it has worked."""

    machine: PeerMachine
    id: str
    order: Mapping[str, Any]  # Any: JSON that our own side wrote
    task: PeerTask
    at: float
    began: float
    status: dict[str, Any] = field(default_factory=dict)  # Any: as above
    log: bytearray = field(default_factory=bytearray)
    is_stop_asked: bool = False
    was_killed: bool = False
    found: dict[str, PeerUpdate] = field(default_factory=dict)
    _steps: Iterator[float] | None = None

    @property
    def state(self) -> str:
        """As `job_part.ps1` finds it: running, ended or interrupted."""
        if self.status.get("exit") is not None:
            return "ended"
        is_same_boot = self.task.boot == self.machine.boots
        if not self.status["process"]:
            return "running" if is_same_boot and self.task.queued_seconds is None else "interrupted"
        return "running" if is_same_boot and not self.was_killed else "interrupted"

    def begin(self) -> None:
        """Its process begins."""
        self.status["process"] = _FIRST_PROCESS + len(self.machine.tasks)
        self.status["process_began"] = str(int(self.began * 10_000_000))
        self._steps = self._work()
        self.go_on()

    def kill(self) -> None:
        """Ends its process, as somebody may from the task manager."""
        self.was_killed = True

    def go_on(self) -> None:
        """Works until it has to wait, and has itself called when that is over."""
        while self._steps is not None and not self.was_killed and self.task.boot == self.machine.boots:
            seconds = next(self._steps, None)
            self.status["elapsed_seconds"] = round(self.at - self.began, 3)
            if seconds is None:
                return
            if seconds > 0:
                self.at += seconds
                self.machine.after(self.at - self.machine.clock.seconds(), self.go_on)
                return

    def _work(self) -> Iterator[float]:
        self._tell(f"job {self.id}, {self.order['kind']} of {len(self.order['updates'])} updates")
        for each in self.order["updates"]:
            self.status["updates"].append(_entry(each))
        self._step("searching", 0)
        yield self.machine.search_seconds
        if self.machine.search_fails_with:
            self._end_search(self.machine.search_fails_with)
            return
        self._find()
        ready = [entry for entry in self.status["updates"] if entry["id"] in self.found]
        yield from self._download(ready)
        if self.order["kind"] == "install":
            late = [entry for entry in ready if entry["download_result"] is None]
            if late and (hindrance := self._hindrance()):
                self._leave(late, hindrance)
            yield from self._install([entry for entry in ready if entry["download_result"] in (2, 3)])
        self._end()

    def _end_search(self, code: str) -> None:
        self._note(f"The search failed: {code}.")
        self.status |= {"phase": "failed", "hresult": code, "exit": 2, "message": "the search failed"}

    def _find(self) -> None:
        offered = {update.id: update for update in self.machine.offered()}
        for entry in self.status["updates"]:
            update = offered.get(entry["id"])
            entry["found"] = update is not None and not update.is_hidden
            if update is None:
                self._note(f"{entry['name']} is not offered any more.")
            elif update.is_hidden:
                self._note(f"{entry['name']} has been hidden by somebody since it was ordered.")
            elif update.can_request_user_input:
                self._fail(entry, "0x8024200A", "it can ask a person for input")
            elif update.eula_accepted is False and not self.order["accept_licences"]:
                self._fail(entry, "0x80240023", "its licence is not accepted, and the order does not accept it")
            else:
                if update.eula_accepted is False:
                    update.eula_accepted = True
                    self._note(f"The licence of {entry['name']} was accepted, as ordered.")
                entry["revision"] = self.machine.revision_of(update)
                self.found[entry["id"]] = update

    def _fail(self, entry: dict[str, Any], code: str, words: str) -> None:  # Any: JSON
        entry |= {"install_result": 4, "install_hresult": code}
        self._note(f"{entry['name']}: {words}.")
        self._end_batch(self._begin_batch("install", [entry], 1), [4], [code])

    def _download(self, entries: Sequence[dict[str, Any]]) -> Iterator[float]:  # Any: JSON
        is_all = self.order["kind"] == "download"
        for number, entry in enumerate(entries):
            if hindrance := self._hindrance():
                if is_all:
                    self._leave([entry], hindrance)
                continue
            self._step("downloading", (100 if is_all else 40) * number / len(entries), entry["id"])
            update = self.found[entry["id"]]
            if not update.is_downloaded:
                yield update.download_seconds
            needed = 0 if update.is_downloaded else update.takes_bytes
            code = OK if needed <= self.machine.disk_free_bytes else "0x80070070"
            update.is_downloaded = code == OK
            entry |= {"download_result": 2 if code == OK else 4, "download_hresult": code}
            if is_all or code != OK:
                self._end_batch(self._begin_batch("download", [entry], 1), [entry["download_result"]], [code])

    def _install(self, entries: Sequence[dict[str, Any]]) -> Iterator[float]:  # Any: JSON
        done = 0
        for batch in self._split(entries):
            self._step("installing", 40 + 55 * done / len(entries), batch[0]["id"])
            yield from self._install_batch(batch, 1)
            done += len(batch)
        for entry in entries:
            code = entry["install_hresult"]
            is_over = self.status["reboot_required"] or entry["install_result"] != 4 or self._hindrance()
            if not is_over and code not in (*_FINAL, *_TRIED_AGAIN[:2]):
                self._step("installing", 95, entry["id"])
                yield from self._install_batch([entry], 2)

    def _split(self, entries: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:  # Any: JSON
        last = [entry for entry in entries if _is_big(self.found[entry["id"]])]
        first = [
            entry
            for entry in entries
            if entry not in last and (entry["exclusive"] or self.found[entry["id"]].is_exclusive)
        ]
        middle = [entry for entry in entries if entry not in first and entry not in last]
        yield from ([entry] for entry in first)
        size = max(1, int(self.order["batch_size"]))
        yield from (middle[at : at + size] for at in range(0, len(middle), size))
        yield from ([entry] for entry in last)

    def _install_batch(self, entries: list[dict[str, Any]], attempt: int) -> Iterator[float]:  # Any: JSON
        waited = 0.0
        while self.machine.is_other_installer_busy and waited < self.order["lock_wait_seconds"]:
            if not waited:
                self._note("Another installer is at work; it is waited for.")
            waited += 1.0
            yield 1.0
        needs_first = self.machine.reboot_asked and any(self.found[entry["id"]].is_exclusive for entry in entries)
        if hindrance := self._hindrance() or ("reboot" if needs_first else ""):
            self._leave(entries, hindrance)
            return
        batch = self._begin_batch("install", entries, attempt)
        if self.machine.is_other_installer_busy:
            self._end_batch(batch, [4] * len(entries), ["0x80240016"] * len(entries))
            self._take_results(batch, entries)
            return
        yield sum(self.found[entry["id"]].install_seconds for entry in entries)
        codes = [self.machine.install(self.found[entry["id"]]) for entry in entries]
        self._end_batch(batch, [2 if code == OK else 4 for code in codes], codes)
        self._take_results(batch, entries)

    def _take_results(self, batch: dict[str, Any], entries: list[dict[str, Any]]) -> None:  # Any: JSON
        for entry, each in zip(entries, batch["updates"], strict=True):
            each["reboot_required"] = each["result"] == 2 and self.found[entry["id"]].asks_for_reboot
            entry["install_result"], entry["install_hresult"] = each["result"], each["hresult"]
            entry["reboot_required"] = each["reboot_required"]
            self.status["reboot_required"] |= each["reboot_required"]
            if each["hresult"] in _GOING_DOWN:
                self.status["hresult"] = each["hresult"]

    def _begin_batch(
        self, action: str, entries: Sequence[dict[str, Any]], attempt: int, reason: str = ""
    ) -> dict[str, Any]:  # Any: JSON
        batch: dict[str, Any] = {
            "number": len(self.status["batches"]) + 1,
            "attempt": attempt,
            "action": action,
            "reason": reason,
            "updates": [{"id": entry["id"], "result": None, "hresult": ""} for entry in entries],
            "began_seconds": round(self.at - self.began, 3),
            "ended_seconds": None,
            "result": None,
            "hresult": "",
            "log_from": len(self.log),
            "log_to": None,
        }
        self.status["batches"].append(batch)
        self._tell(f"{action}, attempt {attempt}: {', '.join(str(entry['name']) for entry in entries)}")
        return batch

    def _end_batch(self, batch: dict[str, Any], results: Sequence[int], codes: Sequence[str]) -> None:  # Any: JSON
        for each, result, code in zip(batch["updates"], results, codes, strict=True):
            each |= {"result": result, "hresult": code}
        is_good = all(result == 2 for result in results)
        self._tell(f"{batch['action']} ended with result {2 if is_good else 4}")
        batch |= {"result": 2 if is_good else 4, "hresult": OK, "ended_seconds": round(self.at - self.began, 3)}
        batch["log_to"] = len(self.log)

    def _leave(self, entries: Sequence[dict[str, Any]], reason: str) -> None:  # Any: JSON
        batch = self._begin_batch("left", entries, 0, reason)
        batch |= {"ended_seconds": batch["began_seconds"], "log_to": len(self.log)}

    def _hindrance(self) -> str:
        passed = self.at - self.began
        if self.status["hresult"] in _GOING_DOWN:
            return "reboot"
        if self.is_stop_asked:
            return "stopped"
        end = self.order["end_within_seconds"]
        is_late = passed >= self.order["start_within_seconds"] or (end is not None and passed >= end)
        return "window" if is_late else ""

    def _end(self) -> None:
        if self.status["hresult"] in _GOING_DOWN:
            self._note(f"Windows goes down ({self.status['hresult']}).")
            self.was_killed = True
            return
        kind = "download_result" if self.order["kind"] == "download" else "install_result"
        left = sum(entry[kind] not in (2, 3) for entry in self.status["updates"])
        self._tell(f"ended, {left} not done")
        self.status |= {"phase": "cancelled" if self.is_stop_asked else "done", "percent": 100, "exit": min(1, left)}

    def _step(self, phase: str, percent: float, current: str = "") -> None:
        self.status |= {"phase": phase, "doing": phase, "current": current}
        self.status["percent"] = max(self.status["percent"], round(percent, 1))

    def _note(self, text: str) -> None:
        self._tell(text)
        self.status["notes"].append({"seconds": round(self.at - self.began, 3), "text": text})

    def _tell(self, text: str) -> None:
        at = self.machine.clock.begun + timedelta(seconds=self.at)
        self.log += f"{at:%Y-%m-%dT%H:%M:%SZ} {text}\r\n".encode()


def _entry(ordered: Mapping[str, Any]) -> dict[str, Any]:  # Any: JSON
    return {
        "id": ordered["id"],
        "revision": ordered["revision"],
        "name": ordered["name"],
        "kb": ordered["kb"],
        "exclusive": ordered["exclusive"],
        "found": None,
        "download_result": None,
        "download_hresult": "",
        "install_result": None,
        "install_hresult": "",
        "reboot_required": None,
    }


def _is_big(update: PeerUpdate) -> bool:
    return any(category.id in (SERVICE_PACKS, UPGRADES) for category in update.categories or [])
