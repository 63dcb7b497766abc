"""What holds for the tests of every room."""

import gc
import signal

from hypothesis import settings

# How long an example takes says something of the machine that it runs on; `timeout` in pyproject.toml ends what hangs.
settings.register_profile("unhurried", parent=settings(), deadline=None, max_examples=50)
settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Thousands of tests are collected, which stay: looking through them for garbage meanwhile takes half the time."""
    gc.disable()
    heed_signals()


def heed_signals() -> None:
    """Ctrl-C and a terminal that goes away are heeded, also where the tests were started in the background or by nohup.

    What such a start ignores, all that the tests start would ignore too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # Handled here, so that the tests go on; exec(3) makes it the default again for what they start.
        signal.signal(signal.SIGHUP, lambda number, frame: None)


def pytest_collection_finish() -> None:
    """What is collected is left alone from here on: it is a third of the time of the tests of screens."""
    gc.collect()
    gc.freeze()
    gc.enable()
