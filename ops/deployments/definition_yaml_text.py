"""Definitions written as YAML: block style, quoted wherever a reader of any version could take a text for something
else.
"""

from datetime import datetime
from typing import Any, ClassVar

import yaml


def _represent_moment(dumper: yaml.SafeDumper, moment: datetime) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", moment.isoformat())


class _Dumper(yaml.SafeDumper):
    """PyYAML's, with times as ISO 8601 writes them, lists indented, and nothing written as an alias."""

    # Any: what PyYAML's own table holds.
    yaml_representers: ClassVar[dict[Any, Any]] = {**yaml.SafeDumper.yaml_representers, datetime: _represent_moment}

    def ignore_aliases(self, _data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # lists are indented
        super().increase_indent(flow, indentless=False)


def dump_yaml(document: dict[str, Any]) -> str:  # Any: plain values, lists and dictionaries of them
    """``document`` as YAML, keys in their order."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
