"""Definitions of deployments in TOML and YAML: what they mean, and how mistakes are told."""

from datetime import date, datetime
from pathlib import Path

import pytest

from fleet.deployments.masks import ONLY_BY_NAME
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.rollout import FailureBudget, WaveKind, WaveRule
from fleet.deployments.schedule import MissedStart
from fleet.deployments.scripts import ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateMask
from fleet.errors import BadInput, UnknownName
from fleet.updates import Classification
from ops.deployments.definition_files import read_definition, write_definition

_TOML = """\
name = "web-monthly"
targets = ["tag:env=prod", "db-*"]

[updates]
classes = ["critical", "Security"]
include = ["openssl*", "kernel=6.1.*"]
minimum-age-days = 3
[[updates.exclusions]]
update = "docker*"
reason = "build farm"
until = 2026-12-31
by = "ann"

[schedule]
first = 2026-12-08T02:30:00
time-zone = "Europe/Berlin"
rule = "FREQ=MONTHLY;BYDAY=2TU"
offset-days = 3
blackouts = "holidays.ics"
missed = "run within 4 h"

[reboot]
policy = "always"
at = 04:30:00

[[scripts]]
stage = "pre"
place = "console"
path = "scripts/drain"
parameters = { POOL = "no" }
[[scripts]]
stage = "post"
place = "machine"
path = "/opt/after"
on-failure = "continue"

[rollout]
waves = ["tag:ring=canary", 5, "25%", "rest"]
budget = 3
[rollout.gate]
tcp-ports = [443]
soak-minutes = 2.5
"""
_YAML = """\
# the same, as people write YAML
name: web-monthly
targets: [tag:env=prod, db-*]
updates:
  classes: [critical, security]
  include:
    - openssl*
    - kernel=6.1.*
  minimum-age-days: 3
  exclusions:
    - update: docker*
      reason: build farm
      until: 2026-12-31
      by: ann
schedule:
  first: 2026-12-08 02:30
  time-zone: Europe/Berlin
  rule: FREQ=MONTHLY;BYDAY=2TU
  offset-days: 3
  blackouts: holidays.ics
  missed: run within 4 h
reboot:
  policy: always
  at: 04:30
scripts:
  - {stage: pre, place: console, path: scripts/drain, parameters: {POOL: no}}
  - stage: post
    place: machine
    path: /opt/after
    on-failure: continue
rollout:
  waves: [tag:ring=canary, 5, 25%, rest]
  budget: 3
  gate:
    tcp-ports: [443]
    soak-minutes: 2.5
"""
_LEAST = 'targets = ["all"]\n[updates]\nclasses = ["security"]\n'
_LEAST_YAML = "targets: [all]\nupdates:\n  classes: [security]\n"


def _message(text: str, format_: str = "toml", hint: str = "web") -> str:
    with pytest.raises(BadInput) as raised:
        read_definition(text, format_, hint)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_every_part_of_a_file_reaches_the_deployment() -> None:
    """Each key by value."""
    deployment = read_definition(_TOML, "toml", folder=Path("/srv/deployments"))
    assert deployment.name == "web-monthly"
    assert deployment.targets == ("tag:env=prod", "db-*")
    assert deployment.updates.classes == (Classification.CRITICAL, Classification.SECURITY)
    assert deployment.updates.include == (UpdateMask("openssl*"), UpdateMask("kernel", "6.1.*"))
    assert deployment.updates.exclusions == (Exclusion(UpdateMask("docker*"), "build farm", date(2026, 12, 31), "ann"),)
    schedule = deployment.schedule
    assert schedule is not None
    assert (schedule.first, schedule.time_zone) == (datetime(2026, 12, 8, 2, 30), "Europe/Berlin")
    assert (schedule.missed, schedule.missed_within_hours) == (MissedStart.RUN_WITHIN, 4.0)
    assert schedule.blackouts == "/srv/deployments/holidays.ics"
    assert (deployment.reboot.policy, deployment.reboot.at) == (RebootPolicy.ALWAYS, "04:30")
    before, after = deployment.scripts
    assert (before.stage, before.place, before.path) == (
        ScriptStage.PRE,
        ScriptPlace.CONSOLE,
        "/srv/deployments/scripts/drain",
    )
    assert dict(before.parameters) == {"POOL": "no"}
    assert (after.path, after.on_failure) == ("/opt/after", ScriptFailure.CONTINUE)
    assert deployment.rollout.waves[1] == WaveRule(WaveKind.COUNT, amount=5)
    assert deployment.rollout.budget == FailureBudget(machines=3)
    assert (deployment.rollout.gate.tcp_ports, deployment.rollout.gate.soak_minutes) == ((443,), 2.5)


def test_yaml_and_toml_of_the_same_are_the_same() -> None:
    """The format makes no difference, and YAML's old traps are none: no, 04:30, dates and 6.1 stay what they are."""
    folder = Path("/srv/deployments")
    assert read_definition(_YAML, "yaml", folder=folder) == read_definition(_TOML, "toml", folder=folder)


def test_file_without_name_is_called_as_hinted() -> None:
    """A file's own name is the hint; a name in it comes first."""
    assert read_definition(_LEAST, "toml", "web").name == "web"
    assert read_definition(f'name = "db"\n{_LEAST}', "toml", "web").name == "db"
    assert _message(_LEAST, hint="") == "The definition lacks name."


def test_yaml_texts_that_look_like_something_else_are_texts() -> None:
    """A description `no`, a name `123` and a message `12:30` are what they look like."""
    text = f"name: 123\ndescription: no\n{_LEAST_YAML}reboot: {{message: 12:30, at: '22:15'}}\n"
    deployment = read_definition(text, "yaml")
    assert (deployment.name, deployment.description, deployment.reboot.message) == ("123", "no", "12:30")
    assert deployment.reboot.at == "22:15"


def test_all_stands_for_every_class_that_need_not_be_named() -> None:
    """As on the command line: no drivers, and no upgrades to another release. It is written so again."""
    text = 'name = "web"\ntargets = ["all"]\n\n[updates]\nclasses = ["all"]\n'
    deployment = read_definition(text, "toml")
    assert deployment.updates.classes == tuple(each for each in Classification if each not in ONLY_BY_NAME)
    assert write_definition(deployment, "toml") == text
    named = text.replace('classes = ["all"]', 'classes = ["all", "upgrades"]')
    deployment = read_definition(named, "toml")
    assert deployment.updates.classes[-1] is Classification.UPGRADES
    assert Classification.DRIVERS not in deployment.updates.classes
    assert write_definition(deployment, "toml") == named


def test_all_formats_are_known_by_name() -> None:
    """Another one is refused with the nearest."""
    with pytest.raises(UnknownName, match="Did you mean 'toml'"):
        read_definition(_LEAST, "tom", "web")
    with pytest.raises(UnknownName, match="Did you mean 'yaml'"):
        write_definition(read_definition(_LEAST, "toml", "web"), "yml")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("[window]\nminuets = 5\n", "line 5: window: There is no key 'minuets'. Did you mean 'minutes'?"),
        ("[windows]\nminutes = 5\n", "line 4: There is no key 'windows'. Did you mean 'window'?"),
        ("[window]\nminutes = '5'\n", "line 5: window.minutes = '5' does not fit: it takes a whole number."),
        ("[window]\nminutes = 5.0\n", "line 5: window.minutes = 5.0 does not fit: it takes a whole number."),
        ("[window]\nminutes = true\n", "line 5: window.minutes = true does not fit"),
        ("[window]\nhard-stop = 1\n", "line 5: window.hard-stop = 1 does not fit: it takes true or false."),
        ("[window]\nhard-stop = 'no'\n", "takes true or false"),
        ("[window]\nminutes = 99999999999999999999\n", "takes a whole number"),
        ("[window]\nminutes = 0\n", "A window of 0 minutes"),
        ("[[window]]\nminutes = 5\n", "line 4: window is a part with keys of its own: minutes, "),
        ("[scripts]\nstage = 'pre'\n", "line 4: scripts is a list: write [[scripts]]"),
        ("[[scripts]]\nstage = 'pre'\n", "line 4: scripts lacks place, path."),
        (
            "[[scripts]]\nstage='pre'\nplace='console'\npath='/a'\n[[scripts]]\nstage='per'\n",
            "line 9: scripts.stage: There is no such value 'per'. Did you mean 'pre'?",
        ),
        ("[[scripts]]\nstage='pre'\nplace='console'\npath='a'\n", "needs a whole path"),
        ("[[updates.exclusions]]\nupdate = 'a b'\n", "line 5: updates.exclusions.update: Mask 'a b'"),
        (
            "[reboot]\npolicy = 'sometimes'\n",
            'line 5: reboot.policy: There is no such value \'sometimes\'. It takes "if-required" or "always" or',
        ),
        ("[reboot]\nat = '25:00'\n", "line 5: reboot.at: Time of day '25:00' is not usable"),
        (
            "[schedule]\nfirst = 2099-01-01T02:30:00\ntime-zone = 'Europe/Berln'\n",
            "line 6: schedule.time-zone: There is no time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'?",
        ),
        ("[reboot]\nat = 25\n", "line 5: reboot.at = 25 does not fit: it takes a time of day such as 22:30."),
        ("[reboot]\nat = 22:30:15\n", "does not fit"),
        ("[reboot]\nat = '24:30'\n", "Time of day '24:30'"),
        ("[schedule]\nfirst = 2026-12-08T02:30:00\n", "line 4: schedule lacks time-zone."),
        (
            "[schedule]\nfirst = 2026-12-08T02:30:00Z\n",
            "line 5: schedule.first: 2026-12-08T02:30:00+00:00 has an offset",
        ),
        ("[schedule]\nfirst = 2026-12-08\n", "takes a day and time without zone"),
        ("[schedule]\nfirst = '2026-02-30T02:30'\n", "line 5: schedule.first: 2026-02-30T02:30 is no day or time"),
        ("[schedule]\nmissed = 'run'\n", "line 5: schedule.missed: 'run' is not usable"),
        ("[rollout]\nwaves = ['25%', '1/2 x']\n", "line 5: rollout.waves: Wave '1/2 x' is not usable"),
        ("[rollout]\nwaves = '25%'\n", "line 5: rollout.waves = '25%' does not fit: it takes a list"),
        ("[rollout]\nbudget = 2.5\n", "line 5: rollout.budget = 2.5 does not fit"),
        ("[rollout]\nbudget = '101%'\n", "line 5: rollout.budget: Failure budget '101%'"),
        ("[rollout.gate]\nsuccess-percent = nan\n", "line 5: rollout.gate.success-percent = nan does not fit"),
        ("[rollout.gate]\nsuccess-percent = inf\n", "does not fit: it takes a number"),
        ("[rollout.gate]\ntcp-ports = [443, 'x']\n", "line 5: rollout.gate.tcp-ports = 'x' does not fit"),
        ("[[deployments]]\nname = 'a'\n", "a file defines one deployment"),
        ("name", "line 4: not TOML"),
        ("[window]\nminutes = 5\nminutes = 6\n", "line 6: not TOML"),
    ],
)
def test_mistake_in_toml_is_told_with_its_line(more: str, words: str) -> None:
    """What is wrong, where, and what is expected."""
    assert words in _message(_LEAST + more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("updates: {classes: [secruity]}\n", "line 4: the key 'updates' stands twice"),
        ("window:\n  minuets: 5\n", "line 5: window: There is no key 'minuets'. Did you mean 'minutes'?"),
        ("window:\n  minutes: '5'\n", "line 5: window.minutes = '5' does not fit: it takes a whole number."),
        ("window:\n  minutes: 02:30\n", "line 5: window.minutes = '02:30' does not fit"),
        ("window:\n  minutes: 0x10\n", "does not fit"),
        ("window:\n  hard-stop: yes\n", "line 5: window.hard-stop = 'yes' does not fit: it takes true or false."),
        ("window:\n  hard-stop: 'true'\n", "takes true or false"),
        ("window:\n", "line 4: window is a part with keys of its own"),
        ("description:\n", "line 4: description = '' does not fit: it takes a text."),
        ("description: ~\n", "takes a text"),
        ("description: [a]\n", "line 4: description does not fit: it takes a text."),
        ("rollout:\n  waves:\n    - 5\n    - 200%\n", "line 7: rollout.waves: Wave '200%'"),
        ("rollout:\n  gate:\n    soak-minutes: .inf\n", "line 6: rollout.gate.soak-minutes = '.inf' does not fit"),
        ("scripts:\n  - stage: pre\n    place: console\n    path: /a\n  - stage: per\n", "line 8: scripts.stage"),
        ("scripts: {stage: pre}\n", "line 4: scripts is a list"),
        ("window: {minutes: 5}\nwindow: {minutes: 6}\n", "line 5: the key 'window' stands twice, first on line 4."),
        ("---\nname: b\n", "line 4: a second document begins: one deployment a file."),
        ("window: &w {minutes: 60}\n", "line 4: anchors and aliases are not read"),
        ("window: *w\n", "line 4: anchors and aliases are not read"),
        ("description: !!str 5\n", "line 4: the tag 'tag:yaml.org,2002:str' is not read"),
        ("description: !!python/object/apply:os.system [id]\n", "is not read"),
        ("<<: {name: b}\n", "line 4: There is no key '<<'."),
        ("? [a, b]\n: c\n", "line 4: a key is a list or a mapping"),
        ("description: a: b\n", "line 4: not YAML: mapping values are not allowed here."),
        ("\tname: b\n", "line 4: not YAML"),
    ],
)
def test_mistake_in_yaml_is_told_with_its_line(more: str, words: str) -> None:
    """The same for YAML, and what of YAML is not read."""
    message = _message(_LEAST_YAML + more, "yaml")
    assert words in message


def test_unknown_class_is_told_with_the_nearest() -> None:
    """The words are those of the command line."""
    message = _message("targets: [all]\nupdates:\n  classes:\n    - secruity\n", "yaml")
    assert message == "line 4: updates.classes: There is no class 'secruity'. Did you mean 'security'?"


def test_line_is_that_of_the_key_behind_texts_of_several_lines() -> None:
    """What stands in a text of several lines is no key."""
    text = f'description = """\n[window]\nminutes = 3\n"""\n{_LEAST}[window]\nminutes = "x"\n'
    assert _message(text).startswith("line 9: window.minutes")


def test_paths_are_whole_where_the_folder_is_known() -> None:
    """Relative ones are of the file's folder, `~` is the home, whole ones stay."""
    script = "[[scripts]]\nstage='pre'\nplace='console'\npath='{}'\n"
    paths = [
        read_definition(_LEAST + script.format(path), "toml", "web", Path("/srv")).scripts[0].path
        for path in ("a/b", "/c", "~/d")
    ]
    assert paths == ["/srv/a/b", "/c", str(Path("~/d").expanduser())]
    with pytest.raises(BadInput, match="is not known"):
        read_definition(_LEAST + script.format("~nobody-of-that-name/x"), "toml", "web", Path("/srv"))
