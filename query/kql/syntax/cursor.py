"""A place among the tokens."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from query.kql.errors import KqlProblem
from query.kql.syntax.advice import advice_for
from query.kql.syntax.wording import described, finished
from query.kql.tokens import Token, TokenKind
from query.kql.tree import Name, Span

# Ours: no query that people write comes near; a level costs about ten frames of Python, of which there are 1,000.
MOST_LEVELS = 60


class Cursor:
    """The token at hand, and the ways to go on."""

    __slots__ = ("_index", "_level", "_tokens")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._index = 0
        self._level = 0

    @property
    def token(self) -> Token:
        """The token at hand; at the end, that of the kind END."""
        return self._tokens[self._index]

    @property
    def start(self) -> int:
        """Where the token at hand begins."""
        return self.token.span.start

    def ahead(self, count: int = 1) -> Token:
        """The token ``count`` further on, or back; at most the last one, END, and at least the first."""
        return self._tokens[max(min(self._index + count, len(self._tokens) - 1), 0)]

    @property
    def before(self) -> Token:
        """The token that was read last; at the very beginning, the first."""
        return self._tokens[max(self._index - 1, 0)]

    def span_from(self, start: int) -> Span:
        """From ``start`` to the end of what was read last."""
        return Span(start, max(self.before.span.end, start))

    def is_at_end(self) -> bool:
        """Whether all tokens were read."""
        return self.token.kind is TokenKind.END

    def next(self) -> Token:
        """The token at hand, which is left behind."""
        token = self.token
        if token.kind is not TokenKind.END:
            self._index += 1
        return token

    def accept_mark(self, *texts: str) -> Token | None:
        """Reads one of these marks, if it stands here."""
        return self.next() if self.token.is_mark(*texts) else None

    def accept_word(self, *texts: str) -> Token | None:
        """Reads one of these words, if it stands here."""
        return self.next() if self.token.is_word(*texts) else None

    def expect_mark(self, text: str, place: str, advice: str = "") -> Token:
        """Reads that mark; ``place`` says where it stands, as in "before the columns", ``advice`` what to write."""
        if found := self.accept_mark(text):
            return found
        raise self.unexpected(f"'{text}' is expected {place}", advice)

    def expect_word(self, text: str, place: str, advice: str = "") -> Token:
        """Reads that word; ``place`` says where it stands, ``advice`` what to write."""
        if found := self.accept_word(text):
            return found
        raise self.unexpected(f"'{text}' is expected {place}", advice, known=(text,))

    def expect_name(self, what: str) -> Name:
        """Reads a name; ``what`` says of what, as in "the name of a column"."""
        if not self.token.is_name:
            raise self.unexpected(f"{what} is expected")
        token = self.next()
        return Name(token.span, token.text)

    def close(self, opening: Token, mark: str, known: Collection[str] = ()) -> None:
        """Reads the bracket that closes ``opening``; ``known`` are the words that might stand there instead.

        Raises:
            KqlProblem: it is not there; the opening one is pointed at where the query ends, or its step does.
        """
        if self.accept_mark(mark):
            return
        if self.token.kind is TokenKind.END or self.token.is_mark(";", "|"):
            raise self.unclosed(opening, mark)
        if self.token.is_mark(","):
            raise self.unexpected(f"the closing '{mark}' is expected")
        raise self.unexpected(f"',' or the closing '{mark}' is expected", known=known)

    def unclosed(self, opening: Token, mark: str) -> KqlProblem:
        """That the bracket ``opening`` has no ``mark`` that closes it."""
        return KqlProblem(f"The '{opening.text}' that is opened here is never closed by '{mark}'.", opening.span)

    def unexpected(self, expected: str, advice: str = "", known: Collection[str] = ()) -> KqlProblem:
        """That the token at hand is not what is ``expected``, a clause: "a table is expected".

        ``advice`` is a clause that says what to write; without one it is made of ``known``, the words that may stand
        here, and of what people are used to from other languages.
        """
        advice = advice or advice_for(self.token, self.ahead(), known)
        message = f"{described(self.token)} where {expected}"
        return KqlProblem(finished(message, advice), self.token.span)

    @contextmanager
    def level(self) -> Iterator[None]:
        """One level deeper: inside of brackets or behind a sign.

        Raises:
            KqlProblem: that is too deep.
        """
        if self._level >= MOST_LEVELS:
            raise KqlProblem(f"Brackets are nested more than {MOST_LEVELS} levels deep here.", self.token.span)
        self._level += 1
        try:
            yield
        finally:
            self._level -= 1
