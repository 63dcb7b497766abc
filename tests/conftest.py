"""What holds for the tests of every room."""

import gc

from hypothesis import settings

# How long an example takes says something of the machine that it runs on; `timeout` in pyproject.toml ends what hangs.
settings.register_profile("unhurried", parent=settings(), deadline=None, max_examples=50)
settings.load_profile("unhurried")


def pytest_configure() -> None:
    """Thousands of tests are collected, which stay: looking through them for garbage meanwhile takes half the time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is collected is left alone from here on: it is a third of the time of the tests of screens."""
    gc.collect()
    gc.freeze()
    gc.enable()
