"""Secrets kept out of command lines, texts and documents that are written down."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit_masking import mask_command, mask_document, mask_text

SECRET = "hunter2Xy"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--password", SECRET],
        [f"--password={SECRET}"],
        [f"--password=${SECRET}"],
        ["--sudo-password", SECRET],
        ["--api-key", SECRET],
        ["--token", SECRET],
        ["--client-secret", SECRET],
        [f"DB_PASSWORD={SECRET}"],
        ["--param", f"password={SECRET}"],
        ["--env", f"PGPASSWORD={SECRET}"],
        [f"https://user:{SECRET}@example.org/list"],
        [f"https://user:{SECRET}/x@example.org/list"],
        [f"https://example.org/list?token={SECRET}&a=1"],
        [f"https://example.org/blob?sv=2020&sig={SECRET}"],
        [f"slack://{SECRET}/B/C"],
        [f"mailtos://me:{SECRET}@mail.example.org"],
        [f"https://hooks.slack.com/services/T0/B0/{SECRET}"],
        [f"https://discord.com/api/webhooks/1/{SECRET}"],
        [f"https://{SECRET}{SECRET}{SECRET}@github.com/a/b"],
        ["-H", f"Authorization: Bearer {SECRET}99"],
        ["-H", f"Authorization: Basic {SECRET}"],
        ["-H", f"Authorization: token {SECRET}"],
        ["-H", f"Proxy-Authorization: GenieKey {SECRET}"],
        ["--header", f"Cookie: theme=dark; session={SECRET}"],
        ["--header", f"X-Api-Key: {SECRET}"],
        [f"curl --password {SECRET} https://x"],
        [f'{{"client_secret": "{SECRET}"}}'],
        [f"ghp_{SECRET}{SECRET}{SECRET}"],
        [f"-----BEGIN OPENSSH PRIVATE KEY-----\n{SECRET}\n-----END OPENSSH PRIVATE KEY-----"],
    ],
)
def test_a_secret_in_a_command_is_masked(arguments: list[str]) -> None:
    """However it was given: after an option, in a variable, in a URL, in a header, in JSON."""
    masked = mask_command(["patchdeck", "verb", *arguments])
    assert SECRET not in masked
    assert "•••" in masked


@pytest.mark.parametrize(
    "arguments",
    [
        ["machines", "edit", "web-01", "--tag", "env=prod"],
        ["--key-file", "/etc/key"],
        ["--password-file", "/etc/secret"],
        ["--password-command", "pass", "show", "web"],
        ["--with-passphrase", "web-01"],
        ["channels", "edit", "--new-secret", "hook"],
        ["channels", "edit", "hook", "--new-signing-key", "/etc/key"],
        ["--ask-password", "web-01"],
        ["machines", "forget-password", "web-01"],
        ["--from", "https://example.org:8443/oval/com.ubuntu.jammy.usn.oval.xml.bz2?v=2"],
        ["ssh://root@web-01:22"],
        ["--require-plan", "ab" * 32],
        ["SELECT count(*) FROM Update WHERE KBID = 'x'"],
        ['mysql --password="$PASSWORD"'],
        ['curl -H "Authorization: Bearer $TOKEN" https://example.org'],
        ["basic authentication is off"],
    ],
)
def test_what_is_no_secret_stays(arguments: list[str]) -> None:
    """A command is of use in the audit only if it can be read."""
    assert "•••" not in mask_command(arguments)


def test_documents_are_masked_by_their_names_and_stay_json() -> None:
    """Values of secret names, and texts that hold a secret; whatever else is in them is not touched."""
    document = json.dumps(
        {
            "password": SECRET,
            "profile": {"password": {"place": "keyring"}, "api_token": SECRET},
            "script": f'export PGPASSWORD="{SECRET}"\nrun',
            "urls": [f"https://a:{SECRET}@b/c"],
            "note": "kept",
        }
    )
    masked = mask_document(document)
    assert masked is not None
    assert SECRET not in masked
    held = json.loads(masked)
    assert held["profile"]["password"] == {"place": "keyring"}
    assert held["note"] == "kept"


def test_a_document_without_a_secret_is_the_same_text() -> None:
    """To the character: hashes and restored definitions depend on it."""
    document = '{"name":"web", "note":"token of appreciation","url":"https://example.org/x"}'
    assert mask_document(document) is document
    assert mask_document(None) is None


@given(st.text(max_size=60))
def test_masking_twice_changes_nothing(text: str) -> None:
    """What is masked is written down again and again."""
    assert mask_text(mask_text(text)) == mask_text(text)


@pytest.mark.parametrize(
    "piece",
    ["eyJ-", "a", "1", "password=", "://", "bearer ", "https://a:b@", "--token ", 'x="', "-----BEGIN PRIVATE KEY-----"],
)
def test_a_large_hostile_text_is_masked_in_time(piece: str) -> None:
    """No text makes it take longer than its length does; nothing is measured, pytest's own deadline ends what hangs."""
    many = piece * (300_000 // len(piece))
    assert mask_text(f"token {many}")
    assert mask_text(f"https://example.org/{many}?{many}")
