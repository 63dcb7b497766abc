"""Text that is pasted: a tenth of the work of typing it, key by key."""

from textual import events
from textual.pilot import Pilot


async def paste(pilot: Pilot[int], text: str) -> None:
    """Puts ``text`` where the cursor is, as a terminal does when something is pasted."""
    pilot.app.post_message(events.Paste(text))
    await pilot.pause()
