"""Taking in an introduction: whether the token allows it, whose it is, whether the token's limits approve of it.

All is decided in one transaction: of the machines that come at once for the last use of a token, one gets it.
"""

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from fleet.candidates import Candidate, CandidateOrigin, CandidateState, describe_doubts
from fleet.enrol_tokens import ApprovalMode, EnrolToken, TokenState, choose_address, doubts_of
from fleet.errors import NotPermitted, UnknownName
from fleet.hostile import clean
from fleet.introductions import Introduction, UnreadableIntroduction, parse_introduction
from fleet.machines import Machine, OSType, check_address
from fleet.winrm import WinrmScheme
from ops.approving import Approver
from ops.candidates import describe_keys
from ops.enrol_tokens.likeness import Likeness
from ops.home import Home
from ops.logs import log_event
from ops.state.audit import utc_now
from ops.state.candidates import CandidateBook
from ops.state.database import opened, transaction
from ops.state.enrol_tokens import EnrolTokenBook

# How often a machine may change what it said, for each machine of its token: every change is an entry of the audit.
_REPEATS_A_MACHINE = 20
# How many other addresses of a machine that waits are told: by then somebody has to look anyway.
_MOST_PLACES = 5


class IntroductionRefused(NotPermitted):
    """The token does not allow this introduction; says why to whoever holds the token, and nothing of the home."""


@dataclass(frozen=True, slots=True)
class Reception:
    """What became of an introduction: ``candidate`` where it waits, ``machine`` where it is enrolled, now or before."""

    name: str
    candidate: Candidate | None = None
    machine: Machine | None = None
    is_new: bool = True
    weak_keys: tuple[str, ...] = ()

    def describe(self) -> str:
        """One line for the machine."""
        if self.machine is not None:
            return f"{self.name} is enrolled{'' if self.is_new else ' already'}."
        return f"{self.name} is known to the console{'' if self.is_new else ' already'}, and waits to be approved."

    @property
    def keys(self) -> tuple[str, ...]:
        """The host keys that came in, with fingerprints, to be compared."""
        return describe_keys(self.candidate) if self.candidate else ()


def require_usable(home: Home, token_id: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Refuses a token that cannot be used any more before anything is read from whoever holds it.

    One that is used up still serves the machines that it introduced.

    Raises:
        IntroductionRefused: it is unknown, revoked or expired.
    """
    with opened(home.state_file) as connection:
        _usable(connection, token_id, clock())


def accept_introduction(
    home: Home, token_id: str, raw: bytes, came_from: str, clock: Callable[[], datetime] = utc_now
) -> Reception:
    """Takes in what a machine said, which came from the address ``came_from``. The same machine twice is once.

    Raises:
        UnreadableIntroduction: it is none.
        IntroductionRefused: the token does not allow it.
    """
    with opened(home.state_file) as connection:
        try:
            introduction = parse_introduction(raw)
            with transaction(connection):
                desk = _Desk(connection, home, came_from, clock())
                reception = desk.receive(token_id, introduction)
        except (IntroductionRefused, UnreadableIntroduction) as refusal:
            _note_refusal(connection, token_id, came_from, str(refusal))
            raise
    log_event("introduction taken", token=token_id, machine=reception.name, came_from=came_from, new=reception.is_new)
    return replace(reception, weak_keys=introduction.weak_keys)


def note_refusal(home: Home, token_id: str, came_from: str, why: str) -> None:
    """Counts an introduction of which nothing could be read, so that an administrator sees that a machine tried."""
    with opened(home.state_file) as connection:
        _note_refusal(connection, token_id, came_from, why)


def _usable(connection: sqlite3.Connection, token_id: str, now: datetime) -> EnrolToken:
    try:
        token = EnrolTokenBook(connection).find(token_id)
    except UnknownName as error:
        # Not the error's own words: they would tell the names of other tokens.
        raise IntroductionRefused("This token is not known.") from error
    if token.state(now) in (TokenState.REVOKED, TokenState.EXPIRED):
        raise IntroductionRefused(f"This token is {token.state(now).value}.")
    return token


def _note_refusal(connection: sqlite3.Connection, token_id: str, came_from: str, why: str) -> None:
    """Counted with the token and logged, not audited: whoever holds the token can cause as many as they like."""
    why = clean(why)
    log_event("introduction refused", token=token_id, came_from=came_from, why=why)
    book = EnrolTokenBook(connection)
    with transaction(connection):
        try:
            token = book.find(token_id)
        except UnknownName:
            return
        book.count(replace(token, refusals=token.refusals + 1, last_refusal=f"{why} (from {came_from or 'here'})"))


class _Desk:
    """One introduction, inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, home: Home, came_from: str, now: datetime) -> None:
        self._connection = connection
        self._came_from = came_from
        self._now = now
        self._approver = Approver(connection, home, now)
        self._candidates = CandidateBook(connection)

    def receive(self, token_id: str, said: Introduction) -> Reception:
        token = _usable(self._connection, token_id, self._now)
        if not token.knows(said.proof):
            raise IntroductionRefused("This is not the line of this token.")
        if not token.admits(self._came_from):
            raise IntroductionRefused(f"This token is not for machines at {self._came_from or 'an unknown address'}.")
        likeness = Likeness(
            self._connection, self._approver.accepted, self._approver.certificates, said, self._came_from
        )
        machine = likeness.enrolled()
        if machine is not None:
            return Reception(machine.name, machine=machine, is_new=False)
        known = likeness.introduced()
        if known is None:
            return self._introduce(token, said, likeness)
        return self._introduce_again(token, said, likeness, known)

    def _introduce(self, token: EnrolToken, said: Introduction, likeness: Likeness) -> Reception:
        if token.used >= token.count:
            raise IntroductionRefused(f"This token is used up: it was for {token.count:,}.")
        EnrolTokenBook(self._connection).count(replace(token, used=token.used + 1))
        candidate = self._candidate(token, said, likeness, None)
        for other, doubt in likeness.likened(candidate):
            self._candidates.put(other.with_doubt(doubt), "candidate.doubt")
        return self._keep(token, candidate, is_new=True)

    def _introduce_again(
        self, token: EnrolToken, said: Introduction, likeness: Likeness, known: Candidate
    ) -> Reception:
        """What waits is changed only by the same machine at the same place: another may hold the token too."""
        if known.state is CandidateState.REFUSED:
            raise IntroductionRefused(f"An administrator has refused {known.name}.")
        is_other_token = known.found_by != token.id
        if known.came_from != self._came_from:
            return self._note_elsewhere(token, known, is_other_token=is_other_token)
        seen = replace(known, seen_at=self._now)
        wanted = self._candidate(token, said, likeness, known)
        decides_now = is_other_token and token.approval is ApprovalMode.AUTO
        is_steady = set(known.host_keys) == set(said.host_keys) and known.certificate == wanted.certificate
        if not is_steady or (replace(wanted, found_by=known.found_by) == seen and not decides_now):
            self._candidates.put(seen)
            return Reception(known.name, seen, is_new=False)
        self._count_repeat(token, is_other_token=is_other_token)
        return self._keep(token, wanted, is_new=False)

    def _note_elsewhere(self, token: EnrolToken, known: Candidate, *, is_other_token: bool) -> Reception:
        """A clone has the name and the keys of the first one that came; so may have who claims to be it."""
        seen = replace(known, seen_at=self._now)
        place = self._came_from or "here"
        if place in known.also_from or len(known.also_from) >= _MOST_PLACES:
            self._candidates.put(seen)
        else:
            self._count_repeat(token, is_other_token=is_other_token)
            noted = replace(seen, also_from=(*seen.also_from, place)).with_doubt(_came_also(place))
            self._candidates.put(noted, "candidate.doubt")
        return Reception(known.name, seen, is_new=False)

    def _count_repeat(self, token: EnrolToken, *, is_other_token: bool) -> None:
        if token.repeats >= _REPEATS_A_MACHINE * token.count or (is_other_token and token.used >= token.count):
            raise IntroductionRefused("This token was used too often.")
        counted = replace(token, repeats=token.repeats + 1, used=token.used + int(is_other_token))
        EnrolTokenBook(self._connection).count(counted)

    def _keep(self, token: EnrolToken, candidate: Candidate, *, is_new: bool) -> Reception:
        self._candidates.put(candidate, "candidate.introduce")
        if token.approval is ApprovalMode.ASK or candidate.doubts:
            return Reception(candidate.name, candidate, is_new=is_new)
        machine = self._approver.approve(candidate, candidate.host_keys)
        self._approver.write_keys()
        return Reception(machine.name, candidate, machine)

    def _candidate(
        self, token: EnrolToken, said: Introduction, likeness: Likeness, known: Candidate | None
    ) -> Candidate:
        address, note = choose_address(token, said, self._came_from)
        allowed = {key: value for key, value in said.tags.items() if token.allows_tag(key, value)}
        # A Windows without sshd; one that has it shows the keys by which it is known.
        is_winrm = said.os_type is OSType.WINDOWS and not said.host_keys
        listener = said.best_winrm if is_winrm else None
        candidate = Candidate(
            id=str(uuid.uuid4()) if known is None else known.id,
            name=said.name,
            origin=CandidateOrigin.TOKEN,
            state=CandidateState.PENDING,
            found_at=self._now if known is None else known.found_at,
            seen_at=self._now,
            found_by=token.id,
            address=check_address(address),
            port=listener.port if listener else said.port,
            user=token.user or (said.user if said.key_installed else None) or None,
            came_from=self._came_from,
            os_type=said.os_type,
            system=said.system,
            host_keys=said.host_keys,
            tags=MappingProxyType({**allowed, **token.tags}),
            fqdn=said.fqdn,
            addresses=said.addresses,
            machine_id=said.machine_id,
            profile=token.profile,
            winrm_scheme=(listener.scheme if listener else WinrmScheme.HTTPS) if is_winrm else None,
            certificate=listener.certificate if listener else "",
        )
        also_from = () if known is None else known.also_from
        elsewhere = map(_came_also, also_from)
        doubts = (*doubts_of(token, said), *likeness.doubts(known), *self._doubts_of_place(candidate), *elsewhere)
        return replace(candidate, doubts=doubts, also_from=also_from, note=_note(note, said, doubts))

    def _doubts_of_place(self, candidate: Candidate) -> tuple[str, ...]:
        occupied = self._approver.obstacle(candidate)
        return () if occupied is None else (occupied,)


def _note(note: str, said: Introduction, doubts: tuple[str, ...]) -> str:
    """What an administrator has to know before a decision, in one text."""
    parts = [text for text in (describe_doubts(doubts), note) if text]
    if said.key_installed is False:
        parts.append("The console's key could not be installed on it.")
    return " ".join(parts)


def _came_also(place: str) -> str:
    return f"it introduced itself from {place} too: it has moved, or there is a clone of it"
