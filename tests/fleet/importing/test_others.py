"""apt-dater's hosts and Azure's exports."""

import pytest

from fleet.errors import BadInput
from fleet.importing import apt_dater, azure
from fleet.importing.request import ReadingOptions
from fleet.machines import OSType
from tests.fleet.importing.list_folder import ListFolder

_CONF = """# Syntax
[localdomain]
Hosts=localhost;

[IBH Kunden]
Hosts=a.ibh.net;test@c.ibh.net:62222;localhost
hosts=bad:x
"""
_XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE hosts SYSTEM "/usr/share/xml/schema/apt-dater/hosts.dtd">
<hosts xmlns:xi="http://www.w3.org/2001/XInclude">
  <default ssh-user="admin"/>
  <group name="Web" ssh-port="2222">
    <host name="server1"/>
    <host name="server2" ssh-host="10.0.0.2" ssh-user="root" ssh-id="~/.ssh/x"/>
    <host name="odd" type="telnet"/>
  </group>
  <xi:include href="more.xml"/>
</hosts>
"""


def test_hosts_conf_of_old_apt_dater_is_read() -> None:
    """A host may be in several sections."""
    assert apt_dater.fits("hosts.conf", _CONF)
    listed = apt_dater.read("hosts.conf", ListFolder(**{"hosts.conf": _CONF}), ReadingOptions())
    assert [(m.name, m.user, m.port) for m in listed.machines] == [
        *(("localhost", None, None), ("a.ibh.net", None, None), ("c.ibh.net", "test", 62222))
    ]
    assert {group.name: group.machines for group in listed.groups} == {
        "localdomain": ("localhost",),
        "IBH-Kunden": ("a.ibh.net", "c.ibh.net", "localhost"),
    }
    assert [(refusal.name, refusal.place.line) for refusal in listed.refusals] == [("bad", 7)]


def test_hosts_xml_inherits_from_group_and_defaults() -> None:
    """With included documents; a way that is not SSH is refused."""
    files = ListFolder(
        **{"c/hosts.xml": _XML, "c/more.xml": '<hosts><group name="DB"><host name="db"/></group></hosts>'}
    )
    assert apt_dater.fits("hosts.xml", _XML)
    listed = apt_dater.read("c/hosts.xml", files, ReadingOptions())
    assert [(m.name, m.address, m.user, m.port, m.key_file, m.place.line) for m in listed.machines] == [
        ("server1", None, "admin", 2222, None, 6),
        ("server2", "10.0.0.2", "root", 2222, "~/.ssh/x", 7),
        ("db", None, "admin", None, None, 1),
    ]
    assert [(refusal.name, refusal.place.line) for refusal in listed.refusals] == [("odd", 8)]
    assert [group.name for group in listed.groups] == ["Web", "DB"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE hosts [<!ENTITY a "aaaa">]>\n<hosts>&a;</hosts>', "entities are not read"),
        ("<hosts>\n<group>", r"hosts.xml:2: this is not well-formed"),
        ('<hosts xmlns:xi="x"><xi:include href="hosts.xml"/></hosts>', "include each other"),
        ('<hosts xmlns:xi="x"><xi:include href="none.xml"/></hosts>', r"Cannot read none\.xml"),
    ],
)
def test_document_that_cannot_be_read_says_why(text: str, said: str) -> None:
    """Entities are refused before they could grow."""
    with pytest.raises(BadInput, match=said):
        apt_dater.read("hosts.xml", ListFolder(**{"hosts.xml": text}), ReadingOptions())


_UPDATE_MANAGER = (
    '"Name","Update status","Operating system","Resource type","Subscription","Resource group","Location","Tags"\n'
    '"vm-1","No pending","Linux","microsoft.compute/virtualmachines","Prod","rg-1","West Europe",'
    '"{""env"":""prod"",""Cost Center"":""42"",""none"":""""}"\n'
    '"vm-2","Pending","Windows","Server - Azure Arc","Prod","rg-2","-","env : test, role : web"\n'
    '"sql-1","-","Windows","microsoft.sql/servers","Prod","rg-2","-",""\n'
)
_UPDATE_MANAGEMENT = (
    "Machine name,Compliance,Platform,Operating system,Critical missing updates,Update agent readiness\n"
    "web-1,Compliant,Azure,Windows,0,Ready\nweb-2.lan,Not assessed,Non-Azure,Linux,,\n"
)
_LOG_QUERY = (
    "TimeGenerated [UTC],Computer,SourceComputerId,OSType,ComputerIP,ResourceId\n"
    "1,db-1,aaaa,Linux,10.0.0.7,/subscriptions/s-1/resourceGroups/rg-9/providers/x\n2,db-1,aaaa,Linux,10.0.0.8,\n"
    "3,db-1,bbbb,Linux,10.0.0.9,\n"
)


def _azure(text: str) -> list[tuple[object, ...]]:
    assert azure.fits("x.csv", text)
    listed = azure.read("x.csv", ListFolder(**{"x.csv": text}), ReadingOptions())
    return [(m.name, m.address, m.os_type, dict(m.tags)) for m in listed.machines]


def test_list_of_update_manager_is_read() -> None:
    """Tags however they are written; what is no machine is refused."""
    places = {"azure-resource-group": "rg-1", "azure-subscription": "Prod", "azure-location": "West Europe"}
    one, two = _azure(_UPDATE_MANAGER)
    assert one == ("vm-1", None, OSType.LINUX, {**places, "env": "prod", "Cost-Center": "42"})
    assert two[:3] == ("vm-2", None, OSType.WINDOWS)
    assert two[3] == {"azure-resource-group": "rg-2", "azure-subscription": "Prod", "env": "test", "role": "web"}


def test_list_of_update_management_is_read() -> None:
    """Its machines have a name and a system, no more."""
    assert _azure(_UPDATE_MANAGEMENT) == [("web-1", None, OSType.WINDOWS, {}), ("web-2.lan", None, OSType.LINUX, {})]


def test_answer_of_a_log_query_names_a_machine_once() -> None:
    """Two machines of one name stay two, by their ids: the second will be refused."""
    rows = _azure(_LOG_QUERY)
    assert [row[:2] for row in rows] == [("db-1", "10.0.0.7"), ("db-1", "10.0.0.9")]
    assert rows[0][3] == {"azure-resource-group": "rg-9", "azure-subscription": "s-1"}


@pytest.mark.parametrize(
    "heading",
    [
        "Name;Ressourcengruppe;Standort;Betriebssystem;Öffentliche IP-Adresse",
        "NOM;GROUPE DE RESSOURCES;EMPLACEMENT;SYSTÈME D'EXPLOITATION;ADRESSE IP PUBLIQUE",
        "NOMBRE;GRUPO DE RECURSOS;UBICACIÓN;SISTEMA OPERATIVO;DIRECCIÓN IP PÚBLICA",
    ],
)
def test_portal_speaks_other_languages(heading: str) -> None:
    """It exports the headings that it shows."""
    text = f"{heading}\nvm-1;rg-1;West Europe;Linux;20.1.2.3\n"
    assert azure.fits("vms.csv", text)
    (machine,) = azure.read("vms.csv", ListFolder(**{"vms.csv": text}), ReadingOptions()).machines
    assert (machine.name, machine.address, machine.os_type) == ("vm-1", "20.1.2.3", OSType.LINUX)
    assert machine.tags == {"azure-resource-group": "rg-1", "azure-location": "West Europe"}
