"""Evaluates a checked expression for one row, group or constant. Three values and two nulls: docs/language.md.

Nothing is short-cut: every operand is evaluated, so that an ambiguous path is noticed wherever it stands."""

import datetime

from . import functions, patterns, times, values
from .values import INVALID, Num, all_of, any_of, compare, negate, num, strict


class Env:
    """What names stand for: the row, the outer row (inside an aggregate), the rows and keys of a group, a measure's
    value."""

    def __init__(self, run, row=None, outer=None, group=None, keys=(), measured=None):
        self.run = run
        self.row = row
        self.outer = outer  # an Env
        self.group = group  # rows that `*` stands for
        self.keys = keys
        self.measured = measured or {}
        self.ambiguous = False

    def at(self, level):
        return self if level == 0 else self.outer


def evaluate(node, env):
    if getattr(node, 'key_index', None) is not None:
        return env.keys[node.key_index]
    value = EVALUATORS[type(node).__name__](node, env)
    if node.type == 'timestamp' and isinstance(value, datetime.date):
        value = values.as_timestamp(value)
    return value


# --- leaves ----------------------------------------------------------------------------------------------------------


def literal(node, env):
    return node.value


def as_of(node, env):
    return env.run.as_of


def parameter(node, env):
    return env.run.params[node.name]


def path(node, env):
    kind = node.target[0]
    if kind == 'param':
        return env.run.params[node.target[1]]
    if kind == 'value':
        return env.measured.get(node.target[1])
    if kind == 'outer_key':
        return env.outer.keys[node.target[1]]
    if kind == 'field':
        return env.at(node.target[1]).row.value(node.target[2].name)
    row = follow(node, env)
    return row.value(node.target[3].name) if is_row(row) else row


def is_row(row):
    return row is not None and row is not INVALID


def follow(node, env):
    """The row at the end of to-one steps; None when there is none or more than one (ambiguous), INVALID by an invalid
    key."""
    row = env.at(node.target[1]).row
    for relation in node.target[2]:
        rows = env.run.related(relation, row)
        if rows is INVALID:
            return INVALID
        if len(rows) != 1:
            if len(rows) > 1:
                env.ambiguous = True
            return None
        row = rows[0]
    return row


# --- operators -------------------------------------------------------------------------------------------------------


def unary(node, env):
    value = evaluate(node.operand, env)
    if node.op == 'not':
        return negate(value)
    if value is None or value is INVALID or node.op == '+':
        return value
    if isinstance(value, Num):
        return Num(-value.coef, value.scale)
    return times.fit_interval(-value.months, -value.days, -value.micros)


def binary(node, env):
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    if node.op == 'and':
        return all_of((left, right))
    if node.op == 'or':
        return any_of((left, right))
    return strict_binary(node.op, left, right)


def strict_binary(op, left, right):
    known = strict((left, right))
    if known is not True:
        return known
    if op in ('=', '<>', '<', '<=', '>', '>='):
        return compared(op, left, right)
    if op == '||':
        return left + right
    if op == '<@':
        return contained(left, right)
    return arithmetic(op, left, right)


def compared(op, left, right):
    """Comparison of two present values."""
    if isinstance(left, tuple):
        same = values.arrays_equal(left, right)
        return same if op == '=' else negate(same)
    order = compare(left, right)
    return {'=': order == 0, '<>': order != 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0}[op]


def contained(left, right):
    if INVALID in left or INVALID in right:
        return INVALID
    return all(
        item is not None and any(other is not None and compare(item, other) == 0 for other in right) for item in left
    )


def arithmetic(op, left, right):
    if isinstance(left, Num) and isinstance(right, Num):
        return {'+': values.add, '-': values.subtract, '*': values.multiply, '/': values.divide}[op](left, right)
    sign = 1 if op == '+' else -1
    if isinstance(right, datetime.date) and isinstance(left, (Num, values.Interval)):
        left, right = right, left
    if isinstance(left, values.Interval):
        return times.add_intervals(left, right, sign)
    if isinstance(right, values.Interval):
        return times.add_interval(left, right, sign)
    if isinstance(right, Num):
        days = right.whole()
        return None if days is None else times.add_days(left, sign * days)
    if isinstance(left, datetime.datetime) or isinstance(right, datetime.datetime):
        return times.timestamp_difference(left, right)
    return num((left - right).days)


def quantified(node, env):
    left, array = evaluate(node.left, env), evaluate(node.array, env)
    if strict((array,)) is not True:
        return strict((left, array))
    verdicts = [strict_binary(node.op, left, item) for item in array]
    return any_of(verdicts) if node.quantifier == 'any' else all_of(verdicts)


def between(node, env):
    subject, low, high = (evaluate(part, env) for part in (node.subject, node.low, node.high))
    return all_of((strict_binary('>=', subject, low), strict_binary('<=', subject, high)))


def in_(node, env):
    subject = evaluate(node.subject, env)
    return any_of([strict_binary('=', subject, evaluate(item, env)) for item in node.items])


def in_list(node, env):
    subject = evaluate(node.subject, env)
    return strict((subject,)) if strict((subject,)) is not True else node.codes.find(subject, env.run.as_of) is not None


def like(node, env):
    subject, pattern = evaluate(node.subject, env), evaluate(node.pattern, env)
    known = strict((subject, pattern))
    return patterns.like(subject, pattern) if known is True else known


def matches(node, env):
    subject = evaluate(node.subject, env)
    return patterns.matches(node.compiled, subject) if strict((subject,)) is True else subject


def is_null(node, env):
    value = evaluate(node.operand, env)
    return INVALID if value is INVALID else value is None


def is_distinct(node, env):
    left, right = evaluate(node.left, env), evaluate(node.right, env)
    if left is INVALID or right is INVALID:
        return INVALID
    if left is None or right is None:
        return left is not right
    return negate(values.equal(left, right))


def case(node, env):
    subject = evaluate(node.subject, env) if node.subject is not None else None
    branches = [(evaluate(condition, env), evaluate(result, env)) for condition, result in node.branches]
    otherwise = evaluate(node.otherwise, env) if node.otherwise is not None else None
    for condition, result in branches:
        taken = condition if node.subject is None else strict_binary('=', subject, condition)
        if taken is True:
            return result
    return otherwise


def array(node, env):
    return tuple(evaluate(item, env) for item in node.items)


# --- functions -------------------------------------------------------------------------------------------------------


def call(node, env):
    if node.name == 'raw':
        return raw(node.args[0], env)
    literals = node.literals
    args = [
        literals[index] if index in literals else evaluate(argument, env) for index, argument in enumerate(node.args)
    ]
    if node.name in LAZY:
        return LAZY[node.name](args)
    known = strict([argument for index, argument in enumerate(args) if index not in literals])
    return functions.FUNCTIONS[node.name][2](env.run, *args) if known is True else known


def raw(node, env):
    if node.target[0] == 'field':
        return env.at(node.target[1]).row.raw(node.target[2].name)
    row = follow(node, env)
    return row.raw(node.target[3].name) if is_row(row) else row


def coalesce(args):
    return next((value for value in args if value is not None), None)


def nullif(args):
    left, right = args
    if left is INVALID or right is INVALID:
        return INVALID
    if left is None or right is None:
        return left
    same = values.equal(left, right)
    return INVALID if same is INVALID else None if same else left


def extreme(args, sign):
    if any(value is INVALID for value in args):
        return INVALID
    best = None
    for value in args:
        if value is not None and (best is None or sign * compare(value, best) > 0):
            best = value
    return best


LAZY = {
    'coalesce': coalesce,
    'nullif': nullif,
    'greatest': lambda args: extreme(args, 1),
    'least': lambda args: extreme(args, -1),
}


# --- aggregates ------------------------------------------------------------------------------------------------------


def aggregate(node, env):
    rows = aggregate_rows(node, env)
    if rows is INVALID:
        return INVALID
    inner = [Env(env.run, row, outer=env, measured=env.measured) for row in rows]
    if node.where is not None:
        inner = [one for one in inner if evaluate(node.where, one) is True]
    if node.name == 'exists':
        return bool(inner)
    if node.value_node is None:
        return num(len(inner))
    found = [evaluate(node.value_node, one) for one in inner]
    if node.name == 'every':
        return not any(value is False for value in found)
    found = [value for value in found if value is not None and value is not INVALID]
    return AGGREGATES[node.name](set(found) if node.distinct else found)


def aggregate_rows(node, env):
    """The rows an aggregate runs over; to-one steps that lead nowhere give none."""
    if node.target[0] == 'star':
        return env.group
    row = env.at(node.target[1]).row
    *steps, last = node.target[2]
    for relation in steps:
        rows = env.run.related(relation, row)
        if rows is INVALID:
            return INVALID
        if len(rows) > 1:
            env.ambiguous = True
        if len(rows) != 1:
            return []
        row = rows[0]
    return env.run.related(last, row)


def total(found):
    """The exact sum, at the largest scale; NULL over nothing and beyond 38 digits."""
    if not found:
        return None
    scale = max(value.scale for value in found)
    return values.fit(sum(value.coef * 10 ** (scale - value.scale) for value in found), scale)


def average(found):
    result = total(found)
    return None if result is None else values.divide(result, num(len(found)))


AGGREGATES = {
    'count': lambda found: num(len(found)),
    'sum': total,
    'avg': average,
    'min': lambda found: extreme(found, -1),
    'max': lambda found: extreme(found, 1),
}

EVALUATORS = {
    'Literal': literal,
    'AsOf': as_of,
    'Parameter': parameter,
    'Path': path,
    'Unary': unary,
    'Binary': binary,
    'Quantified': quantified,
    'Between': between,
    'In': in_,
    'InList': in_list,
    'Like': like,
    'Matches': matches,
    'IsNull': is_null,
    'IsDistinct': is_distinct,
    'Case': case,
    'Array': array,
    'Call': call,
    'Aggregate': aggregate,
}
