"""The Windows machines as they live through the 90 days."""

from collections.abc import Mapping
from datetime import datetime

from fleet.updates import Update
from generator.boxes import SLOWNESS, Boots
from generator.offers import Offer
from generator.roster import Member
from generator.windows_updates import WindowsUpdate, revision, streams_of


class WindowsBox(Boots):
    """A Windows machine with the Windows Update agent."""

    def __init__(self, member: Member) -> None:
        super().__init__(member)
        self._streams = streams_of(member.system.key, member.role)
        self._installed: dict[str, WindowsUpdate] = {
            stream: updates[0]
            for stream, updates in self._streams.items()
            if updates[0].number == 0 and stream != "preview"
        }

    @property
    def kernel(self) -> str:
        """The build that runs."""
        return f"{self.member.system.os_version}.{revision(self._installed['cumulative'].number)}"

    def offers(self, now: datetime) -> list[Offer]:
        """See `Box.offers`."""
        newest = (self._newest(updates, now) for updates in self._streams.values())
        return [self._offer(update) for update in newest if update is not None and self._lacks(update)]

    def installed(self) -> Mapping[tuple[str, str], str]:
        """See `Box.installed`: the newest update of each stream, by title."""
        return {(update.title, "x64"): f"KB{update.kb}" for update in self._installed.values()}

    def install(self, offer: Offer, at: datetime) -> None:
        """See `Box.install`."""
        by_number = {update.number: update for update in self._streams[offer.stream]}
        self._installed[offer.stream] = by_number[offer.number]
        self.note_applied(offer, at)

    def reboot(self, at: datetime) -> None:
        """See `Box.reboot`."""
        self.note_boot(at)

    def windows_update(self, offer: Offer) -> WindowsUpdate:
        """The update behind an offer."""
        return next(update for update in self._streams[offer.stream] if update.number == offer.number)

    def _newest(self, updates: tuple[WindowsUpdate, ...], now: datetime) -> WindowsUpdate | None:
        published = [u for u in updates if u.published_at <= now and (u.withdrawn_at is None or now < u.withdrawn_at)]
        return published[-1] if published else None

    def _lacks(self, update: WindowsUpdate) -> bool:
        installed = self._installed.get(update.stream)
        return installed is None or installed.number < update.number

    def _offer(self, update: WindowsUpdate) -> Offer:
        seconds = (60 + update.size_bytes / 500_000) * SLOWNESS.get(self.member.system.key, 1.0)
        return Offer(
            Update(
                name=update.title,
                architecture="x64",
                installed_version="",
                offered_version=f"KB{update.kb}",
                classification=update.classification,
                classification_source="update categories",
                repository="Microsoft Update",
                size_bytes=update.size_bytes,
            ),
            update.stream,
            update.number,
            update.published_at,
            update.needs_reboot,
            seconds,
            is_optional=update.is_optional,
        )
