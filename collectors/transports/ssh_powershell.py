"""One script on a Windows that is reached by OpenSSH: the same payload as over WinRM, on the bootstrap's input.

Whether cmd.exe or PowerShell is the default shell there, the command line is one program with plain arguments.
"""

import re
from collections.abc import Callable

from collectors.transports.output import CappedOutput
from collectors.transports.ssh_session import ScriptRun
from collectors.windows.bootstrap_end import Told, head_of, refusal_of_bootstrap
from collectors.windows.script_call import bootstrap_command


class PowershellRun(ScriptRun):
    """A payload on its way through a session. sshd of Windows ends what runs in a session together with that."""

    def __init__(self, script: bytes, output: CappedOutput, on_output: Callable[[bytes], None] | None = None) -> None:
        super().__init__(script, output, on_output)
        self._script = script
        self._is_passing_on = on_output is not None
        self._head = b""

    @property
    def command(self) -> str:
        """What the default shell is told to run."""
        return bootstrap_command()

    @property
    def has_begun(self) -> bool:
        """Whether it is worth reading what came back: the bootstrap says so itself where it is not."""
        return True

    @property
    def refusal(self) -> Told | None:
        """Why the script did not run."""
        return refusal_of_bootstrap(self._head, self.output.stderr, self.exit_status)

    def take_stdout(self, data: bytes) -> bool:
        """Keep ``data`` or pass it on; False where the limit of output is passed."""
        self._head = head_of(self._head + data)
        return super().take_stdout(data)

    def _find_first_line(self) -> re.Match[bytes] | None:
        return None  # nothing but answers between markers counts, wherever they stand
