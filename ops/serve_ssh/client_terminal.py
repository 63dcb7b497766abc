"""What an app has switched on in the client's terminal, so that it can be switched off when the app cannot."""

import re

# The private modes that full-screen programs switch, and the keyboard protocol that is pushed and popped.
_SWITCH = re.compile(rb"\x1b\[\?(?P<modes>\d+(?:;\d+)*)(?P<way>[hl])|\x1b\[(?P<keys>[><])\d*u")
# A sequence cut by the end of a read is found with the next one.
_LONGEST = 32
_OFF_LAST = (25, 1049)
_USUALLY_ON = frozenset({7, 25})


class ClientTerminal:
    """Follows the output of one app."""

    def __init__(self) -> None:
        self._tail = b""
        self._modes: dict[int, bool] = {}
        self._pushed = 0

    def passes(self, data: bytes) -> None:
        """``data`` goes to the client."""
        seen = self._tail + data
        end = 0
        for found in _SWITCH.finditer(seen):
            end = found.end()
            if found["keys"]:
                self._pushed = max(0, self._pushed + (1 if found["keys"] == b">" else -1))
                continue
            for mode in map(int, found["modes"].split(b";")):
                self._modes[mode] = found["way"] == b"h"
        self._tail = seen[max(end, len(seen) - _LONGEST) :]

    def restoring(self) -> bytes:
        """What puts the terminal back as it was; nothing where the app has done so."""
        wrong = [mode for mode, is_on in self._modes.items() if is_on != (mode in _USUALLY_ON)]
        ordered = [mode for mode in wrong if mode not in _OFF_LAST] + [mode for mode in _OFF_LAST if mode in wrong]
        modes = b"".join(b"\x1b[?%d%c" % (mode, b"h" if mode in _USUALLY_ON else b"l") for mode in ordered)
        return b"\x1b[<u" * self._pushed + (b"\x1b[0m" + modes if modes else b"")
