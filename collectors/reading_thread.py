"""The thread in which long answers of machines are read: one for all, since reading is work for the processor alone.

Several at a time would be no faster, and would keep the event loop from its turn: reading JSON holds the interpreter
for as long as it lasts. Of 50 answers of 0.5 MB at once the loop waited 3 s with six threads, 0.5 s with one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

# Less is read within some milliseconds: going to a thread and back costs as much.
QUICKLY_READ_BYTES = 128 * 1024

_Read = TypeVar("_Read")


async def read_aside(read: Callable[[], _Read], size_bytes: int) -> _Read:
    """What ``read`` gives: at once where there are few bytes to read, otherwise from the thread for that."""
    if size_bytes <= QUICKLY_READ_BYTES:
        return read()
    return await asyncio.get_running_loop().run_in_executor(_reader(), read)


@cache
def _reader() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="reading")
