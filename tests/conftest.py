"""What holds for the tests of every room."""

from hypothesis import settings

# How long an example takes says something of the machine that it runs on; `timeout` in pyproject.toml ends what hangs.
settings.register_profile("unhurried", parent=settings(), deadline=None, max_examples=50)
settings.load_profile("unhurried")
