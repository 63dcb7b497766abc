"""The settings while a service runs: read anew when their file changes, kept as they were while it is wrong."""

from fleet.errors import PatchdeckError
from ops.config import Settings, load_settings
from ops.home import Home
from ops.service.timetable import timetable_of


class SettingsWatch:
    """The settings of ``home``. ``problem`` says in one line what is wrong with the file now, empty if nothing is."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._settings = load_settings(home)
        self._stamp = self._read_stamp()
        self.problem = ""

    def current(self) -> Settings:
        """The settings now; the last usable ones where they cannot be read."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                settings = load_settings(self._home)
                timetable_of(settings)  # a period that cannot be used would end all assessments
                self._settings = settings
            except PatchdeckError as error:
                self.problem = str(error)
            else:
                self.problem = ""
        return self._settings

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._home.config_file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
