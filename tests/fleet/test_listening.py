"""Where metrics may be served."""

import pytest

from fleet.errors import BadInput
from fleet.listening import ListenPlace, check_textfile, is_loopback, parse_listen


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:9464", ListenPlace("127.0.0.1", 9464)),
        ("127.8.9.10:1", ListenPlace("127.8.9.10", 1)),
        ("localhost:65535", ListenPlace("127.0.0.1", 65535)),
        ("[::1]:9464", ListenPlace("::1", 9464)),
        ("/run/patchdeck/m.sock", ListenPlace(path="/run/patchdeck/m.sock")),
        ("unix:/run/m.sock", ListenPlace(path="/run/m.sock")),
    ],
)
def test_loopback_and_sockets_are_taken(text: str, place: ListenPlace) -> None:
    """And are told as they are written."""
    assert parse_listen(text) == place
    assert parse_listen(str(place)) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.0.0.0:9464", "other hosts"),
        ("[::]:9464", "other hosts"),
        ("192.0.2.1:9464", "other hosts"),
        ("127.0.0.1.example.org:9464", "other hosts"),
        ("127.1:9464", "other hosts"),
        (":9464", "other hosts"),
        ("*:9464", "other hosts"),
        ("[::ffff:192.0.2.1]:9464", "other hosts"),
        ("::1:9464", "brackets"),
        ("127.0.0.1", "no port"),
        ("127.0.0.1:", "no port"),
        ("127.0.0.1:0", "no port"),
        ("127.0.0.1:65536", "no port"),
        ("127.0.0.1:9" + "0" * 5_000, "no port"),
        ("127.0.0.1:٩٤", "no port"),
        ("", "no port"),
        ("unix:metrics.sock", "absolute path"),
        ("/run/", "absolute path"),
        ("/" + "x" * 107, "at most 107"),
    ],
)
def test_all_else_is_refused_with_what_to_write(text: str, why: str) -> None:
    """Above all what other hosts could reach."""
    with pytest.raises(BadInput, match=why):
        parse_listen(text)


@pytest.mark.parametrize("text", ["patchdeck.prom", "/var/lib/patchdeck.txt", "/var/lib/", "/a\0.prom"])
def test_a_file_that_nobody_reads_is_refused(text: str) -> None:
    """node_exporter reads files that end in .prom."""
    with pytest.raises(BadInput, match=r"\.prom"):
        check_textfile(text)


def test_names_that_could_lead_anywhere_are_not_loopback() -> None:
    """A name is somebody's to lead wherever they want."""
    assert is_loopback("LOCALHOST")
    assert is_loopback("::1")
    assert not is_loopback("localhost.example.org")
    assert not is_loopback("")
