"""What holds for the tests of every room."""

import gc
import signal

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests.shares import MODULE, Shares, shares_with_its_file

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


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a file sets up once is set up by one worker, not by each of them."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None and shares_with_its_file(item):
            item.add_marker(pytest.mark.xdist_group(MODULE))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares | None:
    """Our shares, where groups are asked for."""
    return Shares(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_finish() -> None:
    """What is collected is left alone from here on: it is a third of the time of the tests of screens."""
    gc.collect()
    gc.freeze()
    gc.enable()
