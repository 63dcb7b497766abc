"""The registry of a peer: keys by their path, case ignored, as Windows does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

RegistryValue = int | str | list[str]

_LONG = {"HKEY_LOCAL_MACHINE": "HKLM", "HKEY_CURRENT_USER": "HKCU", "HKEY_USERS": "HKU"}


@dataclass(slots=True)
class PeerRegistry:
    """``keys`` holds the values of each key by its path (``HKLM\\SOFTWARE\\…``); a key may be there without values."""

    keys: dict[str, dict[str, RegistryValue]] = field(default_factory=dict)

    def add_key(self, path: str) -> dict[str, RegistryValue]:
        """The values of the key at ``path``, made if it was not there."""
        found = self._find(path)
        return self.keys.setdefault(_plain(path), {}) if found is None else self.keys[found]

    def has_key(self, path: str) -> bool:
        """Whether there is a key at ``path``, or below it."""
        wanted = _plain(path).casefold()
        return any(name.casefold() == wanted or name.casefold().startswith(wanted + "\\") for name in self.keys)

    def remove_key(self, path: str) -> None:
        """Removes the key, and those below it."""
        wanted = _plain(path).casefold()
        for name in list(self.keys):
            if name.casefold() == wanted or name.casefold().startswith(wanted + "\\"):
                del self.keys[name]

    def values(self, path: str) -> Mapping[str, RegistryValue]:
        """The values of the key at ``path``; none where it is not there."""
        found = self._find(path)
        return {} if found is None else self.keys[found]

    def read(self, path: str, name: str) -> RegistryValue | None:
        """One value, None if it is not there."""
        wanted = name.casefold()
        return next((value for key, value in self.values(path).items() if key.casefold() == wanted), None)

    def write(self, path: str, name: str, value: RegistryValue) -> None:
        """Writes one value, whatever stood there."""
        self.remove_value(path, name)
        self.add_key(path)[name] = value

    def remove_value(self, path: str, name: str) -> None:
        """Removes one value; nothing where there is none."""
        found = self._find(path)
        if found is not None:
            kept = {key: value for key, value in self.keys[found].items() if key.casefold() != name.casefold()}
            self.keys[found] = kept

    def _find(self, path: str) -> str | None:
        wanted = _plain(path).casefold()
        return next((name for name in self.keys if name.casefold() == wanted), None)


def _plain(path: str) -> str:
    hive, _, rest = path.replace("/", "\\").strip("\\").partition("\\")
    short = _LONG.get(hive.upper(), hive.upper().rstrip(":"))
    return f"{short}\\{rest}" if rest else short
