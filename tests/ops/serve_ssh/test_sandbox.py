"""What the kernel keeps a confined process from; each in a process of its own, since nothing lifts it again."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ops.serve_ssh.sandbox import version

SCRIPT = """
import json, os, signal, socket, subprocess, sys
from pathlib import Path
from ops.serve_ssh.sandbox import confine
own, other, pid = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
has_network = sys.argv[4] == "network"
confine([own], [], has_network=has_network)

def tried(act):
    try:
        act()
        return True
    except OSError:
        return False

(own / "spill").write_text("x")
print(json.dumps({
    "own": (own / "spill").read_text() == "x",
    "read": tried((other / "kept").read_text),
    "write": tried(lambda: (other / "kept").write_text("y")),
    "make": tried(lambda: (other / "new").write_text("y")),
    "remove": tried((other / "kept").unlink),
    "run": tried(lambda: subprocess.run(["/bin/true"])),
    "run own": tried(lambda: os.execv(own / "spill", ["x"])),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[5])))),
    "listen": tried(lambda: socket.create_server(("127.0.0.1", 0))),
    "signal": tried(lambda: os.kill(pid, signal.SIGTERM)),
}))
"""


@pytest.mark.skipif(not version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("network", ["network", "none"])
def test_confined_process_reads_and_does_nothing_else(tmp_path: Path, network: str) -> None:
    """No program, no file but its own, no signal to others; reading is left to it, and TCP where it needs it."""
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
    (other / "kept").write_text("kept")
    with subprocess.Popen(["sleep", "60"]) as victim, socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(own), str(other), str(victim.pid), network, port],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=Path(__file__).parents[3],
        )
        victim.kill()
    could = {name for name, was_done in json.loads(done.stdout).items() if was_done}
    is_kept = network == "none" and version() >= 4  # the first version of Landlock that knows of TCP
    assert could == {"own", "read"} | (set() if is_kept else {"connect", "listen"})
    assert (other / "kept").read_text() == "kept"
