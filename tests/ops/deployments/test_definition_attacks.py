"""Texts that are made to harm whoever reads them: one line, soon."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.errors import BadInput
from ops.deployments.definition_files import read_definition

_BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
_TOML = {
    "dotted key": "a." * 100_000 + "a = 1",
    "quoted dotted key": '"a".' * 60_000 + "a = 1",
    "dotted header": "[" + ".".join("a" * 140_000) + "]",
    "deep lists": "a = " + "[" * 100_000,
    "deep tables": "a = " + "{a=" * 90_000,
    "deep, but well-formed": "targets = " + "[" * 90 + "]" * 90,
    "huge number": "a = " + "9" * 5_000,
    "huge float": "[window]\nminutes = 1e999",
    "NUL": 'name = "a\0b"',
    "control characters": 'name = "a\x1b[31m"',
    "escaped control characters": 'name = "a\\u001b[31m"\ntargets=["all"]\n[updates]\nclasses=["security"]\n',
    "lone surrogate": 'name = "\\ud800"',
    "many keys": "\n".join(f"a{number} = 1" for number in range(20_000)),
    "many tables": "[[scripts]]\n" * 25_000,
    "long list": "targets = [" + '"a",' * 70_000 + "]",
    "ten megabytes": "#" * 10_000_000,
    "open text": "a = '''" + "x\n" * 100_000,
}
_YAML = {
    "billion laughs": _BOMB,
    "deep lists": "[" * 100_000,
    "deep mappings": "{a: " * 70_000,
    "deep dashes": "- " * 140_000,
    "deep keys": "? " * 140_000,
    "NUL": "name: \0",
    "control characters": "name: \x1b",
    "escaped control characters": 'name: "a\\e[31m"\ntargets: [all]\nupdates: {classes: [security]}\n',
    "escape beyond Unicode": 'name: "\\UFFFFFFFF"',
    "huge number": "window: {minutes: " + "9" * 5_000 + "}",
    "object": "name: !!python/object/apply:os.system ['id']",
    "many keys": "\n".join(f"a{number}: 1" for number in range(15_000)),
    "ten megabytes": "#" * 10_000_000,
    "recursion": "&a [*a]",
    "directive": "%YAML 9.9\n---\nname: a",
    "tag directive": "%TAG ! tag:evil,2000:\n---\nname: !x a",
}
ATTACKS = [("toml", name, text) for name, text in _TOML.items()] + [
    ("yaml", name, text) for name, text in _YAML.items()
]


@pytest.mark.parametrize(
    ("format_", "text"), [(each[0], each[2]) for each in ATTACKS], ids=[f"{e[0]}: {e[1]}" for e in ATTACKS]
)
@pytest.mark.timeout(90)
def test_hostile_text_is_refused_in_one_line(format_: str, text: str) -> None:
    """No traceback, no endless reading, nothing of it reaches the terminal."""
    with pytest.raises(BadInput) as raised:
        read_definition(text, format_, "web")
    message = str(raised.value)
    assert "\n" not in message
    assert "\x1b" not in message
    assert len(message) < 500


def test_hostile_texts_take_no_memory() -> None:
    """All of them are refused with half a gigabyte for the whole process."""
    script = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))\n"
        "from fleet.errors import BadInput\n"
        "from ops.deployments.definition_files import read_definition\n"
        "from tests.ops.deployments.test_definition_attacks import ATTACKS\n"
        "for format_, name, text in ATTACKS:\n"
        "    try:\n"
        "        read_definition(text, format_, 'web')\n"
        "    except BadInput:\n"
        "        pass\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


_PIECES = st.sampled_from(
    (
        "name",
        "targets",
        "updates",
        "window",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        ":",
        "=",
        ": ",
        " = ",
        "\n",
        "\n  ",
        "- ",
        "\n- ",
        '"',
        "'",
        "'''",
        '"""',
        "#",
        "&a",
        "*a",
        "!!str",
        "|",
        ">",
        "---",
        "...",
        "5",
        "true",
        "02:30",
        "2026-12-08",
        ",",
        "\\",
        "\t",
        "? ",
        "%",
    )
)


@pytest.mark.parametrize("format_", ["toml", "yaml"])
@given(text=st.lists(_PIECES | st.text(max_size=8), max_size=40).map("".join))
@settings(deadline=None, max_examples=300)
def test_any_text_is_read_or_refused(format_: str, text: str) -> None:
    """Whatever the text: a deployment, or one line."""
    try:
        read_definition(text, format_, "web")
    except BadInput as error:
        assert "\n" not in str(error)  # noqa: PT017  # either way is right
