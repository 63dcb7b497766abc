"""Functions of KQL that are known and not translated, each with what to write instead."""

_CHANGING = "would make the answer differ from run to run"
_REFUSED = {
    "rand": f"rand() {_CHANGING}: order by a column instead.",
    "new_guid": f"new_guid() {_CHANGING}.",
    "ingestion_time": "ingestion_time() is not kept here: use TimeGenerated.",
    "externaldata": "externaldata reads from elsewhere, which queries may not: load the rows with 'tables load'.",
    "hash": "hash() has no equal here: write hash_md5(…) or hash_sha256(…).",
    "hash_xxhash64": "hash_xxhash64() has no equal here: write hash_md5(…) or hash_sha256(…).",
    "hash_many": "hash_many() has no equal here: write hash_sha256(strcat(…)).",
    "hash_combine": "hash_combine() has no equal here: write hash_sha256(strcat(…)).",
    "treepath": "treepath() is not supported: use bag_keys(…).",
    "buildschema": "buildschema() is not supported: use bag_keys(…) with make_set(…).",
    "parse_xml": "parse_xml() is not supported: use extract(…).",
    "parse_csv": 'parse_csv() is not supported: use split(…, ",").',
    "parse_command_line": "parse_command_line() is not supported: use split(…).",
    "parse_path": "parse_path() is not supported: use extract(…) or split(…).",
    "parse_user_agent": "parse_user_agent() is not supported: use extract(…) or has.",
    "format_bytes": 'format_bytes() is not supported: write strcat(round(x / 1048576.0, 1), " MB").',
    "bin_auto": "bin_auto() is not supported: write bin(…) with a size.",
    "array_split": "array_split() is not supported: use array_slice(…).",
    "make_string": "make_string() is not supported: use strcat(…).",
    "assert": "assert() is not supported: use where.",
    "iscolumnexists": "iscolumnexists() is not supported: use column_ifexists(…).",
    "estimate_data_size": "estimate_data_size() is not supported: use string_size(tostring(…)).",
    "percentilew": "percentilew() is not supported: use percentile(…) over one row a value.",
    "percentilesw": "percentilesw() is not supported: use percentiles(…) over one row a value.",
    "percentilesw_array": "percentilesw_array() is not supported: use percentiles_array(…) over one row a value.",
    "row_rank": "row_rank() is not supported: use row_number().",
    "row_rank_min": "row_rank_min() is not supported: use row_number().",
    "row_window_session": "row_window_session() is not supported: use prev(…) and row_cumsum(…).",
    "ipv4_lookup": "ipv4_lookup is not supported: use ipv4_is_in_range(…) after a join.",
}
_FAMILIES = {
    ("geo_",): "no table here has places on a map.",
    ("series_",): "use summarize … by bin(TimeGenerated, 1d), and compare rows.",
    ("hll", "dcount_hll"): "dcount() is exact here.",
    ("tdigest", "percentile_tdigest", "percentiles_array_tdigest", "percentrank_tdigest", "rank_tdigest",
     "merge_tdigest"):
        "use percentile(…).",
    ("cluster", "database", "workspace", "app", "resource", "adx", "arg", "external_table", "materialized_view",
     "stored_query_result", "entity_group"): "there is no other place to read from: name the table alone.",
    ("current_", "extent_id", "extent_tags", "extentid", "rowstore_", "row_id"):
        "there are no users, clusters or extents in a query.",
    ("cursor_",): "use a condition on TimeGenerated.",
    ("ipv6_", "parse_ipv6", "has_ipv6"): "only addresses of IPv4 are compared.",
    ("convert_",): "multiply by the factor.",
    ("zlib_", "gzip_", "punycode_", "base64_"): "only base64_encode_tostring and base64_decode_tostring are.",
    ("beta_", "erf", "welch_test"): "no distributions are.",
    ("bag_zip", "bag_pack_columns", "around", "punycode", "isutf8", "inner_nodes", "node_", "labels"): "",
    ("unicode_codepoints_to_string", "datetime_list_timezones", "column_names_of"): "",
}  # fmt: skip


def refusal(name: str) -> str:
    """Why a function of KQL is not supported, with what to write instead; empty for a name that KQL does not have."""
    if name in _REFUSED:
        return _REFUSED[name]
    for starts, reason in _FAMILIES.items():
        if any(name.startswith(start) if start.endswith("_") else name == start for start in starts):
            return f"{name}() is not supported: {reason}" if reason else f"{name}() is not supported."
    return f"{name}() is not supported: use dcount()." if name.startswith("hll_") else ""
