"""docs/deployment-files.md tells every key as ops.deployments.definition_fields declares it."""

import importlib.util
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from ops.deployments.definition_fields import DEFINITION
from ops.deployments.definition_files import default_of, read_definition, write_definition
from ops.deployments.definition_sections import Field, Section

ROOT = Path(__file__).parents[2]


def _sections(section: Section = DEFINITION) -> Iterator[Section]:
    yield section
    for part in section.sections:
        yield from _sections(part)


_FIELDS = [(section, field) for section in _sections() for field in section.fields]


@pytest.fixture
def page_maker() -> ModuleType:
    """docs/make_deployment_files.py as a module."""
    path = ROOT / "docs" / "make_deployment_files.py"
    spec = importlib.util.spec_from_file_location("make_deployment_files", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_up_to_date(page_maker: ModuleType) -> None:
    """What is committed is what the declarations give; otherwise run ``python docs/make_all.py``."""
    assert (ROOT / "docs" / "deployment-files.md").read_text(encoding="utf-8") == page_maker.make()


@pytest.mark.parametrize(("section", "field"), _FIELDS, ids=lambda each: getattr(each, "key", ""))
def test_every_key_is_told_with_its_meaning(section: Section, field: Field) -> None:
    """Each key has a row under its part, and what it means in words."""
    text = (ROOT / "docs" / "deployment-files.md").read_text(encoding="utf-8")
    title = f"[[{section.name}]]" if section.is_list else f"[{section.name}]" if section.name else "At the top"
    part = text.partition(f"## {title}\n")[2].partition("\n## ")[0]
    assert f"| `{field.key}` |" in part
    assert field.meaning in part


@pytest.mark.parametrize("section", list(_sections()), ids=lambda section: section.name)
def test_every_field_of_a_deployment_has_a_key(section: Section) -> None:
    """Nothing of a deployment is lost in a file: each field is behind a key or a part."""
    behind = [attribute for field in section.fields for attribute in field.attributes]
    behind += [part.attribute for part in section.sections]
    assert sorted(behind) == sorted(field.name for field in fields(section.cls))


def test_whole_file_has_every_key_at_a_value_of_its_own(page_maker: ModuleType) -> None:
    """The example at the end can be used, and its writing shows that no key stands at its default."""
    deployment = read_definition("\n".join(page_maker.example_lines()), "toml", folder=Path("/srv/deployments"))
    written = write_definition(deployment, "toml")
    assert all(f"{field.key} = " in written for _, field in _FIELDS)
    assert deployment.updates != default_of(DEFINITION, "updates")
