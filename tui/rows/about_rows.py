"""One update as rows: what its advisories say, what feeds say of its CVEs, and the runs that take it next."""

from collections.abc import Iterator
from datetime import datetime

from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of
from ops.cli.about_page import cve_text
from ops.update_about import CveAbout, UpdateAbout
from tui.rows.ages import describe_age, describe_bytes, describe_time
from tui.rows.update_rows import class_word
from tui.rows.why_rows import WEIGHT_TONES
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

ADVISORY_COLUMNS = (
    TableColumn("fact", "About it", most=16, least=12, priority=0),
    TableColumn("value", "Value", most=300, least=30, priority=0),
)
CVE_COLUMNS = (
    TableColumn("cve", "CVE", most=20, least=14, priority=0),
    TableColumn("severity", "Severity", most=10, least=8, priority=1),
    TableColumn("score", "CVSS", most=5, least=4, is_number=True, priority=1),
    TableColumn("exploited", "Exploited", most=10, least=9, priority=1),
    TableColumn("due", "Due", most=10, least=10, priority=3, is_sparse=True),
    TableColumn("feed", "Feed", most=12, least=5, priority=2),
    TableColumn("title", "What it is", most=120, least=20, priority=2),
)
RUN_COLUMNS = (
    TableColumn("machines", "Machines", is_number=True, priority=0),
    TableColumn("weight", "", most=11, least=9, priority=0),
    TableColumn("what", "What takes it", most=160, least=40, priority=0),
    TableColumn("which", "Which", most=80, least=20, priority=2),
)
_TONES = {"critical": Tone.BAD, "high": Tone.BAD, "medium": Tone.PENDING}
_NAMES_SAID = 6
# Nobody said anything of it, which is not the same as that it could not be read.
_NONE_GIVEN = "none given"


def advisory_rows(about: UpdateAbout, now: datetime) -> list[Row]:
    """What is known of the update by the machines' own metadata; unknown is said, not left out."""
    return [
        Row(str(number), (name, clean(value) or "not known"), (Tone.DIM, Tone.NORMAL if value else Tone.DIM))
        for number, (name, value) in enumerate(_facts(about, now))
    ]


def cve_rows(about: UpdateAbout) -> list[Row]:
    """A row for what each feed says of each CVE, the most pressing first."""
    return [_cve_row(str(number), cve) for number, cve in enumerate(about.cves)]


def run_rows(about: UpdateAbout) -> list[Row]:
    """A row for each run, or coming start, that has the update."""
    rows = []
    for number, each in enumerate(about.runs):
        which = clean(some_of(map(clean_name, each.machines), _NAMES_SAID))
        cells = (f"{len(each.machines):,}", each.reason.weight.value, clean(each.reason.words), which)
        tones = (Tone.STRONG, WEIGHT_TONES[each.reason.weight], Tone.NORMAL, Tone.DIM)
        rows.append(Row(str(number), cells, tones, (len(each.machines), *cells[1:])))
    return rows


def describe_cve(cve: CveAbout) -> list[tuple[Piece, ...]]:
    """All that a feed says of a CVE, and where to read more."""
    return [(Piece(cve_text(cve)),), (Piece(clean(cve.url), Tone.DIM),)]


def _facts(about: UpdateAbout, now: datetime) -> Iterator[tuple[str, str]]:
    update = about.update
    yield "Update", f"{update.name} {update.offered_version} {update.architecture}".rstrip()
    yield "Class", f"{class_word(update.classification)}, by {update.classification_source or 'nothing that told'}"
    yield "Severity", ", ".join(about.severities) or _NONE_GIVEN
    yield "From", update.repository
    yield "Advisories", ", ".join(about.advisories) or _NONE_GIVEN
    for url in about.urls:
        yield "Read more", url
    yield "CVEs by", about.cve_source or _NONE_GIVEN
    yield "Needed by", some_of(about.machines, 12) or "no machine any more"
    if about.installed:
        yield "Instead of", some_of(about.installed, 12)
    yield "Needed since", _moment(about.first_seen, now)
    yield "First seen", _moment(about.fleet_first_seen, now)
    yield "Published", _moment(update.published_at, now)
    yield "Download", describe_bytes(update.size_bytes)


def _moment(at: datetime | None, now: datetime) -> str:
    return f"{describe_time(at)}, {describe_age(at, now)}" if at else ""


def _cve_row(key: str, cve: CveAbout) -> Row:
    exploited = {True: "exploited", False: "not known", None: ""}[cve.is_exploited]
    due = f"{cve.due_at:%Y-%m-%d}" if cve.due_at else ""
    score = "" if cve.score is None else f"{cve.score:.1f}"
    feed, title = clean_name(cve.feed) or "none", clean(cve.title)
    cells = (clean_name(cve.cve), clean_name(cve.severity), score, exploited, due, feed, title)
    tone = _TONES.get(cve.severity, Tone.NORMAL)
    tones = (Tone.STRONG, tone, tone, Tone.BAD if cve.is_exploited else Tone.DIM, Tone.PENDING, Tone.DIM, Tone.NORMAL)
    return Row(key, cells, tones, (cells[0], cells[1], cve.score, *cells[3:]))
