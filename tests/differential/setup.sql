-- What the translation of run.py needs. Our operators give NULL where PostgreSQL raises an error, so each that may raise has a function
-- here that looks first. Values are shown as tests/data/expr/README.md writes them.
set client_min_messages = warning;
create extension if not exists pg_trgm;

-- 38 digits, scale at most 38.
create function hz_fits(x numeric) returns boolean immutable language sql as
$$ select scale(x) <= 38 and length(replace(ltrim(abs(x)::text, '0.'), '.', '')) <= 38 $$;
create function hz_fit(x numeric) returns numeric immutable language sql as
$$ select case when hz_fits(x) then x end $$;
-- A product that does not fit is made again of factors without trailing zeros.
create function hz_mul(a numeric, b numeric) returns numeric immutable language sql as
$$ select case when hz_fits(a * b) then a * b else hz_fit(trim_scale(a) * trim_scale(b)) end $$;
-- 20 digits, half to even.
create function hz_div(a numeric, b numeric) returns numeric immutable language plpgsql as
$$
declare
    n numeric := abs(a) * 100000000000000000000;
    d numeric := abs(b);
    q numeric;
    r numeric;
begin
    if b = 0 or a is null or b is null then
        return null;
    end if;
    q := div(n, d);
    r := n - q * d;
    if r * 2 > d or (r * 2 = d and mod(q, 2) = 1) then
        q := q + 1;
    end if;
    q := round(q, 0) * 0.00000000000000000001;
    return hz_fit(round(case when (a < 0) <> (b < 0) then -q else q end, 20));
end
$$;
create function hz_whole(n numeric) returns boolean immutable language sql as
$$ select n = trunc(n) and n between -9223372036854775808 and 9223372036854775807 $$;
create function hz_int(n numeric) returns int immutable language sql as
$$ select case when hz_whole(n) then greatest(least(n, 1000000000), -1000000000)::int end $$;
create function hz_left(t text, n numeric) returns text immutable language sql as $$ select left(t, hz_int(n)) $$;
create function hz_right(t text, n numeric) returns text immutable language sql as $$ select right(t, hz_int(n)) $$;
create function hz_substr(t text, n numeric) returns text immutable language sql as $$ select substr(t, hz_int(n)) $$;
create function hz_substr(t text, n numeric, c numeric) returns text immutable language sql as
$$ select case when c >= 0 and abs(n) < 1000000000 and c < 1000000000 then substr(t, hz_int(n), hz_int(c))
        when c >= 0 and hz_whole(n) and hz_whole(c) then substr(t, hz_int(greatest(n, 1)), hz_int(greatest(n + c - greatest(n, 1), 0))) end $$;
create function hz_round(x numeric, n numeric) returns numeric immutable language sql as
$$ select case when n = trunc(n) and n between -2147483648 and 38 then hz_fit(round(x, greatest(n, -2000)::int)) end $$;
create function hz_like(t text, p text) returns boolean immutable language sql as
$$ select case when mod(length(p) - length(rtrim(p, '\')), 2) = 1 then null else t like p end $$;

-- Case by Unicode, whatever collation the argument has.
create function hz_upper(t text) returns text immutable language plpgsql as $$ begin return upper(t collate "default"); end $$;
create function hz_lower(t text) returns text immutable language plpgsql as $$ begin return lower(t collate "default"); end $$;

create function hz_day(d date) returns date immutable language sql as
$$ select case when d between date '0001-01-01' and date '9999-12-31' then d end $$;
create function hz_stamp(t timestamp) returns timestamp immutable language sql as
$$ select case when t >= timestamp '0001-01-01' and t < timestamp '10000-01-01' then t end $$;
create function hz_shift(t timestamp, i interval) returns timestamp immutable language plpgsql as
$$
begin
    return hz_stamp(t + i);
exception when data_exception then
    return null;
end
$$;
create function hz_shift(d date, n numeric) returns date immutable language sql as
$$ select case when n = trunc(n) and abs(n) < 4000000 then hz_day((d::timestamp + make_interval(days => n::int))::date) end $$;
create function hz_year(d timestamp) returns numeric immutable language sql as $$ select extract(year from d) $$;
create function hz_month(d timestamp) returns numeric immutable language sql as $$ select extract(month from d) $$;
create function hz_dom(d timestamp) returns numeric immutable language sql as $$ select extract(day from d) $$;
create function hz_first(d timestamp) returns date immutable language sql as $$ select date_trunc('month', d)::date $$;
create function hz_last(d timestamp) returns date immutable language sql as
$$ select (date_trunc('month', d) + interval '1 month' - interval '1 day')::date $$;
create function hz_age(b timestamp, at timestamp) returns numeric immutable language sql as
$$ select extract(year from at) - extract(year from b) - case when (extract(month from at), extract(day from at)) <
        (extract(month from b), extract(day from b)) then 1 else 0 end $$;
create function hz_months(a timestamp, b timestamp) returns numeric immutable language sql as
$$ select (extract(year from b) - extract(year from a)) * 12 + extract(month from b) - extract(month from a) -
        case when extract(day from b) < extract(day from a) then 1 else 0 end $$;
create function hz_to_number(t text) returns numeric immutable language plpgsql as
$$
begin
    return case when t ~ '^[+-]?[0-9]+(\.[0-9]+)?$' then hz_fit(t::numeric) end;
end
$$;
create function hz_to_date(t text) returns date immutable language plpgsql as
$$
begin
    return case when t ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then t::date end;
exception when data_exception then
    return null;
end
$$;

create function hz_show(x boolean) returns text immutable language sql as $$ select case when x then 'true' when not x then 'false' else 'null' end $$;
create function hz_show(x text) returns text immutable language sql as $$ select coalesce('''' || replace(x, '''', '''''') || '''', 'null') $$;
create function hz_show(x numeric) returns text immutable language sql as $$ select coalesce(x::text, 'null') $$;
create function hz_show(x date) returns text stable language sql as $$ select coalesce(x::text, 'null') $$;
create function hz_show(x timestamp) returns text stable language sql as $$ select coalesce(x::text, 'null') $$;
create function hz_show(x time) returns text stable language sql as $$ select coalesce(x::text, 'null') $$;
create function hz_show(x interval) returns text stable language sql as
$$ select coalesce((extract(year from x) * 12 + extract(month from x))::text || ' ' || extract(day from x)::text || ' ' ||
        (extract(hour from x) * 3600000000 + extract(minute from x) * 60000000 + extract(microseconds from x))::bigint::text, 'null') $$;
do $do$
declare
    type text;
begin
    foreach type in array array['boolean', 'text', 'numeric', 'date', 'timestamp', 'time', 'interval'] loop
        execute format($f$ create function hz_show(x %1$s[]) returns text stable language sql as
            $$ select case when x is null then 'null' else '{' || coalesce((select string_agg(hz_show(v), ',' order by n)
               from unnest(x) with ordinality as u(v, n)), '') || '}' end $$ $f$, type);
    end loop;
end
$do$;

-- One expression over all rows of `given`, tab-separated; NULL for a row where it raises; `!` and the message when it is no SQL.
create function hz_all(expr text) returns text language plpgsql as
$$
declare
    answer text;
    part text;
    i int;
    n int;
begin
    execute 'select string_agg(' || expr || ', chr(9) order by row_number) from given' into answer;
    return answer;
exception when others then
    if sqlstate like '42%' or sqlstate like 'XX%' then
        return '!' || sqlerrm;
    end if;
    select count(*) into n from given;
    for i in 1 .. n loop
        begin
            execute 'select ' || expr || ' from given where row_number = $1' into part using i;
        exception when others then
            if sqlstate like '42%' or sqlstate like 'XX%' then
                return '!' || sqlerrm;
            end if;
            part := 'null';
        end;
        answer := case when i = 1 then part else answer || chr(9) || part end;
    end loop;
    return answer;
end
$$;

-- The same over the first row, where an error is what is asked about.
create function hz_one(expr text) returns text language plpgsql as
$$
declare
    answer text;
begin
    execute 'select ' || expr || ' from given where row_number = 1' into answer;
    return answer;
exception when others then
    return 'error';
end
$$;
