#!/usr/bin/env python3
"""Makes tests/data/decimal_vectors.tsv: exact expectations for base/decimal.c, computed with Python's integers.

    python3 base/gen/decimal_vectors.py > tests/data/decimal_vectors.tsv

A line is: operation, operands, result, separated by tabs. "null" is no value. The same seed gives the same file.
"""
import itertools
import random

LIMIT = 10**38
SCALE_MAX = 38


def text(number):
    coef, scale = number
    digits = str(abs(coef)).rjust(scale + 1, "0")
    sign = "-" if coef < 0 else ""
    return sign + (digits if scale == 0 else f"{digits[:-scale]}.{digits[-scale:]}")


def fit(coef, scale):
    return (coef, scale) if abs(coef) < LIMIT and 0 <= scale <= SCALE_MAX else None


def divide(n, d, mode):
    """n / d as a whole number, d > 0."""
    floor, rest = divmod(n, d)
    if rest == 0:
        return floor
    if mode == "floor":
        return floor
    if mode == "ceil":
        return floor + 1
    if mode == "down":
        return floor if n >= 0 else floor + 1
    if 2 * rest != d:
        return floor + (2 * rest > d)
    if mode == "half_even":
        return floor + (floor & 1)
    return floor + 1 if n >= 0 else floor


def add(a, b, sign=1):
    scale = max(a[1], b[1])
    return fit(a[0] * 10 ** (scale - a[1]) + sign * b[0] * 10 ** (scale - b[1]), scale)


def normal(a):
    coef, scale = a
    while scale and coef % 10 == 0:
        coef, scale = coef // 10, scale - 1
    return coef, scale


def mul(a, b):
    exact = fit(a[0] * b[0], a[1] + b[1])
    a, b = normal(a), normal(b)
    return exact or fit(a[0] * b[0], a[1] + b[1])


def div(a, b):
    if b[0] == 0:
        return None
    n, d = a[0] * 10 ** (20 + b[1]), b[0] * 10 ** a[1]
    return fit(divide(n if d > 0 else -n, abs(d), "half_even"), 20)


def compare(a, b):
    x, y = a[0] * 10 ** b[1], b[0] * 10 ** a[1]
    return (x > y) - (x < y)


def ratio(a, b, c):
    x, y = a[0] * 10 ** (b[1] + c[1]), b[0] * c[0] * 10 ** a[1]
    return (x > y) - (x < y)


def rounded(a, digits, mode):
    scale = max(digits, 0)
    if digits >= a[1]:
        return fit(a[0] * 10 ** (digits - a[1]), scale)
    return fit(divide(a[0], 10 ** (a[1] - digits), mode) * 10 ** (scale - digits), scale)


def edges():
    coefs = [0, 1, 2, 5, 9, 10, 15, 25, 10**18, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**19 - 1, 10**19, 10**20,
             2**126, 10**37, 5 * 10**37, LIMIT - 1, LIMIT - 5, (LIMIT - 1) // 2, 3**79]
    scales = (0, 1, 2, 19, 20, 37, 38)
    return [(sign * coef, scale) for coef in coefs if coef < LIMIT for scale in scales for sign in (1, -1)
            if coef or sign == 1]


def some(rng):
    digits = rng.choice((1, 2, 4, 9, 18, 19, 20, 25, 37, 38))
    coef = rng.randrange(10**digits)
    if rng.random() < 0.2:
        coef -= coef % 10 ** rng.randrange(digits)
    return (coef if rng.random() < 0.5 else -coef, rng.choice((0, 0, 1, 2, 2, 4, 6, 10, 19, 20, 30, 38)))


def line(*parts):
    print("\t".join(str(part) for part in parts))


def show(number):
    return "null" if number is None else text(number)


def pair_lines(a, b):
    line("add", text(a), text(b), show(add(a, b)))
    line("sub", text(a), text(b), show(add(a, b, -1)))
    line("mul", text(a), text(b), show(mul(a, b)))
    line("div", text(a), text(b), show(div(a, b)))
    line("cmp", text(a), text(b), compare(a, b))


def round_lines(a, rng):
    for digits in {a[1], 0, -1, 2, a[1] - 1, a[1] - 2, rng.choice((-40, -39, -38, -37, -10, 1, 5, 12, 37, 38, 39))}:
        for mode in ("half_even", "half_away", "down", "floor", "ceil"):
            line("round", text(a), digits, mode, show(rounded(a, digits, mode)))


def one_lines(a, rng):
    line("normal", text(a), text(normal(a)))
    whole = a[0] // 10 ** a[1]
    line("i64", text(a), whole if whole * 10 ** a[1] == a[0] and -(2**63) <= whole < 2**63 else "null")
    round_lines(a, rng)


def main():
    rng = random.Random(20)
    numbers = edges()
    pairs = list(itertools.product(numbers, numbers))
    for a, b in rng.sample(pairs, 420):
        pair_lines(a, b)
    for _ in range(300):
        pair_lines(some(rng), some(rng))
    for _ in range(80):  # close to each other, and sums at the very border
        a = some(rng)
        b = (a[0] + rng.randrange(-2, 3), a[1])
        if abs(b[0]) < LIMIT:
            pair_lines(a, b)
        few = (rng.choice((1, 2, -1, 17, -17, -18, 175, -175)), rng.choice((0, 2, 37, 38)))
        pair_lines((LIMIT - 1 - rng.randrange(3), 38), few)
    for _ in range(250):  # ratios that are equal, or nearly
        b, c = some(rng), some(rng)
        b = (abs(b[0]) or 1, b[1])
        near = b[0] * c[0] + rng.choice((-1, 0, 0, 1))
        scale = min(b[1] + c[1], SCALE_MAX)
        a = (near, scale) if abs(near) < LIMIT else some(rng)
        line("ratio", text(a), text(b), text(c), ratio(a, b, c))
    for a in rng.sample(numbers, 30) + [some(rng) for _ in range(30)]:
        one_lines(a, rng)
    for a in [(sign * n, 3) for n in (2500, 3500, 2501, 2499, 1, 500, 999, 995) for sign in (1, -1)]:
        one_lines(a, rng)


main()
