"""What a probe found, as candidates: machines that are known and not enrolled, until somebody decides."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.machines import OSType
from fleet.winrm import WinrmScheme
from ops.home import Home
from ops.importing.banners import WINRM_PORT, Banner, BannerKind
from ops.importing.probing import Answering, main_banner
from ops.state.audit import Audit
from ops.state.candidates import CandidateBook
from ops.state.database import opened, transaction


class FoundState(StrEnum):
    """What became of something that answers; OTHER speaks neither SSH nor WinRM, and is none."""

    NEW = "new"
    KNOWN = "known"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that answers, and the candidate that it is."""

    answering: Answering
    state: FoundState
    candidate: Candidate | None = None


def keep_found(home: Home, answering: Iterable[Answering], now: datetime) -> list[Found]:
    """Keeps what answers as candidates, in one transaction; what was decided about one stays."""
    found = []
    with opened(home.state_file) as connection, transaction(connection):
        book = CandidateBook(connection, Audit(connection, clock=lambda: now))
        known = {candidate.id: candidate for candidate in book.list()}
        for each in answering:
            if main_banner(each).kind is BannerKind.OTHER:
                found.append(Found(each, FoundState.OTHER))
                continue
            candidate = candidate_of(each, now)
            before = known.get(candidate.id)
            if before is not None:
                candidate = replace(candidate, state=before.state, found_at=before.found_at, name=before.name)
            book.put(candidate, "candidate.seen" if before else "candidate.found")
            found.append(Found(each, _state_of(before), candidate))
    return found


def candidate_of(answering: Answering, now: datetime) -> Candidate:
    """The candidate that something at an address is; without a name it is called after its address."""
    banner, target = main_banner(answering), answering.target
    scheme = _winrm_scheme(banner)
    others = [f"{each.kind.value} at {each.port}: {each.text}" for each in answering.banners if each is not banner]
    name = target.name or (answering.target.address if ":" not in target.address else _dashed(target.address))
    return Candidate(
        # Of the address, so that probing it again finds the same candidate.
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"patchdeck:probe:{target.address.casefold()}")),
        name=name,
        origin=CandidateOrigin.PROBE,
        state=CandidateState.DISCOVERED,
        found_at=now,
        seen_at=now,
        found_by=target.named,
        address=target.address,
        port=banner.port if banner.kind is BannerKind.SSH and banner.port != 22 else None,
        os_type=banner.os_type,
        winrm_scheme=scheme,
        system=banner.text,
        note="; ".join(others),
    )


def _winrm_scheme(banner: Banner) -> WinrmScheme | None:
    """What Windows is reached by where its WinRM is all that answers; others speak WS-Management, too."""
    if banner.kind is not BannerKind.WINRM or banner.os_type is not OSType.WINDOWS:
        return None
    return WinrmScheme.HTTP if banner.port == WINRM_PORT else WinrmScheme.HTTPS


def _state_of(before: Candidate | None) -> FoundState:
    if before is None:
        return FoundState.NEW
    return FoundState.REFUSED if before.state is CandidateState.REFUSED else FoundState.KNOWN


def _dashed(address: str) -> str:
    """An IPv6 address as a name; no name of ours has colons."""
    return re.sub(r"[:%]+", "-", address).strip("-")
