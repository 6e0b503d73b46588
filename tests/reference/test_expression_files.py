"""The cases of tests/data/expr/values_*.txt, which the engine's unit tests and the comparison with PostgreSQL share."""

import glob
import os
import re
import unittest

from . import values
from .check import Scope, check
from .evaluate import Env, evaluate
from .expressions import OneRow, Value, field_of
from .helpers import LISTS
from .load import day, expr_type_of, split_type
from .parser import parse
from .profile import Param, Profile, Table
from .run import Run
from .values import INVALID

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'expr')
CELL = re.compile(r"(\w+)=(invalid)?'((?:[^']|'')*)'")
MANY = ','


class State:
    """What the statements of a file have set so far."""

    def __init__(self):
        self.fields, self.row, self.params, self.as_of = {}, {}, {}, '2020-12-31'

    def set(self, key, text):
        if key == 'fields':
            self.fields = dict(part.strip().rsplit(' ', 1) for part in text.split(','))
            self.row = {}
        elif key == 'row':
            self.row = {name: (bool(invalid), cell.replace("''", "'")) for name, invalid, cell in CELL.findall(text)}
        elif key == 'as_of':
            self.as_of = None if text == 'none' else text
        elif key == 'param':
            name, kind, value = text.split(' ', 2)
            self.params[name] = (kind, value)

    def evaluate(self, expr):
        """(type, value)"""
        profile, table = Profile('', '', '.', LISTS), Table('row')
        for name, (kind, value) in self.params.items():
            profile.params[name] = Param(name, split_type(kind)[0], expr_type_of(split_type(kind)[0]), value)
        table.fields = {name: field_of(table, name, kind) for name, kind in self.fields.items()}
        run = Run(profile, {}, day(self.as_of) if self.as_of else None)
        checked = check(expr, Scope(profile, table))
        cells = {name: self.cell(field, run) for name, field in table.fields.items()}
        return checked.type, evaluate(checked.root, Env(run, OneRow(cells)))

    def cell(self, field, run):
        if field.name not in self.row:
            return Value(field, None, run)
        invalid, text = self.row[field.name]
        given = (
            {'invalid': True, 'raw': text} if invalid else text.split(MANY) if field.expr_type.endswith('[]') else text
        )
        cell = Value(field, given, run)
        cell.raw = text
        return cell


def expected_value(kind, text):
    """The value as the file writes it, in the form of shown()."""
    if text in ('null', 'invalid'):
        return text
    return text if kind != 'timestamp' else text.replace('T', ' ')


def shown(value):
    if value is None:
        return 'null'
    if value is INVALID:
        return 'invalid'
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, tuple):
        return '{' + ','.join(shown(item) for item in value) + '}'
    if isinstance(value, values.Interval):
        return f'{value.months} {value.days} {value.micros}'
    text = values.show(value)
    return text.rstrip('0').replace('T', ' ') if '.' in text and ':' in text else text.replace('T', ' ')


def cases():
    """(place, state, expression, type, value)"""
    for path in sorted(glob.glob(os.path.join(DATA, 'values_*.txt'))):
        state, expr = State(), None
        with open(path, encoding='utf-8') as file:
            for number, line in enumerate(file, 1):
                if not line.strip() or line.startswith('#'):
                    continue
                key, _, text = line.rstrip('\n').partition(':')
                text = text.strip()
                if key == 'expr':
                    expr = text
                elif key == 'value':
                    kind, _, value = text.partition(' ')
                    yield f'{os.path.basename(path)}:{number}', state, expr, kind, value
                else:
                    state.set(key, text)


class Files(unittest.TestCase):
    def test_values(self):
        wrong = []
        for place, state, expr, kind, text in cases():
            try:
                found, value = state.evaluate(expr)
            except values.ProfileError as error:
                wrong.append(f'{place}: {expr}: {error}')
                continue
            if (found, shown(value)) != (kind, expected_value(kind, text)):
                wrong.append(f'{place}: {expr}: {found} {shown(value)}, not {kind} {text}')
        self.assertEqual(wrong, [])

    def test_they_parse(self):
        for _, _, expr, _, _ in cases():
            parse(expr)


if __name__ == '__main__':
    unittest.main()
