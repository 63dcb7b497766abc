"""Equal values as one object."""

from fleet.shared_values import SharedValues


def test_equal_values_are_one_object_up_to_a_bound() -> None:
    """What is met first is what is common; of what each machine has for itself only so much is kept."""
    shared = SharedValues()
    first = shared.share("Debian GNU/Linux 12 " + str(12))
    assert shared.share("Debian GNU/Linux 12 " + str(12)) is first
    for number in range(10_000):
        assert shared.share(f"web-{number}") == f"web-{number}"
    late = shared.share("web-late-" + str(1))
    assert shared.share("web-late-" + str(1)) is not late, "there is no room for it"
    assert shared.share("Debian GNU/Linux 12 " + str(12)) is first


def test_value_without_hash_is_known_by_its_key() -> None:
    """Of two equal lists by the same key, the first is given."""
    shared = SharedValues()
    first = shared.share(["prod"], ("env", "prod"))
    assert shared.share(["prod"], ("env", "prod")) is first
    assert shared.share(["test"], ("env", "test")) == ["test"]
