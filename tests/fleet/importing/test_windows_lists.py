"""Windows machines in lists: what says that they are reached by WinRM, and what comes of that."""

from datetime import UTC, datetime

import pytest

from fleet.importing import ansible_list, azure, csv_list
from fleet.importing.judging import Fleet, judge_machines
from fleet.importing.listed import ListedMachine, MachineList, Place
from fleet.importing.merging import merge, new_machine
from fleet.importing.preview import ImportRow, ImportState
from fleet.importing.request import ImportRequest, ReadingOptions
from fleet.machines import Become, Machine, OSType, TransportKind
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from tests.fleet.importing.list_folder import ListFolder

_AT = datetime(2026, 11, 20, tzinfo=UTC)
_PLACE = Place("hosts.csv", 2)
_BY = TransportKind.WINRM


def _ansible(variables: str, name: str = "i/hosts") -> ListedMachine:
    listed = ansible_list.read(name, ListFolder(**{name: variables}), ReadingOptions())
    assert not listed.refusals
    return listed.machines[0]


def _csv(text: str) -> MachineList:
    return csv_list.read("hosts.csv", ListFolder(**{"hosts.csv": text}), ReadingOptions())


def _judge(listed: MachineList, *known: Machine) -> list[ImportRow]:
    fleet = Fleet(known, "hosts", _AT, lambda: "new-id")
    return list(judge_machines(listed, ImportRequest("hosts.csv", "csv"), fleet).rows)


@pytest.mark.parametrize(
    ("variables", "scheme", "kind"),
    [
        ("", None, None),
        ("ansible_port=5985", WinrmScheme.HTTP, None),
        ("ansible_port=5986 ansible_winrm_transport=kerberos", None, WinrmKind.KERBEROS),
        ("ansible_winrm_scheme=http ansible_winrm_transport=ntlm", WinrmScheme.HTTP, WinrmKind.NTLM),
        ("ansible_winrm_transport=ssl", None, WinrmKind.BASIC),
        ("""ansible_winrm_transport="['credssp','ntlm']" """, None, WinrmKind.CREDSSP),
        ("ansible_winrm_transport=certificate ansible_winrm_scheme=https", WinrmScheme.HTTPS, WinrmKind.CERTIFICATE),
        ("ansible_winrm_scheme=ftp ansible_winrm_transport=carrier-pigeon", None, None),
    ],
)
def test_ansibles_winrm_is_taken_over(variables: str, scheme: WinrmScheme | None, kind: WinrmKind | None) -> None:
    """Scheme, login and port, by Ansible's own rules; words that mean nothing here are told."""
    machine = _ansible(f"win-1 ansible_connection=winrm ansible_user='CORP\\\\patch' {variables}\n")
    assert (machine.transport, machine.os_type) == (_BY, OSType.WINDOWS)
    assert (machine.winrm_scheme, machine.winrm_kind) == (scheme, kind)
    assert len(machine.notes) == (2 if "pigeon" in variables else 0)


def test_lists_of_logins_and_psrp_have_their_own_names() -> None:
    """YAML gives a list, of which the first login that there is here is taken; `negotiate` leaves it to us."""
    yaml = (
        "all:\n  hosts:\n    a:\n      ansible_connection: winrm\n      ansible_winrm_transport: [digest, kerberos]\n"
        "      ansible_winrm_host: 192.0.2.7\n"
    )
    machine = _ansible(yaml, "i/hosts.yml")
    assert (machine.winrm_kind, machine.address) == (WinrmKind.KERBEROS, "192.0.2.7")
    psrp = _ansible(
        "b ansible_connection=psrp ansible_psrp_protocol=http ansible_psrp_auth=negotiate ansible_psrp_port=80 "
        "ansible_psrp_user=patch ansible_psrp_proxy=http://proxy:3128 ansible_psrp_ca_cert=ca.pem\n"
    )
    assert (psrp.winrm_scheme, psrp.winrm_kind, psrp.port, psrp.user) == (WinrmScheme.HTTP, None, 80, "patch")
    assert (psrp.winrm_proxy, psrp.winrm_ca_file) == ("http://proxy:3128", None)


def test_what_is_not_checked_or_secret_there_is_told() -> None:
    """A certificate that Ansible ignores has to be accepted here; passwords, and keys to log in with, stay away."""
    machine = _ansible(
        "a ansible_connection=winrm ansible_winrm_server_cert_validation=ignore ansible_winrm_password=hunter2 "
        "ansible_winrm_ca_trust_path=ca.pem ansible_winrm_cert_pem=me.pem ansible_winrm_path=/x ansible_become=yes "
        "ansible_winrm_proxy=http://me:hunter3@proxy:3128 ansible_ssh_common_args='-J bastion'\n"
    )
    assert "hunter" not in repr(machine)
    assert (machine.become, machine.proxy_jump, machine.winrm_ca_file) == (None, None, "ca.pem")
    notes = " | ".join(machine.notes)
    assert all(word in notes for word in ("accept-certificate", "passwords", "cert_pem", "/wsman", "proxy"))


def test_tables_name_the_way_in_words() -> None:
    """A column of ways, WinRM's ports, or nothing but the system; what is no way is refused with its line."""
    listed = _csv(
        "name,address,transport,port,winrm,scheme,os\n"
        "a,192.0.2.1,winrm,,kerberos,,\n"
        "b,192.0.2.2,WinRM-HTTP,,,,\n"
        "c,192.0.2.3,,5985,,,\n"
        "d,192.0.2.4,,,,,Windows Server 2022\n"
        "e,192.0.2.5,ssh,,,,Windows\n"
        "f,192.0.2.6,telnet,,,,\n"
        "g,192.0.2.7,winrm,,,gopher,\n"
    )
    assert [refusal.name for refusal in listed.refusals] == ["f", "g"]
    rows = {row.name: row.machine for row in _judge(listed) if row.machine is not None}
    ways = {name: (machine.transport, machine.winrm, machine.os_type) for name, machine in rows.items()}
    over_http = WinrmWay(scheme=WinrmScheme.HTTP)
    assert ways == {
        "a": (_BY, WinrmWay(kind=WinrmKind.KERBEROS), OSType.WINDOWS),
        "b": (_BY, over_http, OSType.WINDOWS),
        "c": (_BY, over_http, OSType.WINDOWS),
        "d": (_BY, None, OSType.WINDOWS),
        "e": (TransportKind.SSH, None, OSType.WINDOWS),
    }


def test_windows_of_an_azure_list_is_reached_by_winrm() -> None:
    """These lists say nothing of logins; a machine that is here already stays as it is."""
    text = "Name,OS type\nvm-1,Windows\nvm-2,Linux\n"
    listed = azure.read("a.csv", ListFolder(**{"a.csv": text}), ReadingOptions())
    by_hand = Machine("id", "vm-1", TransportKind.SSH, _AT, address="vm-1", os_type=OSType.WINDOWS)
    assert [row.machine.transport for row in _judge(listed) if row.machine] == [_BY, TransportKind.SSH]
    assert _judge(listed, by_hand)[0].state is ImportState.UNCHANGED


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ("winrm,,,,,Linux", "--os"),
        ("winrm,basic,http,,,", "Basic over HTTP"),
        ("winrm,,,http://u:secret@p:1,,", "without user and password"),
        ("winrm,,,,a/b,", "User name"),
        ("ssh,ntlm,,,a b,Linux", "User name"),
    ],
)
def test_what_does_not_fit_together_is_refused(cells: str, why: str) -> None:
    """Each with its reason; nobody's password is put at risk by a list."""
    listed = _csv(f"name,transport,winrm,scheme,winrm proxy,user,os\nwin-1,{cells}\n")
    (row,) = _judge(listed)
    assert row.state is ImportState.REFUSED
    assert why in row.reason
    assert "secret" not in row.reason


def test_users_of_windows_are_called_as_they_are() -> None:
    """With a domain, blanks and umlauts."""
    (row,) = _judge(_csv("name,transport,user\nwin-1,winrm,CORP\\Jürgen Müller\n"))
    assert row.machine is not None
    assert row.machine.user == "CORP\\Jürgen Müller"


def test_parts_of_winrm_are_merged_one_by_one() -> None:
    """What somebody set by hand stays beside what the list changes; clear text that was allowed stays allowed."""
    said = ListedMachine("win-1", _PLACE, transport=_BY, winrm_kind=WinrmKind.NTLM)
    known = new_machine("id", said, _AT).machine
    assert known.winrm == WinrmWay(kind=WinrmKind.NTLM)
    by_hand = Machine(
        "id",
        "win-1",
        _BY,
        _AT,
        "win-1",
        os_type=OSType.WINDOWS,
        winrm=WinrmWay(kind=WinrmKind.NTLM, proxy="http://p:1"),
    )
    now = ListedMachine("win-1", _PLACE, transport=_BY, winrm_kind=WinrmKind.KERBEROS, winrm_scheme=WinrmScheme.HTTP)
    merged = merge(by_hand, now, said, overwrites=False).machine
    assert merged.winrm == WinrmWay(WinrmScheme.HTTP, WinrmKind.KERBEROS, proxy="http://p:1")
    clear = WinrmWay(WinrmScheme.HTTP, WinrmKind.BASIC, is_clear_text_allowed=True)
    allowed = Machine("id", "win-1", _BY, _AT, "win-1", os_type=OSType.WINDOWS, winrm=clear)
    again = ListedMachine("win-1", _PLACE, transport=_BY, winrm_kind=WinrmKind.BASIC, winrm_scheme=WinrmScheme.HTTP)
    assert merge(allowed, again, again, overwrites=False).machine == allowed


def test_machine_that_moves_to_winrm_loses_what_means_nothing_there() -> None:
    """Key file, jump host and sudo go, and are told."""
    said = ListedMachine("win-1", _PLACE, key_file="/k", proxy_jump="bastion", become=Become.SUDO)
    known = new_machine("id", said, _AT).machine
    merged = merge(known, ListedMachine("win-1", _PLACE, transport=_BY), said, overwrites=False)
    machine = merged.machine
    assert (machine.key_file, machine.proxy_jump, machine.become, machine.os_type) == (
        *(None, None, Become.NONE),
        OSType.WINDOWS,
    )
    assert {change.name for change in merged.changes} == {"transport", "key_file", "proxy_jump", "become"}
