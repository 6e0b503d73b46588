-- The registry's profile in SQL, for DuckDB, written for speed: every table is read and typed once, numbers as whole numbers where they are keys;
-- one pass a table for all rules over one row; one aggregation of the members for all that a household asks of them; a join for each pair of
-- tables, with all the rules that need it. What is duplicated is rare and is found first, so that joins stay one to one.
--
-- Every SELECT gives one row of failures, a column a rule; those that begin with measure give figures by region. What stands behind
-- the line EARLIER PERIOD runs when there is one. In the tables NULL stands for missing and invalid alike; `…_bad` says invalid.
--
-- What SQL is spared: examples with file, line, values and related records, undetermined counts, bad rows, statistics of columns, scores, grades,
-- records with errors, counts by region, digests of files, full-width letters in names, the 15 digits in identity numbers before 1900.
--
-- Variables: folder; lists, the folder of the code lists; previous, the folder of the earlier period. The day is 2021-12-31.
SET preserve_insertion_order = false;

-- a day as yyyymmdd that is on the calendar
CREATE MACRO on_calendar(n) AS n // 100 % 100 BETWEEN 1 AND 12 AND n % 100 BETWEEN 1 AND
    CASE n // 100 % 100 WHEN 2 THEN CASE WHEN n // 10000 % 4 = 0 AND (n // 10000 % 100 <> 0 OR n // 10000 % 400 = 0) THEN 29 ELSE 28 END
        WHEN 4 THEN 30 WHEN 6 THEN 30 WHEN 9 THEN 30 WHEN 11 THEN 30 ELSE 31 END;
-- completed years at the day, from yyyymmdd
CREATE MACRO age_at(day, birth) AS (day - birth) // 10000;
-- remainder by which GB 11643 picks the check character, of the 17 digits before it
CREATE MACRO check_of(n) AS ((n // 10000000000000000) * 7 + (n // 1000000000000000 % 10) * 9 + (n // 100000000000000 % 10) * 10 + (n // 10000000000000 % 10) * 5
    + (n // 1000000000000 % 10) * 8 + (n // 100000000000 % 10) * 4 + (n // 10000000000 % 10) * 2 + (n // 1000000000 % 10)
    + (n // 100000000 % 10) * 6 + (n // 10000000 % 10) * 3 + (n // 1000000 % 10) * 7 + (n // 100000 % 10) * 9 + (n // 10000 % 10) * 10
    + (n // 1000 % 10) * 5 + (n // 100 % 10) * 8 + (n // 10 % 10) * 4 + (n % 10) * 2) % 11;
-- the 17 digits before the check character; number is the whole text as a number, NULL where it ends in X
CREATE MACRO first17(id, number) AS coalesce(number // 10, TRY_CAST(left(id, 17) AS BIGINT));
-- n when it is of a valid number of 18, else NULL
CREATE MACRO id17(id, number, n) AS CASE WHEN length(id) = 18 AND n >= 10000000000000000
    AND (12 - check_of(n)) % 11 = coalesce(number % 10, CASE WHEN ends_with(id, 'X') THEN 10 END)
    AND on_calendar(n // 1000 % 100000000) AND n // 1000 % 100000000 <= 20211231 THEN n END;
-- 18 digits as a number; any other text as a negative one
CREATE MACRO key_of(t, well) AS CASE WHEN well THEN CAST(t AS BIGINT) WHEN t IS NOT NULL THEN -(hash(t) >> 1)::BIGINT END;
CREATE MACRO money(t) AS CASE WHEN regexp_full_match(t, '[+-]?[0-9]{1,10}(\.[0-9]{1,2})?') THEN CAST(t AS DECIMAL(12, 2)) END;
CREATE MACRO whole(t) AS CASE WHEN regexp_full_match(t, '[+-]?[0-9]{1,18}') THEN CAST(t AS BIGINT) END;
-- failures
CREATE MACRO wrong(holds) AS count(*) FILTER (WHERE NOT holds);

-- code lists
CREATE TABLE county AS SELECT CAST(code AS INTEGER) AS code
    FROM read_csv(getvariable('lists') || '/gbt2260_divisions.tsv', header = true, auto_detect = false, delim = '\t', quote = '', escape = '', comment = '#',
        columns = {'code': 'VARCHAR', 'name_zh': 'VARCHAR', 'name_en': 'VARCHAR', 'level': 'VARCHAR', 'parent': 'VARCHAR', 'valid_from': 'VARCHAR', 'valid_to': 'VARCHAR',
                   'province_zh': 'VARCHAR', 'prefecture_zh': 'VARCHAR', 'status': 'VARCHAR', 'new_codes': 'VARCHAR', 'note': 'VARCHAR'})
    WHERE level = '3' AND coalesce(valid_from, '') <= '2021' AND coalesce(valid_to, '9999') > '2021';
CREATE TABLE division AS SELECT CAST(code AS BIGINT) AS code
    FROM read_csv(getvariable('lists') || '/division_villages.tsv', header = true, auto_detect = false, delim = '\t', quote = '', escape = '', comment = '#',
        columns = {'code': 'VARCHAR', 'name_zh': 'VARCHAR', 'parent': 'VARCHAR'})
    WHERE CAST(code[1:6] AS INTEGER) IN (SELECT code FROM county);

-- households
CREATE TABLE h AS
    SELECT key_of(household_id, well) AS hid, well, d.code AS vk, village_code IS NOT NULL AND d.code IS NULL AS vk_bad, village_code IS NULL AS vk_missing,
        substr(household_id, 1, 12) = village_code AS begins, CASE WHEN length(village_code) = 12 AND v >= 0 THEN v // 1000000 END AS county,
        head, head_id IS NULL AS head_missing, head_id IS NOT NULL AND head IS NULL AS head_bad, head_name,
        CASE WHEN regexp_full_match(phone, '1[3-9][0-9]{9}') THEN CAST(phone AS BIGINT) END AS phone, phone IS NOT NULL AS has_phone,
        CASE WHEN attribute IN ('01', '02', '03', '04', '05', '06', 'N01', 'N02', 'N03', 'N04') THEN attribute END AS attribute, attribute IS NULL AS attribute_missing,
        whole(family_size) AS size, family_size IS NULL AS size_missing,
        CASE WHEN cause IN ('01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12', '13', '99') THEN cause END AS cause, cause IS NULL AS cause_missing,
        CASE WHEN regexp_full_match(other_causes, '(0[1-9]|1[0-3]|99)(,(0[1-9]|1[0-3]|99))*') THEN other_causes END AS others, other_causes IS NOT NULL AS has_others,
        CASE WHEN length(identified_month) = 6 AND m BETWEEN 101 AND 999912 AND m % 100 BETWEEN 1 AND 12 THEN m END AS identified, identified_month IS NULL AS identified_missing,
        CASE WHEN exit_flag IN ('0', '1', '2', '3', '4') THEN CAST(exit_flag AS TINYINT) END AS flag, exit_flag IS NULL AS flag_missing,
        CASE WHEN length(exit_date) IN (8, 10) AND on_calendar(x) THEN x END AS exited, exit_date IS NULL AS exited_missing,
        money(wage_income) AS wage, money(business_income) AS business, money(property_income) AS property, money(transfer_income) AS transfer, money(business_expense) AS expense,
        money(net_income) AS net, wage_income IS NULL AS wage_missing, net_income IS NULL AS net_missing,
        (wage_income IS NOT NULL AND wage IS NULL)::INT AS wage_bad, (business_income IS NOT NULL AND business IS NULL)::INT AS business_bad,
        (property_income IS NOT NULL AND property IS NULL)::INT AS property_bad, (transfer_income IS NOT NULL AND transfer IS NULL)::INT AS transfer_bad,
        (business_expense IS NOT NULL AND expense IS NULL)::INT AS expense_bad, (net_income IS NOT NULL AND net IS NULL)::INT AS net_bad,
        removal_reason
    FROM (SELECT *, id17(head_id, number, n) AS head FROM (SELECT *, first17(head_id, number) AS n FROM (
        SELECT *, regexp_full_match(household_id, '[0-9]{18}') AS well, TRY_CAST(village_code AS BIGINT) AS v, TRY_CAST(head_id AS BIGINT) AS number,
            TRY_CAST(identified_month AS INTEGER) AS m, TRY_CAST(CASE WHEN length(exit_date) = 10 THEN replace(exit_date, '-', '') ELSE exit_date END AS INTEGER) AS x
        FROM read_csv(getvariable('folder') || '/household.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'household_id': 'VARCHAR', 'village_code': 'VARCHAR', 'head_id': 'VARCHAR', 'head_name': 'VARCHAR', 'phone': 'VARCHAR', 'attribute': 'VARCHAR', 'family_size': 'VARCHAR',
                'cause': 'VARCHAR', 'other_causes': 'VARCHAR', 'identified_month': 'VARCHAR', 'exit_flag': 'VARCHAR', 'exit_date': 'VARCHAR', 'wage_income': 'VARCHAR', 'business_income': 'VARCHAR',
                'property_income': 'VARCHAR', 'transfer_income': 'VARCHAR', 'business_expense': 'VARCHAR', 'net_income': 'VARCHAR', 'removal_reason': 'VARCHAR'})))) r
    LEFT JOIN division d ON d.code = r.v AND length(r.village_code) = 12;

SELECT count(*) FILTER (WHERE hid IS NULL) AS "household.household_id.required", wrong(well) AS "household.household_id.pattern",
    count(*) FILTER (WHERE vk_missing) AS "household.village_code.required", count(*) FILTER (WHERE vk_bad) AS "household.village_code.type",
    count(*) FILTER (WHERE head_missing) AS "household.head_id.required", count(*) FILTER (WHERE head_bad) AS "household.head_id.type",
    count(*) FILTER (WHERE head_name IS NULL) AS "household.head_name.required", wrong(length(head_name) BETWEEN 2 AND 20) AS "household.head_name.length",
    count(*) FILTER (WHERE has_phone AND phone IS NULL) AS "household.phone.type",
    count(*) FILTER (WHERE attribute_missing) AS "household.attribute.required", count(*) FILTER (WHERE NOT attribute_missing AND attribute IS NULL) AS "household.attribute.codes",
    count(*) FILTER (WHERE size_missing) AS "household.family_size.required", count(*) FILTER (WHERE NOT size_missing AND size IS NULL) AS "household.family_size.type",
    wrong(size BETWEEN 1 AND 30) AS "household.family_size.range",
    count(*) FILTER (WHERE cause_missing AND attribute <> '05') AS "household.cause.required", count(*) FILTER (WHERE NOT cause_missing AND cause IS NULL) AS "household.cause.codes",
    count(*) FILTER (WHERE has_others AND others IS NULL) AS "household.other_causes.codes",
    wrong(length(others) <= 2 OR (length(others) = 5 AND others[1:2] <> others[4:5])) AS "household.other_causes.items",
    count(*) FILTER (WHERE identified_missing) AS "household.identified_month.required", count(*) FILTER (WHERE NOT identified_missing AND identified IS NULL) AS "household.identified_month.type",
    wrong(identified BETWEEN 201301 AND 202112) AS "household.identified_month.range",
    count(*) FILTER (WHERE flag_missing) AS "household.exit_flag.required", count(*) FILTER (WHERE NOT flag_missing AND flag IS NULL) AS "household.exit_flag.codes",
    count(*) FILTER (WHERE exited_missing AND flag IN (1, 4)) AS "household.exit_date.required", count(*) FILTER (WHERE NOT exited_missing AND exited IS NULL) AS "household.exit_date.type",
    wrong(exited BETWEEN 20140101 AND 20211231) AS "household.exit_date.range",
    count(*) FILTER (WHERE wage_missing) AS "household.wage_income.required", sum(wage_bad) AS "household.wage_income.type", wrong(wage >= 0) AS "household.wage_income.range",
    sum(business_bad) AS "household.business_income.type", wrong(business >= 0) AS "household.business_income.range",
    sum(property_bad) AS "household.property_income.type", wrong(property >= 0) AS "household.property_income.range", sum(transfer_bad) AS "household.transfer_income.type",
    sum(expense_bad) AS "household.business_expense.type", wrong(expense >= 0) AS "household.business_expense.range",
    count(*) FILTER (WHERE net_missing) AS "household.net_income.required", sum(net_bad) AS "household.net_income.type",
    wrong(removal_reason IN ('01', '02', '03')) AS "household.removal_reason.codes",
    wrong(net = wage + business + property + transfer - expense) AS "HH-101",
    count(*) FILTER (WHERE flag IN (1, 4) AND exited < identified * 100 + 1) AS "HH-102",
    wrong(NOT contains(others, cause)) AS "HH-103", wrong(CASE WHEN NOT vk_bad THEN begins END) AS "HH-104",
    count(*) FILTER (WHERE flag = 0 AND exited IS NOT NULL) AS "HH-105",
    wrong(regexp_full_match(head_name, '[一-鿿·]+')) AS "HH-106",
    wrong(head_name NOT LIKE '测试%' AND upper(head_name) NOT IN ('TEST', 'NULL') AND head_name[1] <> ' ' AND head_name[-1] <> ' ') AS "HH-107"
FROM h;

-- keys of households: those that are there more than once are few
CREATE TABLE h_twice AS SELECT hid, count(*) AS n FROM h WHERE hid IS NOT NULL GROUP BY hid HAVING count(*) > 1;
SELECT coalesce(sum(n), 0) AS "household.key" FROM h_twice;
SELECT coalesce(sum(n), 0) AS "HH-216" FROM (SELECT count(*) AS n FROM h WHERE phone IS NOT NULL GROUP BY phone HAVING count(*) > 3);
SELECT coalesce(sum(n), 0) AS "HH-217" FROM (SELECT count(*) AS n FROM h WHERE removal_reason IS NULL AND head IS NOT NULL GROUP BY head HAVING count(*) > 1);

-- members; idk tells a number of 15 digits from its 18, id17 does not
CREATE TABLE m AS
    SELECT mid, well_m, hid, well_h, CASE WHEN hid > 0 THEN hid // 1000000 ELSE TRY_CAST(left(household_id, 12) AS BIGINT) END AS vk,
        CASE WHEN hid > 0 THEN hid // 1000000000000 ELSE TRY_CAST(left(household_id, 6) AS BIGINT) END AS county,
        coalesce(good, CASE WHEN old IS NOT NULL THEN number END) AS idk, coalesce(good, old) AS id17, id_no IS NULL AS id_missing,
        trimmed AS name, trimmed <> name AS blanks, CASE WHEN sex IN ('1', '2') THEN CAST(sex AS TINYINT) END AS sex, sex IS NULL AS sex_missing,
        CASE WHEN length(birth_date) IN (8, 10) AND on_calendar(b) THEN b END AS birth, birth_date IS NULL AS birth_missing,
        CASE WHEN regexp_full_match(relation, '0[1-9]|1[0-9]|20|99|N0[1-7]') THEN relation END AS relation, relation IS NULL AS relation_missing,
        CASE WHEN regexp_full_match(ethnic, '0[1-9]|[1-4][0-9]|5[0-6]|9[78]') THEN CAST(ethnic AS UTINYINT) END AS ethnic, ethnic IS NOT NULL AS has_ethnic,
        education IN ('01', '02', '03', '04', 'N01', 'N02') AS education,
        student_status IS NULL AS student_missing, regexp_full_match(student_status, '0[2-9]|1[0-5]|N0[1-9]|N10|N11') AS student,
        CASE WHEN regexp_full_match(health, '0[1-4](,0[1-4])*') THEN health END AS health, health IS NULL AS health_missing,
        CASE WHEN NOT regexp_full_match(disability_no, '[0-9]{17}[0-9X][1-7][1-4](B[0-9])?') THEN NULL WHEN own_number AND good IS NOT NULL THEN disability_no
            WHEN id17(left(disability_no, 18), TRY_CAST(left(disability_no, 18) AS BIGINT), first17(left(disability_no, 18), TRY_CAST(left(disability_no, 18) AS BIGINT))) IS NOT NULL
            THEN disability_no END AS disability, disability_no IS NULL AS disability_missing, own_number,
        CASE WHEN labour_skill IN ('01', '02', '03', '04', 'N01') THEN labour_skill END AS labour, labour_skill IS NULL AS labour_missing,
        whole(work_months) AS months, work_months IS NOT NULL AS has_months,
        CASE insured WHEN '1' THEN true WHEN '0' THEN false END AS insured, insured IS NULL AS insured_missing
    FROM (
        SELECT *, key_of(member_id, well_m) AS mid, key_of(household_id, well_h) AS hid, id17(id_no, number, n) AS good, left(disability_no, 18) = id_no AS own_number,
            CASE WHEN length(id_no) = 15 AND on_calendar(19000000 + number // 1000 % 1000000) THEN number // 1000000000 * 100000000000 + 19000000000 + number % 1000000000 END AS old
        FROM (SELECT *, first17(id_no, number) AS n FROM (
            SELECT *, regexp_full_match(member_id, '[0-9]{12}') AS well_m, regexp_full_match(household_id, '[0-9]{18}') AS well_h, TRY_CAST(id_no AS BIGINT) AS number,
                CASE WHEN regexp_matches(name, '^[ \t\x{A0}\x{3000}]|[ \t\x{A0}\x{3000}]$') THEN trim(name, ' \t' || chr(160) || chr(12288)) ELSE name END AS trimmed,
                coalesce(TRY_CAST(birth_date AS INTEGER), TRY_CAST(replace(birth_date, '-', '') AS INTEGER)) AS b
            FROM read_csv(getvariable('folder') || '/member.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
                columns = {'member_id': 'VARCHAR', 'household_id': 'VARCHAR', 'id_no': 'VARCHAR', 'name': 'VARCHAR', 'sex': 'VARCHAR', 'birth_date': 'VARCHAR', 'relation': 'VARCHAR', 'ethnic': 'VARCHAR',
                    'education': 'VARCHAR', 'student_status': 'VARCHAR', 'health': 'VARCHAR', 'disability_no': 'VARCHAR', 'labour_skill': 'VARCHAR', 'work_months': 'VARCHAR', 'insured': 'VARCHAR'}))));

SELECT count(*) FILTER (WHERE mid IS NULL) AS "member.member_id.required", wrong(well_m) AS "member.member_id.pattern",
    count(*) FILTER (WHERE hid IS NULL) AS "member.household_id.required", wrong(well_h) AS "member.household_id.pattern",
    count(*) FILTER (WHERE id_missing) AS "member.id_no.required", count(*) FILTER (WHERE NOT id_missing AND id17 IS NULL) AS "member.id_no.type",
    count(*) FILTER (WHERE name IS NULL) AS "member.name.required", wrong(length(name) BETWEEN 2 AND 20) AS "member.name.length",
    count(*) FILTER (WHERE sex_missing) AS "member.sex.required", count(*) FILTER (WHERE NOT sex_missing AND sex IS NULL) AS "member.sex.codes",
    count(*) FILTER (WHERE birth_missing) AS "member.birth_date.required", count(*) FILTER (WHERE NOT birth_missing AND birth IS NULL) AS "member.birth_date.type",
    wrong(birth BETWEEN 19000101 AND 20211231) AS "member.birth_date.range",
    count(*) FILTER (WHERE relation_missing) AS "member.relation.required", count(*) FILTER (WHERE NOT relation_missing AND relation IS NULL) AS "member.relation.codes",
    count(*) FILTER (WHERE has_ethnic AND ethnic IS NULL) AS "member.ethnic.codes",
    count(*) FILTER (WHERE education IS NULL AND student_missing AND age_at(20211231, birth) >= 6) AS "member.education.required", wrong(education) AS "member.education.codes",
    wrong(student) AS "member.student_status.codes",
    count(*) FILTER (WHERE health_missing) AS "member.health.required", count(*) FILTER (WHERE NOT health_missing AND health IS NULL) AS "member.health.codes",
    count(*) FILTER (WHERE length(health) > 2 AND list_unique(string_split(health, ',')) < (length(health) + 1) // 3) AS "member.health.items",
    count(*) FILTER (WHERE disability_missing AND contains(health, '04')) AS "member.disability_no.required",
    count(*) FILTER (WHERE NOT disability_missing AND disability IS NULL) AS "member.disability_no.type",
    count(*) FILTER (WHERE labour_missing) AS "member.labour_skill.required", count(*) FILTER (WHERE NOT labour_missing AND labour IS NULL) AS "member.labour_skill.codes",
    count(*) FILTER (WHERE has_months AND months IS NULL) AS "member.work_months.type", wrong(months BETWEEN 0 AND 12) AS "member.work_months.range",
    count(*) FILTER (WHERE insured_missing) AS "member.insured.required", count(*) FILTER (WHERE NOT insured_missing AND insured IS NULL) AS "member.insured.type",
    wrong(id17 // 1000 % 100000000 = birth) AS "MB-101", wrong(CASE id17 % 2 WHEN 1 THEN 1 WHEN 0 THEN 2 END = sex) AS "MB-102",
    wrong(CASE WHEN id17 IS NOT NULL THEN CAST(id17 // 100000000000 AS INTEGER) IN (SELECT code FROM county) END) AS "MB-103",
    count(*) FILTER (WHERE sex = 2 AND relation IN ('03', '06', '07', '09', '11', '13', '15', '17', '19', 'N02', 'N04', 'N07')
        OR sex = 1 AND relation IN ('04', '05', '08', '10', '12', '14', '16', '18', '20', 'N03', 'N05', 'N06')) AS "MB-104",
    count(*) FILTER (WHERE age_at(20211231, birth) < 3 AND student) AS "MB-105",
    count(*) FILTER (WHERE age_at(20211231, birth) < 16 AND (labour <> '04' OR months <> 0)) AS "MB-106",
    count(*) FILTER (WHERE length(health) > 2 AND contains(health, '01')) AS "MB-107",
    count(*) FILTER (WHERE disability IS NOT NULL AND id17 IS NOT NULL AND NOT own_number) AS "MB-108",
    count(*) FILTER (WHERE blanks) AS "MB-109", 0 AS "MB-110",
    CASE WHEN abs(count(*) FILTER (WHERE relation = '01') - (SELECT count(*) FROM (SELECT DISTINCT hid FROM m WHERE hid IS NOT NULL))) <= 0.01 * count(*) THEN 0 ELSE 1 END AS "MB-304"
FROM m;

CREATE TABLE m_twice AS SELECT mid, count(*) AS n FROM m WHERE mid IS NOT NULL GROUP BY mid HAVING count(*) > 1;
CREATE TABLE id_twice AS SELECT id17, count(*) AS n FROM m WHERE id17 IS NOT NULL GROUP BY id17 HAVING count(*) > 1;
SELECT (SELECT coalesce(sum(n), 0) FROM m_twice) AS "member.key", (SELECT coalesce(sum(n), 0) FROM id_twice) AS "MB-201",
    (SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM m WHERE disability IS NOT NULL GROUP BY disability HAVING count(*) > 1)) AS "member.disability_no.unique";

-- all that households ask of their members, at once
CREATE TABLE family AS
    SELECT hid, count(*) AS n, count(*) FILTER (WHERE relation = '01') AS heads, count(*) FILTER (WHERE relation = '02') AS spouses,
        any_value(idk) FILTER (WHERE relation = '01') AS head_id, any_value(name) FILTER (WHERE relation = '01') AS head_name,
        any_value(sex) FILTER (WHERE relation = '01') AS head_sex, any_value(birth) FILTER (WHERE relation = '01') AS head_birth,
        bool_or(relation = '02' AND sex = 1) AS husband, bool_or(relation = '02' AND sex = 2) AS wife, bool_or(NOT insured) AS uninsured, bool_or(contains(health, '04')) AS disabled,
        min(birth) AS oldest, max(birth) AS youngest, max(birth) FILTER (WHERE relation IN ('01', '02')) AS parent,
        coalesce(sum(months) FILTER (WHERE labour IN ('01', '02')), 0) AS months, avg(age_at(20211231, birth)) AS mean_age,
        bit_count(bit_or(1::UBIGINT << CASE WHEN ethnic < 60 THEN ethnic ELSE ethnic - 37 END)) AS peoples
    FROM m WHERE hid IS NOT NULL GROUP BY hid;
-- numbers that a household has twice, with 15 and 18 digits told apart
CREATE TABLE same_number AS SELECT DISTINCT hid FROM (SELECT hid, idk FROM m JOIN id_twice USING (id17) WHERE hid IS NOT NULL GROUP BY hid, idk HAVING count(*) > 1);

-- vehicles by owner
CREATE TABLE car AS
    SELECT id17(owner_id, number, first17(owner_id, number)) AS owner, count(*) AS n,
        bool_or(TRY_CAST(first_registered AS DATE) >= DATE '2018-12-31' AND whole(price) >= 100000) AS expensive,
        coalesce(max(whole(price)) FILTER (WHERE class = '1' OR class IS NULL), 0) > 300000 OR coalesce(bool_or(whole(price) > 400000), false) AS luxury
    FROM (SELECT *, TRY_CAST(owner_id AS BIGINT) AS number FROM read_csv(getvariable('folder') || '/vehicle.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
        columns = {'plate': 'VARCHAR', 'owner_id': 'VARCHAR', 'class': 'VARCHAR', 'price': 'VARCHAR', 'first_registered': 'VARCHAR'}))
    GROUP BY owner;
DELETE FROM car WHERE owner IS NULL;

CREATE TABLE aid AS
    SELECT key_of(household_id, regexp_full_match(household_id, '[0-9]{18}')) AS hid, whole(year) AS year, CASE WHEN regexp_full_match(category, 'N0[1-9]|N1[0-4]') THEN category END AS category,
        money(amount) AS amount, CASE WHEN state IN ('N01', 'N02') THEN state END AS state,
        year IS NOT NULL AND whole(year) IS NULL AS year_bad, category IS NOT NULL AND NOT regexp_full_match(category, 'N0[1-9]|N1[0-4]') AS category_bad,
        amount IS NOT NULL AND money(amount) IS NULL AS amount_bad, state NOT IN ('N01', 'N02') AS state_bad,
        year IS NULL AS year_missing, category IS NULL AS category_missing, amount IS NULL AS amount_missing, state IS NULL AS state_missing
    FROM (SELECT household_id, "year" AS year, category, amount, state
        FROM read_csv(getvariable('folder') || '/aid.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'household_id': 'VARCHAR', 'year': 'VARCHAR', 'category': 'VARCHAR', 'amount': 'VARCHAR', 'state': 'VARCHAR'}));

SELECT count(*) FILTER (WHERE size <> coalesce(f.n, 0)) AS "HH-201", count(*) FILTER (WHERE attribute <> '05' AND coalesce(f.heads, 0) <> 1) AS "HH-202",
    count(*) FILTER (WHERE flag = 1 AND net < size * CASE exited // 10000 WHEN 2014 THEN 2800 WHEN 2015 THEN 2855 WHEN 2016 THEN 2952 WHEN 2017 THEN 2952 WHEN 2018 THEN 2995
        WHEN 2019 THEN 3218 WHEN 2020 THEN 4000 WHEN 2021 THEN 4000 END) AS "HH-203",
    count(*) FILTER (WHERE f.heads = 1 AND f.head_id <> head) AS "HH-204", count(*) FILTER (WHERE f.heads = 1 AND f.head_name <> h.head_name) AS "HH-205",
    count(*) FILTER (WHERE f.heads = 1 AND age_at(20211231, f.head_birth) < 16) AS "HH-206", count(*) FILTER (WHERE attribute = '04' AND f.uninsured) AS "HH-207",
    count(*) FILTER (WHERE s.hid IS NOT NULL) AS "HH-208", count(*) FILTER (WHERE age_at(20211231, f.oldest) < 16 OR f.youngest > 20211231) AS "HH-209",
    count(*) FILTER (WHERE f.months > 0 AND wage <= 0) AS "HH-210", count(*) FILTER (WHERE f.n > 2 AND f.mean_age NOT BETWEEN 3 AND 85) AS "HH-211",
    count(*) FILTER (WHERE c.expensive) AS "HH-212", count(*) FILTER (WHERE a.amount > 10000) AS "HH-213",
    count(*) FILTER (WHERE cause = '02' AND f.disabled IS DISTINCT FROM true) AS "HH-214",
    count(*) FILTER (WHERE f.heads = 1 AND (f.husband AND f.head_sex = 1 OR f.wife AND f.head_sex = 2)) AS "HH-215"
FROM h LEFT JOIN family f ON f.hid = h.hid LEFT JOIN same_number s ON s.hid = h.hid LEFT JOIN car c ON c.owner = h.head
    LEFT JOIN (SELECT hid, sum(amount) AS amount FROM aid WHERE year = 2021 GROUP BY hid) a ON a.hid = h.hid;
SELECT coalesce(sum(CASE WHEN heads > 1 THEN heads ELSE 0 END + CASE WHEN spouses > 1 THEN spouses ELSE 0 END), 0) AS "MB-207",
    coalesce(sum(n) FILTER (WHERE peoples > 3), 0) AS "MB-301"
FROM family;

-- villages: reported and counted
CREATE TABLE village AS
    SELECT d.code AS vk, village_code IS NULL AS missing, village_code IS NOT NULL AND d.code IS NULL AS bad, village_name, whole(households) AS households, households IS NULL AS households_missing,
        whole(members) AS members, members IS NULL AS members_missing, whole(poor_households) AS poor, poor_households IS NULL AS poor_missing,
        CASE WHEN regexp_full_match(income_total, '[+-]?[0-9]{1,16}(\.[0-9]{1,2})?') THEN CAST(income_total AS DECIMAL(18, 2)) END AS income, income_total IS NULL AS income_missing
    FROM read_csv(getvariable('folder') || '/village_summary.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
        columns = {'village_code': 'VARCHAR', 'village_name': 'VARCHAR', 'households': 'VARCHAR', 'members': 'VARCHAR', 'poor_households': 'VARCHAR', 'income_total': 'VARCHAR'}) r
    LEFT JOIN division d ON d.code = TRY_CAST(r.village_code AS BIGINT) AND length(r.village_code) = 12;
CREATE TABLE village_one AS SELECT vk, count(*) AS n, any_value(households) AS households FROM village WHERE vk IS NOT NULL GROUP BY vk;
SELECT count(*) FILTER (WHERE missing) AS "village_summary.village_code.required", count(*) FILTER (WHERE bad) AS "village_summary.village_code.type",
    count(*) FILTER (WHERE village_name IS NULL) AS "village_summary.village_name.required", wrong(length(village_name) <= 50) AS "village_summary.village_name.length",
    count(*) FILTER (WHERE households_missing) AS "village_summary.households.required", count(*) FILTER (WHERE NOT households_missing AND households IS NULL) AS "village_summary.households.type",
    wrong(households >= 0) AS "village_summary.households.range",
    count(*) FILTER (WHERE members_missing) AS "village_summary.members.required", count(*) FILTER (WHERE NOT members_missing AND members IS NULL) AS "village_summary.members.type",
    wrong(members >= 0) AS "village_summary.members.range",
    count(*) FILTER (WHERE poor_missing) AS "village_summary.poor_households.required", count(*) FILTER (WHERE NOT poor_missing AND poor IS NULL) AS "village_summary.poor_households.type",
    wrong(poor >= 0) AS "village_summary.poor_households.range",
    count(*) FILTER (WHERE income_missing) AS "village_summary.income_total.required", count(*) FILTER (WHERE NOT income_missing AND income IS NULL) AS "village_summary.income_total.type",
    (SELECT coalesce(sum(n), 0) FROM village_one WHERE n > 1) AS "village_summary.key", wrong(poor <= households AND members >= households) AS "VL-205"
FROM village;
SELECT count(*) FILTER (WHERE households <> coalesce(h.n, 0)) AS "VL-201", count(*) FILTER (WHERE members <> coalesce(m.n, 0)) AS "VL-202",
    count(*) FILTER (WHERE v.poor <> coalesce(h.poor, 0)) AS "VL-203", count(*) FILTER (WHERE income <> coalesce(h.net, 0)) AS "VL-204"
FROM village v
    LEFT JOIN (SELECT vk, count(*) AS n, count(*) FILTER (WHERE flag IN (0, 3)) AS poor, sum(net) AS net FROM h WHERE vk IS NOT NULL GROUP BY vk) h ON h.vk = v.vk
    LEFT JOIN (SELECT vk, count(*) AS n FROM m WHERE vk IS NOT NULL GROUP BY vk) m ON m.vk = v.vk
WHERE NOT v.bad;
SELECT count(*) FILTER (WHERE h.vk IS NOT NULL AND v.vk IS NULL) AS "household.village_code.references" FROM h LEFT JOIN village_one v ON v.vk = h.vk;

-- a household as its members see it: one row a number, what stands in several unknown
CREATE TABLE seen AS
    SELECT h.hid, 1 AS n, head_name, wage, flag IS NULL AND NOT flag_missing AS flag_bad, flag IS NULL AS flag_null, vk_bad,
        v.vk IS NOT NULL AS in_village, v.n AS villages, v.households, CASE WHEN NOT head_bad THEN coalesce(c.n, 0) END AS cars
    FROM h LEFT JOIN village_one v ON v.vk = h.vk LEFT JOIN car c ON c.owner = h.head
    WHERE h.hid IS NOT NULL AND h.hid NOT IN (SELECT hid FROM h_twice);
INSERT INTO seen SELECT hid, n, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM h_twice;
SELECT count(*) FILTER (WHERE m.well_h AND s.hid IS NULL) AS "member.household_id.references",
    count(*) FILTER (WHERE relation = '01' AND m.name <> s.head_name) AS "MB-203",
    count(*) FILTER (WHERE s.hid IS NULL OR s.n > 1 OR NOT s.vk_bad AND (NOT s.in_village OR s.villages = 1 AND s.households < 1)) AS "MB-204",
    count(*) FILTER (WHERE s.cars > 2) AS "MB-205",
    count(*) FILTER (WHERE relation IN ('03', '04') AND f.parent > m.birth - 120000) AS "MB-206",
    count(*) FILTER (WHERE c.luxury) AS "MB-306"
FROM m LEFT JOIN seen s ON s.hid = m.hid LEFT JOIN family f ON f.hid = m.hid AND f.parent > m.birth - 120000 LEFT JOIN car c ON c.owner = m.idk;
SELECT count(*) AS "MB-305" FROM m WHERE relation = '01' AND idk IS NOT NULL AND idk NOT IN (SELECT head FROM h WHERE head IS NOT NULL);
SELECT count(*) FILTER (WHERE uninsured > 0.05 * n) AS "MB-302"
FROM (SELECT count(*) AS n, count(*) FILTER (WHERE NOT insured) AS uninsured FROM m WHERE county IS NOT NULL GROUP BY county);
SELECT count(*) FILTER (WHERE n >= 10 AND (mean NOT BETWEEN 25 AND 60 OR oldest < 19000101)) AS "MB-303"
FROM (SELECT count(*) AS n, avg(age_at(20211231, birth)) AS mean, min(birth) AS oldest FROM m WHERE county IS NOT NULL AND sex IS NOT NULL GROUP BY county, sex);

-- work; a month as months since year 0
CREATE TABLE w AS
    SELECT key_of(member_id, regexp_full_match(member_id, '[0-9]{12}')) AS mid, begin_month IS NULL AS begin_missing, region,
        CASE WHEN length(begin_month) = 6 AND b % 100 BETWEEN 1 AND 12 THEN b // 100 * 12 + b % 100 - 1 END AS begin,
        CASE WHEN length(end_month) = 6 AND e % 100 BETWEEN 1 AND 12 THEN e // 100 * 12 + e % 100 - 1 END AS ended, end_month IS NULL AS open
    FROM (SELECT *, TRY_CAST(begin_month AS INTEGER) AS b, TRY_CAST(end_month AS INTEGER) AS e
        FROM read_csv(getvariable('folder') || '/work_record.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'member_id': 'VARCHAR', 'begin_month': 'VARCHAR', 'end_month': 'VARCHAR', 'region': 'VARCHAR'}));
SELECT count(*) FILTER (WHERE mid IS NULL) AS "work_record.member_id.required", count(*) FILTER (WHERE begin_missing) AS "work_record.begin_month.required",
    count(*) FILTER (WHERE NOT begin_missing AND begin IS NULL) AS "work_record.begin_month.type", count(*) FILTER (WHERE NOT open AND ended IS NULL) AS "work_record.end_month.type",
    count(*) FILTER (WHERE region IS NULL) AS "work_record.region.required", wrong(region IN ('01', '02', '03', '04', '99')) AS "work_record.region.codes",
    wrong(begin < ended) AS "WK-101"
FROM w;
SELECT count(*) AS "WK-201"
FROM (SELECT begin < max(ends) OVER (PARTITION BY mid ORDER BY begin, ends ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        OR lead(begin) OVER (PARTITION BY mid ORDER BY begin, ends) < ends AS meets
    FROM (SELECT mid, begin, coalesce(ended, 999999) AS ends FROM w WHERE mid IS NOT NULL AND begin IS NOT NULL AND (open OR ended > begin)
        AND mid IN (SELECT mid FROM w GROUP BY mid HAVING count(*) > 1)))
WHERE meets;
SELECT count(*) FILTER (WHERE m.mid IS NULL AND w.mid IS NOT NULL) AS "work_record.member_id.references",
    count(*) FILTER (WHERE t.mid IS NULL AND age_at(begin // 12 * 10000 + (begin % 12 + 1) * 100 + 1, m.birth) < 16 AND m.birth // 10000 >= begin // 12 - 16) AS "WK-203",
    count(*) FILTER (WHERE t.mid IS NULL AND s.n = 1 AND s.wage <= 0) AS "WK-204"
FROM w LEFT JOIN (SELECT mid, any_value(birth) AS birth, any_value(hid) AS hid FROM m WHERE mid IN (SELECT mid FROM w) GROUP BY mid) m ON m.mid = w.mid
    LEFT JOIN m_twice t ON t.mid = w.mid LEFT JOIN seen s ON s.hid = m.hid;
SELECT count(*) FILTER (WHERE m.months > 0 AND m.months <> w.months) AS "MB-208"
FROM m JOIN (SELECT mid, sum(CASE WHEN open THEN 24264 ELSE ended END - begin) AS months FROM w WHERE mid IS NOT NULL GROUP BY mid) w ON w.mid = m.mid;

-- aid
CREATE TABLE payment AS
    SELECT key_of(household_id, regexp_full_match(household_id, '[0-9]{18}')) AS hid, whole(year) AS year, CASE WHEN regexp_full_match(category, 'N0[1-9]|N1[0-4]') THEN category END AS category,
        whole(number) AS number, money(amount) AS amount, CASE WHEN length(paid_on) = 10 THEN TRY_CAST(paid_on AS DATE) END AS paid_on,
        CASE WHEN length(paid_time) = 8 THEN TRY_CAST(paid_time AS TIME) END AS paid_time, CASE WHEN length(batch_at) = 19 THEN TRY_CAST(batch_at AS TIMESTAMP) END AS batch_at,
        CASE WHEN status IN ('0', '1') THEN status END AS status,
        year AS raw_year, category AS raw_category, number AS raw_number, amount AS raw_amount, paid_on AS raw_on, paid_time AS raw_time, batch_at AS raw_batch, status AS raw_status
    FROM (SELECT household_id, "year" AS year, category, number, amount, paid_on, paid_time, batch_at, status
        FROM read_csv(getvariable('folder') || '/payment.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'household_id': 'VARCHAR', 'year': 'VARCHAR', 'category': 'VARCHAR', 'number': 'VARCHAR', 'amount': 'VARCHAR', 'paid_on': 'VARCHAR', 'paid_time': 'VARCHAR',
                'batch_at': 'VARCHAR', 'status': 'VARCHAR'})) r;
CREATE TABLE aid_one AS SELECT hid, year, category, count(*) AS n, any_value(amount) AS amount FROM aid WHERE hid IS NOT NULL AND year IS NOT NULL AND category IS NOT NULL GROUP BY ALL;
CREATE TABLE paid AS
    SELECT hid, year, category, sum(amount) AS amount, max(paid_on) AS last, count(*) FILTER (WHERE status = '1') AS done
    FROM payment WHERE hid IS NOT NULL AND year IS NOT NULL AND category IS NOT NULL GROUP BY ALL;
SELECT count(*) FILTER (WHERE a.hid IS NULL) AS "aid.household_id.required", count(*) FILTER (WHERE year_missing) AS "aid.year.required", count(*) FILTER (WHERE year_bad) AS "aid.year.type",
    wrong(a.year BETWEEN 2014 AND 2100) AS "aid.year.range", count(*) FILTER (WHERE category_missing) AS "aid.category.required", count(*) FILTER (WHERE category_bad) AS "aid.category.codes",
    count(*) FILTER (WHERE amount_missing) AS "aid.amount.required", count(*) FILTER (WHERE amount_bad) AS "aid.amount.type", wrong(a.amount >= 0) AS "aid.amount.range",
    count(*) FILTER (WHERE state_missing) AS "aid.state.required", count(*) FILTER (WHERE state_bad) AS "aid.state.codes",
    (SELECT coalesce(sum(n), 0) FROM aid_one WHERE n > 1) AS "aid.key", count(*) FILTER (WHERE a.hid IS NOT NULL AND s.hid IS NULL) AS "aid.household_id.references",
    count(*) FILTER (WHERE state = 'N01' AND a.amount <> p.amount) AS "AD-201", wrong(year(p.last) = a.year AND coalesce(p.done, 0) <= 12) AS "AD-202"
FROM aid a LEFT JOIN seen s ON s.hid = a.hid LEFT JOIN paid p ON p.hid = a.hid AND p.year = a.year AND p.category = a.category;
SELECT count(*) FILTER (WHERE p.hid IS NULL) AS "payment.household_id.required", count(*) FILTER (WHERE raw_year IS NULL) AS "payment.year.required",
    count(*) FILTER (WHERE raw_year IS NOT NULL AND p.year IS NULL) AS "payment.year.type", count(*) FILTER (WHERE raw_category IS NULL) AS "payment.category.required",
    count(*) FILTER (WHERE raw_category IS NOT NULL AND p.category IS NULL) AS "payment.category.codes", count(*) FILTER (WHERE raw_number IS NULL) AS "payment.number.required",
    count(*) FILTER (WHERE raw_number IS NOT NULL AND number IS NULL) AS "payment.number.type", wrong(number >= 1) AS "payment.number.range",
    count(*) FILTER (WHERE raw_amount IS NULL) AS "payment.amount.required", count(*) FILTER (WHERE raw_amount IS NOT NULL AND p.amount IS NULL) AS "payment.amount.type",
    wrong(p.amount >= 0) AS "payment.amount.range", count(*) FILTER (WHERE raw_on IS NULL) AS "payment.paid_on.required",
    count(*) FILTER (WHERE raw_on IS NOT NULL AND paid_on IS NULL) AS "payment.paid_on.type", wrong(paid_on <= DATE '2021-12-31') AS "payment.paid_on.range",
    count(*) FILTER (WHERE raw_time IS NOT NULL AND paid_time IS NULL) AS "payment.paid_time.type", count(*) FILTER (WHERE raw_batch IS NOT NULL AND batch_at IS NULL) AS "payment.batch_at.type",
    count(*) FILTER (WHERE raw_status IS NULL) AS "payment.status.required", count(*) FILTER (WHERE raw_status IS NOT NULL AND status IS NULL) AS "payment.status.codes",
    wrong(paid_time BETWEEN TIME '08:00:00' AND TIME '18:00:00' AND batch_at >= paid_on AND batch_at < paid_on + INTERVAL 1 DAY) AS "PY-101",
    count(*) FILTER (WHERE status = '1' AND p.hid IS NOT NULL AND p.year IS NOT NULL AND p.category IS NOT NULL AND a.hid IS NULL) AS "PY-201",
    count(*) FILTER (WHERE CASE WHEN raw_category IS NOT NULL AND p.category IS NULL OR raw_year IS NOT NULL AND p.year IS NULL THEN false
        ELSE a.n = 1 AND p.amount > a.amount OR a.n IS DISTINCT FROM 1 OR s.n IS DISTINCT FROM 1 OR s.flag_null AND NOT s.flag_bad END) AS "PY-202"
FROM payment p LEFT JOIN aid_one a ON a.hid = p.hid AND a.year = p.year AND a.category = p.category LEFT JOIN seen s ON s.hid = a.hid;
SELECT coalesce(sum(n), 0) AS "PY-203" FROM (SELECT count(*) AS n FROM payment WHERE hid IS NOT NULL AND year IS NOT NULL AND category IS NOT NULL AND number IS NOT NULL
    GROUP BY hid, year, category, number HAVING count(*) > 1);

-- the cover sheet
CREATE TABLE cover AS SELECT table_name, whole("rows") AS n, "rows" IS NULL AS missing
    FROM read_csv(getvariable('folder') || '/cover.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', columns = {'table_name': 'VARCHAR', 'rows': 'VARCHAR'});
SELECT count(*) FILTER (WHERE table_name IS NULL) AS "cover.table_name.required", count(*) FILTER (WHERE missing) AS "cover.rows.required",
    count(*) FILTER (WHERE NOT missing AND n IS NULL) AS "cover.rows.type", count(table_name) - count(DISTINCT table_name) AS "cover.key",
    wrong(n = CASE table_name WHEN 'household' THEN (SELECT count(*) FROM h) WHEN 'member' THEN (SELECT count(*) FROM m) WHEN 'village_summary' THEN (SELECT count(*) FROM village)
        WHEN 'work_record' THEN (SELECT count(*) FROM w) WHEN 'aid' THEN (SELECT count(*) FROM aid) WHEN 'payment' THEN (SELECT count(*) FROM payment) END) AS "CV-201"
FROM cover;

-- figures by region
CREATE TABLE insured_by AS SELECT coalesce(CAST(county AS VARCHAR), '') AS code, count(*) FILTER (WHERE insured) AS a, count(*) AS b FROM m GROUP BY 1;
CREATE TABLE county_by AS
    SELECT CAST(county AS VARCHAR) AS code, sum(net) AS net, sum(size) AS size, count(*) FILTER (WHERE flag IN (1, 4)) AS exited, count(*) AS n
    FROM h WHERE county IS NOT NULL GROUP BY county;
SELECT 'INSURED' AS measure, '*' AS code, sum(a) AS a, sum(b) AS b FROM insured_by
UNION ALL SELECT 'INSURED', code[1:4], sum(a), sum(b) FROM insured_by WHERE code <> '' GROUP BY code[1:4]
UNION ALL SELECT 'INSURED', code, a, b FROM insured_by WHERE code <> '';
SELECT 'INCOME-A-HEAD' AS measure, '*' AS code, sum(net) AS a, sum(size) AS b FROM h
UNION ALL SELECT 'INCOME-A-HEAD', code[1:2], sum(net), sum(size) FROM county_by GROUP BY code[1:2]
UNION ALL SELECT 'INCOME-A-HEAD', code[1:4], sum(net), sum(size) FROM county_by GROUP BY code[1:4]
UNION ALL SELECT 'INCOME-A-HEAD', code, net, size FROM county_by;

-- EARLIER PERIOD
CREATE TABLE h1 AS
    SELECT key_of(household_id, regexp_full_match(household_id, '[0-9]{18}')) AS hid, village_code,
        CASE WHEN length(identified_month) = 6 AND m BETWEEN 101 AND 999912 AND m % 100 BETWEEN 1 AND 12 THEN m END AS identified, money(net_income) AS net,
        CASE WHEN exit_flag IN ('0', '1', '2', '3', '4') THEN CAST(exit_flag AS TINYINT) END AS flag,
        CASE WHEN removal_reason IN ('01', '02', '03') THEN removal_reason END AS removal, removal_reason IS NULL AS removal_missing
    FROM (SELECT *, TRY_CAST(identified_month AS INTEGER) AS m
        FROM read_csv(getvariable('previous') || '/household.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'household_id': 'VARCHAR', 'village_code': 'VARCHAR', 'head_id': 'VARCHAR', 'head_name': 'VARCHAR', 'phone': 'VARCHAR', 'attribute': 'VARCHAR', 'family_size': 'VARCHAR',
                'cause': 'VARCHAR', 'other_causes': 'VARCHAR', 'identified_month': 'VARCHAR', 'exit_flag': 'VARCHAR', 'exit_date': 'VARCHAR', 'wage_income': 'VARCHAR', 'business_income': 'VARCHAR',
                'property_income': 'VARCHAR', 'transfer_income': 'VARCHAR', 'business_expense': 'VARCHAR', 'net_income': 'VARCHAR', 'removal_reason': 'VARCHAR'}));
CREATE TABLE h1_one AS SELECT hid, count(*) AS n, any_value(identified) AS identified, any_value(net) AS net, bool_or(removal IS NOT NULL) AS removal FROM h1 WHERE hid IS NOT NULL GROUP BY hid;
CREATE TABLE m1 AS
    SELECT key_of(household_id, regexp_full_match(household_id, '[0-9]{18}')) AS hid,
        CASE WHEN length(id_no) = 15 THEN CASE WHEN on_calendar(19000000 + number // 1000 % 1000000) THEN number END ELSE id17(id_no, number, n) END AS idk, id_no IS NULL AS id_missing,
        CASE WHEN length(birth_date) IN (8, 10) AND on_calendar(b) THEN b END AS birth, CASE WHEN sex IN ('1', '2') THEN CAST(sex AS TINYINT) END AS sex
    FROM (SELECT *, first17(id_no, number) AS n FROM (SELECT *, TRY_CAST(id_no AS BIGINT) AS number,
            coalesce(TRY_CAST(birth_date AS INTEGER), TRY_CAST(replace(birth_date, '-', '') AS INTEGER)) AS b
        FROM read_csv(getvariable('previous') || '/member.csv', header = true, auto_detect = false, delim = ',', quote = '"', escape = '"',
            columns = {'member_id': 'VARCHAR', 'household_id': 'VARCHAR', 'id_no': 'VARCHAR', 'name': 'VARCHAR', 'sex': 'VARCHAR', 'birth_date': 'VARCHAR', 'relation': 'VARCHAR', 'ethnic': 'VARCHAR',
                'education': 'VARCHAR', 'student_status': 'VARCHAR', 'health': 'VARCHAR', 'disability_no': 'VARCHAR', 'labour_skill': 'VARCHAR', 'work_months': 'VARCHAR', 'insured': 'VARCHAR'})));
CREATE TABLE id1_twice AS SELECT idk FROM m1 WHERE idk IS NOT NULL GROUP BY idk HAVING count(*) > 1;
SELECT count(*) FILTER (WHERE b.n = 1 AND b.identified <> h.identified) AS "HH-301",
    count(*) FILTER (WHERE h.net > 3 * b.net AND b.n = 1 OR h.net = b.net * 2 AND b.n = 1 OR h.net IS NULL AND NOT h.net_bad::BOOL AND b.n IS DISTINCT FROM 1) AS "HH-302"
FROM h LEFT JOIN h1_one b ON b.hid = h.hid;
SELECT count(*) AS "HP-301" FROM h1 WHERE removal IS NULL AND removal_missing AND (hid IS NULL OR hid NOT IN (SELECT hid FROM h WHERE hid IS NOT NULL));
SELECT count(*) FILTER (WHERE b.birth <> m.birth OR b.sex <> m.sex) AS "MB-401"
FROM m JOIN m1 b ON b.idk = m.idk WHERE b.idk NOT IN (SELECT idk FROM id1_twice);
SELECT count(*) AS "MP-401"
FROM m1 LEFT JOIN h1_one h ON h.hid = m1.hid
WHERE (id_missing OR m1.idk IS NOT NULL AND m1.idk NOT IN (SELECT idk FROM m WHERE idk IS NOT NULL)) AND (h.n IS DISTINCT FROM 1 OR NOT h.removal);
SELECT 'EXITED' AS measure, '*' AS code, count(*) FILTER (WHERE flag IN (1, 4)) AS a, count(*) AS b FROM h
UNION ALL SELECT 'EXITED', code, exited, n FROM county_by;
