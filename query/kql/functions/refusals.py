"""Functions of KQL that are known and not translated, each with what to write instead."""

_REFUSED = {
    "rand": "rand() would make the answer differ from run to run: order by a column instead.",
    "new_guid": "new_guid() would make the answer differ from run to run.",
    "ingestion_time": "ingestion_time() is not kept here: use TimeGenerated.",
    "cluster": "There is no other cluster here: name the table alone.",
    "database": "There is no other database here: name the table alone.",
    "workspace": "There is no other workspace here: name the table alone.",
    "app": "There is no other application here: name the table alone.",
    "resource": "There is no other resource here: name the table alone.",
    "externaldata": "externaldata reads from the network, which queries may not.",
    "hll": "hll() is not supported: dcount() is exact here.",
    "tdigest": "tdigest() is not supported: use percentile().",
    "current_principal": "current_principal() is not known here: there are no users in a query.",
}
_FAMILIES = {
    "geo_": "{name}() is not supported: no table here has places on a map.",
    "series_": "{name}() is not supported: use make-series or summarize … by bin(TimeGenerated, 1d), and compare rows.",
    "hll_": "{name}() is not supported: dcount() is exact here.",
    "tdigest_": "{name}() is not supported: use percentile().",
    "dcount_hll": "{name}() is not supported: dcount() is exact here.",
    "current_": "{name}() is not known here: there are no users, clusters or databases in a query.",
    "cursor_": "{name}() is not supported: use a condition on TimeGenerated.",
    "extent_": "{name}() is not supported: tables have no extents here.",
    "scan": "{name}() is not supported.",
}


def refusal(name: str) -> str:
    """Why a function of KQL is not supported, with what to write instead; empty for a name that KQL does not have."""
    if name in _REFUSED:
        return _REFUSED[name]
    return next((text.format(name=name) for start, text in _FAMILIES.items() if name.startswith(start)), "")
