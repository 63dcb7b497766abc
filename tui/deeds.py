"""What the app does, as against what it shows: enrol, assess, accept a key. Each is a function of ops, in a thread."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.machines import Machine, TransportKind
from fleet.targets import select_machines
from ops.assess_events import AssessEvent, MachineFinished, MachineStarted
from ops.cli.values import count_of
from ops.config import load_settings
from tui.background import in_thread
from tui.scanning import Mailbox, Scan, scan_options
from tui.unlocking import with_secrets

if TYPE_CHECKING:
    from collectors.host_keys import HostKey
    from ops.assess import BatchResult
    from ops.certificates import FetchedCertificate
    from ops.enrolment import Definition, Enrolment
    from query.library import SavedQuery
    from tui.app import PatchdeckApp

# Progress is shown a few times a second: more would only be bytes on the line.
DELIVERY_SECONDS = 0.1
LACKING_QUERY = "machines-lacking-fix"


class Deeds:
    """The deeds of ``deck``. One assessment runs at a time."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self._deck = deck
        self.scan: Scan | None = None
        # The exit code with which to leave once the assessment is stopped, None if nobody wants to leave.
        self._leaving: int | None = None

    def enrol_this_machine(self) -> None:
        """Enrols the machine that Patchdeck runs on, and assesses it."""
        from ops.enrolment import define_this_machine

        self.enrol(define_this_machine(), self._deck.complain)

    def assess_targets(self, text: str) -> None:
        """Assesses the machines that ``text`` names, all if it is empty.

        Raises:
            UnknownName, BadInput: a target that names nothing.
        """
        from ops.groups import group_members

        machines = [status.machine for status in self._deck.fleet.statuses]
        self.assess(select_machines(text.split() or ["all"], machines, group_members(self._deck.home)))

    def assess(self, machines: Sequence[Machine]) -> None:
        """Assesses ``machines``; the screens show how it goes."""
        deck = self._deck
        if self.scan is not None:
            deck.say(f"An assessment of {count_of(self.scan.total, 'machine')} is running: x stops it.")
            return
        scan = Scan(machines)
        if not scan.total:
            deck.say("None of these machines is enabled." if machines else "There is no machine to assess.")
            return
        try:
            options = scan_options(deck.home, load_settings(deck.home))
        except PatchdeckError as error:
            deck.complain(error)
            return
        mailbox = Mailbox(self._take_events, lambda deliver: deck.call_later(deck.set_timer, DELIVERY_SECONDS, deliver))
        self.scan = scan
        deck.scan_moved(set(scan.progress))

        def begin() -> None:
            work = lambda: scan.run(deck.home, options, mailbox.put, deck.clock)  # noqa: E731  # used once
            in_thread(deck, work, self._assessed, self._assessment_failed, what="assessing")

        with_secrets(deck, [machine for machine in machines if machine.enabled], begin, by_service=True)

    def stop_scan(self) -> None:
        """Begins no machine any more; what came in is stored."""
        if self.scan is None:
            self._deck.say("No assessment is running.")
        elif not self.scan.is_stopping:
            self.scan.stop()
            self._deck.scan_moved(set())

    def leave_when_stopped(self, exit_code: int = 0) -> None:
        """Stops the assessment and ends the app once what came in is stored."""
        self._leaving = exit_code
        if self.scan is None:
            self._deck.exit(exit_code)
        else:
            self.stop_scan()

    def ask_to_leave(self) -> None:
        """Ends the app; asks first while an assessment runs."""
        from tui.screens.confirm import Confirm

        deck, scan = self._deck, self.scan
        if scan is None:
            deck.exit(0)
            return

        def answered(is_wanted: bool | None) -> None:
            if is_wanted:
                self.leave_when_stopped()

        question = f"An assessment of {count_of(scan.total, 'machine')} is running."
        effect = "Stop it and leave? What came in until now is kept."
        deck.push_screen(Confirm(question, effect, yes="stop and leave"), answered)

    def accept_host_key(self, machine: Machine) -> None:
        """Fetches the key or certificate that ``machine`` shows, asks, and trusts it from then on."""
        from ops.host_keys import fetch_key

        if machine.transport is TransportKind.WINRM:
            self._accept_certificate(machine)
            return
        deck = self._deck
        deck.say(f"Asking {machine.name} for its host key …")
        fetch = lambda: asyncio.run(fetch_key(deck.home, machine))  # noqa: E731  # one expression, used once
        in_thread(deck, fetch, lambda key: self._ask_key(machine, key), deck.complain, what="fetching the host key")

    def ask_cve(self, cve: str = "") -> None:
        """Shows which machines lack the fix for ``cve``; asks for the CVE where none is given.

        Raises:
            BadInput: ``cve`` is none.
        """
        from fleet.cves import cve_wanted
        from ops.questions import find_query
        from tui.screens.parameters import ParametersOverlay

        deck, wanted = self._deck, cve_wanted(cve) if cve else ""

        def found(saved: "SavedQuery") -> None:
            if wanted:
                deck.show_query(saved.sql, saved.values({"cve": wanted}))
                return
            answered = lambda values: deck.show_query(saved.sql, values) if values is not None else None  # noqa: E731
            check = lambda values: cve_wanted(str(values["cve"]))  # noqa: E731  # one expression, used once
            deck.push_screen(ParametersOverlay(saved, check=check), answered)

        read = lambda: find_query(deck.home, LACKING_QUERY)  # noqa: E731  # one expression, used once
        in_thread(deck, read, found, deck.complain, what="reading the saved queries", opens=True)

    def ask_key(
        self, machine: Machine, key: "HostKey", accepted: Callable[[], None], *, changed_from: str = ""
    ) -> None:
        """Asks whether to trust ``key``, and does ``accepted`` once it is; ``changed_from`` tells of the one before."""
        from ops.host_keys import accept_key
        from tui.screens.accept_key import AcceptKey

        deck = self._deck

        def answered(is_accepted: bool | None) -> None:
            if is_accepted:
                accept = lambda: accept_key(deck.home, machine, key)  # noqa: E731  # one expression, used once
                in_thread(deck, accept, lambda _: accepted(), deck.complain, what="accepting the host key")

        deck.push_screen(AcceptKey(machine, key, changed_from=changed_from), answered)

    def ask_certificate(self, fetched: "FetchedCertificate", accepted: Callable[[], None]) -> None:
        """Asks whether to trust what was ``fetched``, and does ``accepted`` once it is."""
        from ops.certificates import accept_certificates
        from tui.screens.accept_certificate import AcceptCertificate

        deck, certificate = self._deck, fetched.certificate
        if certificate is None:
            return
        chosen = [(fetched.machine, certificate)]

        def answered(is_accepted: bool | None) -> None:
            if is_accepted:
                accept = lambda: accept_certificates(deck.home, chosen)  # noqa: E731  # one expression, used once
                in_thread(deck, accept, lambda _: accepted(), deck.complain, what="accepting the certificate")

        deck.push_screen(AcceptCertificate(fetched), answered)

    def _accept_certificate(self, machine: Machine) -> None:
        from ops.certificates import fetch_one_certificate

        deck = self._deck
        deck.say(f"Asking {machine.name} for its certificate …")

        def ask(fetched: "FetchedCertificate") -> None:
            if fetched.is_trusted:
                deck.say(f"The certificate of {machine.name} is trusted already.")
            else:
                self.ask_certificate(fetched, lambda: self.assess([machine]))

        fetch = lambda: asyncio.run(fetch_one_certificate(deck.home, machine))  # noqa: E731  # one expression, used once
        in_thread(deck, fetch, ask, deck.complain, what="fetching the certificate")

    def _ask_key(self, machine: Machine, key: "HostKey") -> None:
        from tui.rows.machine_rows import changed_key

        status = self._deck.fleet.find(machine.id)
        changed_from = changed_key(status) if status is not None else ""
        self.ask_key(machine, key, lambda: self.assess([machine]), changed_from=changed_from)

    def enrol(self, definition: "Definition", refused: "Callable[[PatchdeckError], None]") -> None:
        """Enrols a machine and assesses it; ``refused`` is told why that cannot be."""
        from ops.enrolment import enrol

        deck = self._deck

        def enrolled(enrolment: "Enrolment") -> None:
            deck.say(f"{enrolment.machine.name} is enrolled." if enrolment.is_new else "It was enrolled already.")
            for note in enrolment.notes:
                deck.say(note)
            deck.fleet.add(enrolment.machine)
            deck.publish()
            self.assess([enrolment.machine])

        in_thread(deck, lambda: enrol(deck.home, definition), enrolled, refused, what="enrolling")

    def _take_events(self, events: list[AssessEvent]) -> None:
        if self.scan is None:
            return
        touched: set[str] = set()
        for event in events:
            self.scan.take(event)
            if isinstance(event, MachineFinished):
                self._deck.fleet.take_finding(event.machine, event.assessment)
            if isinstance(event, MachineStarted | MachineFinished):
                touched.add(event.machine.id)
        self._deck.scan_moved(touched)

    def _assessed(self, result: "BatchResult") -> None:
        answered = len(result.assessments) - len(result.failed)
        parts = [f"{answered:,} answered"]
        parts += [f"{len(result.failed):,} failed"] if result.failed else []
        parts += [f"{len(result.not_assessed):,} not assessed"] if result.not_assessed else []
        parts += [f"{len(result.disabled):,} disabled"] if result.disabled else []
        self._ended(f"Assessment: {', '.join(parts)}.")

    def _assessment_failed(self, error: PatchdeckError) -> None:
        self._ended(str(error), is_error=True)

    def _ended(self, line: str, *, is_error: bool = False) -> None:
        self.scan = None
        self._deck.say(line, is_error=is_error)
        self._deck.reload()
        if self._leaving is not None:
            self._deck.exit(self._leaving)
