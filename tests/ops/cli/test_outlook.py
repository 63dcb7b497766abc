"""`patchdeck deployments outlook`: what a run would come to by what is known, without asking a machine."""

import json
from pathlib import Path

from tests.ops.cli.conftest import Patchdeck


def test_outlook_asks_no_machine(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """Of a machine that was never assessed that is said; a file does as well as a name; one of them is needed."""
    patchdeck("machines", "add", "web-01", "--address", "192.0.2.1")
    patchdeck("deployments", "add", "web", "--target", "web-*", "--target", "db-*", "--class", "security")
    path = tmp_path / "web.toml"
    path.write_text(patchdeck("deployments", "show", "web", "--format", "toml").out)

    told = patchdeck("deployments", "outlook", "web")

    assert told.out.startswith(
        "On 1 machine now: web-01\nWould install nothing that is known by now · 1 not assessed yet"
    )
    assert "db-*" in told.err
    assert patchdeck("deployments", "outlook", "-f", str(path)).out == told.out
    assert json.loads(patchdeck("deployments", "outlook", "web", "--json").out) == []
    assert "one of the two" in patchdeck("deployments", "outlook", code=2).err
