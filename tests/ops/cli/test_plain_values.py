"""Values that are read without pydantic, beside typer's own reading of them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from ops.cli.app import build_app
from ops.cli.plain_values import plain_value

TEXTS = (
    "",
    " ",
    "0",
    "1",
    "007",
    "60",
    "-3",
    "+5",
    "1_000",
    " 5",
    "1.5",
    "nan",
    "99999999999",
    "x",
    "JSON",
    "é",
    "\x00",
)
WORDS = ("json", "csv", "table", "ssh", "linux", "sudo", "spark", "yes", "no", "-", "/tmp", "a,b")


def parameters(command: Any) -> list[Any]:
    """Those of all verbs."""
    below = [each for child in getattr(command, "commands", {}).values() for each in parameters(child)]
    return [*command.params, *below]


def test_plain_values_are_what_typer_makes_of_them() -> None:
    """Each kind of parameter that any verb has, with texts that fit it and texts that do not."""
    context = typer.Context(typer.main.get_command(build_app(["audit"])))
    kinds = {(str(p.type_descriptor.annotation), p.type_descriptor.parameter_info.min): p for p in ALL}
    taken = 0
    for parameter in kinds.values():
        is_list = parameter.multiple or parameter.nargs == -1
        for text in TEXTS + WORDS:
            value = [text, text] if is_list else text
            plain = plain_value(parameter, value)
            if plain is not None:
                taken += 1
                assert plain == parameter.get_runtime_param().coerce(value, param=parameter, ctx=context)
                assert type(plain) is type(parameter.get_runtime_param().coerce(value, param=parameter, ctx=context))

    assert taken > len(kinds)


@pytest.mark.parametrize("value", [[], (), None])
def test_nothing_given_is_left_to_typer(value: object) -> None:
    """Whether a verb needs it is typer's to say."""
    listed = next(p for p in ALL if p.type_descriptor.annotation == list[str])

    assert plain_value(listed, value) is None


def test_a_question_is_answered_without_pydantic(tmp_path: Path) -> None:
    """Its import takes longer than the answer."""
    code = (
        "import sys; sys.argv = ['patchdeck', '--home', sys.argv[1], 'query', 'SELECT $x::INT AS x', '--limit', '3', "
        "'--param', 'x=1', '--format', 'json']; from ops.cli import main; code = main(lambda request: 0); "
        "sys.exit(code or 'pydantic' in sys.modules)"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout.split()) == (0, ["[", '{"x":', "1}", "]"]), done.stderr


ALL = parameters(typer.main.get_command(build_app()))
