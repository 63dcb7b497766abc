"""The table of a transaction that dnf 4, dnf5 and yum 3 print before they ask whether to go on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from collectors.managers.rpm_versions import normal_evr
from collectors.managers.simulated_sizes import parse_size
from collectors.sections import Section
from fleet.deployments.plan import ChangeKind, PackageChange
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

# Headings: dnf/cli/output.py of dnf 4, output.py of yum 3, transaction_table.cpp of dnf5.
_HEADING = re.compile(r"(?P<verb>[A-Z][a-z]+)(?P<rest>[ A-Za-z()]*):")
_VERBS = {
    "Installing": ChangeKind.INSTALL,
    "Upgrading": ChangeKind.UPGRADE,
    "Updating": ChangeKind.UPGRADE,
    "Removing": ChangeKind.REMOVE,
    "Erasing": ChangeKind.REMOVE,
    "Downgrading": ChangeKind.DOWNGRADE,
    "Reinstalling": ChangeKind.REINSTALL,
}
_SKIPS = ("Skipping", "Skipped")
_REPLACING = "replacing"
_DOWNLOAD = re.compile(
    r"Total download size: (?P<size>[0-9.]+ *[A-Za-z]*)|.*Need to download (?P<need>[0-9.]+ [A-Za-z]+)\."
)
_ALL_CACHED = re.compile(r"Total size: [0-9.]+ *[A-Za-z]*")
_DISK = re.compile(
    r"After this operation,? [0-9.]+ [A-Za-z]+ (?:extra )?will be (?:used|freed)"
    r" \(install (?P<install>[0-9.]+ [A-Za-z]+), remove (?P<remove>[0-9.]+ [A-Za-z]+)\)\."
)
_NOTHING = re.compile(r"Nothing to do\.?|No packages marked for update|Complete!")
_NOTICE = re.compile(
    r"No match for argument|No package .* available|.*nothing provides|.* requires .*, but none|.*filtered out by"
    r"|.*Requires: |Package .*already"
)
_ERROR = re.compile(r"(?:Error|Failed to resolve the transaction|The requested operation|You need to be root)\b.*")
_MOST_CHANGES = 20_000
# name, architecture, version, repository, size
_LEAST_WORDS = 5
_WORDS_OF_REPLACED_5 = 4


@dataclass(slots=True)
class DnfTable:
    """What the table says. ``notices`` are lines about single packages; ``error`` why there is no table at all."""

    changes: list[PackageChange] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    download_bytes: int | None = None
    disk_bytes: int | None = None
    error: str = ""
    is_nothing: bool = False


def parse_table(section: Section) -> DnfTable:
    """The table in what a command printed, on either stream.

    Raises:
        UnreadableOutput: a row of the table fits no known shape.
    """
    table = DnfTable()
    errors = [clean(line, 500) for line in decode(section.stderr[:262_144]).splitlines() if line.strip()]
    kind: ChangeKind | None = None
    heading, is_in_table = "", False
    for number, line, words in _join_rows(section):
        match = _HEADING.fullmatch(line.strip())
        if match and not line.startswith(" ") and (match["verb"] in _VERBS or match["verb"] in _SKIPS):
            kind, heading, is_in_table = _VERBS.get(match["verb"]), clean_name(line), True
        elif line.startswith("Transaction Summary"):
            is_in_table = False
        elif is_in_table and line.startswith(" "):
            if not _add(table, kind, heading, words):
                raise UnreadableOutput(section.name, number, clean(line))
        else:
            is_in_table = False
            _read_words(table, line)
    for line in errors:
        _read_words(table, line)
    _find_error(table, errors)
    return table


def _join_rows(section: Section) -> Iterator[tuple[int, str, list[str]]]:
    """Number, first line and words of each row: what is indented deeper than a name goes on with the row before it."""
    held: tuple[int, str, list[str]] | None = None
    for number, line in section.lines():
        is_deeper = line.startswith("   ")
        if is_deeper and held is not None and held[1].startswith(" ") and line.split()[0] != _REPLACING:
            held[2].extend(line.split())
            continue
        if held is not None:
            yield held
        held = (number, line, line.split())
    if held is not None:
        yield held


def _add(table: DnfTable, kind: ChangeKind | None, heading: str, words: list[str]) -> bool:
    """A row of the table: ``name arch version repository size``, or what the row before replaces."""
    if len(table.changes) >= _MOST_CHANGES:
        return False
    if words[0] == _REPLACING:
        return _add_replaced(table, words[1:])
    if len(words) < _LEAST_WORDS:
        return False
    name, architecture, version = clean_name(words[0]), clean_name(words[1]), normal_evr(clean_name(words[2]))
    if kind is None:
        table.skipped[name] = heading
    elif kind is ChangeKind.REMOVE:
        table.changes.append(PackageChange(kind, name, architecture, version))
    else:
        size = parse_size(" ".join(words[4:]))
        table.changes.append(PackageChange(kind, name, architecture, "", version, size))
    return True


def _add_replaced(table: DnfTable, words: list[str]) -> bool:
    """``name.arch version`` as dnf 4 and yum 3 write it, ``name arch version repository size`` as dnf5 does."""
    if len(words) < 2 or not table.changes:
        return False
    if len(words) >= _WORDS_OF_REPLACED_5:
        name, architecture, version = words[0], words[1], words[2]
    else:
        name, _, architecture = words[0].rpartition(".")
        version = words[1]
    name, version = clean_name(name), normal_evr(clean_name(version))
    last = table.changes[-1]
    if name == last.name and last.kind is not ChangeKind.REMOVE:
        table.changes[-1] = PackageChange(last.kind, name, last.architecture, version, last.to_version, last.size_bytes)
    else:
        # What replaces stays last, so that whatever else it replaces is counted as its own.
        table.changes.insert(-1, PackageChange(ChangeKind.REMOVE, name, clean_name(architecture), version))
    return True


def _read_words(table: DnfTable, line: str) -> None:
    text = line.strip()
    if match := _DOWNLOAD.match(text):
        table.download_bytes = parse_size(match["size"] or match["need"])
    elif _ALL_CACHED.fullmatch(text) and table.download_bytes is None:
        table.download_bytes = 0
    elif match := _DISK.match(text):
        install, remove = parse_size(match["install"]), parse_size(match["remove"])
        table.disk_bytes = None if install is None or remove is None else install - remove
    elif _NOTHING.fullmatch(text):
        table.is_nothing = True
    elif _NOTICE.match(text):
        table.notices.append(clean(text, 500))


def _find_error(table: DnfTable, errors: list[str]) -> None:
    """The first line that says what is wrong, with what follows it; the refusal that was asked for is none."""
    aborted = ("Operation aborted", "Exiting on user command")
    for number, line in enumerate(errors):
        if _ERROR.match(line) and not any(word in line for word in aborted):
            table.error = clean("; ".join(errors[number : number + 4]), 500)
            return
