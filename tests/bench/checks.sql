-- The profile cn/division-codes in SQL, for DuckDB: every rule, the statistics of every column, the measures and the regions, over the same files.
--
-- Results: verdict (rule, failed, undetermined, evaluated), stat (a row a column), measured and region. `fault` holds what failed
-- or is undetermined, one row a rule and record. Only those few rows are joined again, so that the cost lies in one scan a
-- table for all rules over one row, one anti join a reference, one aggregation a unique rule, one scan for statistics.
--
-- What SQL is spared: examples with file, line, values and related records, bad rows with their place, scores and grades, digests of the files.
--
-- Variables: folder; lists, the TSV of GB/T 2260; as_of, an ISO date as text; provinces_expected; villages_of.
SET preserve_insertion_order = false;

CREATE TABLE province AS SELECT * FROM read_csv(getvariable('folder') || '/provinces.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR'});
CREATE TABLE city AS SELECT * FROM read_csv(getvariable('folder') || '/cities.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'province_code': 'VARCHAR'});
CREATE TABLE area AS SELECT * FROM read_csv(getvariable('folder') || '/areas.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'city_code': 'VARCHAR', 'province_code': 'VARCHAR'});
CREATE TABLE street AS SELECT * FROM read_csv(getvariable('folder') || '/streets.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'area_code': 'VARCHAR', 'province_code': 'VARCHAR', 'city_code': 'VARCHAR'});
CREATE TABLE village AS SELECT * FROM read_csv(getvariable('folder') || '/villages.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'street_code': 'VARCHAR', 'province_code': 'VARCHAR', 'city_code': 'VARCHAR', 'area_code': 'VARCHAR'});
CREATE TABLE second_area AS SELECT code, name FROM read_csv(getvariable('folder') || '/second/area.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'province': 'VARCHAR', 'city': 'VARCHAR', 'area': 'VARCHAR'});
CREATE TABLE second_street AS SELECT code, name, town FROM read_csv(getvariable('folder') || '/second/town.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
    columns = {'code': 'VARCHAR', 'name': 'VARCHAR', 'province': 'VARCHAR', 'city': 'VARCHAR', 'area': 'VARCHAR', 'town': 'VARCHAR'});

-- GB/T 2260 on the day; years, months and days in ISO compare as texts
CREATE TABLE division AS
    SELECT code, name_zh AS name
    FROM read_csv(getvariable('lists'), header = true, auto_detect = false, delim = '\t', quote = '', escape = '', comment = '#', null_padding = false,
        columns = {'code': 'VARCHAR', 'name_zh': 'VARCHAR', 'name_en': 'VARCHAR', 'level': 'VARCHAR', 'parent': 'VARCHAR', 'valid_from': 'VARCHAR', 'valid_to': 'VARCHAR',
                   'province_zh': 'VARCHAR', 'prefecture_zh': 'VARCHAR', 'status': 'VARCHAR', 'new_codes': 'VARCHAR', 'note': 'VARCHAR'})
    WHERE coalesce(valid_from, '') <= getvariable('as_of') AND getvariable('as_of') < coalesce(valid_to, '9999');

CREATE TABLE fault (rule VARCHAR, tab VARCHAR, record BIGINT, region VARCHAR, failed BOOLEAN);

-- rules over one row: a bit each, set where the rule is false (or, in the second word, unknown)
CREATE MACRO bad(holds, n) AS CASE WHEN NOT holds THEN 1 << n ELSE 0 END;
CREATE MACRO unknown(holds, n) AS CASE WHEN holds IS NULL THEN 1 << n ELSE 0 END;
CREATE TABLE bit_rule (tab VARCHAR, n INTEGER, rule VARCHAR);
INSERT INTO bit_rule VALUES
    ('province', 0, 'province.code.required'), ('province', 1, 'province.code.pattern'), ('province', 2, 'province.name.required'),
    ('province', 3, 'province.name.length'), ('province', 4, 'DC-201'), ('province', 5, 'DC-404'),
    ('city', 0, 'city.code.required'), ('city', 1, 'city.code.pattern'), ('city', 2, 'city.name.required'), ('city', 3, 'city.name.length'),
    ('city', 4, 'city.province_code.required'), ('city', 5, 'city.province_code.pattern'), ('city', 6, 'DC-101'), ('city', 7, 'DC-403'),
    ('area', 0, 'area.code.required'), ('area', 1, 'area.code.pattern'), ('area', 2, 'area.name.required'), ('area', 3, 'area.name.length'),
    ('area', 4, 'area.city_code.required'), ('area', 5, 'area.city_code.pattern'), ('area', 6, 'area.province_code.required'),
    ('area', 7, 'area.province_code.pattern'), ('area', 8, 'DC-102'), ('area', 9, 'DC-401'), ('area', 10, 'DC-402'),
    ('street', 0, 'street.code.required'), ('street', 1, 'street.code.pattern'), ('street', 2, 'street.name.required'), ('street', 3, 'street.name.length'),
    ('street', 4, 'street.area_code.required'), ('street', 5, 'street.area_code.pattern'), ('street', 6, 'street.province_code.required'),
    ('street', 7, 'street.province_code.pattern'), ('street', 8, 'street.city_code.required'), ('street', 9, 'street.city_code.pattern'),
    ('street', 10, 'DC-103'), ('street', 11, 'DC-211'), ('street', 12, 'DC-301'), ('street', 13, 'DC-302'), ('street', 14, 'DC-303'),
    ('village', 0, 'village.code.required'), ('village', 1, 'village.code.pattern'), ('village', 2, 'village.name.required'),
    ('village', 3, 'village.name.length'), ('village', 4, 'village.street_code.required'), ('village', 5, 'village.street_code.pattern'),
    ('village', 6, 'village.province_code.required'), ('village', 7, 'village.province_code.pattern'), ('village', 8, 'village.city_code.required'),
    ('village', 9, 'village.city_code.pattern'), ('village', 10, 'village.area_code.required'), ('village', 11, 'village.area_code.pattern'),
    ('village', 12, 'DC-104'), ('village', 13, 'DC-212'), ('village', 14, 'DC-304'), ('village', 15, 'DC-305');

CREATE TABLE judged (tab VARCHAR, record BIGINT, region VARCHAR, false_bits INTEGER, unknown_bits INTEGER);
INSERT INTO judged
    SELECT * FROM (
        SELECT 'province', rowid, code,
            bad(code IS NOT NULL, 0) | bad(regexp_full_match(code, '[0-9]{2}'), 1) | bad(name IS NOT NULL, 2) | bad(length(name) <= 30, 3)
                | bad(kind, 4) | bad(same_name, 5) AS false_bits,
            unknown(kind, 4) | unknown(same_name, 5) AS unknown_bits
        FROM (
            SELECT p.rowid, p.code, p.name, right(p.name, 1) IN ('省', '市', '区') AS kind, p.name = d.name AS same_name
            FROM province p LEFT JOIN division d ON d.code = p.code || '0000'))
    WHERE false_bits <> 0 OR unknown_bits <> 0;
INSERT INTO judged
    SELECT * FROM (
        SELECT 'city', rowid, code,
            bad(code IS NOT NULL, 0) | bad(regexp_full_match(code, '[0-9]{4}'), 1) | bad(name IS NOT NULL, 2) | bad(length(name) <= 30, 3)
                | bad(province_code IS NOT NULL, 4) | bad(regexp_full_match(province_code, '[0-9]{2}'), 5) | bad(begins, 6) | bad(same_name, 7) AS false_bits,
            unknown(begins, 6) | unknown(same_name, 7) AS unknown_bits
        FROM (
            SELECT c.rowid, c.code, c.name, c.province_code, left(c.code, 2) = c.province_code AS begins, c.name = d.name AS same_name
            FROM city c LEFT JOIN division d ON d.code = c.code || '00'))
    WHERE false_bits <> 0 OR unknown_bits <> 0;
INSERT INTO judged
    SELECT * FROM (
        SELECT 'area', rowid, code,
            bad(code IS NOT NULL, 0) | bad(regexp_full_match(code, '[0-9]{6}'), 1) | bad(name IS NOT NULL, 2) | bad(length(name) <= 30, 3)
                | bad(city_code IS NOT NULL, 4) | bad(regexp_full_match(city_code, '[0-9]{4}'), 5)
                | bad(province_code IS NOT NULL, 6) | bad(regexp_full_match(province_code, '[0-9]{2}'), 7)
                | bad(begins, 8) | bad(known, 9) | bad(same_name, 10) AS false_bits,
            unknown(begins, 8) | unknown(known, 9) | unknown(same_name, 10) AS unknown_bits
        FROM (
            SELECT a.rowid, a.code, a.name, a.city_code, a.province_code, left(a.code, 4) = a.city_code AND left(a.code, 2) = a.province_code AS begins,
                CASE WHEN a.code IS NOT NULL THEN d.code IS NOT NULL END AS known, a.name = d.name AS same_name
            FROM area a LEFT JOIN division d ON d.code = a.code))
    WHERE false_bits <> 0 OR unknown_bits <> 0;
INSERT INTO judged
    SELECT * FROM (
        SELECT 'street', rowid, area_code,
            bad(code IS NOT NULL, 0) | bad(regexp_full_match(code, '[0-9]{9}'), 1) | bad(name IS NOT NULL, 2) | bad(length(name) <= 40, 3)
                | bad(area_code IS NOT NULL, 4) | bad(regexp_full_match(area_code, '[0-9]{6}'), 5)
                | bad(province_code IS NOT NULL, 6) | bad(regexp_full_match(province_code, '[0-9]{2}'), 7)
                | bad(city_code IS NOT NULL, 8) | bad(regexp_full_match(city_code, '[0-9]{4}'), 9)
                | bad(begins, 10) | bad(wide, 11) | bad(subdistrict, 12) | bad(town, 13) | bad(township, 14) AS false_bits,
            unknown(begins, 10) | unknown(wide, 11) | unknown(subdistrict, 12) | unknown(town, 13) | unknown(township, 14) AS unknown_bits
        FROM (
            SELECT rowid, code, name, area_code, province_code, city_code,
                left(code, 6) = area_code AND left(code, 4) = city_code AND left(code, 2) = province_code AS begins,
                NOT regexp_matches(name, '[\x00-\x7f]') AS wide,
                CASE WHEN name LIKE '%街道' OR name LIKE '%街道办事处' THEN substr(code, 7, 3) BETWEEN '001' AND '099' ELSE true END AS subdistrict,
                CASE WHEN name LIKE '%镇' THEN substr(code, 7, 3) BETWEEN '100' AND '199' ELSE true END AS town,
                CASE WHEN name LIKE '%乡' THEN substr(code, 7, 3) BETWEEN '200' AND '399' ELSE true END AS township
            FROM street))
    WHERE false_bits <> 0 OR unknown_bits <> 0;
INSERT INTO judged
    SELECT * FROM (
        SELECT 'village', rowid, area_code,
            bad(code IS NOT NULL, 0) | bad(regexp_full_match(code, '[0-9]{12}'), 1) | bad(name IS NOT NULL, 2) | bad(length(name) <= 40, 3)
                | bad(street_code IS NOT NULL, 4) | bad(regexp_full_match(street_code, '[0-9]{9}'), 5)
                | bad(province_code IS NOT NULL, 6) | bad(regexp_full_match(province_code, '[0-9]{2}'), 7)
                | bad(city_code IS NOT NULL, 8) | bad(regexp_full_match(city_code, '[0-9]{4}'), 9)
                | bad(area_code IS NOT NULL, 10) | bad(regexp_full_match(area_code, '[0-9]{6}'), 11)
                | bad(begins, 12) | bad(plain, 13) | bad(residents, 14) | bad(villagers, 15) AS false_bits,
            unknown(begins, 12) | unknown(plain, 13) | unknown(residents, 14) | unknown(villagers, 15) AS unknown_bits
        FROM (
            SELECT rowid, code, name, street_code, province_code, city_code, area_code,
                left(code, 9) = street_code AND left(code, 6) = area_code AND left(code, 4) = city_code AND left(code, 2) = province_code AS begins,
                NOT regexp_matches(name, '[\x00-/:-@\[-`{-\x7f]') AS plain,
                CASE WHEN name LIKE '%居委会' OR name LIKE '%居民委员会' THEN right(code, 3) BETWEEN '001' AND '199' ELSE true END AS residents,
                CASE WHEN name LIKE '%村委会' OR name LIKE '%村民委员会' THEN right(code, 3) BETWEEN '200' AND '399' ELSE true END AS villagers
            FROM village))
    WHERE false_bits <> 0 OR unknown_bits <> 0;
INSERT INTO fault
    SELECT b.rule, j.tab, j.record, j.region, (j.false_bits >> b.n) & 1 = 1
    FROM judged j JOIN bit_rule b ON b.tab = j.tab AND ((j.false_bits | j.unknown_bits) >> b.n) & 1 = 1;

-- references: fields, then rules
INSERT INTO fault SELECT 'city.province_code.references', 'city', c.rowid, c.code, true
    FROM city c ANTI JOIN province p ON p.code = c.province_code WHERE c.province_code IS NOT NULL;
INSERT INTO fault SELECT 'area.city_code.references', 'area', a.rowid, a.code, true
    FROM area a ANTI JOIN city c ON c.code = a.city_code WHERE a.city_code IS NOT NULL;
INSERT INTO fault SELECT 'area.province_code.references', 'area', a.rowid, a.code, true
    FROM area a ANTI JOIN province p ON p.code = a.province_code WHERE a.province_code IS NOT NULL;
INSERT INTO fault SELECT 'street.area_code.references', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN area a ON a.code = s.area_code WHERE s.area_code IS NOT NULL;
INSERT INTO fault SELECT 'street.province_code.references', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN province p ON p.code = s.province_code WHERE s.province_code IS NOT NULL;
INSERT INTO fault SELECT 'street.city_code.references', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN city c ON c.code = s.city_code WHERE s.city_code IS NOT NULL;
INSERT INTO fault SELECT 'village.street_code.references', 'village', v.rowid, v.area_code, true
    FROM village v ANTI JOIN street s ON s.code = v.street_code WHERE v.street_code IS NOT NULL;
INSERT INTO fault SELECT 'village.province_code.references', 'village', v.rowid, v.area_code, true
    FROM village v ANTI JOIN province p ON p.code = v.province_code WHERE v.province_code IS NOT NULL;
INSERT INTO fault SELECT 'village.city_code.references', 'village', v.rowid, v.area_code, true
    FROM village v ANTI JOIN city c ON c.code = v.city_code WHERE v.city_code IS NOT NULL;
INSERT INTO fault SELECT 'village.area_code.references', 'village', v.rowid, v.area_code, true
    FROM village v ANTI JOIN area a ON a.code = v.area_code WHERE v.area_code IS NOT NULL;
-- a field's constraint does not look at a value that failed the one before it
DELETE FROM fault r WHERE r.rule LIKE '%.references' AND EXISTS (
    SELECT 1 FROM fault p WHERE p.tab = r.tab AND p.record = r.record AND p.failed AND p.rule = replace(r.rule, '.references', '.pattern'));

INSERT INTO fault SELECT 'DC-111', 'province', p.rowid, p.code, true
    FROM province p ANTI JOIN city c ON c.province_code = p.code WHERE p.code IS NOT NULL;
INSERT INTO fault SELECT 'DC-112', 'city', c.rowid, c.code, true
    FROM city c ANTI JOIN area a ON a.city_code = c.code WHERE c.code IS NOT NULL;
INSERT INTO fault SELECT 'DC-113', 'area', a.rowid, a.code, true
    FROM area a ANTI JOIN street s ON s.area_code = a.code WHERE a.code IS NOT NULL;
INSERT INTO fault SELECT 'DC-114', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN village v ON v.street_code = s.code
    WHERE s.code IS NOT NULL AND (getvariable('villages_of') = 'all' OR s.province_code = getvariable('villages_of'));
INSERT INTO fault SELECT 'DC-411', 'area', a.rowid, a.code, true
    FROM area a ANTI JOIN second_area o ON o.code = a.code WHERE a.code IS NOT NULL;
INSERT INTO fault SELECT 'DC-412', 'area', a.rowid, a.code, true
    FROM area a ANTI JOIN second_area o ON o.code = a.code AND o.name = a.name WHERE a.code IS NOT NULL AND a.name IS NOT NULL;
INSERT INTO fault SELECT 'DC-413', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN second_street o ON o.code = s.area_code AND o.town = right(s.code, 3) || '000'
    WHERE s.area_code IS NOT NULL AND s.code IS NOT NULL;
INSERT INTO fault SELECT 'DC-414', 'street', s.rowid, s.area_code, true
    FROM street s ANTI JOIN second_street o ON o.code = s.area_code AND o.town = right(s.code, 3) || '000' AND o.name = s.name
    WHERE s.area_code IS NOT NULL AND s.code IS NOT NULL AND s.name IS NOT NULL;
INSERT INTO fault SELECT 'DC-415', 'second_street', o.rowid, NULL, true
    FROM second_street o ANTI JOIN street s ON s.code = o.code || left(o.town, 3) WHERE o.code IS NOT NULL AND o.town IS NOT NULL;

-- keys and unique names: every record of a group of two or more
INSERT INTO fault SELECT 'province.key', 'province', p.rowid, p.code, true
    FROM province p SEMI JOIN (SELECT code FROM province GROUP BY ALL HAVING count(*) > 1) g ON g.code = p.code;
INSERT INTO fault SELECT 'province.name.unique', 'province', p.rowid, p.code, true
    FROM province p SEMI JOIN (SELECT name FROM province GROUP BY ALL HAVING count(*) > 1) g ON g.name = p.name;
INSERT INTO fault SELECT 'city.key', 'city', c.rowid, c.code, true
    FROM city c SEMI JOIN (SELECT code FROM city GROUP BY ALL HAVING count(*) > 1) g ON g.code = c.code;
INSERT INTO fault SELECT 'area.key', 'area', a.rowid, a.code, true
    FROM area a SEMI JOIN (SELECT code FROM area GROUP BY ALL HAVING count(*) > 1) g ON g.code = a.code;
INSERT INTO fault SELECT 'street.key', 'street', s.rowid, s.area_code, true
    FROM street s SEMI JOIN (SELECT code FROM street GROUP BY ALL HAVING count(*) > 1) g ON g.code = s.code;
INSERT INTO fault SELECT 'village.key', 'village', v.rowid, v.area_code, true
    FROM village v SEMI JOIN (SELECT code FROM village GROUP BY ALL HAVING count(*) > 1) g ON g.code = v.code;
INSERT INTO fault SELECT 'DC-202', 'city', c.rowid, c.code, true
    FROM city c SEMI JOIN (SELECT province_code, name FROM city GROUP BY ALL HAVING count(*) > 1) g ON g.province_code = c.province_code AND g.name = c.name;
INSERT INTO fault SELECT 'DC-203', 'area', a.rowid, a.code, true
    FROM area a SEMI JOIN (SELECT city_code, name FROM area GROUP BY ALL HAVING count(*) > 1) g ON g.city_code = a.city_code AND g.name = a.name;
INSERT INTO fault SELECT 'DC-204', 'street', s.rowid, s.area_code, true
    FROM street s SEMI JOIN (SELECT area_code, name FROM street GROUP BY ALL HAVING count(*) > 1) g ON g.area_code = s.area_code AND g.name = s.name;
INSERT INTO fault SELECT 'DC-205', 'village', v.rowid, v.area_code, true
    FROM village v SEMI JOIN (SELECT street_code, name FROM village GROUP BY ALL HAVING count(*) > 1) g ON g.street_code = v.street_code AND g.name = v.name;

-- statistics by column
CREATE MACRO about(title, c) AS {'name': title, 'missing': count(*) - count(c), 'distinct_about': approx_count_distinct(c), 'low': min(c), 'high': max(c)};
CREATE TABLE stat (tab VARCHAR, name VARCHAR, missing BIGINT, distinct_about BIGINT, low VARCHAR, high VARCHAR);
INSERT INTO stat SELECT 'province', unnest(l, recursive := true) FROM (SELECT [about('code', code), about('name', name)] AS l FROM province);
INSERT INTO stat SELECT 'city', unnest(l, recursive := true)
    FROM (SELECT [about('code', code), about('name', name), about('province_code', province_code)] AS l FROM city);
INSERT INTO stat SELECT 'area', unnest(l, recursive := true)
    FROM (SELECT [about('code', code), about('name', name), about('city_code', city_code), about('province_code', province_code)] AS l FROM area);
INSERT INTO stat SELECT 'street', unnest(l, recursive := true)
    FROM (SELECT [about('code', code), about('name', name), about('area_code', area_code), about('province_code', province_code), about('city_code', city_code)] AS l
          FROM street);
INSERT INTO stat SELECT 'village', unnest(l, recursive := true)
    FROM (SELECT [about('code', code), about('name', name), about('street_code', street_code), about('province_code', province_code),
                  about('city_code', city_code), about('area_code', area_code)] AS l FROM village);
INSERT INTO stat SELECT 'second_area', unnest(l, recursive := true) FROM (SELECT [about('code', code), about('name', name)] AS l FROM second_area);
INSERT INTO stat SELECT 'second_street', unnest(l, recursive := true)
    FROM (SELECT [about('code', code), about('name', name), about('town', town)] AS l FROM second_street);

-- regions: a code of six digits loses its zeros at the end, what is no division code has ''
CREATE MACRO region_of(c) AS CASE
    WHEN c IS NULL OR NOT regexp_full_match(c, '[0-9]+') OR length(c) NOT IN (2, 4, 6, 9, 12) THEN ''
    WHEN length(c) = 6 AND c LIKE '%0000' THEN left(c, 2)
    WHEN length(c) = 6 AND c LIKE '%00' THEN left(c, 4)
    ELSE c END;
CREATE TABLE own AS -- rows by the region as submitted; the villages' measures beside them
    SELECT 'province' AS tab, code AS region, count(*) AS n, 0::BIGINT AS residents FROM province GROUP BY ALL
    UNION ALL SELECT 'city', code, count(*), 0 FROM city GROUP BY ALL
    UNION ALL SELECT 'area', code, count(*), 0 FROM area GROUP BY ALL
    UNION ALL SELECT 'street', area_code, count(*), 0 FROM street GROUP BY ALL
    UNION ALL SELECT 'village', area_code, count(*), count(*) FILTER (right(code, 3) < '200') FROM village GROUP BY ALL;
CREATE TABLE cut (digits INTEGER);
INSERT INTO cut VALUES (0), (2), (4), (6), (9), (12);
CREATE MACRO under(code, digits) AS (digits = 0) = (code = '') AND digits <= length(code);
CREATE TABLE region AS
    SELECT left(code, digits) AS code, sum(n)::BIGINT AS n, sum(findings)::BIGINT AS findings, sum(records)::BIGINT AS records_with_errors
    FROM (
        SELECT region_of(region) AS code, n, 0 AS findings, 0 AS records FROM own
        UNION ALL
        SELECT region_of(region), 0, count(*), 0 FROM fault WHERE failed AND tab <> 'second_street' GROUP BY region
        UNION ALL
        SELECT region_of(region), 0, 0, count(*)
        FROM (SELECT DISTINCT tab, record, region FROM fault
              WHERE failed AND tab <> 'second_street' AND (rule NOT LIKE 'DC-%' OR rule LIKE 'DC-1%' OR rule IN ('DC-201', 'DC-404')))
        GROUP BY region) r
    JOIN cut ON under(r.code, digits)
    GROUP BY ALL;
CREATE TABLE measured AS
    SELECT left(code, digits) AS code, sum(n)::BIGINT AS villages, sum(residents)::BIGINT AS residents
    FROM (SELECT region_of(region) AS code, n, residents FROM own WHERE tab = 'village') r
    JOIN cut ON under(r.code, digits)
    WHERE digits BETWEEN 2 AND 6
    GROUP BY ALL
    UNION ALL SELECT 'all', sum(n)::BIGINT, sum(residents)::BIGINT FROM own WHERE tab = 'village';

-- verdicts
CREATE TABLE size AS
    SELECT 'province' AS tab, count(*) AS n FROM province UNION ALL SELECT 'city', count(*) FROM city UNION ALL SELECT 'area', count(*) FROM area
    UNION ALL SELECT 'street', count(*) FROM street UNION ALL SELECT 'village', count(*) FROM village
    UNION ALL SELECT 'second_area', count(*) FROM second_area UNION ALL SELECT 'second_street', count(*) FROM second_street;
CREATE TABLE asked (rule VARCHAR, n BIGINT); -- records that the rule looked at, those undetermined included, but keys with a NULL part
INSERT INTO asked SELECT b.rule, s.n FROM bit_rule b JOIN size s ON s.tab = b.tab
    WHERE b.rule NOT LIKE '%.pattern' AND b.rule NOT LIKE '%.length' AND b.rule NOT IN ('DC-301', 'DC-302', 'DC-303', 'DC-304', 'DC-305');
INSERT INTO asked SELECT b.rule, s.n - t.missing FROM bit_rule b JOIN size s ON s.tab = b.tab
    JOIN stat t ON t.tab = b.tab AND b.rule IN (t.tab || '.' || t.name || '.pattern', t.tab || '.' || t.name || '.length');
INSERT INTO asked
    SELECT t.tab || '.' || t.name || '.references', s.n - t.missing - (SELECT count(*) FROM fault f WHERE f.rule = t.tab || '.' || t.name || '.pattern')
    FROM stat t JOIN size s ON s.tab = t.tab
    WHERE t.name LIKE '%\_code' ESCAPE '\';
INSERT INTO asked SELECT t.tab || '.key', s.n - t.missing FROM stat t JOIN size s ON s.tab = t.tab WHERE t.name = 'code' AND t.tab NOT LIKE 'second%';
INSERT INTO asked SELECT 'province.name.unique', count(name) FROM province;
INSERT INTO asked SELECT unnest(['DC-301', 'DC-302', 'DC-303']), unnest([
        count(*) FILTER (name LIKE '%街道' OR name LIKE '%街道办事处'), count(*) FILTER (name LIKE '%镇'), count(*) FILTER (name LIKE '%乡')]) FROM street;
INSERT INTO asked SELECT unnest(['DC-304', 'DC-305']), unnest([
        count(*) FILTER (name LIKE '%居委会' OR name LIKE '%居民委员会'), count(*) FILTER (name LIKE '%村委会' OR name LIKE '%村民委员会')]) FROM village;
INSERT INTO asked SELECT unnest(['DC-111']), count(code) FROM province;
INSERT INTO asked SELECT unnest(['DC-112', 'DC-202']), unnest([count(code), count(*) FILTER (province_code IS NOT NULL AND name IS NOT NULL)]) FROM city;
INSERT INTO asked SELECT unnest(['DC-113', 'DC-203', 'DC-411', 'DC-412']), unnest([
        count(code), count(*) FILTER (city_code IS NOT NULL AND name IS NOT NULL), count(code), count(*) FILTER (code IS NOT NULL AND name IS NOT NULL)]) FROM area;
INSERT INTO asked SELECT unnest(['DC-114', 'DC-204', 'DC-413', 'DC-414']), unnest([
        count(code) FILTER (getvariable('villages_of') = 'all' OR province_code = getvariable('villages_of')),
        count(*) FILTER (area_code IS NOT NULL AND name IS NOT NULL), count(*) FILTER (area_code IS NOT NULL AND code IS NOT NULL),
        count(*) FILTER (area_code IS NOT NULL AND code IS NOT NULL AND name IS NOT NULL)]) FROM street;
INSERT INTO asked SELECT 'DC-205', count(*) FILTER (street_code IS NOT NULL AND name IS NOT NULL) FROM village;
INSERT INTO asked SELECT 'DC-415', count(*) FILTER (code IS NOT NULL AND town IS NOT NULL) FROM second_street;

CREATE TABLE keyed (rule VARCHAR, tab VARCHAR); -- of these a NULL part leaves the record undetermined
INSERT INTO keyed VALUES ('province.key', 'province'), ('province.name.unique', 'province'), ('city.key', 'city'), ('area.key', 'area'), ('street.key', 'street'),
    ('village.key', 'village'), ('DC-202', 'city'), ('DC-203', 'area'), ('DC-204', 'street'), ('DC-205', 'village');

CREATE TABLE verdict AS
    SELECT a.rule, coalesce(f.failed, 0) AS failed, coalesce(f.undetermined, 0) AS undetermined, a.n - coalesce(f.undetermined, 0) AS evaluated
    FROM asked a LEFT JOIN (
        SELECT rule, count(*) FILTER (failed) AS failed, count(*) FILTER (NOT failed) AS undetermined FROM fault GROUP BY rule) f ON f.rule = a.rule
    WHERE a.rule NOT IN (SELECT rule FROM keyed)
    UNION ALL SELECT a.rule, (SELECT count(*) FROM fault f WHERE f.rule = a.rule), s.n - a.n, a.n
        FROM asked a JOIN keyed k ON k.rule = a.rule JOIN size s ON s.tab = k.tab
    UNION ALL SELECT 'DC-501', (count(*) <> getvariable('provinces_expected')::BIGINT)::BIGINT, 0, 1 FROM province
    UNION ALL SELECT 'DC-502', count(*) FILTER (n > 100), 0, count(*) FROM (SELECT count(*) AS n FROM street WHERE area_code IS NOT NULL GROUP BY area_code)
    UNION ALL SELECT 'DC-503', count(*) FILTER (n > 300), 0, count(*) FROM (SELECT count(*) AS n FROM village WHERE street_code IS NOT NULL GROUP BY street_code)
    UNION ALL SELECT tab || '.rows', 0, 0, n FROM size WHERE tab NOT LIKE 'second%';
