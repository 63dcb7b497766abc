"""One update in full: what it is, its advisories and CVEs, who needs it, what takes it next."""

from collections.abc import Iterator, Sequence

from fleet.hostile import clean
from fleet.name_lists import some_of
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text, count_of
from ops.update_about import CveAbout, UpdateAbout

_WIDTH = 12
_NAMES_SAID = 8


def list_about(known: Sequence[UpdateAbout]) -> Listing:
    """A row for each update; CVEs and coming runs are lists of objects."""
    names = ("name", "architecture", "version", "classification", "severities", "repository", "machines", "installed")
    more = ("advisories", "urls", "cve_source", "cves", "runs", "first_seen", "fleet_first_seen", "published_at")
    return Listing(tuple(map(Column, (*names, *more))), [_row(each) for each in known])


def about_lines(about: UpdateAbout) -> Iterator[str]:
    """The update as text: a name and a value a line."""
    update = about.update
    yield _line("update", f"{update.name} {update.offered_version} {update.architecture}".rstrip())
    yield _line("class", f"{update.classification.value}, by {update.classification_source or 'nothing that told'}")
    yield _line("severity", ", ".join(about.severities) or "none given")
    yield _line("from", update.repository)
    yield _line("needed by", f"{count_of(len(about.machines), 'machine')}: {some_of(about.machines, _NAMES_SAID)}")
    if about.installed:
        yield _line("instead of", some_of(about.installed, _NAMES_SAID))
    yield _line("since", as_text(about.first_seen))
    yield _line("first seen", as_text(about.fleet_first_seen))
    yield _line("published", as_text(update.published_at))
    yield _line("advisories", ", ".join(about.advisories) or "none given")
    yield from (_line("", url) for url in about.urls)
    yield from (_line("CVE" if number == 0 else "", cve_text(each)) for number, each in enumerate(about.cves))
    yield from (
        _line("next" if number == 0 else "", f"{count_of(len(each.machines), 'machine')}: {each.reason.words}")
        for number, each in enumerate(about.runs)
    )


def cve_text(cve: CveAbout) -> str:
    """``CVE-2026-1 high, CVSS 8.1, known to be exploited (kev): what it is``."""
    score = f"CVSS {cve.score:.1f}" if cve.score is not None else ""
    exploited = "known to be exploited" if cve.is_exploited else ""
    due = f"due {cve.due_at:%Y-%m-%d}" if cve.due_at else ""
    said = ", ".join(filter(None, (cve.severity, score, exploited, due)))
    by = f"({cve.feed})" if cve.feed else "no feed speaks of it"
    return clean(" ".join(filter(None, (cve.cve, said, by))) + (f": {cve.title}" if cve.title else ""))


def _row(about: UpdateAbout) -> tuple[object, ...]:
    update = about.update
    runs = [
        {"deployment": each.reason.about, "words": each.reason.words, "machines": each.machines} for each in about.runs
    ]
    return (
        update.name,
        update.architecture,
        update.offered_version,
        update.classification,
        about.severities,
        update.repository,
        about.machines,
        about.installed,
        about.advisories,
        about.urls,
        about.cve_source,
        about.cves,
        runs,
        about.first_seen,
        about.fleet_first_seen,
        update.published_at,
    )


def _line(name: str, text: str) -> str:
    return clean(f"{name:<{_WIDTH}} {text or 'not known'}", 2_000) if name else f"{'':<{_WIDTH}} {clean(text)}"
