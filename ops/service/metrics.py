"""The duty of metrics: gathered once a minute where somebody wants them, written to a file, served on loopback."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from fleet.errors import HomeIsNewer, HomeUnusable, PatchdeckError
from fleet.listening import parse_listen
from ops.config import Settings
from ops.logs import log_error, log_event
from ops.metrics.endpoint import Endpoint
from ops.metrics.gathering import Gathered, Gatherer
from ops.metrics.textfile import write_textfile
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post

_PERIOD = timedelta(minutes=1)
# Looks are as exact as the service's own.
_TOLERANCE = timedelta(seconds=2)


class MetricsDuty:
    """Gathers the metrics of the home; nothing at all where no setting asks for them."""

    name = "metrics"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._gatherer = Gatherer(post.home)
        self._endpoint = Endpoint(lambda: self._page)
        self._page: bytes | None = None
        self._textfile: Path | None = None
        self._written: Path | None = None
        self._task: asyncio.Task[None] | None = None
        self._began_at: datetime | None = None
        self._settings = Settings()
        self._error = ""
        self._problems: tuple[str, ...] = ()
        self._unheard = ""
        self._is_ending = False

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: gathers when a minute has passed; by whatever clock, at least then."""
        if self._is_ending:
            return None
        self._settings = look.settings
        await self._take_places(look.settings)
        if not self._is_wanted(look.settings):
            self._page, self._began_at, self._error, self._problems = None, None, "", ()
            return None
        if self._task is None or self._task.done():
            since = None if self._began_at is None else abs(look.now - self._began_at)
            if since is None or since >= _PERIOD - _TOLERANCE:
                self._began_at = look.now
                self._task = asyncio.create_task(self._renew(look.settings, look.now))
        return (self._began_at or look.now) + _PERIOD

    def activities(self) -> Sequence[Activity]:
        """It takes moments, each minute: nothing to tell."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """What cannot be gathered, written or served."""
        said = (self._error, self._unheard, *self._problems)
        return [Trouble(self.name, text) for text in said if text]

    async def end(self) -> None:
        """See `Duty`: the file says that no service runs any more."""
        self._is_ending = True
        await self._endpoint.close()
        if self._task is not None:
            await asyncio.wait({self._task})
        if self._textfile is not None:
            await self._renew(self._settings, self._post.clock())

    def _is_wanted(self, settings: Settings) -> bool:
        return settings.metrics_textfile is not None or settings.metrics_listen is not None

    async def _take_places(self, settings: Settings) -> None:
        """Listen where the settings say now, and write there; what was written elsewhere is taken away."""
        textfile = None if settings.metrics_textfile is None else Path(settings.metrics_textfile)
        if self._written is not None and textfile != self._written:
            await asyncio.to_thread(_remove, self._written)
            self._written = None
        self._textfile = textfile
        self._unheard = ""
        if settings.metrics_listen is None:
            await self._endpoint.close()
            return
        place = parse_listen(settings.metrics_listen)
        if self._endpoint.place == place and self._endpoint.is_in_place():
            return
        try:
            await self._endpoint.listen(place)
            log_event("metrics served", at=place)
        except HomeUnusable as error:
            self._unheard = str(error)

    async def _renew(self, settings: Settings, now: datetime) -> None:
        try:
            gathered, text = await asyncio.to_thread(self._gather, settings, now)
            self._page, self._problems = text.encode("utf-8"), gathered.problems
            if self._textfile is not None:
                await asyncio.to_thread(write_textfile, self._textfile, text)
                self._written = self._textfile
            self._error = ""
        except HomeIsNewer as error:
            self._error = str(error)  # its own duties say so, and the service ends
        # The edge of the task: what cannot be gathered or written is told, and tried again in a minute.
        except Exception as error:  # noqa: BLE001
            text = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
            if text != self._error:
                log_error("metrics not written", error)
            self._error = text

    def _gather(self, settings: Settings, now: datetime) -> tuple[Gathered, str]:
        gathered = self._gatherer.gather(settings, now)
        return gathered, gathered.page()


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log_error("old metrics not removed", error, path=path)
