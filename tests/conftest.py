"""What holds for the tests of every room."""

import faulthandler
import gc
import os
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import settings
from xdist.remote import Producer

from tests.second_look import FailedTests
from tests.shares import MODULE, Shares, group_of, in_order_of_sending, shares_with_its_file

# How long an example takes says something of the machine that it runs on; `timeout` in pyproject.toml ends what hangs.
settings.register_profile("unhurried", parent=settings(), deadline=None, max_examples=50)
settings.load_profile("unhurried")

# For what is to be undone after `timeout` has ended a test.
_GRACE_SECONDS = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `tests/run-all` asks for."""
    parser.addoption("--failed-to", type=Path, help="a file for the ids of the tests that failed")


def pytest_configure(config: pytest.Config) -> None:
    """Thousands of tests are collected, which stay: looking through them for garbage meanwhile takes half the time."""
    gc.disable()
    heed_signals()
    failed_to = config.getoption("failed_to")
    if failed_to is not None and "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(FailedTests(failed_to))


def heed_signals() -> None:
    """Ctrl-C and a terminal that goes away are heeded, also where the tests were started in the background or by nohup.

    What such a start ignores, all that the tests start would ignore too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        # Handled here, so that the tests go on; exec(3) makes it the default again for what they start.
        signal.signal(signal.SIGHUP, lambda number, frame: None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """What hangs where no signal is heeded, as in a library's own code, ends its worker: that is one failure."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    stderr = item.config.stash[fault_handler_stderr_fd_key]
    faulthandler.dump_traceback_later(deadline_seconds(item) + _GRACE_SECONDS, exit=True, file=stderr)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def deadline_seconds(item: pytest.Item) -> float:
    """When `timeout` ends a test that heeds signals, its setup included."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else item.config.getini("timeout"))


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a file sets up once is set up by one worker, not by each of them; what takes longest begins first."""
    for item in items:
        if group_of(item) is None and shares_with_its_file(item):
            item.add_marker(pytest.mark.xdist_group(MODULE))
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = in_order_of_sending(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Shares | None:
    """Our shares, where groups are asked for."""
    return Shares(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_finish() -> None:
    """What is collected is left alone from here on: it is a third of the time of the tests of screens."""
    gc.collect()
    gc.freeze()
    gc.enable()
