"""The languages in which a question may be put."""

from enum import Enum


class QueryLanguage(Enum):
    """A language; the value is also the ending of files in it."""

    SQL = "sql"
    KQL = "kql"
