"""Tokens: every way to write a literal, a name, a comment."""

from datetime import datetime
from decimal import Decimal
from math import inf, isnan

import pytest

from query.kql.errors import KqlProblem
from query.kql.lexer import MOST_CHARACTERS, tokenize
from query.kql.tokens import TokenKind
from query.kql.types import TICKS_PER_SECOND, KqlType

SECOND = TICKS_PER_SECOND
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 86400 * SECOND


def at(*parts: int) -> datetime:
    """A naive UTC time, as KQL's are."""
    return datetime(*parts)  # type: ignore[arg-type] # noqa: DTZ001 - mypy takes the last part for a zone


def texts(query: str) -> list[str]:
    return [token.text for token in tokenize(query)[:-1]]


@pytest.mark.parametrize(
    ("written", "kind", "value"),
    [
        ("7", KqlType.LONG, 7),
        ("007", KqlType.LONG, 7),
        ("0x1F", KqlType.LONG, 31),
        ("0Xff", KqlType.LONG, 255),
        ("9223372036854775807", KqlType.LONG, 2**63 - 1),
        ("1.5", KqlType.REAL, 1.5),
        ("1.", KqlType.REAL, 1.0),
        ("1e10", KqlType.REAL, 1e10),
        ("1E-3", KqlType.REAL, 1e-3),
        ("2.5e+2", KqlType.REAL, 250.0),
        ("1d", KqlType.TIMESPAN, DAY),
        ("1.5h", KqlType.TIMESPAN, 90 * MINUTE),
        ("14h", KqlType.TIMESPAN, 14 * HOUR),
        ("2days", KqlType.TIMESPAN, 2 * DAY),
        ("3hours", KqlType.TIMESPAN, 3 * HOUR),
        ("30m", KqlType.TIMESPAN, 30 * MINUTE),
        ("10min", KqlType.TIMESPAN, 10 * MINUTE),
        ("5s", KqlType.TIMESPAN, 5 * SECOND),
        ("100ms", KqlType.TIMESPAN, SECOND // 10),
        ("7microseconds", KqlType.TIMESPAN, 70),
        ("1tick", KqlType.TIMESPAN, 1),
        ("12ticks", KqlType.TIMESPAN, 12),
        ("int(3)", KqlType.INT, 3),
        ("int(-3)", KqlType.INT, -3),
        ("int( 0x10 )", KqlType.INT, 16),
        ("long(-9223372036854775808)", KqlType.LONG, -(2**63)),
        ("long(null)", KqlType.LONG, None),
        ("int(null)", KqlType.INT, None),
        ("real(1e3)", KqlType.REAL, 1000.0),
        ("real(-inf)", KqlType.REAL, -inf),
        ("real(+inf)", KqlType.REAL, inf),
        ("double(0.1)", KqlType.REAL, 0.1),
        ("decimal(0.1)", KqlType.DECIMAL, Decimal("0.1")),
        ("decimal(null)", KqlType.DECIMAL, None),
        ("bool(true)", KqlType.BOOL, True),
        ("bool(0)", KqlType.BOOL, False),
        ("boolean(null)", KqlType.BOOL, None),
        ("guid(74BE27DE-1E4E-49D9-B579-FE0B331D3642)", KqlType.GUID, "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ('guid("74be27de-1e4e-49d9-b579-fe0b331d3642")', KqlType.GUID, "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ("timespan(5s)", KqlType.TIMESPAN, 5 * SECOND),
        ("timespan(2)", KqlType.TIMESPAN, 2 * DAY),
        ("time(1.02:03:04)", KqlType.TIMESPAN, DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND),
        ("time(00:00:00.0000001)", KqlType.TIMESPAN, 1),
        ("time(10:20)", KqlType.TIMESPAN, 10 * HOUR + 20 * MINUTE),
        ("time(-1d)", KqlType.TIMESPAN, -DAY),
        ('time("1.5h")', KqlType.TIMESPAN, 90 * MINUTE),
        ("timespan(null)", KqlType.TIMESPAN, None),
        ("datetime(2026-11-20)", KqlType.DATETIME, at(2026, 11, 20)),
        ("datetime(2026-11)", KqlType.DATETIME, at(2026, 11, 1)),
        ("datetime(2026)", KqlType.DATETIME, at(2026, 1, 1)),
        ("datetime(20261120)", KqlType.DATETIME, at(2026, 11, 20)),
        ("datetime(2026-11-20 12:30)", KqlType.DATETIME, at(2026, 11, 20, 12, 30)),
        ("datetime(2026-11-20T12:30:15Z)", KqlType.DATETIME, at(2026, 11, 20, 12, 30, 15)),
        ("datetime(2026-11-20 12:30:15.1234567)", KqlType.DATETIME, at(2026, 11, 20, 12, 30, 15, 123456)),
        ("datetime(2026-11-20T12:30:15+02:00)", KqlType.DATETIME, at(2026, 11, 20, 10, 30, 15)),
        ("datetime(2026-1-5 7:05)", KqlType.DATETIME, at(2026, 1, 5, 7, 5)),
        ('datetime("2026-11-20 12:30")', KqlType.DATETIME, at(2026, 11, 20, 12, 30)),
        ("date(2026-11-20)", KqlType.DATETIME, at(2026, 11, 20)),
        ("datetime(11/20/2026)", KqlType.DATETIME, at(2026, 11, 20)),
        ("datetime(11/20/2026 12:30:15 PM)", KqlType.DATETIME, at(2026, 11, 20, 12, 30, 15)),
        ("datetime(Fri, 20 Nov 2026 12:30:15 GMT)", KqlType.DATETIME, at(2026, 11, 20, 12, 30, 15)),
        ("datetime(20 Nov 26 12:30:15)", KqlType.DATETIME, at(2026, 11, 20, 12, 30, 15)),
        ("datetime(null)", KqlType.DATETIME, None),
    ],
)
def test_literal_has_its_type_and_value(written: str, kind: KqlType, value: object) -> None:
    """Each way to write a number, a time or an identity gives one token with its value."""
    token, end = tokenize(written)
    assert (token.kind, token.type, token.value) == (TokenKind.LITERAL, kind, value)
    assert type(token.value) is type(value)
    assert (token.span.end, end.kind) == (len(written), TokenKind.END)


def test_real_may_be_no_number() -> None:
    """``real(nan)`` is a real."""
    value = tokenize("real(nan)")[0].value
    assert isinstance(value, float)
    assert isnan(value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"Linux"', "Linux"),
        ("'Linux'", "Linux"),
        (r'"a\"b\\c\td"', 'a"b\\c\td'),
        (r"'\u00e4\x41\101\0'", "äAA\0"),
        (r'@"C:\new\""d"""', 'C:\\new\\"d"'),
        (r'@"C:\new"', r"C:\new"),
        ('@"say ""hi"""', 'say "hi"'),
        ("@'it''s'", "it's"),
        ('h"secret"', "secret"),
        ("H'secret'", "secret"),
        (r'h@"\secret"', r"\secret"),
        ("```two\n'lines'```", "two\n'lines'"),
        ("~~~a ``` b~~~", "a ``` b"),
        ("h```x```", "x"),
        ('""', ""),
        ('"// no comment"', "// no comment"),
    ],
)
def test_string_is_read_by_its_quotes(written: str, value: str) -> None:
    """Plain, verbatim, obfuscated and multi-line strings; a verbatim one ends at a quote that is not doubled."""
    token = tokenize(written)[0]
    assert (token.is_string, token.value, token.span.end) == (True, value, len(written))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("a<-1", ["a", "<", "-", "1"]),
        ("a=~'x'", ["a", "=~", "'x'"]),
        ("a!~'x'", ["a", "!~", "'x'"]),
        ("a !has_cs b", ["a", "!has_cs", "b"]),
        ("a !in~ (1)", ["a", "!in~", "(", "1", ")"]),
        ("a in~(1)", ["a", "in~", "(", "1", ")"]),
        ("(1..5)", ["(", "1", "..", "5", ")"]),
        ("(1d .. 5d)", ["(", "1d", "..", "5d", ")"]),
        ("7zip", ["7zip"]),
        ("_BilledSize", ["_BilledSize"]),
        ("$left.a", ["$left", ".", "a"]),
        ("['a b'].c", ["a b", ".", "c"]),
        ('["a b"]', ["a b"]),
        ("a['b']", ["a", "b"]),
        ("a[0]", ["a", "[", "0", "]"]),
        ("a<>b", ["a", "<>", "b"]),
        ("datetime", ["datetime"]),
        ("a.time(", ["a", ".", "time", "("]),
        ("Grün", ["Grün"]),
    ],
)
def test_text_is_cut_at_words_and_marks(query: str, words: list[str]) -> None:
    """Marks are as long as they can be, and never longer than KQL has them."""
    assert texts(query) == words


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\n\n", "\ufeff", "\u00a0", "// so\n", "//\r\n// so\r\n"])
def test_blank_and_comments_mean_nothing(blank: str) -> None:
    """White space of any kind, a byte order mark and comments only separate."""
    assert texts(f"{blank}Update{blank}|{blank}count{blank}") == ["Update", "|", "count"]


def test_token_knows_its_place() -> None:
    """A span cuts the token out of the text."""
    query = "Update // all\n| where Computer =~ 'web-01'"
    assert [query[token.span.start : token.span.end] for token in tokenize(query)[:-1]] == [
        "Update", "|", "where", "Computer", "=~", "'web-01'",
    ]  # fmt: skip


def test_text_that_is_too_long_is_refused() -> None:
    """Nobody writes a million characters; they are refused before they cost anything."""
    with pytest.raises(KqlProblem, match="longer than"):
        tokenize(" " * (MOST_CHARACTERS + 1))
