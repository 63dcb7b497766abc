"""Routes that are made from earlier ones are those that the configuration gives."""

from pathlib import Path

import pytest

from collectors.transports.ssh_config import SshTarget, find_route
from collectors.transports.ssh_routes import RouteBook

NAMES = ("web-1", "web-2", "db-1", "gate", "alias", "10.0.0.7", "2001:db8::7")
CONFIGURATIONS = {
    "none": "",
    "defaults": "Host *\n  User ada\n  HashKnownHosts yes\n",
    "patterns": "Host web-* !web-2\n  User web\n  Port 2200\nHost=db-1\n  Port 2201\nHost *\n  IdentityFile /k\n",
    "named": "Host alias web-1\n  HostName 192.0.2.1\n  HostKeyAlias other\nHost db-*\n  HostKeyAlias all-of-db\n",
    "jump": "Host *\n  ProxyJump gate\n",
    "token": "Host web-*\n  HostName %h.example.com\n  IdentityFile ~/.ssh/%h\n",
    "match": "Match host web-1\n  User one\nHost *\n  User other\n",
    "include": "Host web-*\n  Include {folder}/more*\nHost *\n  User last\n",
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("order", [NAMES, NAMES[::-1]])
async def test_every_route_is_that_of_its_own_reading(name: str, order: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever was looked up before, a route is the one that reading the configuration for it alone gives."""
    (tmp_path / "config").write_text(CONFIGURATIONS[name].format(folder=tmp_path))
    (tmp_path / "more-1").write_text("Port 2299\nHost web-2\n  User second\n")
    files = [tmp_path / "config", tmp_path / "missing"]
    book = RouteBook(files)

    for port in (None, 22):
        for host in order:
            found, expected = await book.find(SshTarget(host, port)), find_route(SshTarget(host, port), files)
            for part in ("host", "port", "user", "known_as", "known_port", "jump", "key_files", "proxy_command"):
                assert getattr(found, part) == getattr(expected, part), (host, part)


async def test_files_are_gone_through_once_for_hosts_that_are_alike(tmp_path: Path) -> None:
    """A second host that the same lines apply to is found without the file."""
    config = tmp_path / "config"
    config.write_text("Host web-*\n  User web\n")
    book = RouteBook([config])
    await book.find(SshTarget("web-1"))
    config.unlink()
    assert (await book.find(SshTarget("web-2"))).user == "web"
