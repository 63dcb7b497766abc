"""Which questions are answered apart: functions that take a home first, of modules that import little themselves."""

ANSWERED = frozenset(
    {
        "ops.deployments.outlook:look_ahead",
        "ops.machine_events:machine_events",
        "ops.missing:list_missing",
        "ops.missing_groups:list_groups",
        "ops.missing_groups:list_needing",
        "ops.overview.query_groups:count_groups",
        "ops.overview.trend:ask_trend",
        "ops.past.statuses:read_past_rows",
        "ops.update_about:about_update",
        "ops.why.finding:find_everywhere",
        "ops.why.finding:find_on_machine",
        "ops.why.finding:still_missing",
    }
)
