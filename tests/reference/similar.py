"""Rules that look for similar records: every pair of rows, the plain way (docs/language.md, Similar records)."""

from datetime import datetime
from fractions import Fraction

from . import values
from .evaluate import Env, evaluate
from .values import ProfileError

CHARS_MAX = 255


def share(part, whole):
    """A fraction from 0 to 1 as the engine has it: 20 digits, rounded half to even."""
    return values.divide(values.num(part), values.num(whole)).fraction()


def distance(a, b):
    """Insertions, removals, replacements and swaps of neighbours; no part is changed twice."""
    table = {}
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if not i or not j:
                table[i, j] = i + j
                continue
            ways = [table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (a[i - 1] != b[j - 1])]
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                ways.append(table[i - 2, j - 2] + 1)
            table[i, j] = min(ways)
    return table[len(a), len(b)]


def by_edit(a, b):
    if a == b:
        return Fraction(1)
    longest = max(len(a), len(b))
    return Fraction(0) if longest > CHARS_MAX else share(longest - distance(a, b), longest)


def digits(value):
    text = f'{value.year:04}{value.month:02}{value.day:02}'
    return text + f'{value.hour:02}{value.minute:02}{value.second:02}' if isinstance(value, datetime) else text


def by_date(a, b):
    return by_edit(digits(a), digits(b))


def by_number(a, b):
    if a == b:
        return Fraction(1)
    most = max(a, b, key=lambda one: abs(one.fraction()))
    apart = values.subtract(a, b)
    part = apart and values.divide(values.Num(abs(apart.coef), apart.scale), values.Num(abs(most.coef), most.scale))
    return max(Fraction(0), 1 - part.fraction()) if part else Fraction(0)


def by_equal(a, b):
    return Fraction(values.equal(a, b) is True)


def by_name(a, b):
    raise ProfileError('names are compared by sound, an optional part that the reference does not have')


WAYS = {'name_zh': by_name, 'edit': by_edit, 'date': by_date, 'number': by_number, 'equal': by_equal}


def needs_sound(rule):
    return any(by == 'name_zh' for by, _, _ in rule.compare)


class Taker:
    """A row with its keys, one a block (None: a part is missing or invalid), and its values (None likewise)."""

    def __init__(self, run, rule, row):
        env = Env(run, row)
        self.row = row
        self.keys = [self.whole(evaluate(part.root, env) for part in block) for block in rule.blocks]
        self.values = [self.whole([evaluate(part.root, env)]) for _, part, _ in rule.compare]

    @staticmethod
    def whole(parts):
        parts = tuple(parts)
        return parts if values.strict(parts) is True else None

    def meets(self, other):
        return any(mine is not None and mine == theirs for mine, theirs in zip(self.keys, other.keys))


def alike(rule, a, b):
    """The mean by weight is no less than the threshold; what is missing on either side counts as unlike."""
    total = Fraction(0)
    for (by, _, weight), mine, theirs in zip(rule.compare, a.values, b.values):
        if mine is not None and theirs is not None:
            total += weight * WAYS[by](mine[0], theirs[0])
    return total >= rule.threshold * sum(weight for _, _, weight in rule.compare)


def failing(run, rule, rows):
    """(rows that are like another one, rows that could not be compared)."""
    takers = [Taker(run, rule, row) for row in rows]
    found = {
        taker.row
        for i, taker in enumerate(takers)
        for k, other in enumerate(takers)
        if i != k and taker.meets(other) and alike(rule, taker, other)
    }
    return found, {taker.row for taker in takers if all(key is None for key in taker.keys)}
