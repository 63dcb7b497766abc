"""Which credentials hold for a machine, and which profiles can be kept."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.errors import BadInput
from fleet.groups.group import Group
from fleet.machines import Become, Machine, TransportKind
from fleet.profiles import (
    AgentUse,
    CredentialsUnclear,
    Profile,
    SecretOrigin,
    SecretPlace,
    check_profile,
    resolve_credentials,
)

MACHINE = Machine("id-1", "web-01", TransportKind.SSH, datetime(2026, 11, 20, tzinfo=UTC))
WEB = Profile(
    "p-1", "Web", user="deploy", key_file="/keys/web", certificate_file="/keys/web-cert.pub", become=Become.SUDO
)
DBA = Profile("p-2", "dba", user="dba")
PROFILES = {profile.name.casefold(): profile for profile in (WEB, DBA)}
IN_WEB = Group("frontends", targets=("web-*",), profile="web")
IN_DBA = Group("databases", targets=("db-*",), profile="DBA")


def test_machine_stands_above_its_profile_and_that_above_its_groups() -> None:
    """Each value for itself, but of one profile alone: credentials of two are never mixed."""
    by_group = resolve_credentials(MACHINE, PROFILES, [IN_WEB])
    assert (by_group.user, by_group.become, by_group.named_by) == ("deploy", Become.SUDO, "group frontends")
    own_profile = resolve_credentials(replace(MACHINE, profile="DBA"), PROFILES, [IN_WEB])
    assert (own_profile.user, own_profile.key_file, own_profile.become) == ("dba", None, Become.NONE)
    own_values = resolve_credentials(replace(MACHINE, user="root", become=Become.DOAS), PROFILES, [IN_WEB])
    assert (own_values.user, own_values.key_file, own_values.become) == ("root", "/keys/web", Become.DOAS)


def test_own_key_comes_without_the_certificate_and_passphrase_of_the_profile() -> None:
    """They belong to another key; the agent is used as ever."""
    found = resolve_credentials(
        replace(MACHINE, key_file="/keys/own"), {"web": replace(WEB, agent=AgentUse.NEVER)}, [IN_WEB]
    )
    assert (found.key_file, found.certificate_file, found.agent) == ("/keys/own", None, AgentUse.ALSO)
    assert found.passphrase_profile is None
    assert found.profile is not None


def test_groups_that_agree_are_one_and_those_that_differ_are_told() -> None:
    """Whatever the case of the name; the groups are named with what each says, and the remedy."""
    again = Group("more", targets=("all",), profile="WEB")
    assert resolve_credentials(MACHINE, PROFILES, [IN_WEB, again]).profile == WEB
    with pytest.raises(CredentialsUnclear, match=r"databases names DBA, frontends names web.*machines edit web-01"):
        resolve_credentials(MACHINE, PROFILES, [IN_WEB, IN_DBA, again])


def test_profile_that_is_not_there_is_told_with_who_names_it() -> None:
    """Nothing is tried in its place."""
    with pytest.raises(CredentialsUnclear, match="machine web-01 names the profile 'gone'"):
        resolve_credentials(replace(MACHINE, profile="gone"), PROFILES, [IN_WEB])


def test_without_profiles_a_machine_says_all_itself() -> None:
    """Groups without a profile do not matter."""
    found = resolve_credentials(replace(MACHINE, user="root"), {}, [Group("plain", targets=("all",))])
    assert (found.user, found.profile, found.named_by) == ("root", None, "")


COMMAND = SecretOrigin(SecretPlace.COMMAND, ("pass", "show", "x"))


@pytest.mark.parametrize(
    "profile",
    [
        replace(DBA, name="no good"),
        replace(DBA, user="-oProxyCommand=x"),
        replace(DBA, description="two\nlines"),
        replace(DBA, passphrase=COMMAND),
        replace(DBA, become_password=COMMAND),
        replace(DBA, key_file="/k", passphrase=COMMAND, agent=AgentUse.ONLY),
        replace(DBA, certificate_file="/c", agent=AgentUse.NEVER),
        replace(DBA, password=SecretOrigin(SecretPlace.COMMAND)),
        replace(DBA, password=SecretOrigin(SecretPlace.KEYRING, ("pass",))),
        replace(DBA, password=SecretOrigin(SecretPlace.COMMAND, ("x",) * 65)),
        replace(DBA, password=SecretOrigin(SecretPlace.COMMAND, ("\x1b[2J",))),
    ],
)
def test_profile_whose_parts_do_not_fit_is_refused(profile: Profile) -> None:
    """What could not work, or could be no name, is not kept."""
    with pytest.raises(BadInput):
        check_profile(profile)


def test_profile_that_fits_is_kept_as_it_is() -> None:
    """Also with a command for each of its secrets."""
    whole = replace(WEB, password=COMMAND, become_password=COMMAND, passphrase=COMMAND)
    assert check_profile(whole) == whole
