"""Machines in tables of text, as people and spreadsheets write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput, PatchdeckError
from fleet.importing.csv_list import fits, read
from fleet.importing.listed import MachineList
from fleet.importing.request import ReadingOptions
from fleet.machines import Become, OSType
from tests.fleet.importing.list_folder import ListFolder


def _read(text: str, options: ReadingOptions | None = None) -> MachineList:
    return read("hosts.csv", ListFolder(**{"hosts.csv": text}), options or ReadingOptions())


def test_headings_are_taken_as_people_write_them() -> None:
    """Blanks, signs, case and separators do not matter."""
    listed = _read(
        "Server Name;IP-Address;SSH Port;User Name;Jump Host;Become;Operating System;Enabled\n"
        "web-1;10.0.0.1;2222;admin;bastion;yes;Ubuntu 24.04;no\n"
    )
    (web,) = listed.machines
    assert (web.name, web.address, web.port, web.user) == ("web-1", "10.0.0.1", 2222, "admin")
    assert (web.proxy_jump, web.become, web.os_type, web.enabled) == ("bastion", Become.SUDO, OSType.LINUX, False)
    assert str(web.place) == "hosts.csv:2"


def test_headings_are_taken_in_other_languages() -> None:
    """As spreadsheets have them, accents and umlauts among them."""
    listed = _read("Rechnername;IP-Adresse;Port;Betriebssystem;Gruppe\nweb-1;10.0.0.1;22;Linux;web\n")
    assert (listed.machines[0].name, listed.machines[0].address) == ("web-1", "10.0.0.1")
    assert (listed.machines[0].os_type, listed.groups[0].name) == (OSType.LINUX, "web")
    (equipo,) = _read("Nombre,Dirección IP,Sistema operativo\nweb-2,10.0.0.2,Linux\n").machines
    assert (equipo.name, equipo.address) == ("web-2", "10.0.0.2")


def test_secrets_are_no_tags_whatever_they_are_called() -> None:
    """Everybody sees tags."""
    for heading in ("Kennwort", "root_pwd", "Contraseña", "access-key"):
        with pytest.raises(BadInput, match="secret"):
            _read(f"name,tag:{heading}\nweb-1,hunter2\n")


def test_quote_that_swallows_a_long_list_is_told_where_it_was_opened() -> None:
    """Before the end of the list, which may be far."""
    with pytest.raises(BadInput, match=r"hosts\.csv:2: .*a quote is opened and never closed"):
        _read('name\n"b\n' + "machine-with-a-name\n" * 10_000)


def test_name_and_host_name_are_two_columns() -> None:
    """Where both are there, the second is the address."""
    (web,) = _read("name,hostname\nweb-1,web-1.example.org\n").machines
    assert (web.name, web.address) == ("web-1", "web-1.example.org")


def test_empty_address_is_taken_from_another_column() -> None:
    """As Active Directory exports machines that it has no address of."""
    text = "Name,DNSHostName,IPv4Address\nA,a.example.org,10.0.0.1\nB,b.example.org,\n"
    listed = _read(text)
    assert [machine.address for machine in listed.machines] == ["10.0.0.1", "b.example.org"]
    assert listed.notes == ()


def test_tags_stand_in_one_cell_or_in_columns_of_their_own() -> None:
    """``tags``, ``tag:KEY``, and columns that were asked for; groups become groups."""
    text = 'name,tags,tag:site,Owner,group\nweb-1,"env=prod, role=web",hamburg,ann,web;all-web\n'
    listed = _read(text, ReadingOptions(tag_variables=("owner",)))
    assert dict(listed.machines[0].tags) == {"env": "prod", "role": "web", "site": "hamburg", "owner": "ann"}
    assert [(group.name, group.machines) for group in listed.groups] == [("web", ("web-1",)), ("all-web", ("web-1",))]


def test_what_is_wrong_is_refused_with_its_line_and_the_rest_is_read() -> None:
    """Also behind a cell of several lines."""
    listed = _read('name,port,notes\na,22,"one\ntwo"\nb,abc,\nc\nd,22,,,\n,22,\n')
    assert [machine.name for machine in listed.machines] == ["a", "d"]
    assert {(refusal.name, refusal.place.line) for refusal in listed.refusals} == {("b", 4), ("c", 5), ("", 7)}
    (refusal,) = _read("port,name\n22,a,x\n").refusals
    assert refusal.name == "a"


def test_quote_that_is_never_closed_is_told_where_it_was_opened() -> None:
    """It would swallow the rest of the file."""
    with pytest.raises(BadInput, match=r"hosts\.csv:3: .*a quote is opened and never closed"):
        _read('name\na\n"b\nc\n')


def test_columns_can_be_named_by_the_administrator_and_by_number() -> None:
    """A table without a heading has its columns by number."""
    mapped = _read("Bezeichnung,Adresse\nweb-1,10.0.0.1\n", ReadingOptions((("name", "bezeichnung"), ("address", "2"))))
    bare = _read("web-1\t10.0.0.1\n", ReadingOptions((("name", "1"), ("address", "2"))))
    for listed in (mapped, bare):
        assert [(machine.name, machine.address) for machine in listed.machines] == [("web-1", "10.0.0.1")]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("Bezeichnung,IP\na,1\n", ReadingOptions(), "no column holds the names"),
        ("name\na\n", ReadingOptions((("nam", "name"),)), "no field 'nam'. Did you mean 'name'"),
        ("name\na\n", ReadingOptions((("port", "prt"),)), "no column 'prt'"),
        ("name,tag:password\na,x\n", ReadingOptions(), "looks like a secret"),
        ("\n\n", ReadingOptions(), "is empty"),
    ],
)
def test_table_that_cannot_be_understood_says_why(text: str, options: ReadingOptions, said: str) -> None:
    """One line, with the nearest name."""
    with pytest.raises(BadInput, match=said):
        _read(text, options)


def test_secret_in_a_cell_of_tags_is_left_out_and_told() -> None:
    """Tags are seen by everybody."""
    (machine,) = _read('name,tags\na,"db_password=hunter2,env=prod"\n').machines
    assert dict(machine.tags) == {"env": "prod"}
    assert "looks like a secret" in machine.notes[0]
    assert "hunter2" not in repr(machine)


def test_a_heading_is_known_by_its_word() -> None:
    """Other texts are no tables."""
    assert fits("x.txt", "hostname;ip\n")
    assert fits("x.csv", "whatever")
    assert not fits("x.txt", "[web]\nweb-1\n")


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    """It is read, or refused in one of our errors."""
    try:
        listed = _read(f"name,port\n{text}")
    except PatchdeckError:
        return
    places = [*(each.place for each in listed.machines), *(each.place for each in listed.refusals)]
    assert all(place.line for place in places)
