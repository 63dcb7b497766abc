-- What translated KQL calls where DuckDB has no function of the exact meaning. Each computes from its arguments alone;
-- one may use those above it. `query.kql.macros` creates them.

-- Numbers.
-- Never negative, whatever the signs: 0 <= n % d < |d|.
CREATE MACRO IF NOT EXISTS kql_mod(n, d) AS (n % nullif(d, 0) + abs(d)) % nullif(abs(d), 0);
CREATE MACRO IF NOT EXISTS kql_floor(n, d) AS n - (n % nullif(d, 0) + abs(d)) % nullif(abs(d), 0);
CREATE MACRO IF NOT EXISTS kql_version(t) AS
    if(regexp_full_match(t, '[0-9]{1,8}(\.[0-9]{1,8}){0,3}'), list_sum(list_transform(string_split(t, '.'), lambda part,
    i: CAST(part AS DECIMAL(38, 0)) * list_extract([1000000000000000000000000::DECIMAL(38, 0),
    10000000000000000::DECIMAL(38, 0), 100000000::DECIMAL(38, 0), 1::DECIMAL(38, 0)], i))), NULL);

-- Values as Kusto prints them.
-- Up to 17 digits, and always a point or an exponent: 1.0, 1E+21.
CREATE MACRO IF NOT EXISTS kql_real_text(x) AS
    CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN if(x > 0, 'Infinity', '-Infinity') ELSE upper(CAST(x AS VARCHAR))
    END;
CREATE MACRO IF NOT EXISTS kql_decimal_text(x) AS
    if(contains(CAST(x AS VARCHAR), '.'), regexp_replace(CAST(x AS VARCHAR), '\.?0+$', ''), CAST(x AS VARCHAR));
CREATE MACRO IF NOT EXISTS kql_datetime_text(moment) AS strftime(moment, '%Y-%m-%dT%H:%M:%S.%f0Z');
-- d.hh:mm:ss.fffffff; without days and without a fraction where they are nought.
CREATE MACRO IF NOT EXISTS kql_timespan_text(ticks) AS
    if(ticks < 0, '-', '') || if(abs(ticks) >= 864000000000, (abs(ticks) // 864000000000) || '.', '') ||
    lpad(CAST(abs(ticks) // 36000000000 % 24 AS VARCHAR), 2, '0') || ':' || lpad(CAST(abs(ticks) // 600000000 % 60 AS
    VARCHAR), 2, '0') || ':' || lpad(CAST(abs(ticks) // 10000000 % 60 AS VARCHAR), 2, '0') || if(ticks % 10000000 = 0,
    '', '.' || lpad(CAST(abs(ticks) % 10000000 AS VARCHAR), 7, '0'));

-- Texts as Kusto reads them; null where they say nothing of the kind.
CREATE MACRO IF NOT EXISTS kql_whole(t) AS
    if(regexp_full_match(trim(t), '[-+]?[0-9]+|0[xX][0-9a-fA-F]+'), TRY_CAST(trim(t) AS BIGINT), NULL);
CREATE MACRO IF NOT EXISTS kql_real(t) AS
    if(regexp_full_match(trim(t), '[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?|NaN|[-+]?Infinity'),
    TRY_CAST(trim(t) AS DOUBLE), NULL);
CREATE MACRO IF NOT EXISTS kql_bool(t) AS CASE lower(trim(t)) WHEN 'true' THEN true WHEN 'false' THEN false END;
CREATE MACRO IF NOT EXISTS kql_guid(t) AS
    if(regexp_full_match(trim(t), '\{?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?'),
    regexp_replace(lower(regexp_replace(t, '[^0-9a-fA-F]', '', 'g')), '^(.{8})(.{4})(.{4})(.{4})(.{12})$',
    '\1-\2-\3-\4-\5'), NULL);
-- A text that tells an offset from UTC is brought to UTC: the session's time zone is UTC.
CREATE MACRO IF NOT EXISTS kql_datetime(t) AS
    if(regexp_matches(t, '^\s*[0-9]{4}-'), CAST(TRY_CAST(trim(t) AS TIMESTAMPTZ) AS TIMESTAMP),
    try_strptime(if(regexp_matches(t, '[0-9]'), trim(t), ''), ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S.%f',
    '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M', '%m/%d/%Y', '%Y%m%d', '%Y/%m/%d %H:%M:%S', '%Y/%m/%d',
    '%a, %d %b %Y %H:%M:%S GMT', '%d %b %Y %H:%M:%S', '%d %b %Y', '%b %d %Y %H:%M:%S', '%b %d %Y', '%B %d, %Y',
    '%d %B %Y']));
CREATE MACRO IF NOT EXISTS kql_clock(sign, d, h, m, s, f) AS
    CASE WHEN h > 23 OR m > 59 OR s > 59 THEN NULL ELSE if(sign = '-', -1, 1) * ((((d * 24 + h) * 60 + m) * 60 + s) *
    10000000 + f) END;
CREATE MACRO IF NOT EXISTS kql_part_of(t, i) AS
    coalesce(TRY_CAST(nullif(regexp_extract(t,
    '^(-?)(?:([0-9]+)\.)?([0-9]+):([0-9]+)(?::([0-9]+)(?:\.([0-9]{1,7}))?)?$', i), '') AS BIGINT), 0);
CREATE MACRO IF NOT EXISTS kql_timespan(t) AS
    CASE WHEN regexp_matches(trim(t), '^-?([0-9]{1,8}\.)?[0-9]+:[0-9]+(:[0-9]+(\.[0-9]{1,7})?)?$') THEN
    kql_clock(left(trim(t), 1), kql_part_of(trim(t), 2), kql_part_of(trim(t), 3), kql_part_of(trim(t), 4),
    kql_part_of(trim(t), 5), TRY_CAST(rpad(regexp_extract(trim(t), '\.([0-9]{1,7})$', 1), 7, '0') AS BIGINT)) WHEN
    regexp_matches(trim(t), '^-?[0-9]{1,8}$') THEN CAST(trim(t) AS BIGINT) * 864000000000 WHEN regexp_matches(trim(t),
    '^-?[0-9]+(\.[0-9]+)?(d|h|m|s|ms|microsecond|tick)$') THEN TRY_CAST(CAST(regexp_extract(trim(t), '^-?[0-9.]+') AS
    DOUBLE) * MAP {'d': 864000000000, 'h': 36000000000, 'm': 600000000, 's': 10000000, 'ms': 10000, 'microsecond': 10,
    'tick': 1}[regexp_extract(trim(t), '[a-z]+$')] AS BIGINT) END;

-- Kusto counts from the first of January of the year 1, in ticks of 100 ns; so do its bins.
CREATE MACRO IF NOT EXISTS kql_ticks(moment) AS (epoch_us(moment) + 62135596800000000) * 10;
CREATE MACRO IF NOT EXISTS kql_moment(ticks) AS
    if(ticks BETWEEN 0 AND 3155378975999999999, make_timestamp(CAST(ticks // 10 - 62135596800000000 AS BIGINT)), NULL);
CREATE MACRO IF NOT EXISTS kql_bin_time(moment, size, origin) AS
    make_timestamp(epoch_us(origin) + kql_floor(epoch_us(moment) - epoch_us(origin), size // 10));

-- Dynamic values, which are JSON.
-- The number that a dynamic value is; null for a text that only looks like one.
CREATE MACRO IF NOT EXISTS kql_number(d) AS
    if(json_type(d) IN ('BIGINT', 'UBIGINT', 'DOUBLE'), TRY_CAST(d ->> '$' AS DOUBLE), NULL);
CREATE MACRO IF NOT EXISTS kql_long(d) AS if(json_type(d) = 'DOUBLE', TRY_CAST(trunc(kql_number(d)) AS
    BIGINT), kql_whole(d ->> '$'));
-- A text that is no JSON is a dynamic text; an empty one is null.
CREATE MACRO IF NOT EXISTS kql_json(t) AS if(trim(t) = '', NULL, coalesce(TRY_CAST(t AS JSON), to_json(t)));
CREATE MACRO IF NOT EXISTS kql_member(d, name) AS json_extract(d, '/' || replace(replace(name, '~', '~0'), '/', '~1'));
CREATE MACRO IF NOT EXISTS kql_array(d) AS if(json_type(d) = 'ARRAY', CAST(d AS JSON[]), NULL);
CREATE MACRO IF NOT EXISTS kql_items(d) AS if(json_type(d) = 'ARRAY', CAST(d AS JSON[]), [d]);
CREATE MACRO IF NOT EXISTS kql_texts(d) AS list_transform(kql_items(d), lambda item: item ->> '$');
CREATE MACRO IF NOT EXISTS kql_numbers(d) AS list_transform(kql_items(d), lambda item: kql_number(item));
CREATE MACRO IF NOT EXISTS kql_array_texts(d) AS list_transform(kql_array(d), lambda item: item ->> '$');
CREATE MACRO IF NOT EXISTS kql_array_numbers(d) AS list_transform(kql_array(d), lambda item: kql_number(item));
CREATE MACRO IF NOT EXISTS kql_lower(texts) AS list_transform(texts, lambda item: lower(item));
CREATE MACRO IF NOT EXISTS kql_part(parts, i) AS to_json(parts[if(i < 0, i, i + 1):if(i < 0, i, i + 1)]);
-- Distinct items, each where it stood first: sorted, the first of each run, and back in order. No lambda looks at a
-- whole list: that would take the square of its length, and DuckDB 2.0.0 takes no aggregate there.
CREATE MACRO IF NOT EXISTS kql_placed(items) AS
    list_sort(list_transform(items, lambda item, i: {'item': item, 'i': i}));
CREATE MACRO IF NOT EXISTS kql_firsts(sorted) AS
    list_filter(list_zip(sorted, list_concat([NULL], sorted)), lambda pair: pair[1] IS NOT NULL AND (pair[2] IS NULL OR
    pair[1].item IS DISTINCT FROM pair[2].item));
CREATE MACRO IF NOT EXISTS kql_set(items) AS
    if(items IS NULL, NULL, list_transform(list_sort(list_transform(kql_firsts(kql_placed(items)), lambda pair: {'i':
    pair[1].i, 'item': pair[1].item})), lambda one: one.item));
-- An array's items in their order: numbers before texts, nulls at the end that ``nulls`` says.
CREATE MACRO IF NOT EXISTS kql_keys(d, nulls) AS
    list_transform(kql_array(d), lambda item, i: {'nulls': if((item ->> '$') IS NULL, nulls, 0), 'number':
    kql_number(item), 'text': item ->> '$', 'i': i, 'item': item});
CREATE MACRO IF NOT EXISTS kql_ordered(d, sign, nulls) AS
    if(sign > 0, list_sort(kql_keys(d, nulls)), list_reverse_sort(kql_keys(d, -nulls)));
CREATE MACRO IF NOT EXISTS kql_sorted(d, sign, nulls) AS
    list_transform(kql_ordered(d, sign, nulls), lambda one: one.item);
CREATE MACRO IF NOT EXISTS kql_order(d, sign, nulls) AS list_transform(kql_ordered(d, sign, nulls), lambda one: one.i);
CREATE MACRO IF NOT EXISTS kql_type(d) AS
    CASE json_type(d) WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'dictionary' WHEN 'VARCHAR' THEN 'string' WHEN
    'BOOLEAN' THEN 'bool' WHEN 'DOUBLE' THEN 'double' WHEN 'BIGINT' THEN 'long' WHEN 'UBIGINT' THEN 'long' ELSE 'null'
    END;
CREATE MACRO IF NOT EXISTS kql_bag(d) AS if(json_type(d) = 'OBJECT', d, NULL);
CREATE MACRO IF NOT EXISTS kql_entries(d) AS
    list_transform(json_keys(kql_bag(d)), lambda name: {'name': name, 'item': kql_member(d, name)});
CREATE MACRO IF NOT EXISTS kql_named(entries) AS
    list_sort(list_transform(entries, lambda one, i: {'name': one.name, 'i': i, 'item': one.item}));
CREATE MACRO IF NOT EXISTS kql_names(sorted) AS
    list_filter(list_zip(sorted, list_concat([NULL], sorted)), lambda pair: pair[1] IS NOT NULL AND (pair[2] IS NULL OR
    pair[1].name <> pair[2].name));
CREATE MACRO IF NOT EXISTS kql_first(entries) AS
    list_sort(list_transform(kql_names(kql_named(entries)), lambda pair: {'i': pair[1].i, 'name': pair[1].name, 'item':
    pair[1].item}));
CREATE MACRO IF NOT EXISTS kql_bag_of(entries) AS
    CAST('{' || array_to_string(list_transform(entries, lambda one: to_json(one.name) || ':' || one.item), ',') || '}'
    AS JSON);
CREATE MACRO IF NOT EXISTS kql_merged(entries) AS kql_bag_of(kql_first(coalesce(entries, [])));

-- Terms of texts, and places in them.
-- Only an edge that is a letter or a digit ends a run of them there.
CREATE MACRO IF NOT EXISTS kql_term_pattern(term, before, after) AS
    if(regexp_matches(term, '^[\p{L}\p{N}]'), before, '') || regexp_escape(term) || if(regexp_matches(term,
    '[\p{L}\p{N}]$'), after, '');
CREATE MACRO IF NOT EXISTS kql_has(source, term) AS
    regexp_matches(source, kql_term_pattern(term, '(^|[^\p{L}\p{N}])', '($|[^\p{L}\p{N}])'), 'i');
CREATE MACRO IF NOT EXISTS kql_has_any(source, terms) AS
    coalesce(list_bool_or(list_transform(terms, lambda term: kql_has(source, term))), false);
CREATE MACRO IF NOT EXISTS kql_has_all(source, terms) AS
    coalesce(list_bool_and(list_transform(terms, lambda term: kql_has(source, term))), true);
CREATE MACRO IF NOT EXISTS kql_places(source, wanted, first) AS
    list_filter(range(greatest(0, first), length(source) - length(wanted) + 1), lambda i: substring(source, i + 1,
    length(wanted)) = wanted);
-- Each search begins behind the one before, and looks as far as the length that is given.
CREATE MACRO IF NOT EXISTS kql_nth(places, wanted, first, most, n) AS
    if(list_bool_and(list_transform(places[1:n], lambda place, i: place + length(wanted) <= most + if(i = 1, first,
    places[i - 1] + 1))), coalesce(places[n], -1), -1);
CREATE MACRO IF NOT EXISTS kql_index(source, wanted, first, most, n) AS
    coalesce(kql_nth(kql_places(source, wanted, if(first < 0, greatest(0, length(source) + first), first)), wanted,
    if(first < 0, greatest(0, length(source) + first), first), if(most < 0, 1000000000, most), n), -1);
CREATE MACRO IF NOT EXISTS kql_url_parts(t) AS
    regexp_extract(t,
    '^([A-Za-z][A-Za-z0-9+.-]*)://(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:/?#]*)(?::([0-9]+))?([^?#]*)'
    || '(?:\?([^#]*))?(?:#(.*))?$',
    ['Scheme', 'Username', 'Password', 'Host', 'Port', 'Path', 'Query', 'Fragment']);
CREATE MACRO IF NOT EXISTS kql_query_bag(t) AS
    kql_bag_of(list_transform(list_filter(string_split(t, '&'), lambda pair: pair <> ''), lambda pair: {'name':
    url_decode(split_part(pair, '=', 1)), 'item': to_json(url_decode(regexp_extract(pair, '=(.*)$', 1)))}));
CREATE MACRO IF NOT EXISTS kql_url(t) AS
    json_object('Scheme', kql_url_parts(t).Scheme, 'Host', kql_url_parts(t).Host, 'Port', kql_url_parts(t).Port, 'Path',
    kql_url_parts(t).Path, 'Username', kql_url_parts(t).Username, 'Password', kql_url_parts(t).Password,
    'Query Parameters', kql_query_bag(kql_url_parts(t).Query), 'Fragment', kql_url_parts(t).Fragment);

-- Addresses of IPv4, with or without the length of a prefix.
CREATE MACRO IF NOT EXISTS kql_is_ipv4(t) AS
    regexp_full_match(t,
    '((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(/(3[0-2]|[12]?[0-9]))?');
CREATE MACRO IF NOT EXISTS kql_ipv4_bits(t) AS if(contains(t, '/'), CAST(split_part(t, '/', 2) AS INTEGER), 32);
CREATE MACRO IF NOT EXISTS kql_ipv4_number(t) AS
    list_reduce(list_transform(string_split(split_part(t, '/', 1), '.'), lambda byte: CAST(byte AS BIGINT)), lambda sum,
    byte: sum * 256 + byte);
CREATE MACRO IF NOT EXISTS kql_ipv4_cut(number, bits) AS number - number % CAST(pow(2, 32 - bits) AS BIGINT);
CREATE MACRO IF NOT EXISTS kql_ipv4(t) AS if(kql_is_ipv4(t), kql_ipv4_cut(kql_ipv4_number(t), kql_ipv4_bits(t)), NULL);
CREATE MACRO IF NOT EXISTS kql_ipv4_compare(a, b, bits) AS
    if(kql_is_ipv4(a) AND kql_is_ipv4(b) AND bits BETWEEN 0 AND 32, CAST(sign(kql_ipv4_cut(kql_ipv4_number(a),
    least(bits, kql_ipv4_bits(a), kql_ipv4_bits(b))) - kql_ipv4_cut(kql_ipv4_number(b), least(bits, kql_ipv4_bits(a),
    kql_ipv4_bits(b)))) AS BIGINT), NULL);
CREATE MACRO IF NOT EXISTS kql_ipv4_within(t, net) AS
    if(kql_is_ipv4(t) AND kql_is_ipv4(net), kql_ipv4_bits(t) >= kql_ipv4_bits(net) AND kql_ipv4_cut(kql_ipv4_number(t),
    kql_ipv4_bits(net)) = kql_ipv4(net), NULL);
CREATE MACRO IF NOT EXISTS kql_ipv4_text(number) AS
    (number // 16777216) || '.' || (number // 65536 % 256) || '.' || (number // 256 % 256) || '.' || (number % 256);

-- The rows that mv-expand makes: of an array its elements, of a bag a bag of each member; a null is one null.
CREATE MACRO IF NOT EXISTS kql_elements(d) AS
    CASE json_type(d)
        WHEN 'ARRAY' THEN list_transform(TRY_CAST(d AS JSON[]), lambda one: if(json_type(one) = 'NULL', NULL, one))
        WHEN 'OBJECT' THEN list_transform(
            map_entries(TRY_CAST(d AS MAP(VARCHAR, JSON))), lambda one: json_object(one.key, one.value)
        )
        WHEN 'NULL' THEN [NULL::JSON]
        ELSE [d]
    END;

-- The same, a member of a bag as an array of its name and its value.
CREATE MACRO IF NOT EXISTS kql_pairs(d) AS
    if(
        json_type(d) = 'OBJECT',
        list_transform(map_entries(TRY_CAST(d AS MAP(VARCHAR, JSON))), lambda one: json_array(one.key, one.value)),
        kql_elements(d)
    );
