"""Macros that take arrays and bags apart, for mv-expand."""

EXPANSIONS = (
    # Of an array its elements, of a bag a bag of each member; a null is one null, an empty array or bag nothing.
    (
        "kql_elements(d) AS CASE json_type(d) "
        "WHEN 'ARRAY' THEN list_transform(TRY_CAST(d AS JSON[]), lambda one: if(json_type(one) = 'NULL', NULL, one)) "
        "WHEN 'OBJECT' THEN list_transform(map_entries(TRY_CAST(d AS MAP(VARCHAR, JSON))), "
        "lambda item: json_object(item.key, item.value)) WHEN 'NULL' THEN [NULL::JSON] ELSE [d] END"
    ),
    # The same, a member of a bag as an array of its name and its value.
    (
        "kql_pairs(d) AS if(json_type(d) = 'OBJECT', list_transform(map_entries(TRY_CAST(d AS MAP(VARCHAR, JSON))), "
        "lambda item: json_array(item.key, item.value)), kql_elements(d))"
    ),
)
