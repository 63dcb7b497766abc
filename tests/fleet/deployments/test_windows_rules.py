"""What holds of Windows alone before anything is installed: blockers, warnings, obstacles, boots that are times."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import ONLY_BY_NAME, parse_mask
from fleet.deployments.plan import WINDOWS_MANAGER, MachinePlan, Selection, Simulation
from fleet.deployments.plan_hash import describe_behaviour
from fleet.deployments.plan_warnings import expect_reboot
from fleet.deployments.planning import plan_machine
from fleet.deployments.pulse import Pulse
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.returns import has_rebooted, is_same_boot
from fleet.deployments.run_settings import settings_text
from fleet.deployments.selection import select
from fleet.deployments.start_checks import compare_offers, find_obstacles
from fleet.deployments.transactions import orders_of_selection, settle
from fleet.deployments.update_rules import UpdateRules
from fleet.facts import MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import Machine, TransportKind
from fleet.updates import Blocker, Classification, RebootBehavior, Update, WindowsUpdate

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_ALL = UpdateRules(classes=tuple(Classification))


def _update(name: str = "a", blocker: Blocker | None = None, **known: object) -> Update:
    windows = WindowsUpdate(f"{name}-id", "1", **known)  # type: ignore[arg-type]  # fields of it
    return Update(
        name, "", "", "KB5000001", Classification.SECURITY, "", "", blocker, advisories=("KB5000001",), windows=windows
    )


def _assessment(*updates: Update, pending: bool = False, findings: tuple[Finding, ...] = ()) -> Assessment:
    facts = MachineFacts(package_manager=WINDOWS_MANAGER, reboot_required=Answer.YES if pending else Answer.NO)
    return Assessment("id", "win", _NOW, _NOW, Coverage.COMPLETE, facts, updates, {}, findings=findings)


def _why(update: Update, rules: UpdateRules) -> str:
    selection = select((update,), rules, today=date(2026, 11, 20), now=_NOW, first_seen={})
    return selection.left_out[0].detail if selection.left_out else ""


@pytest.mark.parametrize(
    ("update", "changes", "why"),
    [
        (_update(is_optional=True), {}, "optional: "),
        (_update(is_optional=True), {"allow_optional": True}, ""),
        (_update(is_optional=True), {"include": (parse_mask("KB5000001"),)}, ""),
        (_update(is_licence_accepted=False), {}, "needs-licence: "),
        (_update(is_licence_accepted=False), {"accept_licences": True}, ""),
        (_update(is_optional=True, is_licence_accepted=False), {"allow_optional": True}, "needs-licence: "),
        (_update(is_hidden=True), {"allow_optional": True, "accept_licences": True}, "hidden"),
        (_update("a", Blocker.NEEDS_PERSON), {"allow_optional": True, "accept_licences": True}, "needs-person"),
        (_update("a", Blocker.OPTIONAL), {"allow_optional": True}, ""),
    ],
)
def test_definition_allows_optional_updates_and_licences_and_nothing_else(
    update: Update, changes: dict[str, object], why: str
) -> None:
    """What a person hid, or has to sit before, is never installed by a mask or a rule."""
    said = _why(update, replace(_ALL, **changes))  # type: ignore[arg-type]  # fields of it
    assert said.startswith(why) if why else said == ""


def test_age_of_a_windows_update_goes_by_its_id() -> None:
    """Its title may be another in another language."""
    update, rules = _update(), replace(_ALL, minimum_age_days=3)
    seen = {("a-id", ""): _NOW - timedelta(days=4)}
    assert select((update,), rules, today=_NOW.date(), now=_NOW, first_seen=seen).chosen == (update,)
    assert select((update,), rules, today=_NOW.date(), now=_NOW, first_seen={}).chosen == ()


def _plan(assessment: Assessment, rules: UpdateRules = _ALL, **more: object) -> MachinePlan:
    chosen = Selection(assessment.updates, ())
    machine = Machine("id", "win", TransportKind.LOCAL, _NOW)
    return plan_machine(machine, 0, assessment, rules, chosen, Simulation(), today=_NOW.date(), **more)  # type: ignore[arg-type]  # its options


def test_plan_warns_of_what_windows_does_otherwise() -> None:
    """Licences, restarts first, hard stops, and policies that reboot against the deployment."""
    policy = Finding(FindingKind.REBOOT_POLICY, Severity.WARNING, "Automatic updates restart it at 03:00.", "")
    pending = _assessment(_update(), pending=True)
    assert any("restarted before anything" in line for line in _warnings(pending))
    licence = _assessment(_update(is_licence_accepted=False, is_exclusive=True), findings=(policy,))
    said = " ".join(_warnings(licence, policy=RebootPolicy.NEVER, hard_stop=True))
    for words in ("licence of a", "alone", "5 rounds", "nothing more is begun", "restart it at 03:00"):
        assert words in said
    assert "03:00" not in " ".join(_warnings(licence))


def _warnings(assessment: Assessment, **more: object) -> tuple[str, ...]:
    from fleet.deployments.windows_warnings import find_windows_warnings

    told = {"policy": RebootPolicy.IF_REQUIRED, "hard_stop": False} | more
    selection = Selection(assessment.updates, ())
    return tuple(find_windows_warnings(assessment, selection, _ALL, **told))  # type: ignore[arg-type]  # its options


def test_plan_of_a_windows_has_its_warnings() -> None:
    """Of what is not installed nothing is said."""
    assert _plan(_assessment(_update()), hard_stop=True).warnings[-1].startswith("At the hard stop nothing more")


def test_obstacles_are_a_broken_agent_and_a_restart_that_nobody_makes() -> None:
    """With a policy that reboots, the restart comes first instead."""
    broken = Finding(FindingKind.UPDATE_AGENT_BROKEN, Severity.ERROR, "0x80070422", "Enable wuauserv.")
    assert "0x80070422" in find_obstacles(_assessment(findings=(broken,)), Simulation())[0]
    pending = _assessment(pending=True)
    assert find_obstacles(pending, Simulation()) == ()
    assert "restart is pending" in find_obstacles(pending, Simulation(), RebootPolicy.NEVER)[0]


@pytest.mark.parametrize(
    ("behaviours", "expected"),
    [
        ((RebootBehavior.NEVER,), Answer.NO),
        ((RebootBehavior.NEVER, RebootBehavior.ALWAYS), Answer.YES),
        ((RebootBehavior.NEVER, RebootBehavior.CAN_REQUEST), Answer.UNKNOWN),
        ((None,), Answer.UNKNOWN),
    ],
)
def test_updates_say_whether_they_restart(behaviours: tuple[RebootBehavior | None, ...], expected: Answer) -> None:
    """What may ask for a restart is not known before."""
    updates = [_update(reboot_behavior=behaviour) for behaviour in behaviours]
    assert expect_reboot(_assessment().facts, Simulation(), updates) is expected


def test_order_has_the_revision_that_is_offered_now() -> None:
    """Windows knows no other one any more; what is offered no more is told so."""
    update = _update()
    assert update.windows is not None
    orders = orders_of_selection(Selection((update,), ()))
    newer = replace(update, windows=replace(update.windows, revision="2"))
    assert [order.revision for order in compare_offers(orders, _assessment(newer)).orders] == ["2"]
    assert [*compare_offers(orders, _assessment()).missing.values()] == ["the machine is not offered it any more"]


def test_windows_is_simulated_once_whatever_stands_against_it() -> None:
    """It resolves nothing: parts of a selection are refused for the same reason."""
    steps = settle(Selection(tuple(map(_update, "abcdefgh")), ()), _ALL, today=_NOW.date(), in_parts=False)
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(Simulation(problem="the agent is broken"))
    assert end.value.value.simulation.problem == "the agent is broken"


def test_drivers_and_upgrades_have_to_be_named() -> None:
    """An upgrade to another release is no patch."""
    assert {Classification.DRIVERS, Classification.UPGRADES} == ONLY_BY_NAME


def test_hash_and_record_say_what_is_not_as_usual() -> None:
    """Hashes of before these settings stay what they were."""
    usual = Deployment("d", ("all",), _ALL)
    texts = {
        describe_behaviour(replace(usual, updates=replace(_ALL, **change)))
        for change in ({}, {"accept_licences": True}, {"allow_optional": True}, {"rounds": 3})
    }
    assert len(texts) == 4
    assert "rounds" not in describe_behaviour(usual)
    assert describe_behaviour(replace(usual, reboot=RebootRules(return_minutes=15))) == describe_behaviour(usual)
    more = replace(_ALL, accept_licences=True, allow_optional=True, rounds=3)
    for words in ('"acceptLicences":true', '"allowOptional":true', '"rounds":3'):
        assert words in settings_text(replace(usual, updates=more))
        assert words not in settings_text(usual)


def _boot(at: datetime, uptime: float | None = None) -> Pulse:
    return Pulse(f"{at:%Y-%m-%dT%H:%M:%SZ}", "10.0", uptime)


@given(st.integers(-20, 20), st.floats(21, 1e6))
def test_boot_that_drifts_by_seconds_is_the_same(seconds: int, uptime: float) -> None:
    """Windows counts it back from a clock that is set while it runs."""
    one, other = _boot(_NOW, uptime), _boot(_NOW + timedelta(seconds=seconds), uptime + 5)
    assert not has_rebooted(one, other)
    assert is_same_boot(one.boot_id, other.boot_id)


@given(st.floats(5, 1e7), st.floats(5, 1e5), st.floats(0, 1000))
def test_restart_is_seen_however_long_it_was_up(uptime: float, away: float, up_again: float) -> None:
    """Its new boot is later by at least that."""
    again = _NOW + timedelta(seconds=uptime + away)
    assert has_rebooted(_boot(_NOW, uptime), _boot(again, up_again))


@pytest.mark.parametrize("hours", [-5, 1, 10])
def test_clock_that_is_set_is_no_restart(hours: int) -> None:
    """It has been up for days, and is up for longer now."""
    before, now = _boot(_NOW, 864_000.0), _boot(_NOW + timedelta(hours=hours), 864_030.0)
    assert not has_rebooted(before, now)


def test_names_of_boots_are_compared_as_they_are() -> None:
    """Linux gives each a random one."""
    assert not is_same_boot("5f3a9c", "5f3a9d")
    assert is_same_boot("5f3a9c", "5f3a9c")
