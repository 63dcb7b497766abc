"""What a report comes to, in a few sentences with their denominators; all numbers are those of its tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from fleet.counts import share_of
from fleet.hostile import clean
from fleet.reports.kinds import ReportKind
from fleet.reports.tables import ReportTable

Tables = Mapping[str, ReportTable]
_LEFT_OUT = ("disabled", "outside-scope")
_JUDGED = ("compliant", "non-compliant")
_IMPORTANT = ("Critical Updates", "Security Updates")


def summarise(kind: ReportKind, tables: Sequence[ReportTable]) -> tuple[str, ...]:
    """The sentences that a report of ``kind`` begins with."""
    return tuple(map(clean, _SUMMARIES[kind]({table.key: table for table in tables})))


def _compliance(tables: Tables) -> Iterator[str]:
    counts = tables["compliance"].counts_by("Compliance", "Machines")
    total = sum(count for word, count in counts.items() if word not in _LEFT_OUT)
    if not total:
        yield "No machine is to be judged."
    else:
        judged = sum(counts.get(word, 0) for word in _JUDGED)
        yield (
            f"Compliant: {share_of(counts.get('compliant', 0), total)}. "
            f"{judged:,} of {total:,} can be judged by a fresh and whole answer."
        )
        others = [f"{n:,} {word}" for word, n in counts.items() if word not in (*_JUDGED, *_LEFT_OUT)]
        if others:
            yield f"Not known, and never counted as compliant: {', '.join(others)}."
    left_out = [f"{counts[word]:,} {word}" for word in _LEFT_OUT if counts.get(word)]
    if left_out:
        yield f"Not counted above: {', '.join(left_out)}."


def _latency(tables: Tables) -> Iterator[str]:
    classes = tables["classes"]
    for word in _IMPORTANT:
        needed = classes.counts_by("Classification", "Needed").get(word, 0)
        if needed:
            yield _latency_of(classes, word, needed)
    if not any(word in classes.counts_by("Classification", "Needed") for word in _IMPORTANT):
        answered = share_of(tables["age"].count("Answered"), tables["age"].count("Machines"))
        yield f"No critical or security update was first needed in this period, as far as known: {answered} answered."


def _latency_of(classes: ReportTable, word: str, needed: int) -> str:
    def count(name: str) -> int:
        return classes.counts_by("Classification", name).get(word, 0)

    medians = dict(zip(classes.column("Classification"), classes.column("MedianDays"), strict=False))
    median = medians.get(word)
    took = f", half of those within {median} days" if median is not None else ""
    rest = f"{count('Missing'):,} {_be(count('Missing'))} missing until now, {count('FellAway'):,} fell away"
    unknown = f", of {count('Unknown'):,} nothing more is known" if count("Unknown") else ""
    return f"{word}: of {needed:,} needed, {count('Installed'):,} were installed{took}; {rest}{unknown}."


def _changes(tables: Tables) -> Iterator[str]:
    turns = tables["statuses"].counts_by("Status", "MachineRuns")
    updates = tables["results"].counts_by("InstallationStatus", "Updates")
    runs, total = len(tables["runs"].rows), sum(turns.values())
    yield f"{runs:,} run{'' if runs == 1 else 's'}; {turns.get('Succeeded', 0):,} of {total:,} machine runs succeeded."
    others = [f"{count:,} {word}" for word, count in turns.items() if word != "Succeeded"]
    if others:
        yield f"The other machine runs: {', '.join(others)}."
    if updates:
        said = ", ".join(f"{count:,} {word}" for word, count in updates.items())
        yield f"Of {sum(updates.values()):,} updates in machine runs: {said}."


def _exceptions(tables: Tables) -> Iterator[str]:
    exclusions = tables["exclusions"]
    states = exclusions.column("State")
    said = [f"{states.count(word):,} {word}" for word in dict.fromkeys(map(str, states))]
    hidden = exclusions.count("Updates")
    yield (
        f"Exclusions of updates: {len(states):,} ({', '.join(said)}). Those that hold leave out {hidden:,} missing "
        f"updates, {exclusions.count('Important'):,} of them critical or security; one that two name counts twice."
        if states
        else "No deployment excludes an update."
    )
    others = (
        ("updates held on machines", "held"),
        ("machines disabled or outside of the scope", "left-out"),
        ("machines in no run lately", "unreached"),
        ("machines that their source does not name any more", "unlisted"),
        ("machines retired", "retired"),
    )
    yield f"Beside those: {'; '.join(f'{words}: {_count(tables, key)}' for words, key in others)}."


def _count(tables: Tables, key: str) -> str:
    table = tables.get(key)
    return "0" if table is None else f"{len(table.rows):,}{' or more' if table.is_cut else ''}"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


_SUMMARIES: Mapping[ReportKind, Callable[[Tables], Iterator[str]]] = MappingProxyType(
    {
        ReportKind.COMPLIANCE: _compliance,
        ReportKind.PATCH_LATENCY: _latency,
        ReportKind.CHANGE_RECORD: _changes,
        ReportKind.EXCEPTIONS: _exceptions,
    }
)
