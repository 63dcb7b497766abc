"""What machines answer of their settings is hostile: whatever comes, it is read as far as it goes, or not at all."""

from hypothesis import given
from hypothesis import strategies as st

from collectors.windows.client_settings import ApplyState, read_applied, read_snapshot
from fleet.update_client.held import Held, HeldKind, number
from fleet.update_client.meaning import describe_client

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["computer", "values", "services", "managed", "policy_files", "errors", "changes", "state"])


@given(st.dictionaries(KEYS, JSON))
def test_any_answer_is_read_as_far_as_it_goes(answer: dict[str, object]) -> None:
    """Of whatever shape: nothing but text without steering characters comes of it."""
    snapshot = read_snapshot(answer)
    assert all("\x1b" not in sentence for _, sentence in describe_client(snapshot))
    assert read_applied(answer, True).state in ApplyState


def test_shapes_of_powershell_are_read() -> None:
    """One element for a list of one; names that are not ours are passed over; numbers beyond 32 bits are none."""
    snapshot = read_snapshot(
        {
            "values": {"name": "AUOptions", "held": {"kind": "dword", "number": 4}},
            "managed": "AllowAutoUpdate",
            "services": {"is_microsoft_update_registered": "yes"},
            "computer": {"build": "many", "is_domain_member": False},
        }
    )
    assert snapshot.values == {"AUOptions": number(4)}
    assert snapshot.managed_by == ("AllowAutoUpdate",)
    assert snapshot.is_microsoft_update_registered is None
    assert snapshot.build == 0
    assert snapshot.policies == ()


def test_what_could_not_be_put_back_is_of_another_type() -> None:
    """A password in a URL, control characters, numbers that are none: told, never kept."""
    said = {
        "WUServer": {"kind": "string", "text": "http://a:hunter2@wsus"},
        "TargetGroup": {"kind": "string", "text": "a\x1b[31m"},
        "AUOptions": {"kind": "dword", "number": 2**40},
        "UseWUServer": {"kind": "other", "text": "Binary"},
    }
    snapshot = read_snapshot({"values": [{"name": name, "held": held} for name, held in said.items()]})
    assert {held.kind for held in snapshot.values.values()} == {HeldKind.OTHER}
    assert "hunter2" not in repr(snapshot)
    assert snapshot.held("UseWUServer") == Held(HeldKind.OTHER, text="Binary")


def test_state_that_is_none_counts_as_partly_done() -> None:
    """What a machine did is not known then."""
    assert read_applied({"state": "applied!"}, False).state is ApplyState.PARTLY
