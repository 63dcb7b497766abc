"""The Windows machines as they live through the 90 days."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.windows.assess_answer import FoundAnswer, SearchAnswer, SourceAnswer
from collectors.windows.updates import read_found
from fleet.updates import Update
from generator.boxes import SLOWNESS, Boots
from generator.conditions import hides, offers_until
from generator.offers import Offer
from generator.roster import Member
from generator.windows_answers import installed_answer, update_answer
from generator.windows_source import source_answer
from generator.windows_updates import PublishedUpdate, revision, streams_of

_WHOLE = 2
_CRITERIA = "IsInstalled=0 or IsHidden=1"


class WindowsBox(Boots):
    """A Windows machine with the Windows Update agent."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self.boot_id = f"{self.booted_at:%Y-%m-%dT%H:%M:%SZ}"
        self._streams = streams_of(member.system.key, member.role)
        self._installed: dict[str, PublishedUpdate] = {
            stream: updates[0]
            for stream, updates in self._streams.items()
            if updates[0].number == 0 and stream != "preview"
        }

    @property
    def kernel(self) -> str:
        """The build that runs."""
        return f"{self.member.system.os_version}.{revision(self._installed['cumulative'].number)}"

    @property
    def source(self) -> SourceAnswer:
        """Where its updates come from."""
        return source_answer(self.member)

    def offers(self, now: datetime) -> list[Offer]:
        """See `Box.offers`: as the reader of real answers makes them."""
        needed = {update.update_id: update for update in self._needed(now)}
        found = read_found(self.found(now), self.source)
        return [
            self._offer(needed[update.windows.update_id], update)
            for update in found.updates
            if update.windows is not None
        ]

    def found(self, now: datetime) -> FoundAnswer:
        """What a search finds at ``now``."""
        needed = list(self._needed(now))
        search = SearchAnswer(
            criteria=_CRITERIA,
            server_selection=1 if self.source.use_wu_server else 0,
            service_id=self.source.service_id,
            result_code=_WHOLE,
            count=len(needed),
            online=True,
            elapsed_ms=9_000,
        )
        return FoundAnswer(
            search=search,
            updates=tuple(update_answer(each, is_hidden=hides(self.member, each.stream)) for each in needed),
            installed=tuple(installed_answer(each) for each in self._installed.values()),
        )

    def installed(self) -> Mapping[tuple[str, str], str]:
        """See `Box.installed`: the newest update of each stream, by title."""
        return read_found(self.found(self.booted_at), self.source).installed

    def install(self, offer: Offer, at: datetime) -> None:
        """See `Box.install`."""
        by_number = {update.number: update for update in self._streams[offer.stream]}
        self._installed[offer.stream] = by_number[offer.number]
        self.note_applied(offer, at)

    def reboot(self, at: datetime) -> None:
        """See `Box.reboot`."""
        self.note_boot(at)

    def note_boot(self, at: datetime) -> None:
        """Keep that it was booted at ``at``: Windows has no id of a boot but its time."""
        super().note_boot(at)
        self.boot_id = f"{at:%Y-%m-%dT%H:%M:%SZ}"

    def _needed(self, now: datetime) -> Iterator[PublishedUpdate]:
        for updates in self._streams.values():
            newest = self._newest(updates, min(now, offers_until(self.member)))
            if newest is not None and self._lacks(newest):
                yield newest

    def _newest(self, updates: tuple[PublishedUpdate, ...], now: datetime) -> PublishedUpdate | None:
        published = [u for u in updates if u.published_at <= now and (u.withdrawn_at is None or now < u.withdrawn_at)]
        return published[-1] if published else None

    def _lacks(self, update: PublishedUpdate) -> bool:
        installed = self._installed.get(update.stream)
        return installed is None or installed.number < update.number

    def _offer(self, published: PublishedUpdate, update: Update) -> Offer:
        seconds = (60 + published.size_bytes / 500_000) * SLOWNESS.get(self.member.system.key, 1.0)
        return Offer(
            update,
            published.stream,
            published.number,
            published.published_at,
            published.needs_reboot,
            seconds,
            is_optional=published.is_optional,
        )
