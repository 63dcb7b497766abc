"""Deciding about candidates: machines that were found, or that introduced themselves, become enrolled or are refused.

What a candidate introduced over its token is trusted with the approval, its host keys too. Keys that were seen over the
network are not: whoever approves names their fingerprints, or accepts the key later (`ops.host_keys`).
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from fleet.candidates import Candidate, CandidateState
from fleet.errors import BadInput, UnknownName
from fleet.host_key_lines import describe_key, fingerprint
from fleet.machines import Machine, TransportKind
from fleet.winrm import WinrmScheme
from ops.approving import Approver
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.candidates import CandidateBook
from ops.state.database import opened, transaction
from ops.state.machines import MachineBook

# What a name was before is found in the whole audit, once for each name.
_MOST_EXPLAINED = 100


@dataclass(frozen=True, slots=True)
class Approval:
    """A candidate, by id or name, and how it is to be enrolled; what is None is as the candidate says.

    ``fingerprints`` are of host keys that it showed and that are to be trusted, beside those that it introduced.
    ``seen`` is the candidate as whoever approves saw it: one that has changed since is not approved. With
    ``replaces_key`` another key that is trusted at its address now gives way.
    """

    candidate: str
    name: str | None = None
    address: str | None = None
    port: int | None = None
    user: str | None = None
    profile: str | None = None
    transport: TransportKind | None = None
    scheme: WinrmScheme | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    fingerprints: tuple[str, ...] = ()
    seen: Candidate | None = None
    replaces_key: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of one decision. ``problem`` is why it was not done, empty where it was.

    ``machine`` is the machine that it was enrolled as, now or earlier; ``trusted`` describes the host keys that are
    trusted from now on. ``notes`` are sentences on what its name was before.
    """

    name: str
    candidate: Candidate | None = None
    machine: Machine | None = None
    trusted: tuple[str, ...] = ()
    problem: str = ""
    is_new: bool = True
    notes: tuple[str, ...] = ()


def list_candidates(home: Home) -> list[Candidate]:
    """Every candidate by name, refused ones too."""
    with opened(home.state_file) as connection:
        return CandidateBook(connection).list()


def waiting(candidates: Iterable[Candidate], *, without_doubts: bool = False) -> list[Candidate]:
    """Those of which nobody has decided yet; ``without_doubts`` only those against which nothing speaks."""
    undecided = [each for each in candidates if each.state is not CandidateState.REFUSED]
    return [each for each in undecided if not (without_doubts and each.doubts)]


def describe_keys(candidate: Candidate) -> tuple[str, ...]:
    """The host keys and the certificate that it showed, each with its fingerprint: ``ssh-ed25519 SHA256:…``."""
    of_winrm = (f"certificate {candidate.certificate}",) if candidate.certificate else ()
    return (*map(describe_key, candidate.host_keys), *of_winrm)


def approve_candidates(
    home: Home, approvals: Sequence[Approval], clock: Callable[[], datetime] = utc_now
) -> list[Decision]:
    """Enrols candidates, in the order given; one that cannot be enrolled is told and keeps no other back.

    A name that no candidate has and a machine bears was approved earlier: nothing changes. All in one transaction.

    Raises:
        HomeUnusable: the home's known_hosts or its state cannot be written; nothing was changed.
    """
    with opened(home.state_file) as connection, transaction(connection):
        approver = Approver(connection, home, clock())
        explained = approver.explain_name if len(approvals) <= _MOST_EXPLAINED else _explain_nothing
        decisions = [_approve(connection, approver, approval, explained) for approval in approvals]
        approver.write_keys()
    return decisions


def refuse_candidates(home: Home, names: Sequence[str]) -> list[Decision]:
    """Refuses candidates, by id or name; they stay known, so that nobody is asked again. Again changes nothing."""

    def refuse(book: CandidateBook, candidate: Candidate) -> Candidate:
        refused = replace(candidate, state=CandidateState.REFUSED)
        book.put(refused, "candidate.refuse")
        return refused

    return _decide(home, names, refuse)


def forget_candidates(home: Home, names: Sequence[str]) -> list[Decision]:
    """Forgets candidates, by id or name: should they be found or introduce themselves again, they are new."""

    def forget(book: CandidateBook, candidate: Candidate) -> Candidate:
        book.remove(candidate.id, "candidate.forget")
        return candidate

    return _decide(home, names, forget)


def _decide(
    home: Home, names: Collection[str], decide: Callable[[CandidateBook, Candidate], Candidate]
) -> list[Decision]:
    decisions = []
    with opened(home.state_file) as connection, transaction(connection):
        book = CandidateBook(connection)
        for name in names:
            try:
                candidate = book.find(name)
                after = decide(book, candidate)
                decisions.append(Decision(candidate.name, after, is_new=after is candidate or after != candidate))
            except BadInput as error:
                decisions.append(Decision(name, problem=_why(connection, name, error)))
    return decisions


def _why(connection: sqlite3.Connection, name: str, error: BadInput) -> str:
    machine = MachineBook(connection).find(name)
    if machine is None:
        return str(error)
    return f"{machine.name} is enrolled: `patchdeck machines disable {machine.name}` lets nothing touch it."


def _explain_nothing(_name: str) -> tuple[str, ...]:
    return ()


def _approve(
    connection: sqlite3.Connection, approver: Approver, approval: Approval, explained: Callable[[str], tuple[str, ...]]
) -> Decision:
    try:
        candidate = CandidateBook(connection).find(approval.candidate)
    except BadInput as error:
        machine = MachineBook(connection).find(approval.candidate) if isinstance(error, UnknownName) else None
        if machine is not None:
            return Decision(machine.name, machine=machine, is_new=False)
        return Decision(approval.candidate, problem=str(error))
    try:
        wanted = _as_approved(candidate, approval)
        keys = _keys_to_trust(wanted, approval.fingerprints)
        notes = explained(wanted.name)
        machine = approver.approve(wanted, keys, may_replace=approval.replaces_key)
    except BadInput as error:
        return Decision(candidate.name, candidate, problem=str(error))
    trusted = describe_keys(replace(wanted, host_keys=keys))
    return Decision(candidate.name, candidate, machine, trusted, notes=notes)


def _as_approved(candidate: Candidate, approval: Approval) -> Candidate:
    """The candidate with what was decided about it."""
    if approval.seen is not None and replace(approval.seen, seen_at=candidate.seen_at) != candidate:
        raise BadInput(f"{candidate.name} says something else of itself by now: look at it again.")
    reached = _as_reached(candidate, approval)
    return replace(
        reached,
        name=approval.name or candidate.name,
        address=approval.address or candidate.address,
        port=approval.port or reached.port,
        user=approval.user or candidate.user,
        profile=approval.profile or candidate.profile,
        tags=MappingProxyType({**candidate.tags, **approval.tags}),
    )


def _as_reached(candidate: Candidate, approval: Approval) -> Candidate:
    """The candidate, reached as was decided; the port that was found belongs to the way that was."""
    kind = approval.transport or (TransportKind.WINRM if approval.scheme else None)
    if kind not in (None, TransportKind.SSH, TransportKind.WINRM):
        raise BadInput(f"{candidate.name} is reached by ssh or winrm, not by {kind}.")
    if kind is TransportKind.SSH and approval.scheme is not None:
        raise BadInput("--http and --https belong to WinRM, not to SSH.")
    was = candidate.winrm_scheme
    now = None if kind is TransportKind.SSH else approval.scheme or was
    if kind is TransportKind.WINRM and now is None:
        now = WinrmScheme.HTTPS
    if now is was:
        return candidate
    keys = candidate.host_keys if now is None else ()
    return replace(candidate, winrm_scheme=now, port=None, certificate="", host_keys=keys)


def _keys_to_trust(candidate: Candidate, fingerprints: Collection[str]) -> tuple[str, ...]:
    shown = {fingerprint(key): key for key in candidate.host_keys}
    strange = [text for text in fingerprints if text not in shown]
    if strange:
        keys = ", ".join(map(describe_key, candidate.host_keys)) or "no key"
        raise BadInput(f"{candidate.name} did not show {strange[0]}: it showed {keys}.")
    if candidate.introduced_its_keys:
        return candidate.host_keys
    return tuple(shown[text] for text in fingerprints)
