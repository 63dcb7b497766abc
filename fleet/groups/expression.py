"""Expressions of dynamic groups.

    tag:env=prod and system = debian and system-version < 12
    (web-* or group:frontends) and not tag:fragile and missing-security > 0
    system in (rhel, rocky, "oracle linux") and end-of-life < 2027-01-01

A term is a target as everywhere (a name, a glob, ``tag:key=value``, ``os:linux``, ``group:name``, ``all``), or a fact
(`fleet.groups.facts`, and ``tag.KEY``) with ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=`` or ``in (…)``. ``not`` binds
more than ``and``, that more than ``or``.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from fleet.errors import BadInput, ExpressionMistake, Position, UnknownName, nearest_name
from fleet.groups.facts import FACTS, TAG_PREFIX, Fact, FactKind, tag_fact
from fleet.groups.terms import Both, Comparison, Either, Expression, FactTerm, Not, TargetTerm
from fleet.targets import select_machines

# A target may hold what else compares: tag:env=prod. A name is followed by what compares it.
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|==|[=<>(),])|(?P<target>(?:tag|os|group):[^\s()",]+)"""
    r"""|(?P<word>[^\s()"',=<>!]+))"""
)
_MOST_DEPTH = 50
_TREES_KEPT = 4_096
_SIGNS = ("=", "==", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.casefold() == word


@lru_cache(maxsize=_TREES_KEPT)
def parse_expression(text: str) -> Expression:
    """``text`` as a tree, the same one for the same text.

    Raises:
        ExpressionMistake: it cannot be read; says where, and what is expected there.
    """
    parser = _Parser(text)
    tree = parser.parse_either(0)
    parser.expect_end()
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._next = 0

    def parse_either(self, depth: int) -> Expression:
        """Terms with ``or`` between them."""
        tree = self._parse_both(depth)
        while self._take("or"):
            tree = Either(tree, self._parse_both(depth))
        return tree

    def expect_end(self) -> None:
        """Raises where something is left."""
        if self._peek.kind != "end":
            raise self._mistake(f"'and', 'or' or the end is expected, not {self._peek.text!r}.", self._peek)

    def _parse_both(self, depth: int) -> Expression:
        tree = self._parse_not(depth)
        while self._take("and"):
            tree = Both(tree, self._parse_not(depth))
        return tree

    def _parse_not(self, depth: int) -> Expression:
        if depth > _MOST_DEPTH:
            raise self._mistake("The brackets are too deep.", self._peek)
        if self._take("not"):
            return Not(self._parse_not(depth + 1))
        if self._peek.text == "(" and self._peek.kind == "sign":
            opened = self._advance()
            tree = self.parse_either(depth + 1)
            if self._peek.text != ")":
                raise self._mistake("This bracket is not closed.", opened)
            self._advance()
            return tree
        return self._parse_term()

    def _parse_term(self) -> Expression:
        token = self._peek
        if token.kind in ("end", "sign") or any(token.is_word(word) for word in ("and", "or", "in")):
            what = "the end" if token.kind == "end" else repr(token.text)
            raise self._mistake(f"A target or a fact is expected, not {what}.", token)
        self._advance()
        if self._peek.kind == "sign" and self._peek.text in _SIGNS:
            return self._parse_comparison(token)
        if self._peek.is_word("in"):
            return self._parse_list(token)
        return self._target(token)

    def _parse_comparison(self, name: _Token) -> FactTerm:
        fact = self._fact(name)
        sign = self._advance()
        comparison = Comparison(sign.text.replace("==", "="))
        if comparison.has_order and fact.kind is FactKind.TEXT:
            raise self._mistake(f"{fact.name} is a text: '=' and '!=' compare it.", sign)
        value = self._value(fact)
        return FactTerm(self._text[name.start : value.end], fact, comparison, (_unquoted(value),))

    def _parse_list(self, name: _Token) -> FactTerm:
        fact = self._fact(name)
        self._advance()
        if self._peek.text != "(":
            raise self._mistake("A list in brackets is expected: in (a, b).", self._peek)
        self._advance()
        values = [self._value(fact)]
        while self._peek.text == ",":
            self._advance()
            values.append(self._value(fact))
        if self._peek.text != ")":
            raise self._mistake("',' or ')' is expected.", self._peek)
        end = self._advance().end
        return FactTerm(self._text[name.start : end], fact, Comparison.EQUAL, tuple(map(_unquoted, values)))

    def _fact(self, name: _Token) -> Fact:
        key = name.text.casefold()
        if key.startswith(TAG_PREFIX) and len(key) > len(TAG_PREFIX):
            return tag_fact(name.text[len(TAG_PREFIX) :])
        if key not in FACTS:
            near = nearest_name(key, FACTS)
            hint = f" Did you mean {near!r}?" if near else f" There are {', '.join(FACTS)} and tag.KEY."
            raise self._mistake(f"There is no fact {name.text!r}.{hint}", name)
        return FACTS[key]

    def _value(self, fact: Fact) -> _Token:
        token = self._peek
        if token.kind in ("end", "sign"):
            raise self._mistake("A value is expected.", token)
        self._advance()
        if not _is_value(fact.kind, _unquoted(token)):
            raise self._mistake(
                f"{fact.name} is compared with {_EXPECTED[fact.kind]}, and {token.text!r} is none.", token
            )
        return token

    def _target(self, token: _Token) -> TargetTerm:
        target = _unquoted(token)
        try:
            select_machines([target], ())
        except UnknownName as error:
            if error.kind == "operating system":
                raise self._mistake(str(error), token) from error
        except BadInput as error:
            raise self._mistake(str(error), token) from error
        return TargetTerm(self._text[token.start : token.end], target)

    def _split(self) -> list[_Token]:
        tokens, at = [], 0
        while at < len(self._text) and self._text[at:].strip():
            match = _TOKEN.match(self._text, at)
            if match is None or match.lastgroup is None:
                start = at + len(self._text[at:]) - len(self._text[at:].lstrip())
                what = "This quote is not closed." if self._text[start] in "\"'" else "This cannot be read."
                raise self._mistake(what, _Token("", "", start, start))
            kind = match.lastgroup
            tokens.append(_Token(kind, match[kind], match.start(kind), match.end(kind)))
            at = match.end()
        return [*tokens, _Token("end", "", len(self._text), len(self._text))]

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _advance(self) -> _Token:
        token = self._tokens[self._next]
        self._next += 1
        return token

    def _take(self, word: str) -> bool:
        if not self._peek.is_word(word):
            return False
        self._advance()
        return True

    def _mistake(self, message: str, token: _Token) -> ExpressionMistake:
        return ExpressionMistake(message, Position(1, token.start + 1, self._text))


def _unquoted(token: _Token) -> str:
    return token.text[1:-1] if token.kind == "text" else token.text


def _is_value(kind: FactKind, text: str) -> bool:
    if kind is FactKind.NUMBER:
        return re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", text) is not None
    if kind is FactKind.VERSION:
        return bool(text)
    if kind is FactKind.DATE:
        try:
            return bool(date.fromisoformat(text))
        except ValueError:
            return False
    return True


_EXPECTED = {
    FactKind.NUMBER: "a number",
    FactKind.VERSION: "a version",
    FactKind.DATE: "a day like 2027-01-31",
    FactKind.TEXT: "a text",
}
