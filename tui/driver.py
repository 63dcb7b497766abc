"""The terminal driver without mouse motion: each movement would send bytes up the line for nothing."""

from textual.drivers.linux_driver import LinuxDriver


class QuietMouseDriver(LinuxDriver):
    """Textual's driver, asking for clicks and the wheel only.

    Textual asks for every motion (``?1003h``); over a slow line that is a report for each cell crossed.
    """

    def _enable_mouse_support(self) -> None:
        if not self._mouse:
            return
        self.write("\x1b[?1000h")
        self.write("\x1b[?1006h")
        self.flush()
