"""Vectors that the engine's own unit tests use too: tests/data."""

import datetime
import os
import unittest

from . import standards, times, values
from .helpers import LISTS

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data')


def lines(name):
    with open(os.path.join(DATA, name), encoding='utf-8') as file:
        for line in file:
            if line.strip() and not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


class FieldOptions:
    valid_ever, level = False, None

    def __init__(self, options):
        self.accept_15 = 'accept_15' in options


class Standards(unittest.TestCase):
    def test_semantic_types(self):
        known = standards.Standards(LISTS)
        for kind, options, text, reason, *_ in lines('standards/semtypes.tsv'):
            found = standards.semantic_reason(kind, text, FieldOptions(options), datetime.date(2024, 12, 31), known)
            self.assertEqual(found or 'ok', reason, (kind, text))

    def test_resident_numbers(self):
        for text, normal, birth, sex, division in lines('standards/resident_id_normal.tsv'):
            self.assertEqual(standards.id_normal(text), text if normal == '-' else normal)
            date = standards.id_birth(text)
            self.assertEqual(date.isoformat() if date else '-', birth, text)
            self.assertEqual(standards.id_sex(text) or '-', sex, text)
            self.assertEqual(text[:6] if standards.id_form(text) else '-', division, text)

    def test_divisions_follow_the_calendar(self):
        known = standards.Standards(LISTS)
        self.assertIsNone(known.division('522121', datetime.date(1990, 1, 1)))
        self.assertIsNone(known.division('522121001', datetime.date(1990, 1, 1)))  # the list has no township of it
        self.assertEqual(known.division('522121', datetime.date(2020, 1, 1)), 'division')
        self.assertIsNone(known.division('522121', None))
        self.assertEqual(standards.division_cut('520100', 2), '5201')
        self.assertIsNone(standards.division_cut('110000', 3))

    def test_a_list_of_ones_own(self):
        codes = standards.parse_list(
            '# id: x\ncode\tname_zh\tvalid_from\tvalid_to\n1\t旧\t2000\t2010-06\n1\t新\t2010-06\t\n'
        )
        self.assertEqual(codes.find('1', datetime.date(2010, 5, 31)).name_zh, '旧')
        self.assertEqual(codes.find('1', datetime.date(2010, 6, 1)).name_zh, '新')
        self.assertIsNone(codes.find('1', datetime.date(1999, 12, 31)))
        self.assertEqual(codes.find('1', None).name_zh, '新')
        self.assertEqual(codes.find_name('旧', None), '1')


def shown(number):
    return 'null' if number is None else str(number)


class Numbers(unittest.TestCase):
    def test_vectors(self):
        operators = {'add': values.add, 'sub': values.subtract, 'mul': values.multiply, 'div': values.divide}
        for name, a, *rest in lines('decimal_vectors.tsv'):
            number = values.parse_number(a)
            if name in operators:
                self.assertEqual(shown(operators[name](number, values.parse_number(rest[0]))), rest[1], (name, a, rest))
            elif name == 'cmp':
                self.assertEqual(str(values.compare(number, values.parse_number(rest[0]))), rest[1], (a, rest))
            elif name == 'round' and rest[1] == 'half_away':
                self.assertEqual(shown(values.round_half_away(number, int(rest[0]))), rest[2], (a, rest))


class Calendar(unittest.TestCase):
    """Made by PostgreSQL."""

    def test_vectors(self):
        for name, *cells in lines('calendar_vectors.tsv'):
            getattr(self, name)(*cells)

    def add(self, start, months, days, micros, sign, expected):
        sign = int(sign)
        found = times.shift(
            datetime.datetime.fromisoformat(start), sign * int(months), sign * int(days), sign * int(micros)
        )
        self.assertEqual(found, None if expected == 'null' else datetime.datetime.fromisoformat(expected))

    def sub(self, a, b, days, micros):
        found = times.timestamp_difference(datetime.datetime.fromisoformat(a), datetime.datetime.fromisoformat(b))
        self.assertEqual((found.days, found.micros), (int(days), int(micros)))

    def cmp(self, *cells):
        numbers = [int(cell) for cell in cells]
        self.assertEqual(values.compare(values.Interval(*numbers[:3]), values.Interval(*numbers[3:6])), numbers[6])

    def date(self, date, _, last):
        self.assertEqual(times.last_day(datetime.date.fromisoformat(date)).isoformat(), last)

    def age(self, a, b, years, months):
        a, b = datetime.date.fromisoformat(a), datetime.date.fromisoformat(b)
        self.assertEqual((times.age(a, b), times.completed_months(a, b)), (int(years), int(months)))


if __name__ == '__main__':
    unittest.main()
