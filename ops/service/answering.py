"""One answer over the socket: replies as they come, signs of life in between, and an end when nobody listens."""

import asyncio
from contextlib import suppress

from fleet.errors import BadInput, HomeIsNewer, HomeUnusable, NotPermitted, PatchdeckError, StoreBusy
from ops.logs import log_error
from ops.service.served_deeds import Served, serve_deed
from ops.service.wire import Reply, ReplyKind, write_reply

ALIVE_SECONDS = 10.0
_SEND_SECONDS = 60.0
# The first that fits is how the asker is told: `ops.service.asking` raises the same.
KINDS: dict[str, type[PatchdeckError]] = {
    "bad": BadInput,
    "not permitted": NotPermitted,
    "busy": StoreBusy,
    "newer": HomeIsNewer,
    "unusable": HomeUnusable,
    "failed": PatchdeckError,
}


class Answering:
    """The answer to one request, over ``writer``."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting: asyncio.Queue[Reply | None] = asyncio.Queue()

    def say(self, reply: Reply) -> None:
        """Send ``reply``, later; in the event loop's thread."""
        self._waiting.put_nowait(reply)

    async def answer(self, served: Served, reader: asyncio.StreamReader) -> None:
        """Does what is asked. It ends early when the asker closes its side, or does not take what is said; unless it
        is to go on without them.
        """
        watching = asyncio.create_task(_watch(reader, served))
        sending = asyncio.create_task(self._send(served))
        try:
            self.say(await _serve(served))
        finally:
            watching.cancel()
            self._waiting.put_nowait(None)
            await sending

    async def _send(self, served: Served) -> None:
        try:
            while (reply := await self._next()) is not None:
                self._writer.write(write_reply(reply))
                async with asyncio.timeout(_SEND_SECONDS):
                    await self._writer.drain()
        except (OSError, TimeoutError):
            if not served.request.goes_on:
                served.stop.set()

    async def _next(self) -> Reply | None:
        try:
            async with asyncio.timeout(ALIVE_SECONDS):
                return await self._waiting.get()
        except TimeoutError:
            return Reply(ReplyKind.ALIVE)


async def refuse(writer: asyncio.StreamWriter, error: PatchdeckError) -> None:
    """Tells an asker that was not let in why."""
    with suppress(OSError, TimeoutError):
        writer.write(write_reply(_refusal(error)))
        async with asyncio.timeout(_SEND_SECONDS):
            await writer.drain()


async def _serve(served: Served) -> Reply:
    try:
        return await serve_deed(served)
    except PatchdeckError as error:
        return _refusal(error)
    # The edge of a request: what breaks one is told to its asker, and the service goes on.
    except Exception as error:  # noqa: BLE001
        log_error("request broke", error, deed=served.request.deed)
        return Reply(ReplyKind.REFUSED, "failed", f"The service could not: {type(error).__name__}; see its log.")


def _refusal(error: PatchdeckError) -> Reply:
    kind = next(name for name, kind in KINDS.items() if isinstance(error, kind))
    return Reply(ReplyKind.REFUSED, kind, str(error))


async def _watch(reader: asyncio.StreamReader, served: Served) -> None:
    """Stops when the asker closes its side, or says anything; what goes on without them stops only by a word."""
    said = b""
    with suppress(OSError):
        said = await reader.read(1)
    if said or not served.request.goes_on:
        served.stop.set()
