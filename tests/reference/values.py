"""Values of expressions: what is present, NULL and INVALID; exact decimals; order and equality.

A value is a Python object (bool, str, Num, date, datetime, Time, Interval, tuple for arrays), None for NULL, or
INVALID.
"""

import datetime
from dataclasses import dataclass
from fractions import Fraction


class ProfileError(Exception):
    """The profile, or one of its expressions, is wrong."""


class UsageError(Exception):
    """The run was asked for in a wrong way (a missing parameter, a date that is none)."""


class _Invalid:
    """The second null: a value that failed its own type or codes."""

    def __repr__(self):
        return 'INVALID'

    def __bool__(self):
        raise TypeError('INVALID has no truth')


INVALID = _Invalid()

DIGITS_MAX = 38
DIVISION_SCALE = 20
COEF_LIMIT = 10**DIGITS_MAX


@dataclass(frozen=True, eq=False)
class Num:
    """coefficient x 10^-scale; 1.0 and 1.00 are equal and print differently."""

    coef: int
    scale: int

    def fraction(self):
        return Fraction(self.coef, 10**self.scale)

    def exact(self):
        """What comparisons look at."""
        return self.fraction()

    def __eq__(self, other):
        return isinstance(other, Num) and self.exact() == other.exact()

    def __hash__(self):
        return hash(self.exact())

    def __lt__(self, other):
        return self.exact() < other.exact()

    def __str__(self):
        sign = '-' if self.coef < 0 else ''
        digits = str(abs(self.coef)).rjust(self.scale + 1, '0')
        if self.scale == 0:
            return sign + digits
        return f'{sign}{digits[:-self.scale]}.{digits[-self.scale:]}'

    def whole(self):
        """The value as int when it has no fraction and fits 64 bits, else None."""
        value = self.fraction()
        return value.numerator if value.denominator == 1 and -(2**63) <= value.numerator < 2**63 else None


@dataclass(frozen=True, eq=False)
class Ratio(Num):
    """A measure's figure: computes as its 20 digits, compares as the exact fraction."""

    numerator: Num
    denominator: Num

    def exact(self):
        return self.numerator.fraction() / self.denominator.fraction()


@dataclass(frozen=True)
class Time:
    """Time of day in microseconds since midnight, 24:00:00 included."""

    micros: int

    def __lt__(self, other):
        return self.micros < other.micros


@dataclass(frozen=True, eq=False)
class Interval:
    """Months, days and microseconds; compared as PostgreSQL does, a month as 30 days, a day as 24 hours."""

    months: int
    days: int
    micros: int

    def total(self):
        return (self.months * 30 + self.days) * 86_400_000_000 + self.micros

    def __eq__(self, other):
        return isinstance(other, Interval) and self.total() == other.total()

    def __hash__(self):
        return hash(self.total())

    def __lt__(self, other):
        return self.total() < other.total()


# --- numbers ---------------------------------------------------------------------------------------------------------


def fit(coef, scale):
    """A Num, or None (NULL) when it does not fit 38 digits and a scale of 0 to 38."""
    if abs(coef) >= COEF_LIMIT or scale < 0 or scale > DIGITS_MAX:
        return None
    return Num(coef, scale)


def num(value):
    return Num(int(value), 0)


def parse_number(text, literal=False):
    """The text form of types integer and decimal; in expressions (`literal`) also `.5` and `5.`, and no sign."""
    body = text
    negative = False
    if not literal and body[:1] in ('+', '-'):
        negative = body[0] == '-'
        body = body[1:]
    whole, point, part = body.partition('.')
    if not is_digits(whole + part):
        return None
    if not literal and (not whole or (point and not part)):
        return None
    if len(whole.lstrip('0')) + len(part) > DIGITS_MAX:
        return None
    coef = int(whole + part)
    return fit(-coef if negative else coef, len(part))


def is_digits(text):
    return text != '' and all('0' <= char <= '9' for char in text)


def aligned(a, b):
    scale = max(a.scale, b.scale)
    return a.coef * 10 ** (scale - a.scale), b.coef * 10 ** (scale - b.scale), scale


def add(a, b):
    x, y, scale = aligned(a, b)
    return fit(x + y, scale)


def subtract(a, b):
    x, y, scale = aligned(a, b)
    return fit(x - y, scale)


def without_zeros(a):
    """The same value without zeros at the end of its fraction."""
    coef, scale = a.coef, a.scale
    while scale > 0 and coef % 10 == 0:
        coef //= 10
        scale -= 1
    return Num(coef, scale)


def multiply(a, b):
    """Scales add up; where the product does not fit, zeros at the end of both factors' fractions are dropped first."""
    product = fit(a.coef * b.coef, a.scale + b.scale)
    if product is None:
        a, b = without_zeros(a), without_zeros(b)
        product = fit(a.coef * b.coef, a.scale + b.scale)
    return product


def divide(a, b):
    if b.coef == 0:
        return None
    return fit(round_half_even(a.fraction() / b.fraction() * 10**DIVISION_SCALE), DIVISION_SCALE)


def round_half_even(value):
    """A Fraction to the nearest int, ties to even: what Python's round does."""
    return round(value)


def round_half_away(a, digits):
    factor = Fraction(10) ** digits
    scaled = abs(a.fraction() * factor)
    nearest = int(scaled + Fraction(1, 2))
    if a.coef < 0:
        nearest = -nearest
    if digits >= 0:
        return fit(nearest, digits)
    return fit(nearest * 10**-digits, 0)


def decimal_text(value, digits):
    """A Fraction with this many decimals, half to even."""
    return str(Num(round_half_even(value * 10**digits), digits))


def ratio(a, b):
    """a / b as a measure's figure; None when it has none."""
    if strict((a, b)) is not True:
        return None
    quotient = divide(a, b)
    return None if quotient is None else Ratio(quotient.coef, quotient.scale, a, b)


# --- order and equality ----------------------------------------------------------------------------------------------


def as_timestamp(value):
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    return value


def as_date(value):
    return value.date() if isinstance(value, datetime.datetime) else value


def compare(a, b):
    """-1, 0 or 1 for two present values of one type. Text goes by code point, date against timestamp as timestamps."""
    if isinstance(a, datetime.date) and isinstance(b, datetime.date) and type(a) is not type(b):
        a, b = as_timestamp(a), as_timestamp(b)
    if a == b:
        return 0
    return -1 if a < b else 1


def arrays_equal(a, b):
    """True, False, or INVALID when an item is; NULL items equal each other, as PostgreSQL has it."""
    if INVALID in a or INVALID in b:
        return INVALID
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if x is None or y is None:
            if x is not y:
                return False
        elif compare(x, y) != 0:
            return False
    return True


def equal(a, b):
    if isinstance(a, tuple):
        return arrays_equal(a, b)
    return compare(a, b) == 0


# --- three values and two nulls --------------------------------------------------------------------------------------


def strict(values):
    """INVALID or None when a strict operator has no value because of its operands; True when all are present."""
    if any(value is INVALID for value in values):
        return INVALID
    if any(value is None for value in values):
        return None
    return True


def all_of(values):
    """AND."""
    if any(value is False for value in values):
        return False
    return strict(values)


def any_of(values):
    """OR."""
    if any(value is True for value in values):
        return True
    return False if strict(values) is True else strict(values)


def negate(value):
    return value if value is None or value is INVALID else not value


# --- printing --------------------------------------------------------------------------------------------------------


def show(value):
    """The text of a present value, as messages print it."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, str):
        return value
    if isinstance(value, Num):
        return str(value)
    if isinstance(value, datetime.datetime):
        fraction = f'.{value.microsecond:06d}' if value.microsecond else ''
        time = f'{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}'
        return f'{show(value.date())}T{time}'
    if isinstance(value, datetime.date):
        return f'{value.year:04d}-{value.month:02d}-{value.day:02d}'
    if isinstance(value, Time):
        seconds, micros = divmod(value.micros, 1_000_000)
        fraction = f'.{micros:06d}' if micros else ''
        return f'{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}'
    if isinstance(value, Interval):
        return f'{value.months} months {value.days} days {value.micros} us'
    if isinstance(value, tuple):
        return ','.join('∅' if item is None else show(item) for item in value)
    raise TypeError(f'no text for {value!r}')
