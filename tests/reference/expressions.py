"""Single expressions over one row: what the differential tests compare with the engine and with PostgreSQL.

A case: {"expr", "fields": {name: type}, "row": {name: value | null | {"invalid": true}}, "params": {name: {"type",
"value"}}, "as_of": date}. A type is a profile's (`decimal(12,2)`, `date`), `numeric` or `timestamp`, with `[]` behind
for an array.
"""

from . import standards, values
from .check import Scope, check
from .evaluate import Env, evaluate
from .fields import read_type
from .load import day, expr_type_of, split_type
from .profile import Field, Param, Profile, Table
from .run import Run
from .values import INVALID, ProfileError, UsageError

LISTS = None
RENAMED = {'numeric': 'decimal', 'timestamp': 'datetime'}


class Value:
    """In the place of a Cell."""

    def __init__(self, field, given, run):
        self.missing = given is None
        self.raw = given if isinstance(given, str) else None
        if given is None:
            self.value = None
        elif isinstance(given, dict):
            self.value = INVALID
            self.raw = given.get('raw', '')
        elif isinstance(given, list):
            self.value = tuple(read(field, item, run) for item in given)
        else:
            self.value = read(field, given, run)


class OneRow:
    def __init__(self, cells):
        self.cells = cells

    def value(self, name):
        return self.cells[name].value

    def raw(self, name):
        return self.cells[name].raw


def read(field, text, run):
    if isinstance(text, bool):
        text = 'true' if text else 'false'
    value = None if text is None else read_type(field.types[0], field, str(text), run)
    if value is None and text is not None:
        raise ProfileError(f'{text!r} is no {field.types[0]}')
    return value


def field_of(table, name, written):
    array = written.endswith('[]')
    kind, precision, scale = split_type(written.removesuffix('[]'))
    kind = RENAMED.get(kind, kind)
    item = expr_type_of(kind)
    return Field(
        table,
        name,
        [],
        [kind],
        item + '[]' if array else item,
        item,
        precision,
        scale,
        true=['true', '1'],
        false=['false', '0'],
    )


def lists():
    global LISTS
    if LISTS is None:
        LISTS = standards.Lists()
    return LISTS


def evaluate_case(case):
    try:
        return {'value': shown(value_of(case))}
    except (ProfileError, UsageError, KeyError, RecursionError) as error:
        return {'error': f'{type(error).__name__}: {error}'}


def value_of(case):
    profile, table = Profile('', '', '.', lists()), Table('row')
    for name, written in (case.get('fields') or {}).items():
        table.fields[name] = field_of(table, name, written)
    for name, param in (case.get('params') or {}).items():
        kind, precision, scale = split_type(RENAMED.get(param['type'], param['type']))
        profile.params[name] = Param(name, kind, expr_type_of(kind), str(param['value']), precision, scale)
    run = Run(profile, {}, day(case['as_of']) if case.get('as_of') else None)
    checked = check(case['expr'], Scope(profile, table))
    if checked.reads.as_of and run.as_of is None:
        raise UsageError('no as_of')
    row = case.get('row') or {}
    cells = {name: Value(field, row.get(name), run) for name, field in table.fields.items()}
    return evaluate(checked.root, Env(run, OneRow(cells)))


def shown(value):
    if value is None:
        return None
    if value is INVALID:
        return {'invalid': True}
    if isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [shown(item) for item in value]
    return values.show(value)
