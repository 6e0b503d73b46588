"""Dates, times and intervals: proleptic Gregorian, years 1 to 9999, no zones, no wall clock."""

import datetime
import re

from .values import Interval, ProfileError, Time, as_date, as_timestamp

# Token of a format: pattern, part of the result.
TOKENS = [
    ('YYYY', '([0-9]{4})', 'year'),
    ('HH24', '([0-9]{2})', 'hour'),
    ('MM', '([0-9]{2})', 'month'),
    ('MI', '([0-9]{2})', 'minute'),
    ('DD', '([0-9]{2})', 'day'),
    ('SS', '([0-9]{2})', 'second'),
    ('M', '([0-9]{1,2})', 'month'),
    ('D', '([0-9]{1,2})', 'day'),
]
NEEDS = {
    'date': {'year', 'month', 'day'},
    'month': {'year', 'month'},
    'time': {'hour'},
    'datetime': {'year', 'month', 'day', 'hour'},
}

DAYS_PER_400_YEARS = 146097
EPOCH = datetime.date(1970, 1, 1).toordinal()
WAY_FIRST, WAY_LAST = EPOCH - 2_440_588, EPOCH + 106_762_939  # Julian day 0 and the last day of 294276

ISO_DATE = re.compile(r'([0-9]{4})-([0-9]{2})-([0-9]{2})')
ISO_MONTH = re.compile(r'([0-9]{4})-([0-9]{2})')
ISO_TIME = re.compile(r'([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,6}))?)?')


def make_date(year, month, day):
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def make_time(hour, minute, second, micros=0):
    if minute > 59 or second > 59:
        return None
    total = ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
    return Time(total) if total <= 86_400_000_000 else None


def make_timestamp(date, time):
    if date is None or time is None:
        return None
    return shift(as_timestamp(date), 0, 0, time.micros)


def parse_iso(kind, text):
    """A date, month, time or datetime in ISO 8601; None when it is another form or not on the calendar."""
    if kind == 'date':
        match = ISO_DATE.fullmatch(text)
        return make_date(*map(int, match.groups())) if match else None
    if kind == 'month':
        match = ISO_MONTH.fullmatch(text)
        return make_date(int(match[1]), int(match[2]), 1) if match else None
    if kind == 'time':
        match = ISO_TIME.fullmatch(text)
        if not match:
            return None
        return make_time(int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or '').ljust(6, '0')))
    if len(text) < 11 or text[10] not in 'T ':
        return None
    return make_timestamp(parse_iso('date', text[:10]), parse_iso('time', text[11:]))


def compile_format(kind, text):
    """(pattern, parts) of a `formats` entry; raises ProfileError when a part is unknown, repeated or missing."""
    pattern, parts, at = '', [], 0
    while at < len(text):
        for token, regex, part in TOKENS:
            if text.startswith(token, at):
                if part in parts:
                    raise ProfileError(f'format {text!r} names the {part} twice')
                parts.append(part)
                pattern += regex
                at += len(token)
                break
        else:
            pattern += re.escape(text[at])
            at += 1
    if not NEEDS[kind] <= set(parts):
        raise ProfileError(f'format {text!r} lacks a part of a {kind}')
    return re.compile(pattern, re.DOTALL), parts


def parse_format(kind, compiled, text):
    pattern, parts = compiled
    match = pattern.fullmatch(text)
    if not match:
        return None
    got = dict(zip(parts, map(int, match.groups())))
    date = make_date(got.get('year', 1), got.get('month', 1), got.get('day', 1))
    time = make_time(got.get('hour', 0), got.get('minute', 0), got.get('second', 0))
    if kind in ('date', 'month'):
        if date is None or time is None:
            return None
        return date.replace(day=1) if kind == 'month' else date
    if kind == 'time':
        return time
    return make_timestamp(date, time)


def shift(timestamp, months, days, micros):
    """timestamp plus an interval: months first, the day clamped to the month's last, then days, then microseconds. On
    the way the years 1 to 9999 may be left, as far as PostgreSQL's timestamps reach; the result must lie in them, else
    NULL."""
    year, month = divmod(timestamp.year * 12 + timestamp.month - 1 + months, 12)
    like = (year - 1) % 400 + 1  # a year of the same calendar: it repeats every 400 years
    day = min(timestamp.day, days_in_month(like, month + 1))
    ordinal = datetime.date(like, month + 1, day).toordinal() + (year - like) // 400 * DAYS_PER_400_YEARS
    time = timestamp - datetime.datetime(timestamp.year, timestamp.month, timestamp.day)
    for step in (0, days):
        ordinal += step
        if not WAY_FIRST <= ordinal <= WAY_LAST:
            return None
    whole, rest = divmod(time // datetime.timedelta(microseconds=1) + micros, 86_400_000_000)
    ordinal += whole
    if not 1 <= ordinal <= datetime.date.max.toordinal():
        return None
    return as_timestamp(datetime.date.fromordinal(ordinal)) + datetime.timedelta(microseconds=rest)


def days_in_month(year, month):
    for day in (31, 30, 29):
        if make_date(year, month, day):
            return day
    return 28


def add_interval(value, interval, sign=1):
    return shift(as_timestamp(value), sign * interval.months, sign * interval.days, sign * interval.micros)


def add_days(date, days):
    try:
        return date + datetime.timedelta(days=days)
    except OverflowError:
        return None


def days_between(a, b):
    return (as_date(b) - as_date(a)).days


def timestamp_difference(a, b):
    delta = as_timestamp(a) - as_timestamp(b)
    micros = delta // datetime.timedelta(microseconds=1)
    sign = -1 if micros < 0 else 1
    days, rest = divmod(abs(micros), 86_400_000_000)
    return fit_interval(0, sign * days, sign * rest)


def fit_interval(months, days, micros):
    if abs(months) >= 2**31 or abs(days) >= 2**31 or abs(micros) >= 2**63:
        return None
    return Interval(months, days, micros)


def add_intervals(a, b, sign=1):
    return fit_interval(a.months + sign * b.months, a.days + sign * b.days, a.micros + sign * b.micros)


def completed_months(a, b):
    """The largest n with a plus n months (a day that the month lacks is the 1st of the next) not after b."""
    a, b = as_date(a), as_date(b)
    months = (b.year - a.year) * 12 + b.month - a.month
    return months - 1 if b.day < a.day else months


def age(birth, at):
    """Completed years; one born on 29 February completes a year on 1 March in common years."""
    birth, at = as_date(birth), as_date(at)
    years = at.year - birth.year
    return years - 1 if (at.month, at.day) < (birth.month, birth.day) else years


def first_day(date):
    return as_date(date).replace(day=1)


def last_day(date):
    date = as_date(date)
    return date.replace(day=days_in_month(date.year, date.month))
