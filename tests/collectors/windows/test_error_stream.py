"""Errors as PowerShell prints them where nobody sits before it."""

import pytest

from collectors.transports.base import CommandResult, TransportFailed
from collectors.windows.asking import ask
from collectors.windows.error_stream import read_errors
from collectors.windows.script_call import call_script
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer.machine import PeerMachine

_OBJS = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
_PROGRESS = (
    '<Obj S="progress" RefId="0"><TN RefId="0"><T>System.Object</T></TN><MS><I64 N="SourceId">1</I64></MS></Obj>'
)
_ERRORS = (
    '<S S="Error">Get-Item : &lt;x&gt; is denied_x000D__x000A_</S><S S="Error">    + CategoryInfo_x000D__x000A_</S>'
)


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("", ""),
        ("plain words\r\n", "plain words"),
        (f"#< CLIXML\r\n{_OBJS}{_PROGRESS}</Objs>", ""),
        (f"#< CLIXML\r\n{_OBJS}{_PROGRESS}{_ERRORS}</Objs>", "Get-Item : <x> is denied\r\n    + CategoryInfo"),
        (f"before\r\n#< CLIXML\r\n{_OBJS}{_ERRORS[:60]}", "before"),
        ('#< CLIXML\r\n<S S="Error">_xD83D__xDE00_ _xD83D_ &amp; _x00</S>', "\U0001f600 \ufffd & _x00"),
    ],
)
def test_words_are_taken_out_of_the_xml(stderr: str, expected: str) -> None:
    """Errors alone, as they were written; what is cut off is left out, and nothing breaks the reading."""
    assert read_errors(stderr.encode()) == expected


async def test_a_script_that_threw_is_told_in_its_own_words() -> None:
    """Not in the XML around them."""
    stderr = f"#< CLIXML\r\n{_OBJS}{_PROGRESS}{_ERRORS}</Objs>".encode()

    class Threw(PeerTransport):
        async def run(self, script: bytes, **_options: object) -> CommandResult:
            return CommandResult(b"", stderr, 1, 0.1)

    with pytest.raises(TransportFailed) as caught:
        await ask(Threw(PeerMachine()), call_script("greet"), deadline_seconds=1)

    assert caught.value.failure.came_back.startswith("Get-Item : <x> is denied")
    assert "Objs" not in caught.value.failure.came_back
