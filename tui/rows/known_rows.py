"""Every machine that is known, as rows: those that wait for a decision, the enrolled, the refused, the retired."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.hostile import clean, clean_name
from fleet.machines import Machine, OSType
from fleet.retired import RetiredMachine
from fleet.status import MachineStatus
from tui.rows.ages import describe_age, describe_time
from tui.rows.machine_rows import reached_by, tags_text
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

KNOWN_COLUMNS = (
    TableColumn("name", "Machine", most=32, least=12, priority=0),
    TableColumn("standing", "State", most=10, least=10, priority=1),
    TableColumn("origin", "Known by", most=32, least=12, priority=2),
    TableColumn("address", "Reached by", most=40, least=12, priority=2),
    TableColumn("os", "System", most=34, least=8, priority=4),
    TableColumn("seen", "Since", most=10, least=6, priority=3),
    TableColumn("tags", "Tags", most=40, least=8, priority=5),
    TableColumn("profile", "Profile", most=20, least=7, priority=6),
    TableColumn("note", "Note", most=60, least=12, priority=7),
)


class Standing(StrEnum):
    """What is decided of a machine that is known; in the order in which rows stand."""

    PENDING = "pending"
    DISCOVERED = "discovered"
    ENABLED = "enabled"
    DISABLED = "disabled"
    REFUSED = "refused"
    RETIRED = "retired"

    @property
    def waits(self) -> bool:
        """Whether somebody has to decide."""
        return self in (Standing.PENDING, Standing.DISCOVERED)

    @property
    def is_enrolled(self) -> bool:
        """Whether it is a machine of the fleet."""
        return self in (Standing.ENABLED, Standing.DISABLED)


_TONES = {
    Standing.PENDING: Tone.PENDING,
    Standing.DISCOVERED: Tone.ACCENT,
    Standing.ENABLED: Tone.GOOD,
    Standing.DISABLED: Tone.OFFLINE,
    Standing.REFUSED: Tone.BAD,
    Standing.RETIRED: Tone.DIM,
}
_STANDINGS = {
    CandidateState.DISCOVERED: Standing.DISCOVERED,
    CandidateState.PENDING: Standing.PENDING,
    CandidateState.REFUSED: Standing.REFUSED,
}
_ORIGINS = {CandidateOrigin.PROBE: "probe", CandidateOrigin.SOURCE: "source", CandidateOrigin.TOKEN: "token"}


@dataclass(frozen=True, slots=True)
class KnownMachine:
    """One machine that is known: exactly one of the three."""

    status: MachineStatus | None = None
    candidate: Candidate | None = None
    retired: RetiredMachine | None = None

    @property
    def key(self) -> str:
        """What its row is known by: ids of the three kinds may be alike."""
        if self.candidate is not None:
            return f"candidate {self.candidate.id}"
        machine = self.machine
        return f"{'retired' if self.retired else 'machine'} {machine.id if machine else ''}"

    @property
    def machine(self) -> Machine | None:
        """The machine as it is or was enrolled."""
        if self.status is not None:
            return self.status.machine
        return self.retired.machine if self.retired is not None else None

    @property
    def name(self) -> str:
        """How it is called, clean."""
        machine = self.machine
        return clean_name(machine.name if machine else self.candidate.name if self.candidate else "")

    @property
    def standing(self) -> Standing:
        """What is decided of it."""
        if self.candidate is not None:
            return _STANDINGS[self.candidate.state]
        if self.retired is not None:
            return Standing.RETIRED
        return Standing.ENABLED if self.machine is None or self.machine.enabled else Standing.DISABLED


def known_rows(known: Iterable[KnownMachine], now: datetime) -> list[Row]:
    """A row for each, what waits for a decision first."""
    return sorted((_row(each, now) for each in known), key=lambda row: (row.order[1], row.order[0]))


def standing_counts(known: Iterable[KnownMachine]) -> Counter[Standing]:
    """How many there are of each."""
    return Counter(each.standing for each in known)


def _row(known: KnownMachine, now: datetime) -> Row:
    standing, machine, candidate = known.standing, known.machine, known.candidate
    since = candidate.seen_at if candidate else _since(known)
    cells = (
        known.name,
        standing.value,
        _origin_text(known, now),
        reached_by(machine) if machine else _candidate_address(candidate),
        _system(known),
        describe_age(since, now),
        tags_text(machine) if machine else _tags(candidate),
        clean(machine.profile or "") if machine else "",
        clean(candidate.note if candidate else known.retired.reason if known.retired else ""),
    )
    is_gone = machine is not None and machine.missing_since is not None and not known.retired
    tones = (
        Tone.STRONG if standing.is_enrolled or standing.waits else Tone.OFFLINE,
        _TONES[standing],
        Tone.PENDING if is_gone else Tone.DIM,
        Tone.NORMAL,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
        Tone.NORMAL,
    )
    order = (known.name.casefold(), list(Standing).index(standing), *map(str.casefold, cells[2:5]), since)
    return Row(known.key, cells, tones, (*order, *map(str.casefold, cells[6:])))


def _since(known: KnownMachine) -> datetime | None:
    if known.retired is not None:
        return known.retired.retired_at
    return known.machine.created_at if known.machine else None


def _origin_text(known: KnownMachine, now: datetime) -> str:
    if (candidate := known.candidate) is not None:
        return clean(f"{_ORIGINS[candidate.origin]} {candidate.found_by}".strip())
    machine = known.machine
    if machine is None or machine.source is None:
        return "by hand"
    gone = f", gone {describe_age(machine.missing_since, now)}" if machine.missing_since else ""
    return clean(f"source {machine.source}{gone}")


def _candidate_address(candidate: Candidate | None) -> str:
    if candidate is None:
        return ""
    user = f"{candidate.user}@" if candidate.user else ""
    port = f":{candidate.port}" if candidate.port else ""
    return clean_name(f"{user}{candidate.address or candidate.came_from}{port}")


def _tags(candidate: Candidate | None) -> str:
    pairs = sorted(candidate.tags.items()) if candidate else []
    return clean_name(" ".join(f"{key}={value}" for key, value in pairs))


def _system(known: KnownMachine) -> str:
    if known.candidate is not None:
        named: OSType | None = known.candidate.os_type
        return clean(known.candidate.system or (named.value if named else ""))
    status = known.retired.status if known.retired else known.status
    facts = status.last_answer.facts if status and status.last_answer else None
    return clean_name(facts.os_full_name or "") if facts else ""


def describe_known(known: KnownMachine, fingerprints: Sequence[str], now: datetime) -> list[tuple[Piece, ...]]:
    """All of a machine that is known, in a few lines; ``fingerprints`` are of the host keys that it introduced."""
    if (candidate := known.candidate) is not None:
        return _describe_candidate(candidate, known, fingerprints, now)
    machine = known.machine
    if machine is None:
        return []
    lines: list[tuple[Piece, ...]] = [
        (Piece(known.name, Tone.STRONG), Piece(known.standing.value, _TONES[known.standing]), Piece(_where(known)))
    ]
    if known.retired is not None:
        lines.append((Piece(known.retired.describe(), Tone.DIM),))
    if machine.missing_since is not None and not known.retired:
        gone = f"The list {machine.source} has not named it since {describe_time(machine.missing_since)}."
        lines.append((Piece(gone, Tone.PENDING), Piece("It stays enrolled until you decide.")))
    lines.append((*labelled("Tags", tags_text(machine) or "none"), *labelled("Profile", machine.profile or "none")))
    return lines


def _where(known: KnownMachine) -> str:
    return reached_by(known.machine) if known.machine else ""


def _describe_candidate(
    candidate: Candidate, known: KnownMachine, fingerprints: Sequence[str], now: datetime
) -> list[tuple[Piece, ...]]:
    came = f"from {candidate.came_from}" if candidate.came_from else ""
    seen = f"{_origin_text(known, now)} {came}, first {describe_time(candidate.found_at)}"
    standing = Piece(candidate.state.value, _TONES[known.standing])
    lines: list[tuple[Piece, ...]] = [(Piece(known.name, Tone.STRONG), standing, Piece(_candidate_address(candidate)))]
    lines += [(Piece(clean(candidate.note), Tone.PENDING),)] if candidate.note else []
    lines += [labelled("Host key", key) for key in fingerprints[:2]]
    lines.append((*labelled("Known by", seen), *labelled("Tags", _tags(candidate) or "none")))
    return lines
