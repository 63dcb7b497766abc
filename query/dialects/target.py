"""What every pass knows: the engine it writes for, the text it comes from, and how to refuse."""

from dataclasses import dataclass
from typing import NoReturn

from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.refusals import position_of, refusal


@dataclass(frozen=True, slots=True)
class Target:
    """The engine to write for, and the DuckDB SQL that is being said again."""

    engine: Engine
    sql: str

    def refuse(self, node: exp.Expr, construct: str, why: str = "") -> NoReturn:
        """Raise CannotSay for ``construct`` at the place of ``node``."""
        raise refusal(self.engine, construct, position_of(node, self.sql), why)
