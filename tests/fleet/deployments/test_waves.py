"""Waves: every machine in exactly one, in order, clusters apart."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.rollout import Rollout, WaveKind, WaveRule
from fleet.deployments.waves import find_empty_targets, may_begin, order_machines, parse_wave, plan_waves, wave_text
from fleet.errors import BadInput
from fleet.machines import Machine, TransportKind

_NOW = datetime(2026, 11, 20, tzinfo=UTC)


def _machine(name: str, **tags: str) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.SSH, _NOW, tags=tags)


def _fleet(count: int) -> list[Machine]:
    return [_machine(f"web-{number}") for number in range(1, count + 1)]


def _names(waves: Sequence[Sequence[Machine]]) -> list[list[str]]:
    return [[machine.name for machine in wave] for wave in waves]


_RULES = st.one_of(
    st.just(WaveRule(WaveKind.REST)),
    st.integers(1, 9).map(lambda amount: WaveRule(WaveKind.COUNT, amount=amount)),
    st.integers(1, 100).map(lambda amount: WaveRule(WaveKind.PERCENT, amount=amount)),
    st.sampled_from(["tag:ring=1", "tag:ring", "m-*", "m-3", "all", "os:linux"]).map(
        lambda target: WaveRule(WaveKind.TARGET, target=target)
    ),
)
_MACHINES = st.lists(
    st.dictionaries(st.sampled_from(["ring", "cluster"]), st.sampled_from(["1", "2", "10", "x"])), max_size=25
).map(lambda tags: [_machine(f"m-{number}", **tag) for number, tag in enumerate(tags)])
_ROLLOUTS = st.builds(
    Rollout,
    waves=st.lists(_RULES, max_size=4).map(tuple),
    cluster_tag=st.sampled_from(["", "cluster"]),
    order_by_tag=st.sampled_from(["", "ring"]),
)


@given(_MACHINES, _ROLLOUTS)
def test_every_machine_is_in_exactly_one_wave(machines: list[Machine], rollout: Rollout) -> None:
    """Waves cover the machines, none twice, and no wave is empty."""
    waves = plan_waves(machines, rollout)
    planned = [machine.id for wave in waves for machine in wave]
    assert sorted(planned) == sorted(machine.id for machine in machines) and all(waves)


@given(_MACHINES, _ROLLOUTS)
def test_waves_do_not_depend_on_the_order_of_the_machines(machines: list[Machine], rollout: Rollout) -> None:
    """The same machines in another order give the same waves."""
    assert plan_waves(machines, rollout) == plan_waves(machines[::-1], rollout)


@given(_MACHINES, _ROLLOUTS, st.integers(1, 30))
def test_clusters_are_never_in_work_together_and_nothing_waits_for_ever(
    machines: list[Machine], rollout: Rollout, concurrency: int
) -> None:
    """Beginning whatever may begin goes over all machines, and never has two of a cluster in work."""
    begun: list[str] = []
    for wave in plan_waves(machines, rollout):
        waiting, in_work = list(wave), list[Machine]()
        while waiting or in_work:
            for machine in list(waiting):
                if len(in_work) < concurrency and may_begin(machine, in_work, rollout):
                    waiting.remove(machine)
                    in_work.append(machine)
                    begun.append(machine.id)
            clusters = [machine.tags[rollout.cluster_tag] for machine in in_work if rollout.cluster_tag in machine.tags]
            assert in_work and len(set(clusters)) == len(clusters)
            in_work.pop(0)
    assert len(begun) == len(machines)


def test_machine_in_work_is_not_begun_again() -> None:
    """Without clusters too, a machine is in work once."""
    machine = _machine("web-1")
    assert not may_begin(machine, [machine], Rollout())


def test_machines_without_the_cluster_tag_are_no_cluster() -> None:
    """Two machines that lack the tag may be in work together."""
    assert may_begin(_machine("a"), [_machine("b")], Rollout(cluster_tag="cluster"))


def test_canary_comes_first_then_the_last_percentage_again() -> None:
    """The canary by its tag, then a quarter of all machines at a time."""
    machines = [*_fleet(8), _machine("zz-canary", ring="canary")]
    rollout = Rollout(waves=(parse_wave("tag:ring=canary"), parse_wave("25%")))
    assert _names(plan_waves(machines, rollout)) == [
        ["zz-canary"],
        ["web-1", "web-2", "web-3"],
        ["web-4", "web-5", "web-6"],
        ["web-7", "web-8"],
    ]


@pytest.mark.parametrize(
    ("waves", "sizes"),
    [
        ((), [10]),
        (("1", "3"), [1, 3, 3, 3]),
        (("1", "rest"), [1, 9]),
        (("rest", "1"), [10]),
        (("1%",), [1] * 10),
        (("50%", "web-7"), [5, 1, 4]),
        (("tag:ring=none", "10"), [10]),
        (("web-3",), [1, 9]),
    ],
)
def test_sizes_of_waves(waves: tuple[str, ...], sizes: list[int]) -> None:
    """Counts, percentages rounded up, the repeated last rule, and the rest."""
    rollout = Rollout(waves=tuple(parse_wave(text) for text in waves))
    assert [len(wave) for wave in plan_waves(_fleet(10), rollout)] == sizes


def test_target_that_names_no_machine_of_the_run_is_told() -> None:
    """A canary wave that vanished is known."""
    rollout = Rollout(waves=(parse_wave("tag:ring=canary"), parse_wave("web-1")))
    assert find_empty_targets(_fleet(2), rollout) == (parse_wave("tag:ring=canary"),)


def test_digits_in_names_count_as_numbers() -> None:
    """web-2 comes before web-10."""
    assert [machine.name for machine in order_machines(_fleet(11)[::-1])] == [f"web-{n}" for n in range(1, 12)]


def test_order_by_tag_takes_numbers_as_numbers_and_puts_machines_without_it_last() -> None:
    """2 before 10, 1.5 before 2, texts behind numbers, no tag last."""
    tags = {"e": "10", "d": "2", "c": "early", "b": None, "a": "1.5"}
    machines = [_machine(name, **({"tier": tier} if tier else {})) for name, tier in tags.items()]
    assert [machine.name for machine in order_machines(machines, "tier")] == ["a", "d", "e", "c", "b"]


@pytest.mark.parametrize("text", ["", "0", "0%", "101%", "2.5%", "web 1", "colour:red", "rest%"])
def test_unusable_wave_is_refused(text: str) -> None:
    """What is neither an amount, a target nor the rest is told in one line."""
    with pytest.raises(BadInput):
        parse_wave(text)


@given(_RULES)
def test_text_of_a_wave_reads_back(rule: WaveRule) -> None:
    """What is written is read as the same rule."""
    assert parse_wave(wave_text(rule)) == rule
