#!/usr/bin/env python3
"""Makes tests/data/calendar_vectors.tsv: what PostgreSQL says about dates, timestamps and intervals.

    PGHOST=… PGPORT=… PGUSER=… python3 base/gen/calendar_vectors.py > tests/data/calendar_vectors.tsv

psql must reach a server (15 made the committed file); nothing is written to it but temporary objects. Columns by the
first one:

    add   timestamp months days micros sign result     timestamp + sign * interval; null outside the years 1 to 9999
    sub   timestamp timestamp days micros
    cmp   months days micros months days micros result
    date  date days last-day                            days since 1970-01-01
    age   birth at years months                         completed, of age(at, birth); birth <= at
"""
import random
import subprocess

SETUP = r"""
set timezone = 'UTC'; set datestyle = iso; set intervalstyle = postgres;
create temp table adds(id int, t timestamp, m int, d int, us bigint, sign int);
create temp table subs(id int, a timestamp, b timestamp);
create temp table cmps(id int, m int, d int, us bigint, n int, e int, vs bigint);
create temp table dates(id int, a date);
create temp table ages(id int, a date, b date);
create function pg_temp.iv(m int, d int, us bigint) returns interval language sql as
  $$select (m || ' months ' || d || ' days ' || us || ' microseconds')::interval$$;
create function pg_temp.plus(t timestamp, i interval, sign int) returns text language plpgsql as $$
declare r timestamp;
begin
  r := case when sign > 0 then t + i else t - i end;
  if r < timestamp '0001-01-01' or r >= timestamp '9999-12-31' + interval '1 day' then return 'null'; end if;
  return to_char(r, 'YYYY-MM-DD"T"HH24:MI:SS.US');
exception when others then return 'null';
end$$;
"""

RESULTS = r"""
select 'add', to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS.US'), m, d, us, sign,
  pg_temp.plus(t, pg_temp.iv(m, d, us), sign) from adds order by id;
select 'sub', to_char(a, 'YYYY-MM-DD"T"HH24:MI:SS.US'), to_char(b, 'YYYY-MM-DD"T"HH24:MI:SS.US'),
  extract(day from a - b)::bigint,
  round(extract(hour from a - b) * 3600000000 + extract(minute from a - b) * 60000000
        + extract(microseconds from a - b))::bigint
  from subs order by id;
select 'cmp', m, d, us, n, e, vs, case when x < y then -1 when x > y then 1 else 0 end
  from (select *, pg_temp.iv(m, d, us) x, pg_temp.iv(n, e, vs) y from cmps) c order by id;
select 'date', a, a - date '1970-01-01', (date_trunc('month', a) + interval '1 month' - interval '1 day')::date
  from dates order by id;
select 'age', a, b, extract(year from age(b, a))::int,
  (extract(year from age(b, a)) * 12 + extract(month from age(b, a)))::int
  from ages order by id;
"""

EDGE_DATES = """
0001-01-01 0001-01-31 0004-02-29 0100-02-28 1582-10-15 1899-12-31 1900-02-28 1900-03-01 1969-12-31 1970-01-01 2000-02-28
2000-02-29 2000-03-01 2000-12-31 2019-01-31 2020-01-31 2020-02-29 2020-03-31 2021-02-28 2021-03-01 2021-08-31 2024-02-29
9999-01-31 9999-12-01 9999-12-31""".split()
MICROS = [0, 1, -1, 999999, 1000000, 86399999999, 86400000000, -86400000000, 86400000001, 10**15, -(10**15)]


def main():
    rng = random.Random(15)

    def between(first, last):
        return f"{rng.randint(first, last):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"

    def date():
        return rng.choice(EDGE_DATES) if rng.random() < 0.5 else between(1, 9999)

    def near():
        return rng.choice(EDGE_DATES[12:22]) if rng.random() < 0.6 else between(1930, 2030)

    def stamp():
        return f"{date()} {rng.choice(('00:00:00', '08:30:15.5', '23:59:59.999999', '00:00:00.000001'))}"

    def interval():
        months = (0, 0, 1, -1, 3, 11, 12, 13, 24, -12, 36, 1200, -1200, 119987, -119987, rng.randint(-200000, 200000))
        return (rng.choice(months),
                rng.choice((0, 0, 1, -1, 28, 30, 31, -31, 365, 366, 3652058, -3652058, rng.randint(-4000000, 4000000))),
                rng.choice(MICROS))

    sql = [SETUP]
    for i in range(1200):
        m, d, us = interval()
        sql.append(f"insert into adds values ({i}, '{stamp()}', {m}, {d}, {us}, {rng.choice((1, -1))});")
    for i in range(200):
        sql.append(f"insert into subs values ({i}, '{stamp()}', '{stamp()}');")
    equal = [(1, 0, 0), (0, 30, 0), (0, 0, 30 * 86400000000), (12, 0, 0), (0, 360, 0), (1, -30, 0), (0, 0, 0),
             (0, 1, -86400000000), (12, 5, 0)]
    for i in range(300):
        x, y = (rng.choice(equal), rng.choice(equal)) if i % 2 else (interval(), interval())
        sql.append(f"insert into cmps values ({i}, {x[0]}, {x[1]}, {x[2]}, {y[0]}, {y[1]}, {y[2]});")
    for i in range(300):
        sql.append(f"insert into dates values ({i}, '{EDGE_DATES[i] if i < len(EDGE_DATES) else date()}');")
    for i in range(400):
        a, b = sorted((near(), near()))
        sql.append(f"insert into ages values ({i}, '{a}', '{b}');")
    sql.append(RESULTS)
    psql = ["psql", "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "postgres"]
    out = subprocess.run(psql, input="\n".join(sql), text=True,
                         stdout=subprocess.PIPE, check=True).stdout
    print("# Made by base/gen/calendar_vectors.py with PostgreSQL 15; columns are explained there.")
    print(out, end="")


main()
