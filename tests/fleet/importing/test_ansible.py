"""Ansible inventories in INI, YAML and JSON, with their folders of variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput, PatchdeckError
from fleet.importing.ansible_list import fits, read
from fleet.importing.ansible_ranges import expand_names
from fleet.importing.listed import ListedMachine, MachineList
from fleet.importing.request import ReadingOptions
from fleet.machines import Become, OSType, TransportKind
from tests.fleet.importing.list_folder import ListFolder

_VAULT = "$ANSIBLE_VAULT;1.1;AES256\n6162\n"


def _read(text: str, *tags: str, name: str = "i/hosts", **more: str) -> MachineList:
    """The inventory ``text``, with more files beside it."""
    files = ListFolder(**{name: text}, **{f"i/{path}": each for path, each in more.items()})
    return read(name, files, ReadingOptions(tag_variables=tags))


def _by_name(listed: MachineList) -> dict[str, ListedMachine]:
    return {machine.name: machine for machine in listed.machines}


@pytest.mark.parametrize(
    ("pattern", "names", "port"),
    [
        ("web[01:05:2]", ["web01", "web03", "web05"], None),
        ("db-[a:c].x:2200", ["db-a.x", "db-b.x", "db-c.x"], 2200),
        ("r[1:2]-[8:9]", ["r1-8", "r1-9", "r2-8", "r2-9"], None),
        ("[2001:db8::1]:22", ["2001:db8::1"], 22),
        ("2001:db8::1", ["2001:db8::1"], None),
        ("plain:22", ["plain"], 22),
        ("x[:2]", ["x0", "x1", "x2"], None),
    ],
)
def test_ranges_stand_for_their_names(pattern: str, names: list[str], port: int | None) -> None:
    """With leading zeros, steps, letters, several in one name, and a port behind."""
    assert expand_names(pattern) == (names, port)


@pytest.mark.parametrize(
    "pattern", ["a[3:1]", "a[01:100]", "a[1:x]", "a[1:9:0]", "a[1]", "a[0:999999]", "a[0:999][0:999]"]
)
def test_range_that_cannot_be_read_is_refused(pattern: str) -> None:
    """Also one that stands for more names than anybody means."""
    with pytest.raises(BadInput):
        expand_names(pattern)


def test_ini_gives_connections_and_groups() -> None:
    """Hosts, children and variables; comments and quotes as Ansible takes them."""
    listed = _read(
        "solo ansible_host=10.0.0.1 ansible_user='dep loy'  # why\n"
        "[web]\nweb[1:2] ansible_port=2222\n"
        "[local]\nhere ansible_connection=local\n"
        "[prod:children]\nweb\n"
        "[prod:vars]\nansible_become=true\nansible_become_method=doas\nenv='prod'\n",
        "env",
    )
    machines = _by_name(listed)
    assert (machines["solo"].address, machines["solo"].user) == ("10.0.0.1", "dep loy")
    assert (machines["web2"].port, machines["web2"].become, machines["web2"].tags) == (
        2222,
        Become.DOAS,
        {"env": "prod"},
    )
    assert machines["here"].transport is TransportKind.LOCAL
    assert {group.name: (group.machines, group.children) for group in listed.groups} == {
        "web": (("web1", "web2"), ()),
        "local": (("here",), ()),
        "prod": ((), ("web",)),
    }


def test_yaml_gives_the_same() -> None:
    """With ranges, nested groups, merged mappings, and values as they are written."""
    listed = _read(
        """all:
  hosts:
    mail: {ansible_host: 10.0.0.9}
  children:
    prod:
      vars: &v
        env: prod
        release: 1.10
      children:
        web:
          hosts:
            web[1:2]:
    other:
      hosts: {x: null}
      vars:
        <<: *v
""",
        *("env", "release"),
        name="i/hosts.yml",
    )
    machines = _by_name(listed)
    assert machines["mail"].address == "10.0.0.9"
    assert machines["web1"].tags == machines["x"].tags == {"env": "prod", "release": "1.10"}
    assert machines["web1"].place.line == 12
    assert {group.name: (group.machines, group.children) for group in listed.groups} == {
        "prod": ((), ("web",)),
        "web": (("web1", "web2"), ()),
        "other": (("x",), ()),
    }


def test_list_that_ansible_prints_is_read() -> None:
    """What only Ansible can make (vaults, plugins, templates) comes in this way."""
    listed = _read(
        '{"_meta": {"hostvars": {"a": {"ansible_host": "10.0.0.1", "secret": {"__ansible_vault": "x"}}}},\n'
        ' "all": {"children": ["ungrouped", "web"]}, "web": {"hosts": ["a", "b"]}}\n',
        name="i/hosts.json",
    )
    assert [(machine.name, machine.address) for machine in listed.machines] == [("a", "10.0.0.1"), ("b", None)]
    assert [(group.name, group.machines) for group in listed.groups] == [("web", ("a", "b"))]


def test_nearer_variables_prevail() -> None:
    """all, then groups from outer to inner, each before its files, then the host and its file."""
    text = "a\nb x=host\n[inner]\na\nb\n[outer:children]\ninner\n[all:vars]\nx=all\n[outer:vars]\nx=outer\ny=outer\n"
    listed = _read(
        text,
        *("x", "y", "z"),
        **{
            "group_vars/inner.yml": "y: inner\nz: inner\n",
            "host_vars/a/main.yaml": "z: host\n",
            "group_vars/all": "z: all",
        },
    )
    assert _by_name(listed)["a"].tags == {"x": "outer", "y": "inner", "z": "host"}
    assert _by_name(listed)["b"].tags == {"x": "host", "y": "inner", "z": "inner"}


def test_host_whose_variables_cannot_be_read_is_refused() -> None:
    """As from Ansible: without them it would be another machine. The file is named with its line."""
    listed = _read("[web]\na\n[db]\nb\nc\n", **{"group_vars/web.yml": "x: [\n", "host_vars/b.yml": "- x\n"})
    assert list(_by_name(listed)) == ["c"]
    assert {refusal.name: refusal.reason.partition(": this")[0] for refusal in listed.refusals} == {
        "a": "its variables cannot be read: i/group_vars/web.yml:2",
        "b": "its variables cannot be read: i/host_vars/b.yml:1: variables are expected, key: value.",
    }


def test_what_is_encrypted_may_be_said_there() -> None:
    """A file of the host or of its groups, or a single value."""
    listed = _read(
        "[web]\na\n[db]\nb\nc\nd\n",
        **{
            "group_vars/web.yml": _VAULT,
            "host_vars/b.yml": _VAULT,
            "host_vars/c.yml": "ansible_user: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66\n",
        },
    )
    assert [machine.name for machine in listed.machines if machine.is_partial] == ["a", "b", "c"]


def test_folder_is_read_with_the_folders_below() -> None:
    """As Ansible does; what a plugin would make is told, and variables of the folders below are none of it."""
    files = ListFolder(
        **{
            "i/hosts": "a ansible_host=10.0.0.1\n",
            "i/aws.yml": "plugin: aws_ec2\n",
            "i/site/hosts": "[b]\nb\n",
            "i/site/group_vars/b/all.yml": "ansible_user: x\n",
            "i/site/README.md": "no host\n",
            "i/group_vars/b.yml": "ansible_user: deploy\n",
        }
    )
    listed = read("i", files, ReadingOptions())
    assert [(machine.name, machine.user) for machine in listed.machines] == [("a", None), ("b", "deploy")]
    assert [str(note.place) for note in listed.notes] == ["i/aws.yml:1", "i/site/group_vars"]


def test_encrypted_files_are_named_and_the_rest_is_read() -> None:
    """A machine whose address is encrypted is refused; one of which only other things are is not."""
    listed = _read(
        "a\nb\nc\n",
        **{
            "host_vars/a.yml": _VAULT,
            "host_vars/b.yml": "ansible_host: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66\n",
            "host_vars/c.yml": "ansible_user: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  66\n",
        },
    )
    assert list(_by_name(listed)) == ["a", "c"]
    assert "i/host_vars/a.yml is encrypted with a vault" in _by_name(listed)["a"].notes[0]
    assert "ansible_user is encrypted" in _by_name(listed)["c"].notes[0]
    assert [(refusal.name, str(refusal.place)) for refusal in listed.refusals] == [("b", "i/hosts:2")]
    assert [str(note.place) for note in listed.notes] == ["i/host_vars/a.yml:1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_VAULT, "encrypted with a vault"),
        ("#!/usr/bin/python\n", "is a program"),
        ("plugin: aws_ec2\n", "ansible-inventory -i FILE --list"),
        ("[web\na\n", r"hosts:1: the section"),
        ("[web:chldren]\na\n", r"hosts:1: .* no known kind"),
        ("all:\n  hosts: [\n", r"hosts:3: this is no YAML"),
        ("--- 1\n", "begins with its groups"),
    ],
)
def test_inventory_that_cannot_be_read_says_why_and_where(text: str, said: str) -> None:
    """One line."""
    with pytest.raises(BadInput, match=said):
        _read(text)


def test_aliases_of_aliases_are_bounded() -> None:
    """Files of a few lines that stand for billions of values: read once, or refused."""
    lines = ["a0: &a0 {hosts: {x: null}}"]
    lines += [f"a{n}: &a{n} {{children: {{p: *a{n - 1}, q: *a{n - 1}, r: *a{n - 1}}}}}" for n in range(1, 60)]
    assert list(_by_name(_read("\n".join(lines), name="i/x.yml"))) == ["x"]
    merges = ["v0: &v0 {k: 1}"]
    merges += [f"v{n}: &v{n} {{<<: [*v{n - 1}, *v{n - 1}, *v{n - 1}, *v{n - 1}]}}" for n in range(1, 40)]
    with pytest.raises(BadInput, match="merge"):
        _read("\n".join([*merges, "web: {hosts: {a: {<<: *v39}}}"]), name="i/x.yml")


def test_templates_of_other_variables_are_followed_and_no_others() -> None:
    """What only Ansible can evaluate refuses its machine where it says where that is."""
    listed = _read(
        'a ansible_host="{{ inventory_hostname }}.{{ domain }}" domain=lan\n'
        "b ansible_host=\"{{ lookup('env', 'X') }}\"\n"
        'c ansible_user="{{ nothing }}"\nd ansible_host="{{ d }}" d="{{ ansible_host }}"\n'
    )
    assert _by_name(listed)["a"].address == "a.lan"
    assert _by_name(listed)["c"].user is None
    assert "template" in _by_name(listed)["c"].notes[0]
    assert [refusal.name for refusal in listed.refusals] == ["b", "d"]


@pytest.mark.parametrize(
    ("arguments", "jump"),
    [
        ("-J ops@bastion:2200", "ops@bastion:2200"),
        ("-o ProxyJump=bastion", "bastion"),
        ("-oProxyJump=bastion -C", "bastion"),
        ('-o ProxyCommand="ssh -W %h:%p -q -p 2200 ops@bastion"', "ops@bastion:2200"),
        ('-o ProxyCommand="nc %h %p"', None),
        ("-C", None),
    ],
)
def test_jump_hosts_are_found_in_arguments_of_ssh(arguments: str, jump: str | None) -> None:
    """However they are written; what does more than forward is noted."""
    listed = _read("[web]\na\n[web:vars]\nansible_ssh_common_args=" + arguments + "\n")
    (machine,) = listed.machines
    assert machine.proxy_jump == jump
    assert bool(machine.notes) == ("nc" in arguments)


def test_passwords_are_never_read() -> None:
    """They are told to be left out, and stand nowhere in what was read."""
    listed = _read("a ansible_password=hunter2 ansible_become_pass=hunter3\n")
    assert "hunter" not in repr(listed)
    assert "passwords" in listed.machines[0].notes[0]


def test_ways_that_we_do_not_have_are_refused() -> None:
    """Containers; a shell of Windows over SSH is one."""
    listed = _read("b ansible_connection=docker\nc ansible_shell_type=powershell ansible_become=yes\n")
    assert [refusal.name for refusal in listed.refusals] == ["b"]
    (windows,) = listed.machines
    assert (windows.os_type, windows.transport, windows.become) == (OSType.WINDOWS, TransportKind.SSH, None)


def test_folder_is_read_file_by_file() -> None:
    """Programs and encrypted files in it are noted; others' leftovers are passed over."""
    files = ListFolder(
        **{
            "i/one": "[web]\na\n",
            "i/two.yml": "web:\n  hosts:\n    b:\n",
            "i/run": "#!/bin/sh\n",
            "i/x.cfg": "!",
            "i/group_vars/web.yml": "env: prod\n",
        }
    )
    listed = read("i", files, ReadingOptions(tag_variables=("env",)))
    assert [(machine.name, dict(machine.tags)) for machine in listed.machines] == [
        *(("a", {"env": "prod"}), ("b", {"env": "prod"}))
    ]
    assert [str(note) for note in listed.notes if "program" in note.text]


def test_it_is_known_by_sections_variables_or_names_alone() -> None:
    """A table and a configuration of ssh are none."""
    assert fits("x", "[web]\na\n")
    assert fits("x", "a ansible_host=b\n")
    assert fits("x", "a\nb.example.org\n")
    assert not fits("x", "Host a\n  User b\n")
    assert not fits("x", "name,address\na,b\n")


@given(st.text(alphabet="ab[]:{}=#'\"\n -1!&*", max_size=200), st.sampled_from(["i/hosts", "i/h.yml"]))
def test_no_text_breaks_it(text: str, name: str) -> None:
    """It is read, or refused in one of our errors."""
    try:
        _read(text, name=name)
    except PatchdeckError:
        return
