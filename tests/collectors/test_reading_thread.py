"""Long answers are read beside the event loop, one after the other."""

import threading

from collectors.reading_thread import QUICKLY_READ_BYTES, read_aside


async def test_long_answers_are_read_in_one_thread_and_short_ones_where_they_came() -> None:
    """Several threads at once would keep the event loop from its turn."""
    here = await read_aside(threading.current_thread, QUICKLY_READ_BYTES)
    aside = [await read_aside(threading.current_thread, QUICKLY_READ_BYTES + 1) for _ in range(3)]

    assert here is threading.current_thread()
    assert len(set(aside)) == 1 and here not in aside
