"""The verb that opens the demo."""

from tests.ops.cli.conftest import Patchdeck


def test_a_number_of_machines_is_for_the_live_demo_alone(patchdeck: Patchdeck) -> None:
    """One line, and nothing is opened."""
    ended = patchdeck("demo", "--machines", "3", code=2)
    assert (ended.err.count("\n"), "--live" in ended.err) == (1, True)
