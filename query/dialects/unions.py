"""UNION BY NAME as a union by place: every branch names all columns, those that it lacks as NULL."""

from sqlglot import exp

from query.dialects.target import Target


def align_unions(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without BY NAME. A branch that selects a star is refused: its columns have no names in the text."""
    for union in [node for node in tree.find_all(exp.SetOperation) if node.args.get("by_name")]:
        branches = _branches(union, target)
        names = list(dict.fromkeys(name for branch in branches for name in _by_name(branch, target)))
        for branch in branches:
            given = _by_name(branch, target)
            items = [given.get(name) or exp.alias_(exp.Null(), name, quoted=True) for name in names]
            branch.set("expressions", items)
    for union in tree.find_all(exp.SetOperation):
        union.set("by_name", None)
    return tree


def _branches(node: exp.Expr, target: Target) -> list[exp.Select]:
    if isinstance(node, exp.Select):
        return [node]
    if isinstance(node, exp.SetOperation) and node.args.get("by_name"):
        return [*_branches(node.left, target), *_branches(node.right, target)]
    if isinstance(node, exp.Subquery):
        return _branches(node.this, target)
    return target.refuse(node, "UNION BY NAME of other unions")


def _by_name(branch: exp.Select, target: Target) -> dict[str, exp.Expr]:
    if branch.is_star:
        target.refuse(branch, "UNION BY NAME of a star", "Name the columns.")
    return {item.alias_or_name: item for item in branch.expressions}
