"""Where tables lie by the settings, and whose credentials are used; nothing is asked of a store."""

import io
import sys
from pathlib import Path

import pytest

from collectors.secrets import Secret
from fleet.errors import BadInput
from ops.cli import main
from ops.home import Home, open_home
from ops.store.objects.kept_keys import StoreKey, find_key, forget_key, keep_key
from ops.store.place import tables_of
from tests.ops.memory_keyring import MemoryKeyring

_VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> Home:
    """A home whose tables lie in a bucket, of a user without any credentials."""
    del ring  # an empty one
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    home = open_home(tmp_path / "home")
    home.config_file.write_text('tables = "s3://bucket/fleet"\n')
    return home


def options(home: Home) -> dict[str, str]:
    access = tables_of(home).access
    assert access is not None
    return dict(access.options)


def test_without_the_setting_tables_are_local(tmp_path: Path) -> None:
    """In the folder of the home, as ever; no id is made."""
    home = open_home(tmp_path / "home")
    place = tables_of(home)
    assert (place.is_local, place.path) == (True, home.tables_dir)
    assert not home.id_file.exists()


def test_without_credentials_the_ways_to_give_them_are_named(home: Home) -> None:
    """One line, with variables, profiles and the keyring."""
    with pytest.raises(BadInput, match=r"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.*profile.*patchdeck tables key"):
        tables_of(home)


def test_variables_stand_above_profiles_and_those_above_the_keyring(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is taken where those before it say nothing; a profile that the settings name stands above all."""
    keep_key("s3://bucket/fleet", StoreKey("of-keyring", Secret("k")))
    assert options(home)["AWS_ACCESS_KEY_ID"] == "of-keyring"
    (tmp_path / "credentials").write_text("[default]\naws_access_key_id = of-file\naws_secret_access_key = %f\n")
    (tmp_path / "config").write_text(
        "[default]\nregion = eu-1\n[profile p]\naws_access_key_id=of-p\naws_secret_access_key=p\nregion = eu-2\n"
    )
    assert options(home) == {"AWS_ACCESS_KEY_ID": "of-file", "AWS_SECRET_ACCESS_KEY": "%f", "AWS_REGION": "eu-1"}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-variable")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "v")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t")
    assert (options(home)["AWS_ACCESS_KEY_ID"], options(home)["AWS_SESSION_TOKEN"]) == ("of-variable", "t")
    home.config_file.write_text('tables = "s3://bucket/fleet"\nstorage.profile = "p"\n')
    assert (options(home)["AWS_ACCESS_KEY_ID"], options(home)["AWS_REGION"]) == ("of-p", "eu-2")
    assert "AWS_SESSION_TOKEN" not in options(home)


def test_a_kept_key_is_forgotten(home: Home) -> None:
    """It is of the bucket; afterwards there is none."""
    keep_key("s3://bucket/fleet", StoreKey("id", Secret("hush")))
    key = find_key("s3://bucket/other")
    assert key is not None
    assert (key.identity, key.secret.reveal(), "hush" in repr(key)) == ("id", "hush", False)
    assert forget_key("s3://bucket")
    assert not forget_key("s3://bucket")
    assert find_key("s3://bucket") is None


def test_the_verb_keeps_and_forgets_a_key(
    home: Home, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """``tables key`` takes id and secret as two lines, and shows neither in full."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("AKIA12345\nhush\n"))
    monkeypatch.setattr(sys, "argv", ["patchdeck", "--home", str(home.path), "tables", "key"])
    assert main(lambda *_: 0) == 0
    assert options(home)["AWS_SECRET_ACCESS_KEY"] == "hush"
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--forget"])
    assert main(lambda *_: 0) == 0
    assert find_key("s3://bucket") is None
    said = "".join(capfd.readouterr())
    assert "AKIA…" in said
    assert "hush" not in said
    assert "AKIA12345" not in said


def test_secrets_are_never_shown(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the text of a place, nor by an error about its files."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    place = tables_of(home)
    assert "very-secret" not in f"{place!r} {place} {place.access!r} {place / 'Update'!r}"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    Path(str(home.path.parent / "credentials")).write_text("very-secret\n")
    with pytest.raises(BadInput) as raised:
        tables_of(home)
    assert "very-secret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    "line",
    [
        'tables = "/mnt/tables"',
        'tables = "s3://"',
        'tables = "s3://bucket/a b"',
        'tables = "s3://bucket/../x"',
        'tables = "s3://key:very-secret@bucket/x"',
        'tables = "s3://bucket/x?y=1"',
        'tables = "ftp://bucket/x"',
        'tables = "s3://b/x"\nstorage.endpoint = "http://127.0.0.1:1"',
        'tables = "s3://b/x"\nstorage.endpoint = "https://user:very-secret@host"',
        'tables = "s3://b/x"\nstorage.endpoint = "nonsense"',
    ],
)
def test_settings_that_cannot_be_meant_are_refused(home: Home, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked, in one line."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    home.config_file.write_text(f"{line}\n")
    with pytest.raises(BadInput) as raised:
        tables_of(home)
    assert "\n" not in str(raised.value)
    assert "very-secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["az://container/fleet", "gs://bucket/fleet"])
def test_other_clouds_are_passed_through(home: Home, url: str) -> None:
    """Their own variables are theirs to read."""
    home.config_file.write_text(f'tables = "{url}"\n')
    place = tables_of(home)
    assert (place.where, options(home)) == (url, {})
