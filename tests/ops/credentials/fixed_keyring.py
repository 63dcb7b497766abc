"""A keyring for processes of tests: every secret is the content of the file that ``FIXED_KEYRING`` names."""

import os
from pathlib import Path

import keyring.backend
from keyring.errors import PasswordSetError


class FixedKeyring(keyring.backend.KeyringBackend):
    """Has one secret, for profiles alone; keeps none."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return Path(os.environ["FIXED_KEYRING"]).read_text() if username.startswith("profile:") else None

    def set_password(self, service: str, username: str, password: str) -> None:
        raise PasswordSetError
