"""Credentials of object stores: from the usual variables, the usual files, or the system's keyring; never from ours.

Azure's and Google's variables are read by the store libraries themselves.
"""

import configparser
import os
from collections.abc import Mapping
from pathlib import Path

from fleet.errors import BadInput
from ops.store.objects.kept_keys import find_key

_IDENTITY = "AWS_ACCESS_KEY_ID"
_NAMES = (_IDENTITY, "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_IN_PROFILE = dict(zip(_NAMES, ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), strict=True))
# Where these are set, the machine has a role of its own, and the store libraries ask for its credentials.
_ROLES = ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
# What a profile may say instead of a key, which only Amazon's own tools understand.
_FOREIGN = ("sso_session", "sso_start_url", "credential_process", "source_profile")


def find_credentials(url: str, profile: str | None, *, has_role: bool) -> dict[str, str]:
    """The options with which the store of ``url`` is asked; the first that has a key is taken.

    In the order: variables, unless ``profile`` is named; the profile; the keyring; ``has_role``, a role of the machine.

    Raises:
        BadInput: nothing has one.
    """
    if not url.startswith("s3://"):
        return {}
    if profile is None and (found := _given(os.environ)):
        return found
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    section = _profile(name)
    if found := {key: section[held] for key, held in _IN_PROFILE.items() if section.get(held)}:
        return found
    if profile is None and (key := find_key(url)) is not None:
        return dict(zip(_NAMES, (key.identity, key.secret.reveal()), strict=False))
    if has_role or any(os.environ.get(variable) for variable in _ROLES):
        return {}
    raise BadInput(f"There are no credentials for {url}: {_remedy(name, section)}.")


def find_region(profile: str | None) -> str | None:
    """The region that the usual variables or the profile name."""
    given = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return given or _profile(profile or os.environ.get("AWS_PROFILE") or "default").get("region")


def _given(environment: Mapping[str, str]) -> dict[str, str]:
    found = {name: environment[name] for name in _NAMES if environment.get(name)}
    return found if _IDENTITY in found else {}


def _profile(name: str) -> dict[str, str]:
    home = Path.home() / ".aws"
    settings = _section(Path(os.environ.get("AWS_CONFIG_FILE") or home / "config"), name, f"profile {name}")
    return settings | _section(Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials"), name)


def _section(path: Path, *names: str) -> dict[str, str]:
    read = configparser.RawConfigParser(strict=False)
    try:
        read.read_string(path.expanduser().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error):
        # What they say may quote the line, which may be the key.
        raise BadInput(f"The profiles in {path} cannot be read: check the file.") from None
    return next((dict(read[name]) for name in names if read.has_section(name)), {})


def _remedy(name: str, section: Mapping[str, str]) -> str:
    if any(key in section for key in _FOREIGN):
        remedy = 'eval "$(aws configure export-credentials --format env)"'
        return f"the profile {name} gets its own by other means; run {remedy}"
    return f"set {' and '.join(_NAMES[:2])}, or a profile, or keep a key by patchdeck tables key"
