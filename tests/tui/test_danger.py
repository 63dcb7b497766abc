"""No single key destroys anything: every key that changes something is named here, with how it is made sure of.

A new one fails until somebody has thought about it; one that says that it asks is followed through the code to the
question that it asks.
"""

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from fleet.roles import Role
from tui.key_ids import declared, scope_of
from tui.permitting import role_of_action

ROOT = Path(__file__).parents[2]
# What is typed before it is done: a name, how many, a reason, who one is, or what somebody else will read.
TYPED = frozenset(
    {"NameForm", "RemoveForm", "RunForm", "RequestForm", "ReasonForm", "ApprovalForm", "ApproveForm", "NoteForm"}
    | {"SecretForm", "AcceptKey"}
)
# What is asked with no as the first answer.
ASKED = frozenset({"Confirm", "AcceptKey", "AcceptCertificate"})
# What shows all before it keeps anything: leaving it changes nothing.
WRITTEN = frozenset(
    {"AlertRuleForm", "ChannelForm", "GroupForm", "MachineForm", "ProfileForm", "ReportScheduleForm", "SourceForm"}
    | {"SettingForm", "NewDeployment", "DeploymentForm", "ImportForm", "SaveQuery", "RenameQuery", "Picker"}
)

TYPES = {
    "alerts.acknowledge", "alerts.remove", "channels.remove", "channels.set_secret", "deployments.run",
    "deployments.remove", "following.approve", "groups.remove", "import.take_over", "known.approve", "known.retire",
    "known.forget", "preview.run", "preview.approve", "profiles.set_secret", "profiles.rotate", "profiles.remove",
    "reports.remove", "run.pause", "run.cancel", "scope.add", "scope.remove", "sources.forget",
}  # fmt: skip
ASKS = {
    "approvals.withdraw", "known.refuse", "known.reinstalled", "machine.accept_key", "machines.accept_key",
    "saved-queries.remove", "settings.unset",
}  # fmt: skip
WRITES = {
    "alerts.add", "alerts.edit", "channels.add", "channels.edit", "deployments.add", "deployments.edit", "group.edit",
    "groups.add", "groups.edit", "import.edit", "known.edit", "known.add", "known.import_list", "machines.add",
    "machines.edit", "profiles.edit", "profiles.add", "reports.add", "reports.edit", "sources.edit",
    "sources.import_list", "query.save", "settings.change", "saved-queries.rename",
}  # fmt: skip
# Why one key is enough: the same key takes it back, or nothing that is there changes.
HARMLESS = {
    "alerts.switch": "the same key takes it back",
    "channels.switch": "the same key takes it back",
    "channels.test": "sends one message that says that it is a test",
    "deployments.switch": "the same key takes it back; no run begins or ends by it",
    "deployments.preview": "installs nothing",
    "preview.again": "installs nothing",
    "known.restore": "brings back; t retires again",
    "known.switch": "the same key takes it back; several are asked for",
    "machines.switch": "the same key takes it back; several are asked for",
    "machine.assess": "reads",
    "machines.assess": "reads",
    "machines.assess_one": "reads",
    "needing.assess": "reads",
    "overview.assess": "reads",
    "why.assess": "reads",
    "messages.retry": "what was to be sent is sent",
    "profile-test.test": "logs in, and runs nothing",
    "profiles.test": "logs in, and runs nothing",
    "reports.switch": "the same key takes it back",
    "saved-queries.open_editor": "the editor keeps nothing that is not saved in it",
    "deployments.edit_text": "the editor keeps nothing that is not saved in it",
    "settings.edit_file": "the editor keeps nothing that is not saved in it",
    "sources.read_now": "reads the list; what it would change is taken over by its own rules",
}
DANGEROUS = re.compile(r"\.(remove|forget|retire|run|cancel|take_over|approve|rotate)$")


def test_every_key_that_changes_something_is_thought_about() -> None:
    """What is in no list here, or in two, or is there no more, fails."""
    named = [*TYPES, *ASKS, *WRITES, *HARMLESS]
    assert sorted(name for name in named if named.count(name) > 1) == []
    assert sorted(changing_actions().keys() ^ set(named)) == []


def test_dangerous_keys_take_something_typed() -> None:
    """Removing, running, approving: never by a key and a yes."""
    dangerous = {name for name in changing_actions() if DANGEROUS.search(name)}
    assert dangerous - TYPES == {"saved-queries.remove"}  # a file of one's own, kept in git where it matters


@pytest.mark.parametrize(
    ("names", "questions"),
    [(TYPES, TYPED), (ASKS, ASKED | TYPED), (WRITES, WRITTEN | TYPED)],
    ids=["types", "asks", "writes"],
)
def test_keys_that_ask_lead_to_their_question(names: set[str], questions: frozenset[str]) -> None:
    """From the action through what it calls, a form or a question is opened."""
    silent = sorted(name for name in names if not opened_by(changing_actions()[name]) & questions)
    assert silent == []


@cache
def changing_actions() -> dict[str, str]:
    """By ``scope.action``: where its method is, ``module:action_name``, of all that take more than looking."""
    spec = importlib.util.spec_from_file_location("make_app_keys", ROOT / "docs" / "make_app_keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = {}
    for kind in module.kinds():
        for binding in declared(kind):
            name = binding.action.partition("(")[0].rpartition(".")[2]
            if role_of_action(object.__new__(kind), name) > Role.VIEWER:
                found[f"{scope_of(kind)}.{name}"] = f"{kind.__module__}:action_{name}"
    return found


def opened_by(action: str) -> set[str]:
    """The names of all that is named in what ``action`` leads to, within the screens' own code."""
    seen: set[tuple[str, str]] = set()
    named: set[str] = set()
    todo = [at for at in functions() if f"{at[0]}:{at[1]}" == action]
    assert todo, f"{action} is nowhere"
    while todo:
        at = todo.pop()
        if at in seen or at not in functions():
            continue
        seen.add(at)
        leads_to, names = functions()[at]
        named |= names
        todo += leads_to
    return named


At = tuple[str, str]


@cache
def functions() -> dict[At, tuple[list[At], set[str]]]:
    """By module and name of each function and method of the screens: where it leads to, and the names in it."""
    found: dict[At, tuple[list[At], set[str]]] = {}
    for path in (ROOT / "tui").rglob("*.py"):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                edges = [imported.get(name, (module, name)) for name in names]
                edges += [edge for each in ast.walk(node) if (edge := _edge(each, module, imported)) is not None]
                before = found.setdefault((module, node.name), ([], set()))
                before[0].extend(edges)
                before[1].update(names)
    return found


def _edge(node: ast.AST, module: str, imported: dict[str, At]) -> At | None:
    """Where ``self.x``, ``module.x`` or ``deck.deeds.x`` leads to."""
    if not isinstance(node, ast.Attribute):
        return None
    if isinstance(node.value, ast.Attribute):
        return ("tui.deeds", node.attr) if node.value.attr == "deeds" else None
    if not isinstance(node.value, ast.Name):
        return None
    if node.value.id == "self":
        return (module, node.attr)
    package, name = imported.get(node.value.id, ("", ""))
    return (f"{package}.{name}", node.attr) if package else None
