"""Settings of the update client without a machine: what wishes mean, what stands against them, what goes back."""

import struct
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput, UnreadableOutput
from fleet.update_client.group_policy import PolicyEntry, read_policy_file
from fleet.update_client.held import Held, HeldKind, number, text
from fleet.update_client.kept import KeptValue, keep_values, plan_restoring, settle_values
from fleet.update_client.meaning import describe_client, meaning_of
from fleet.update_client.planning import SettingChange, plan_settings
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import AUTOMATIC_KEY, MICROSOFT_UPDATE, POLICY_KEY, VALUES
from fleet.update_client.wishes import AutomaticUpdates, ClientWish, desired_values, parse_server, parse_value

AT = datetime(2026, 11, 23, tzinfo=UTC)
SERVER = ClientSnapshot(
    is_microsoft_update_registered=False, policies=(), is_domain_member=False, build=20348, product_type=3
)
CLIENT = ClientSnapshot(
    is_microsoft_update_registered=False, policies=(), is_domain_member=False, build=26100, product_type=1
)
OLD = ClientSnapshot(
    is_microsoft_update_registered=False, policies=(), is_domain_member=False, build=9600, product_type=3
)
SOMETHING = st.builds(number, st.integers(0, 2**32 - 1)) | st.builds(text, st.text("abc", max_size=3))
HELD = st.none() | SOMETHING


def entry(key: str, name: str, kind: int, data: bytes) -> bytes:
    """One entry of a registry policy file."""
    separator = ";".encode("utf-16-le")
    parts = (
        f"{key}\0".encode("utf-16-le"),
        f"{name}\0".encode("utf-16-le"),
        struct.pack("<I", kind),
        struct.pack("<I", len(data)),
    )
    return "[".encode("utf-16-le") + separator.join((*parts, data)) + "]".encode("utf-16-le")


@pytest.mark.parametrize(("snapshot", "option"), [(SERVER, 7), (CLIENT, 3), (OLD, 3)])
def test_download_is_what_each_windows_knows_for_it(snapshot: ClientSnapshot, option: int) -> None:
    """7 is of servers from 2016 on."""
    wanted = desired_values(ClientWish(automatic=AutomaticUpdates.DOWNLOAD), snapshot)
    assert wanted == {"NoAutoUpdate": number(0), "AUOptions": number(option)}
    assert plan_settings(snapshot, wanted).refusal == ""


def test_option_that_this_windows_does_not_know_is_refused() -> None:
    """Said outright, it would be ignored by Windows."""
    assert "AUOptions 7" in plan_settings(CLIENT, {"AUOptions": number(7)}).refusal


def test_server_is_named_before_it_is_used_and_used_no_more_before_it_goes() -> None:
    """Whenever the script is stopped, updates come from somewhere."""
    use, leave = ClientWish(wsus="http://w:8530"), ClientWish(wsus="")
    there = ClientSnapshot(
        values={"WUServer": text("http://w:8530"), "UseWUServer": number(1)}, policies=(), is_domain_member=False
    )
    assert plan_settings(SERVER, desired_values(use, SERVER)).changes[-1].name == "UseWUServer"
    assert plan_settings(there, desired_values(leave, there)).changes[0].name == "UseWUServer"


@pytest.mark.parametrize("wanted", ["DoNotConnectToWindowsUpdateInternetLocations", "UseWUServer"])
def test_what_would_leave_a_machine_without_updates_is_refused(wanted: str) -> None:
    """No WSUS is in use."""
    assert plan_settings(SERVER, {wanted: number(1)}).refusal


def test_service_that_is_unknown_is_refused() -> None:
    """What it was could not be put back."""
    unknown = ClientSnapshot(policies=(), is_domain_member=False)
    assert "Microsoft Update" in plan_settings(unknown, {MICROSOFT_UPDATE: number(1)}).refusal
    assert "Microsoft Update" in plan_settings(unknown, {MICROSOFT_UPDATE: None}).refusal


@given(before=HELD, wanted=HELD, somebody=st.none() | HELD)
def test_putting_back_ends_where_it_began(before: Held | None, wanted: Held | None, somebody: Held | None) -> None:
    """Whatever is written how often, unless somebody else writes in between: then that is left."""
    kept: list[KeptValue] = []
    for change in (SettingChange("TargetGroup", before, wanted), SettingChange("TargetGroup", wanted, number(9))):
        kept = keep_values(kept, [change], AT, "root")
        kept = [*settle_values(kept, [change], {change.name: change.after})]
    now = {"TargetGroup": held} if (held := somebody or number(9)) else {}

    plan = plan_restoring(kept, ClientSnapshot(values=now))

    if held not in (before, number(9)):
        assert plan.refused
    else:
        assert [change.after for change in plan.changes] == ([before] if held != before else [])


FIRST, SECOND = SettingChange("AUOptions", None, number(3)), SettingChange("AUOptions", number(3), number(4))


@pytest.mark.parametrize("stands", [number(3), number(4)])
def test_second_writing_that_nobody_saw_end_is_put_back_either_way(stands: Held) -> None:
    """Killed between keeping and writing, or after: the first value goes back, not what we wrote ourselves."""
    kept = keep_values(keep_values([], [FIRST], AT, "a"), [SECOND], AT, "b")

    plan = plan_restoring(kept, ClientSnapshot(values={"AUOptions": stands}))
    again = keep_values(kept, [SettingChange("AUOptions", stands, number(2))], AT, "c")

    assert plan.changes == (SettingChange("AUOptions", stands, None),)
    assert again[0].before is None


def test_writing_that_was_refused_leaves_kept_what_was() -> None:
    """Also where another admin has written meanwhile: what that one wrote can be put back."""
    ours = keep_values([], [FIRST], AT, "a")
    other = SettingChange("AUOptions", None, number(5))
    both = keep_values(ours, [other], AT, "b")

    refused = [*settle_values(both, [other], {"AUOptions": number(3)}, nothing_written=True)]
    unreached = [*settle_values(both, [other], {}, nothing_written=True)]

    assert refused == unreached == ours
    assert [*settle_values(keep_values([], [other], AT, "b"), [other], {}, nothing_written=True)] == []


@pytest.mark.parametrize("is_refused_first", [True, False])
def test_of_two_that_write_over_ours_at_once_the_one_that_wrote_counts(is_refused_first: bool) -> None:
    """Whoever hears of it first: what stands there is ours, and what was before us goes back."""
    other = SettingChange("AUOptions", number(3), number(5))
    kept = [*settle_values(keep_values([], [FIRST], AT, "a"), [FIRST], {"AUOptions": number(3)})]
    kept = keep_values(keep_values(kept, [SECOND], AT, "a"), [other], AT, "b")
    now = {"AUOptions": number(4)}

    for change in (other, SECOND) if is_refused_first else (SECOND, other):
        kept = [*settle_values(kept, [change], now, nothing_written=change is other)]

    assert plan_restoring(kept, ClientSnapshot(values=now)).changes == (SettingChange("AUOptions", number(4), None),)


def test_two_that_write_the_same_at_once_keep_what_one_of_them_wrote() -> None:
    """The second is told that somebody changed it, and that must not forget what the first kept."""
    both = keep_values(keep_values([], [FIRST], AT, "a"), [FIRST], AT, "b")
    done = [*settle_values(both, [FIRST], {"AUOptions": number(3)})]

    left = [*settle_values(done, [FIRST], {"AUOptions": number(3)}, nothing_written=True)]

    assert plan_restoring(left, ClientSnapshot(values={"AUOptions": number(3)})).changes


def test_what_somebody_set_is_kept_where_configuring_makes_it_as_it_was_before_us() -> None:
    """None, then ours 3, then theirs 5, then ours again none: restoring gives 5, unless it was a restore itself."""
    ours = keep_values([], [FIRST], AT, "a")
    back = SettingChange("AUOptions", number(5), None)

    kept = [*settle_values(keep_values(ours, [back], AT, "a"), [back], {"AUOptions": None})]
    restored = [*settle_values(keep_values(ours, [back], AT, "a", restores=True), [back], {"AUOptions": None})]

    assert plan_restoring(kept, ClientSnapshot()).changes == (SettingChange("AUOptions", None, number(5)),)
    assert restored == []


@given(st.binary(max_size=200))
def test_policy_file_that_is_damaged_is_refused_or_read(content: bytes) -> None:
    """Never anything else, and never for long."""
    for candidate in (content, b"PReg\x01\x00\x00\x00" + content):
        try:
            read_policy_file(candidate, "file")
        except UnreadableOutput:
            continue


def test_policy_file_says_what_is_set_and_what_is_taken_away() -> None:
    """Keys and names in any case; what is not ours is passed over."""
    content = b"PReg" + struct.pack("<I", 1)
    content += entry(AUTOMATIC_KEY.upper(), "auoptions", 4, struct.pack("<I", 4))
    content += entry(POLICY_KEY, "**del.WUServer", 1, " \0".encode("utf-16-le"))
    content += entry(POLICY_KEY, "TargetGroup", 1, "Ring 1\0".encode("utf-16-le"))
    content += entry("Software\\Other", "AUOptions", 4, struct.pack("<I", 1))

    assert read_policy_file(content, "file") == (
        PolicyEntry("AUOptions", number(4)),
        PolicyEntry("WUServer", None),
        PolicyEntry("TargetGroup", text("Ring 1")),
    )
    with pytest.raises(UnreadableOutput):
        read_policy_file(content[:-1], "file")


@given(st.dictionaries(st.sampled_from([value.name for value in VALUES]), SOMETHING))
def test_every_machine_is_described(values: dict[str, Held]) -> None:
    """Whatever stands there, of whatever type."""
    snapshot = ClientSnapshot(values=values)
    assert all(topic and sentence.endswith(".") for topic, sentence in describe_client(snapshot))
    assert all(isinstance(meaning_of(value, held), str) for value in VALUES if (held := snapshot.held(value.name)))


def test_restart_in_spite_of_never_is_told() -> None:
    """The setting that defeats a deployment that never reboots."""
    snapshot = ClientSnapshot(values={"AlwaysAutoRebootAtScheduledTime": number(1)})
    assert any("deployments never reboot" in sentence for _, sentence in describe_client(snapshot))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://a@b",
            "http://a:b@c:8530",
            "https://",
            "wsus",
            "http://w:99999",
            "http://w:0",
            "http://w w",
            "http://w\n",
        ),
        *(
            "http://w/?a",
            "http://w/#a",
            "http://w;rm",
            "javascript:1",
            "http://[::1",
            "http://" + "a" * 2000,
            "http://ü",
        ),
    ],
)
def test_url_that_is_no_server_is_refused(url: str) -> None:
    """It is written into the registry of machines."""
    with pytest.raises(BadInput):
        parse_server(url)


@pytest.mark.parametrize(
    "url", ["http://wsus:8530", "https://wsus.example.com:8531/", "http://[2001:db8::1]:8530", "http://10.0.0.1"]
)
def test_url_of_a_server_is_taken(url: str) -> None:
    """Without what ends it."""
    assert parse_server(url) == url.rstrip("/")


@given(st.sampled_from([value for value in VALUES if value.is_settable]), st.text(max_size=12))
def test_single_value_is_allowed_or_refused(value: object, said: str) -> None:
    """In one of two ways."""
    name = getattr(value, "name", "")
    try:
        found, held = parse_value(f"{name}={said}")
    except BadInput:
        return
    assert found == name
    assert held.kind in (HeldKind.NUMBER, HeldKind.TEXT)
