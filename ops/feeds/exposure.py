"""What feeds add to the assessments of a scan: fixes that machines lack, CVEs of their updates, how bad those are."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

from fleet.assessments import Assessment
from fleet.cves import CveRecord, MissingFix, worst
from fleet.updates import Update
from ops.feeds.advisories import by_advisory, cves_of_updates, source_of
from ops.feeds.book import FeedBook
from ops.feeds.formats import find_format
from ops.feeds.index import FeedIndex
from ops.feeds.lacking import Lack, Lacks
from ops.feeds.releases import releases_of
from ops.feeds.version_orders import order_of
from ops.home import Home
from ops.state.database import opened


class Exposure:
    """Answers by the feeds ``indexes``. Machines with the same packages share one answer.

    What is asked of must outlive it: assessments are known again by the identity of their parts.
    """

    def __init__(self, indexes: Sequence[FeedIndex]) -> None:
        self._indexes = indexes
        self._lacks = Lacks(indexes)
        self._records: dict[str, tuple[CveRecord, ...]] = {}
        self._found: dict[tuple[object, ...], tuple[tuple[str, Lack], ...]] = {}
        self._answers: dict[tuple[object, ...], tuple[MissingFix, ...]] = {}
        self._ratings: dict[tuple[str, ...], tuple[str, bool | None]] = {}
        self._fixes: dict[tuple[object, ...], MissingFix] = {}
        self._enriched: dict[tuple[object, ...], tuple[Update, ...]] = {}
        self._speaks_of_exploitation = any(index.speaks_of_exploitation for index in indexes)

    def find_missing(self, assessment: Assessment) -> tuple[MissingFix, ...]:
        """The fixes that the machine lacks: by the feeds, and by the advisories of its own updates."""
        key = (*self._key(assessment), id(assessment.updates), assessment.coverage)
        if key not in self._answers:
            self._answers[key] = tuple(self._find_missing(assessment))
        return self._answers[key]

    def enrich(self, assessment: Assessment) -> Assessment:
        """``assessment`` with the CVEs that its updates mend, where their metadata gives none, and how bad they are."""
        key = (*self._key(assessment), id(assessment.updates))
        if key not in self._enriched:
            self._enriched[key] = tuple(self._enrich(assessment))
        asked = self._lacks.feeds_of(releases_of(assessment.facts)) if assessment.installed else ()
        return replace(assessment, updates=self._enriched[key], fix_sources=asked)

    def _key(self, assessment: Assessment) -> tuple[object, ...]:
        return (id(assessment.installed), id(assessment.sources), releases_of(assessment.facts))

    def _find_missing(self, assessment: Assessment) -> Iterator[MissingFix]:
        updates = {(update.name, update.architecture): update for update in assessment.updates}
        named = cves_of_updates(assessment)
        for source, lack in self._lacks_of(assessment):
            own = named.pop((source, lack.fix.cve), None)
            update = own or updates.get((lack.package.name, lack.package.architecture))
            yield self._share(assessment, lack, update, own)
        for (_, cve), update in named.items():
            yield by_advisory(cve, update)

    def _share(self, assessment: Assessment, lack: Lack, update: Update | None, named: Update | None) -> MissingFix:
        """One object for all machines on which the same package lacks the same fix and is offered the same."""
        offer = (update.offered_version, update.blocker) if update else None
        key = (id(lack), offer, named.advisories if named else None, assessment.coverage.sees_every_update)
        if key not in self._fixes:
            self._fixes[key] = _missing(assessment, lack, update, named)
        return self._fixes[key]

    def _lacks_of(self, assessment: Assessment) -> tuple[tuple[str, Lack], ...]:
        releases = releases_of(assessment.facts)
        if not releases or not self._indexes:
            return ()
        key = self._key(assessment)
        if key not in self._found:
            groups = self._lacks.list_packages(assessment.installed, assessment.sources)
            self._found[key] = tuple(
                (source, lack) for source, packages in groups for lack in self._lacks.find(releases, source, packages)
            )
        return self._found[key]

    def _enrich(self, assessment: Assessment) -> Iterator[Update]:
        mended: dict[str, list[Lack]] = {}
        for source, lack in self._lacks_of(assessment):
            mended.setdefault(source, []).append(lack)
        for update in assessment.updates:
            known = update
            if not update.cves:
                lacks = [lack for lack in mended.get(source_of(assessment, update), ()) if _mends(update, lack)]
                cves, feeds = (dict.fromkeys(each) for each in ((x.fix.cve for x in lacks), (x.feed for x in lacks)))
                known = replace(update, cves=tuple(cves), cve_source=";".join(feeds))
            yield self._rate(known) if known.cves else known

    def _rate(self, update: Update) -> Update:
        if update.cves not in self._ratings:
            records = [record for cve in update.cves for record in self._records_of(cve)]
            severity = worst(record.severity for record in records)
            is_exploited = any(record.known_exploited for record in records)
            exploited = True if is_exploited else False if self._speaks_of_exploitation else None
            self._ratings[update.cves] = (severity.value if severity else "", exploited)
        severity_word, is_known_exploited = self._ratings[update.cves]
        return replace(update, cve_severity=severity_word, known_exploited=is_known_exploited)

    def _records_of(self, cve: str) -> tuple[CveRecord, ...]:
        if cve not in self._records:
            self._records[cve] = tuple(found for index in self._indexes if (found := index.find_cve(cve)))
        return self._records[cve]


@contextmanager
def open_exposure(home: Home) -> Iterator[Exposure]:
    """What the feeds of ``home`` know, for the assessments of one scan."""
    with ExitStack() as stack:
        indexes = []
        for name, kind in _readable_feeds(home):
            speaks = find_format(kind).speaks_of_exploitation
            index = FeedIndex(home.feeds_dir / f"{name}.db", name, speaks_of_exploitation=speaks)
            indexes.append(stack.enter_context(closing(index)))
        yield Exposure(indexes)


def _readable_feeds(home: Home) -> list[tuple[str, str]]:
    with opened(home.state_file) as connection:
        feeds = FeedBook(connection).list_feeds()
    return [(feed.name, feed.kind) for feed in feeds if (home.feeds_dir / f"{feed.name}.db").is_file()]


def _missing(assessment: Assessment, lack: Lack, update: Update | None, named: Update | None) -> MissingFix:
    """A fix that feeds know of; ``named`` is the update whose own advisory names the CVE."""
    package, fix = lack.package, lack.fix
    is_offered: bool | None = False if assessment.coverage.sees_every_update else None
    if update is not None:
        is_offered = True if named else _is_mended(update, lack)
    mending = update if is_offered is not False else None
    return MissingFix(
        fix.cve,
        package.name,
        package.architecture,
        package.version,
        fix.version,
        lack.feed,
        is_offered,
        mending.offered_version if mending else "",
        ";".join(named.advisories) if named else fix.advisory,
        mending.blocker.value if mending and mending.blocker else "",
    )


def _mends(update: Update, lack: Lack) -> bool:
    return _is_mended(update, lack) is True


def _is_mended(update: Update, lack: Lack) -> bool | None:
    """Whether what ``update`` offers has the fix; None where its source package has versions of its own."""
    order = order_of(lack.fix.release)
    if order is None or (lack.fix.is_source and lack.package.source_version != lack.package.version):
        return None
    return bool(order(lack.fix.version) <= order(update.offered_version))
