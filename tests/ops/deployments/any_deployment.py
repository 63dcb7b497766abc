"""Any deployment that can be used, for property tests."""

from datetime import date, datetime
from types import MappingProxyType

from hypothesis import assume
from hypothesis import strategies as st

from fleet.deployments.budget import budget_text, parse_budget
from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.deployments.window import Window
from fleet.errors import BadInput
from fleet.hostile import scrub
from fleet.updates import Classification

# What readers of some version of YAML or TOML take for something else, and what must be escaped.
_TRICKY = st.sampled_from(
    (
        "no",
        "yes",
        "on",
        "null",
        "~",
        "",
        "02:30",
        "1e3",
        "0x10",
        "1_000",
        "2026-12-31",
        ".5",
        "true",
        "- a",
        "a: b",
        "#x",
        "&a",
        "*a",
        "!x",
        "%x",
        "@x",
        "`x",
        "'",
        '"',
        "\\",
        "a #b",
        "{a}",
        "[a]",
        " lead",
        "trail ",
        "=",
        "<<",
        "é😀",
        "a'b\"c",
        "|",
    )
)
_LINE = _TRICKY | st.text(max_size=30).filter(lambda text: scrub(text) == text)
_LINES = st.lists(_LINE, max_size=4).map("\n".join) | st.just("tab\there\n\n  indented\n")
_NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
_MASKS = st.builds(
    UpdateMask,
    st.from_regex(r"[A-Za-z0-9*+.:_~-]{1,12}", fullmatch=True),
    st.just("") | st.from_regex(r"[A-Za-z0-9*+.:_~-]{1,12}", fullmatch=True),
)
_MASK_LISTS = st.lists(_MASKS, max_size=3).map(tuple)
_TAGS = st.just("") | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,10}", fullmatch=True)
_DAYS = st.dates(date(1970, 1, 1), date(2200, 12, 31))
_PATHS = _LINE.map(lambda text: f"/{text}")
_MINUTES = st.floats(0, 1, width=32) | st.floats(0, 1)

_UPDATES = st.builds(
    UpdateRules,
    classes=st.lists(st.sampled_from(Classification), unique=True, min_size=1).map(tuple),
    include=_MASK_LISTS,
    exclude=_MASK_LISTS,
    exclusions=st.lists(
        st.builds(Exclusion, _MASKS, _LINE.filter(lambda text: bool(text.strip())), st.none() | _DAYS, _LINE),
        max_size=3,
    ).map(tuple),
    minimum_age_days=st.integers(0, 3650),
    allow_new_packages=st.booleans(),
    allow_removals=st.booleans(),
    accept_licences=st.booleans(),
    allow_optional=st.booleans(),
    rounds=st.none() | st.integers(1, 10),
)
_MISSED = st.just((MissedStart.SKIP, 0.0)) | st.tuples(
    st.just(MissedStart.RUN_WITHIN), st.floats(0.0001, 744).map(lambda hours: round(hours, 10))
)
_FIRSTS = st.datetimes(datetime(1970, 1, 2), datetime(2190, 1, 1)).map(lambda first: first.replace(microsecond=0))


@st.composite
def _schedules(draw: st.DrawFn) -> Schedule:
    missed, hours = draw(_MISSED)
    first, zone = draw(_FIRSTS), draw(st.sampled_from(("UTC", "Europe/Berlin", "America/New_York")))
    if draw(st.booleans()):
        return Schedule(first, zone, missed=missed, missed_within_hours=hours)
    return Schedule(
        first,
        zone,
        draw(st.sampled_from(("FREQ=MONTHLY;BYDAY=2TU", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR"))),
        draw(st.integers(0, 30)),
        draw(st.none() | st.just(date(2200, 12, 31))),
        draw(st.just("") | _PATHS),
        missed,
        hours,
    )


@st.composite
def _rollouts(draw: st.DrawFn) -> Rollout:
    waves = draw(
        st.lists(
            st.builds(WaveRule, st.just(WaveKind.COUNT), amount=st.integers(1, 999))
            | st.builds(WaveRule, st.just(WaveKind.PERCENT), amount=st.integers(1, 100))
            | st.builds(WaveRule, st.just(WaveKind.TARGET), _NAMES.map(lambda name: f"tag:ring={name}")),
            max_size=4,
        )
    )
    gate = HealthGate(
        draw(st.floats(0, 100)),
        draw(st.booleans()),
        draw(_LINES),
        tuple(draw(st.lists(st.integers(1, 65535), unique=True, max_size=3))),
        draw(_MINUTES),
    )
    budget = draw(
        st.none()
        | st.builds(FailureBudget, machines=st.integers(0, 999))
        | st.builds(FailureBudget, percent=st.floats(0, 100).map(lambda percent: round(percent, 4)))
    )
    assume(budget is None or parse_budget(budget_text(budget)) == budget)
    rest = [WaveRule(WaveKind.REST)] if draw(st.booleans()) else []
    return Rollout((*waves, *rest), gate, budget, draw(_TAGS), draw(_TAGS), draw(st.none() | st.integers(1, 9999)))


_WINDOWS = st.integers(3, 10080).flatmap(
    lambda minutes: st.builds(
        Window, st.just(minutes), st.integers(0, minutes - 1), st.integers(0, minutes - 1), st.booleans()
    )
)
_REBOOTS = st.builds(
    RebootRules,
    st.sampled_from([policy for policy in RebootPolicy if policy is not RebootPolicy.ONLY]),
    st.just("") | st.times().map(lambda clock: f"{clock:%H:%M}"),
    st.integers(0, 3),
    _LINE,
    st.integers(1, 1440),
)
_SCRIPTS = st.builds(
    Script,
    st.sampled_from(ScriptStage),
    st.sampled_from(ScriptPlace),
    _PATHS,
    st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), _LINES, max_size=3).map(
        MappingProxyType
    ),
    st.integers(1, 86400),
    st.sampled_from(ScriptFailure),
)


_CHANNELS = st.sampled_from(["mail", "ops-chat", "pager.2", "1"])


@st.composite
def deployments(draw: st.DrawFn) -> Deployment:
    """A deployment of which every field may be anything that is allowed, by default or not."""
    channels = tuple(draw(st.lists(_CHANNELS, unique_by=str.casefold, max_size=3)))
    deployment = Deployment(
        draw(_NAMES),
        tuple(draw(st.lists(_NAMES.map(lambda name: f"{name}*") | st.just("all"), min_size=1, max_size=3))),
        draw(_UPDATES | st.just(UpdateRules((Classification.SECURITY,)))),
        draw(st.none() | _schedules()),
        draw(_WINDOWS | st.just(Window())),
        draw(_REBOOTS | st.just(RebootRules())),
        tuple(draw(st.lists(_SCRIPTS, max_size=2))),
        draw(_rollouts() | st.just(Rollout())),
        draw(st.integers(0, 10080) | st.just(0)),
        draw(_LINES | st.just("")),
        draw(st.booleans()),
        channels=channels,
        notice_hours=draw(st.none() | st.floats(0.1, 744)) if channels else None,
    )
    try:
        return check_deployment(deployment)
    except BadInput:
        assume(False)
        raise
