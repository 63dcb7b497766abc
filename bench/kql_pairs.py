"""Questions in KQL, and the SQL that somebody would write for each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in both languages."""

    title: str
    kql: str
    sql: str


PAIRS = (
    Pair(
        "Needed updates by class",
        """
        Update
        | where TimeGenerated > ago(14h) and UpdateState =~ 'Needed'
        | summarize Updates=dcount(Product), Machines=dcount(SourceComputerId) by Classification
        """,
        """
        SELECT Classification, count(DISTINCT Product), count(DISTINCT SourceComputerId)
        FROM Update
        WHERE TimeGenerated > now() - INTERVAL 14 HOUR AND UpdateState = 'Needed'
        GROUP BY ALL
        """,
    ),
    Pair(
        "Last state of each update of the last 30 days",
        """
        UpdateHistory
        | where TimeGenerated > ago(30d)
        | summarize arg_max(TimeGenerated, UpdateState) by SourceComputerId, Product
        | summarize count() by UpdateState
        """,
        """
        SELECT State, count(*)
        FROM (
            SELECT arg_max(UpdateState, TimeGenerated) AS State
            FROM UpdateHistory
            WHERE TimeGenerated > now() - INTERVAL 30 DAY
            GROUP BY SourceComputerId, Product
        )
        GROUP BY ALL
        """,
    ),
    Pair(
        "Machines that reported in 12 h",
        "Heartbeat | where TimeGenerated > ago(12h) | summarize max(TimeGenerated), count() by Computer",
        """
        SELECT Computer, max(TimeGenerated), count(*)
        FROM Heartbeat
        WHERE TimeGenerated > now() - INTERVAL 12 HOUR
        GROUP BY Computer
        """,
    ),
    Pair(
        "Machines with their missing security updates",
        """
        Machine
        | join kind=leftouter (
            Update
            | where Classification has 'Security' and UpdateState == 'Needed'
            | summarize Missing=count() by SourceComputerId
        ) on SourceComputerId
        | project Computer, Missing
        """,
        """
        SELECT Computer, Missing
        FROM Machine
        LEFT JOIN (
            SELECT SourceComputerId, count(*) AS Missing
            FROM Update
            WHERE Classification ILIKE '%security%' AND UpdateState = 'Needed'
            GROUP BY ALL
        ) USING (SourceComputerId)
        """,
    ),
)
