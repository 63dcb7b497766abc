"""Introductions: what a machine may say of itself, and what is refused of it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.introductions import MOST_BYTES, Introduction, UnreadableIntroduction, parse_introduction
from fleet.machines import OSType

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDg1y2UWt4GvjcnRoYUdCgc98hkOHOFgWK/YNBH3eCFh"
PROOF = "abcdefghijklmnopqrstuvwx"
LINES = (
    "patchdeck-introduction 1",
    f"proof {PROOF}",
    "name web-01",
    "fqdn web-01.example.net",
    "os Linux",
    "system Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64",
    "machine-id 0123456789abcdef0123456789ABCDEF",
    "user root",
    "port 2222",
    "port 22",
    f"key {KEY}",
    f"key {KEY}",
    "address 192.0.2.7",
    "address fe80::1%eth0",
    "address 127.0.0.1",
    "tag role=web",
    "key-installed yes",
    "end",
)


def said(*lines: str, instead: str = "") -> bytes:
    """The introduction with more lines before its end, ``instead`` of the line that begins with the same word."""
    word = instead.partition(" ")[0]
    kept = [line for line in LINES[:-1] if not instead or line.partition(" ")[0] != word]
    return "\n".join([*kept, *([instead] if instead else []), *lines, "end", ""]).encode()


def test_every_line_is_read() -> None:
    """The first port counts; addresses that others cannot reach, and keys said twice, are left out."""
    assert parse_introduction(said()) == Introduction(
        proof=PROOF,
        name="web-01",
        fqdn="web-01.example.net",
        os_type=OSType.LINUX,
        system="Debian GNU/Linux 12 (bookworm), Linux 6.1.0 x86_64",
        machine_id="0123456789abcdef0123456789abcdef",
        user="root",
        port=2222,
        addresses=("192.0.2.7",),
        host_keys=(KEY,),
        tags={"role": "web"},
        key_installed=True,
    )


def test_windows_ends_lines_its_own_way() -> None:
    """A byte order mark and carriage returns change nothing."""
    assert parse_introduction(b"\xef\xbb\xbf" + said().replace(b"\n", b"\r\n")) == parse_introduction(said())


def test_the_proof_is_never_shown() -> None:
    """Neither by what is read nor by an error."""
    assert PROOF not in repr(parse_introduction(said()))
    with pytest.raises(UnreadableIntroduction) as error:
        parse_introduction(said(instead="proof short"))
    assert "short" not in str(error.value)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "first line"),
        (b"\x00\x00\x00\x05\x01\x00\x00\x00\x03", "first line"),
        (said().removesuffix(b"end\n"), "last line"),
        (said("proof 1234567890123456"), "a second time"),
        (said("sudo reboot"), "not known"),
        (said("Name web-02"), "not known"),
        (said(instead="name"), "does not say its name"),
        (said(instead="name ../../etc"), "name:"),
        (said(instead="name all"), "name:"),
        (said(instead="name \x1b[2Jx"), "name:"),
        (said(instead="os FreeBSD"), "only machines with Linux or Windows"),
        (said(instead="port 70000"), "port:"),
        (said(instead="address 300.1.2.3"), "address:"),
        (said(instead="tag role"), "tag:"),
        (said("tag role=db"), "another value"),
        (said(*[f"tag t{number}=1" for number in range(20)]), "more than 16 tags"),
        (said(*[f"key {KEY}"] * 20), "host keys"),
        (said(*["address 192.0.2.1"] * 300), "more than 200 lines"),
        (said(instead=f"system {'x' * MOST_BYTES}"), "longer than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_fit_is_refused_with_its_place(raw: bytes, words: str) -> None:
    """A single line, which names the line of the introduction where there is one."""
    with pytest.raises(UnreadableIntroduction) as error:
        parse_introduction(raw)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "line", ["machine-id uninitialized", "system-uuid Not Settable", "user Jane Doe", "port any", "fqdn localhost"]
)
def test_what_files_of_a_machine_hold_is_no_reason_to_refuse_it(line: str) -> None:
    """A value that is none says nothing."""
    introduction = parse_introduction(said(instead=line))
    assert not getattr(introduction, line.partition(" ")[0].replace("-", "_"))


def test_weak_keys_are_left_out_and_told() -> None:
    """A machine with an old DSA key beside its others is taken without it."""
    introduction = parse_introduction(said("key ssh-dss AAAAB3NzaC1kc3MAAAABcA=="))
    assert introduction.host_keys == (KEY,)
    assert "ssh-dss" in introduction.weak_keys[0]


def test_texts_are_cleaned() -> None:
    """A system's name cannot steer a terminal."""
    assert "\x1b" not in parse_introduction(said(instead="system \x1b]0;owned\x07Debian")).system


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.localdomain"])
def test_some_names_tell_no_machine_from_another(name: str) -> None:
    """They are taken, and do not count as a name."""
    assert not parse_introduction(said(instead=f"name {name}")).says_name


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=60)), max_size=30))
def test_any_lines_are_read_or_refused(lines: list[str]) -> None:
    """Whatever comes in, nothing but a refusal comes out of it."""
    raw = "\n".join([LINES[0], *lines, "end"]).encode(errors="surrogatepass")
    with suppress(UnreadableIntroduction):
        assert parse_introduction(raw).name


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(raw: bytes) -> None:
    """Without the first line nothing is an introduction."""
    with pytest.raises(UnreadableIntroduction):
        parse_introduction(b"x" + raw)
