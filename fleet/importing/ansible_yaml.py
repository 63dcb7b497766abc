"""Ansible inventories in YAML, what ``ansible-inventory --list`` prints, and files of variables."""

import yaml

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.ansible_inventory import ALL, Inventory, InventoryGroup, Value, ValueKind
from fleet.importing.ansible_ranges import expand_names
from fleet.importing.listed import ListBuilder, Place
from fleet.importing.yaml_nodes import Budget, compose, is_null, line_of, pairs_of

_META = "_meta"
_PARTS = ("hosts", "children", "vars")
_MOST_DEPTH = 50
_MOST_WORDS = 20
VAULT_HEADER = "$ANSIBLE_VAULT;"


def read_yaml(path: str, text: str, inventory: Inventory, builder: ListBuilder) -> None:
    """Add what the inventory ``text`` says.

    Raises:
        BadInput: it is no YAML or JSON, asks for a plugin, or is no inventory.
    """
    root = compose(path, text)
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise BadInput(
            f"{path}:{line_of(root)}: this is no inventory, which begins with its groups (all:). In a folder of "
            "playbooks name the inventory's own file or folder, as in inventories/prod."
        )
    keys = {key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    if "plugin" in keys:
        raise BadInput(
            f"{path}: a plugin makes this inventory when Ansible runs, and Patchdeck runs none. Import what it prints: "
            "ansible-inventory -i FILE --list > hosts.json"
        )
    reader = _Reader(path, inventory, builder)
    try:
        for key, value in pairs_of(root, reader.budget):
            if key.value == _META:
                reader.read_meta(value)
            else:
                reader.read_group(key, value, 0)
    except BadInput as error:
        raise BadInput(str(error) if str(error).startswith(path) else f"{path}: {error}") from error


def read_variables(path: str, text: str) -> dict[str, Value]:
    """The variables of a file of ``group_vars`` or ``host_vars``.

    Raises:
        BadInput: it is no mapping.
    """
    root = compose(path, text)
    if root is None or is_null(root):
        return {}
    if not isinstance(root, yaml.MappingNode):
        raise BadInput(f"{path}:{line_of(root)}: variables are expected, key: value.")
    budget = Budget()
    return {key.value: _value(path, value) for key, value in pairs_of(root, budget)}


class _Reader:
    def __init__(self, path: str, inventory: Inventory, builder: ListBuilder) -> None:
        self._path = path
        self._inventory = inventory
        self._builder = builder
        self.budget = Budget()
        self._groups_read: set[tuple[str, int]] = set()

    def read_group(self, key: yaml.ScalarNode, node: yaml.Node, depth: int) -> None:
        """A group with its hosts, variables and the groups inside."""
        name, place = key.value, self._place(key)
        if depth > _MOST_DEPTH:
            raise BadInput(f"{place}: groups are nested too deep.")
        if (name, id(node)) in self._groups_read:
            return  # an alias: what it says was heard
        self._groups_read.add((name, id(node)))
        group = self._inventory.group(name, place)
        if isinstance(node, yaml.SequenceNode):  # older scripts print a group as the list of its hosts
            self._read_hosts(name, node)
            return
        if not isinstance(node, yaml.MappingNode) and not is_null(node):
            raise BadInput(f"{place}: group {clean(name, 60)} is expected to have hosts, children or vars.")
        for part, value in pairs_of(node, self.budget):
            self._read_part(group, part, value, depth)

    def read_meta(self, node: yaml.Node) -> None:
        """Variables of hosts, as ``ansible-inventory --list`` has them."""
        for part, hosts in pairs_of(node, self.budget):
            if part.value == "hostvars":
                for key, variables in pairs_of(hosts, self.budget):
                    self._add_host(key, variables, ALL)

    def _read_part(self, group: InventoryGroup, part: yaml.ScalarNode, value: yaml.Node, depth: int) -> None:
        if part.value == "hosts":
            self._read_hosts(group.name, value)
        elif part.value == "vars":
            group.variables |= {k.value: _value(self._path, v) for k, v in pairs_of(value, self.budget)}
        elif part.value == "children":
            self._read_children(group.name, value, depth)
        else:
            self._builder.note(self._place(part), f"{clean(part.value, 60)} of a group is none of {', '.join(_PARTS)}")

    def _read_children(self, name: str, node: yaml.Node, depth: int) -> None:
        group = self._inventory.group(name, self._place(node))
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                group.children.setdefault(item.value, self._place(item))
                self._inventory.group(item.value, self._place(item))
            return
        for key, value in pairs_of(node, self.budget):
            group.children.setdefault(key.value, self._place(key))
            self.read_group(key, value, depth + 1)

    def _read_hosts(self, group: str, node: yaml.Node) -> None:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._add_host(item, None, group)
        elif isinstance(node, yaml.ScalarNode) and not is_null(node):
            self._add_host(node, None, group)
        else:
            for key, value in pairs_of(node, self.budget):
                self._add_host(key, value, group)

    def _add_host(self, key: yaml.Node, variables: yaml.Node | None, group: str) -> None:
        place = self._place(key)
        if not isinstance(key, yaml.ScalarNode):
            self._builder.refuse("", place, "the name of a host is expected")
            return
        try:
            names, port = expand_names(key.value)
        except BadInput as error:
            self._builder.refuse(key.value, place, str(error))
            return
        said = {k.value: _value(self._path, v) for k, v in pairs_of(variables, self.budget)} if variables else {}
        if port is not None:
            said.setdefault("ansible_port", Value(str(port), place))
        for name in names:
            self._inventory.host(name, place, group).variables.update(said)

    def _place(self, node: yaml.Node) -> Place:
        return Place(self._path, line_of(node))


def _value(path: str, node: yaml.Node) -> Value:
    place = Place(path, line_of(node))
    if node.tag == "!vault" or (isinstance(node, yaml.ScalarNode) and node.value.startswith(VAULT_HEADER)):
        return Value("", place, ValueKind.VAULT)
    if isinstance(node, yaml.ScalarNode):
        return Value("" if is_null(node) else node.value, place)
    return _nested(node, place)


def _nested(node: yaml.Node, place: Place) -> Value:
    """Lists and mappings; what ``--list`` prints of something encrypted is one. A short list of words has its text."""
    if isinstance(node, yaml.SequenceNode) and len(node.value) <= _MOST_WORDS:
        words = [each.value for each in node.value if isinstance(each, yaml.ScalarNode) and each.tag != "!vault"]
        return Value(",".join(words), place, ValueKind.NESTED)
    keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
    return Value("", place, ValueKind.VAULT if "__ansible_vault" in keys else ValueKind.NESTED)
