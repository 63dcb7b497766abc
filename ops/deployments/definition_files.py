"""Definitions of deployments as TOML or YAML: read with the line of every mistake, written so that they read the same.

A file defines one deployment. What stands in it and where comes from `ops.deployments.definition_fields`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean_name
from ops.deployments.definition_fields import DEFINITION
from ops.deployments.definition_sections import Field, Section
from ops.deployments.definition_tree import MOST_CHARACTERS, Listed, Node, Scalar, Table, refused
from ops.deployments.definition_values import read_value

FORMATS = ("toml", "yaml")


def read_definition(text: str, format: str, name_hint: str = "", folder: Path | None = None) -> Deployment:  # noqa: A002  # the word for it
    """The deployment that ``text`` defines; where that gives no name, ``name_hint`` is it.

    Paths in it are relative to ``folder`` (None: they must be whole), and whole in what is returned.

    Raises:
        BadInput: it is not of that format, a key is unknown or missing, a value does not fit (begins with the line); or
            the deployment cannot work.
        UnknownName: there is no such format.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadInput(f"It is longer than {MOST_CHARACTERS:,} characters: that is no definition of a deployment.")
    tree = _parse(text, format)
    if name_hint and "name" not in tree.entries:
        named = {"name": Scalar(name_hint, 1), **tree.entries}
        tree = Table(named, {"name": 1, **tree.key_lines}, tree.line)
    deployment = _read_section(DEFINITION, tree)
    assert isinstance(deployment, Deployment)  # what DEFINITION makes
    return check_deployment(_with_whole_paths(deployment, folder) if folder else deployment)


def write_definition(deployment: Deployment, format: str) -> str:  # noqa: A002  # the word for it
    """The definition of ``deployment``, without what is as by default; reading it gives the same deployment.

    Raises:
        UnknownName: there is no such format.
    """
    document = _written(DEFINITION, deployment)
    if format == "toml":
        from ops.deployments.definition_toml_text import dump_toml

        return dump_toml(document, _names(DEFINITION))
    if format == "yaml":
        from ops.deployments.definition_yaml_text import dump_yaml

        return dump_yaml(document)
    raise UnknownName("format", format, FORMATS)


def _parse(text: str, format_: str) -> Table:
    if format_ == "toml":
        from ops.deployments.definition_toml import parse_toml_tree

        return parse_toml_tree(text)
    if format_ == "yaml":
        from ops.deployments.definition_yaml import parse_yaml_tree

        return parse_yaml_tree(text)
    raise UnknownName("format", format_, FORMATS)


def _read_section(section: Section, table: Table) -> Any:  # Any: what the section makes
    by_key: dict[str, Field | Section] = {field.key: field for field in section.fields} | {
        part.key: part for part in section.sections
    }
    values: dict[str, Any] = {}
    for key, node in table.entries.items():
        known = by_key.get(key)
        if known is None:
            raise refused(table.key_lines[key], _unknown(section, key, by_key))
        if isinstance(known, Section):
            values[known.attribute] = _read_part(known, node)
        else:
            value = read_value(known.kind, node, _full(section, key))
            values.update(zip(known.attributes, value if len(known.attributes) > 1 else (value,), strict=True))
    _check_required(section, table, values)
    return section.cls(**values)


def _read_part(section: Section, node: Node) -> Any:  # Any: what the section makes
    if section.is_list:
        if not isinstance(node, Listed):
            raise refused(node.line, f"{section.name} is a list: write [[{section.name}]] in TOML, or '-' in YAML.")
        return tuple(_read_part(replace(section, is_list=False), item) for item in node.items)
    if not isinstance(node, Table):
        raise refused(node.line, f"{section.name} is a part with keys of its own: {_keys(section)}.")
    return _read_section(section, node)


def _unknown(section: Section, key: str, known: Mapping[str, object]) -> str:
    if not section.name and key in ("deployment", "deployments"):
        return f"{key!r} is no key: a file defines one deployment, so its keys stand at the top."
    where = f"{section.name}: " if section.name else ""
    return f"{where}{UnknownName('key', clean_name(key), known)}"


def _check_required(section: Section, table: Table, values: Mapping[str, Any]) -> None:
    missing = [field.key for field in section.fields if field.attributes[0] in required_of(section) - values.keys()]
    if missing:
        line = f"line {table.line}: " if section.name else ""
        where = f"{section.name} lacks" if section.name else "The definition lacks"
        raise BadInput(f"{line}{where} {', '.join(missing)}.")


def required_of(section: Section) -> set[str]:
    """The attributes of what ``section`` makes that have no default."""
    return {
        field.name for field in fields(section.cls) if field.default is MISSING and field.default_factory is MISSING
    }


def default_of(section: Section, attribute: str) -> Any:  # Any: the default of whichever field
    """What ``attribute`` is where its key is missing; None for one that must be there."""
    field = next(each for each in fields(section.cls) if each.name == attribute)
    if field.default_factory is not MISSING:
        return field.default_factory()
    return None if field.default is MISSING else field.default


def _written(section: Section, thing: Any) -> dict[str, Any]:  # Any: what the section makes
    document: dict[str, Any] = {}
    required = required_of(section)
    for field in section.fields:
        values = tuple(getattr(thing, attribute) for attribute in field.attributes)
        defaults = tuple(default_of(section, attribute) for attribute in field.attributes)
        if values != defaults or required.intersection(field.attributes):
            document[field.key] = field.kind.write(values if len(values) > 1 else values[0])
    for part in section.sections:
        value = getattr(thing, part.attribute)
        if part.is_list:
            written: Any = [_written(part, each) for each in value]
        else:
            written = _written(part, value) if value is not None else {}
        if written:
            document[part.key] = written
    return document


def _with_whole_paths(deployment: Deployment, folder: Path) -> Deployment:
    schedule = deployment.schedule
    if schedule is not None and schedule.blackouts:
        schedule = replace(schedule, blackouts=_whole(schedule.blackouts, folder))
    scripts = tuple(replace(script, path=_whole(script.path, folder)) for script in deployment.scripts)
    return replace(deployment, schedule=schedule, scripts=scripts)


def _whole(path: str, folder: Path) -> str:
    try:
        return str(folder.absolute() / Path(path).expanduser())
    except RuntimeError as error:  # ~someone whom the console does not know
        raise BadInput(f"The folder of {clean_name(path)!r} is not known.") from error


def _full(section: Section, key: str) -> str:
    return f"{section.name}.{key}" if section.name else key


def _names(section: Section) -> list[str]:
    return [name for part in section.sections for name in (part.name, *_names(part))]


def _keys(section: Section) -> str:
    return ", ".join([*(field.key for field in section.fields), *(part.key for part in section.sections)])
