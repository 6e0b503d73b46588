"""Rules over one table: constraints, asserts, keys, groups; what each counts."""

import unittest
from datetime import date
from fractions import Fraction

from . import load, similar
from .helpers import HEAD, LISTS, check, counts, rule
from .values import ProfileError, UsageError, num


def table(fields, more=''):
    """A profile of one table t."""
    indent = '\n'.join('      ' + line for line in fields.strip().split('\n'))
    return f'tables:\n  t:\n    files: ["t*.csv"]\n{more}    fields:\n{indent}\n'


class Constraints(unittest.TestCase):
    def check(self, field, values, kind, expected, as_of='2020-12-31', more=''):
        data = 'k,v\n' + ''.join(f'{i},{value}\n' for i, value in enumerate(values))
        report = check(table(f'k: {{}}\nv: {field}', more), {'t.csv': data}, as_of)
        self.assertEqual(counts(report, f't.v.{kind}'), expected)
        return report

    def test_integer(self):
        self.check('{type: integer}', ['1', '+1', '-0', '007', '1.0', '1 ', '１', ''], 'type', (8, 1, 0, 4, 3))

    def test_decimal(self):
        self.check(
            '{type: "decimal(4,2)"}',
            ['99.99', '100', '0100', '1.5', '1.500', '.5', '5.', '-1'],
            'type',
            (8, 0, 0, 3, 5),
        )

    def test_boolean(self):
        self.check(
            '{type: boolean, "true": [是, Y], "false": [否]}', ['是', 'Y', '否', '1', ''], 'type', (5, 1, 0, 3, 1)
        )

    def test_dates(self):
        self.check(
            '{type: date}', ['2020-02-29', '2019-02-29', '20200101', '2020-1-1', '0000-01-01'], 'type', (5, 0, 0, 1, 4)
        )
        self.check(
            '{type: date, formats: [YYYY年M月D日, YYYYMMDD]}',
            ['2020年1月5日', '20200105', '2020-01-05'],
            'type',
            (3, 0, 0, 2, 1),
        )
        self.check('{type: month}', ['2020-02', '2020-13', '2020-2'], 'type', (3, 0, 0, 1, 2))
        self.check(
            '{type: datetime}', ['2020-01-01T08:00', '2020-01-01 08:00:00.25', '2020-01-01'], 'type', (3, 0, 0, 2, 1)
        )
        self.check('{type: time}', ['24:00:00', '24:00:01', '23:59'], 'type', (3, 0, 0, 2, 1))

    def test_codes(self):
        self.check('{codes: {"1": 男, "2": 女}}', ['1', '2', '3', '男', ''], 'codes', (5, 1, 0, 2, 2))
        self.check('{codes: {"1": 男, "2": 女}, names: true}', ['1', '男', 'x'], 'codes', (3, 0, 0, 2, 1))
        self.check(
            '{codes: {"1": 男, "22": 女}, names: true, length: 1}', ['1', '男', '女', '3'], 'length', (4, 1, 0, 2, 1)
        )
        report = check(table('v: {codes: {"1": 男}}'), {'t.csv': 'v\n1\n'})
        self.assertNotIn('t.v.type', [item['id'] for item in report['rules']])

    def test_codes_on_a_day(self):
        self.check('{codes: GB/T 2260}', ['110103', '110101'], 'codes', (2, 0, 0, 1, 1))
        self.check('{codes: GB/T 2260}', ['110103', '110101'], 'codes', (2, 0, 0, 2, 0), as_of='2009-12-31')
        self.check('{codes: GB/T 2260}', ['110103', '110101'], 'codes', (2, 0, 0, 1, 1), as_of='2010-01-01')
        self.check('{codes: GB/T 2260, valid: ever}', ['110103', '999999'], 'codes', (2, 0, 0, 1, 1))
        self.check('{codes: GB/T 2260}', ['110103', '999999'], 'codes', (2, 0, 0, 1, 1), as_of=None)

    def test_semantic_types(self):
        ids = ['11010519491231002X', '11010519491231002x', '520102190001010010', '520102000101001']
        self.check('{type: resident_id}', ids, 'type', (4, 0, 0, 1, 3))
        self.check('{type: resident_id, accept: [15]}', ids, 'type', (4, 0, 0, 2, 2))
        self.check(
            '{type: [resident_id, disability_certificate]}',
            ['11010519491231002X', '52010219000101001744', '1'],
            'type',
            (3, 0, 0, 2, 1),
        )
        self.check('{type: division, level: county}', ['520102', '520100', '52', '520199'], 'type', (4, 0, 0, 1, 3))
        self.check(
            '{type: division}', ['1101', '110101001', '520102016', '520102999', '529999001'], 'type', (5, 0, 0, 3, 2)
        )

    def test_future_births_need_a_day(self):
        born = ['52010220991231001' + '8']
        self.check('{type: resident_id}', born, 'type', (1, 0, 0, 0, 1), as_of='2020-12-31')
        report = self.check('{type: resident_id}', born, 'type', (1, 0, 0, 1, 0), as_of=None)
        self.assertEqual(rule(report, 't.v.type')['outcome'], 'passed')

    def test_required(self):
        self.check('{required: true}', ['a', '', 'b'], 'required', (3, 0, 0, 2, 1))
        self.check('{type: integer, required: true}', ['x', ''], 'required', (2, 0, 0, 1, 1))
        self.check('{required_when: "k = \'1\'"}', ['', '', 'b'], 'required', (3, 2, 0, 0, 1))
        self.check('{required: true}', ['无', ''], 'required', (2, 0, 0, 1, 1), more='    nulls: [无]\n')

    def test_nulls_after_trim_and_fold(self):
        self.check(
            '{required: true, trim: true}',
            [' 无 ', '\t\u3000'],
            'required',
            (2, 0, 0, 0, 2),
            more='    nulls: ["", 无]\n',
        )
        self.check('{type: integer, fold: [width]}', ['１２', '１ ２'], 'type', (2, 0, 0, 1, 1))
        self.check('{codes: {AB: x}, fold: [case]}', ['ab', 'ac'], 'codes', (2, 0, 0, 1, 1))

    def test_pattern_is_the_whole_value(self):
        self.check('{pattern: "[0-9]{2}"}', ['12', '123', 'x12', ''], 'pattern', (4, 1, 0, 1, 2))

    def test_length(self):
        self.check('{min_length: 2, max_length: 3}', ['a', '中文', 'abcd', ''], 'length', (4, 1, 0, 1, 2))
        self.check('{length: 2}', ['中文', 'a'], 'length', (2, 0, 0, 1, 1))

    def test_range(self):
        self.check('{type: integer, min: 1, max: 30}', ['0', '1', '30', '31', 'x', ''], 'range', (6, 2, 0, 2, 2))
        self.check(
            '{type: date, min: 2014-01-01, max: as_of}',
            ['2013-12-31', '2020-12-31', '2021-01-01'],
            'range',
            (3, 0, 0, 1, 2),
        )
        self.check(
            '{type: date, max: as_of - interval \'1\' year}', ['2019-12-31', '2020-01-01'], 'range', (2, 0, 0, 1, 1)
        )
        self.check('{type: integer, min: 1, max: 1 / 0}', ['0', '2'], 'range', (2, 0, 1, 0, 1))
        report = self.check('{type: date, max: as_of}', ['2020-01-01'], 'range', (0, 0, 0, 0, 0), as_of=None)
        self.assertEqual(rule(report, 't.v.range')['outcome'], 'skipped')

    def test_failing_one_makes_later_ones_not_applicable(self):
        report = self.check('{type: integer, min: 1, max: 9}', ['x', '10', '5'], 'range', (3, 1, 0, 1, 1))
        self.assertEqual(counts(report, 't.v.type'), (3, 0, 0, 2, 1))
        report = self.check('{pattern: "[a-z]+", max_length: 2}', ['1234', 'abc', 'ab'], 'length', (3, 1, 0, 1, 1))

    def test_many(self):
        report = self.check(
            '{codes: {"1": a, "2": b}, many: "、", max_items: 2, distinct: true}',
            ['1、2', '1、1', '1、2、1', '1、9', '1、', ''],
            'codes',
            (6, 1, 0, 3, 2),
        )
        self.assertEqual(counts(report, 't.v.items'), (6, 3, 0, 1, 2))
        self.check('{many: ";", pattern: "[a-z]"}', ['a;b', 'a;1', 'a;'], 'pattern', (3, 0, 0, 1, 2))
        self.check('{type: integer, many: ";", max: 5}', ['1;5', '1;6', '1;x'], 'range', (3, 1, 0, 1, 1))
        self.check('{type: integer, many: ";", distinct: true}', ['1;01', '1;2'], 'items', (2, 0, 0, 1, 1))

    def test_constraints_that_are_not_written_do_not_exist(self):
        report = check(table('v: {}\nw: {type: integer, many: ";"}'), {'t.csv': 'v,w\n1,1\n'})
        self.assertEqual(
            [item['id'] for item in report['rules']], ['t.present', 't.columns', 't.rows', 't.encoding', 't.w.type']
        )


class Structure(unittest.TestCase):
    PROFILE = table('a: {}\nb: {title: {zh: 乙, en: Bee}, aliases: [B2]}')

    def columns(self, header, more=''):
        report = check(self.PROFILE.replace('    fields', more + '    fields'), {'t.csv': header + '\n'})
        item = rule(report, 't.columns')
        return item['evaluated'], item['failed'], item['severity'], item['outcome']

    def test_columns(self):
        self.assertEqual(self.columns('a,b'), (2, 0, 'error', 'passed'))
        self.assertEqual(self.columns('a,乙'), (2, 0, 'error', 'passed'))
        self.assertEqual(self.columns('Bee,a'), (2, 0, 'error', 'passed'))
        self.assertEqual(self.columns('a,x'), (3, 2, 'error', 'failed'))
        self.assertEqual(self.columns('a,b,a'), (3, 1, 'error', 'failed'))
        self.assertEqual(self.columns('a,b,x,x'), (4, 2, 'error', 'failed'))

    def test_unknown_columns(self):
        self.assertEqual(self.columns('a,b,x'), (3, 1, 'warning', 'failed'))
        self.assertEqual(self.columns('a,b,x', '    unknown_columns: error\n'), (3, 1, 'error', 'failed'))
        self.assertEqual(self.columns('a,b,x', '    unknown_columns: ignore\n'), (2, 0, 'error', 'passed'))
        report = check(self.PROFILE, {'t.csv': 'a,b,x\n1,2,3\n'})
        self.assertTrue(report['verdict']['conformant'])

    def test_columns_are_united_over_sources(self):
        report = check(self.PROFILE, {'t1.csv': 'a,b,x\n', 't2.csv': 'a,x,y\n'})
        item = rule(report, 't.columns')
        self.assertEqual((item['evaluated'], item['failed']), (4, 3))

    def test_a_column_that_one_source_lacks_is_null_there(self):
        profile = table('a: {}\nb: {required: true}')
        report = check(profile, {'t1.csv': 'a,b\n1,2\n', 't2.csv': 'a\n1\n'})
        self.assertEqual(counts(report, 't.b.required'), (2, 0, 0, 1, 1))
        report = check(profile, {'t2.csv': 'a\n1\n'})
        self.assertEqual(rule(report, 't.b.required')['outcome'], 'skipped')

    def test_bad_rows_and_bytes(self):
        report = check(self.PROFILE, {'t.csv': b'a,b\n1,2\n1\n1,\xff\n1,2\n'})
        self.assertEqual(counts(report, 't.rows'), (4, 0, 0, 3, 1))
        self.assertEqual(counts(report, 't.encoding'), (4, 0, 0, 3, 1))
        self.assertEqual(
            report['submission']['tables'], [{'name': 't', 'rows': 2, 'bad_rows': 2, 'records_with_errors': 0}]
        )
        self.assertEqual(report['verdict']['error_rate'], '0.500000')

    def test_missing_table(self):
        report = check(self.PROFILE + '  u: {optional: true, fields: {a: {required: true}}}\n', {'x.txt': ''})
        self.assertEqual(counts(report, 't.present'), (1, 0, 0, 0, 1))
        self.assertEqual(rule(report, 't.columns')['outcome'], 'skipped')
        self.assertEqual(
            [rule(report, name)['outcome'] for name in ('u.present', 'u.a.required')], ['not_applicable', 'skipped']
        )
        self.assertFalse(report['verdict']['conformant'])

    def test_empty_file(self):
        report = check(self.PROFILE, {'t.csv': ''})
        self.assertEqual(counts(report, 't.columns'), (2, 0, 0, 0, 2))
        self.assertEqual(rule(report, 't.rows')['outcome'], 'passed')

    def test_order_of_rules(self):
        profile = (
            'tables:\n  t: {key: [a], fields: {a: {}, b: {unique: true}}}\n'
            '  u: {unique: [c], fields: {c: {type: integer}}}\n'
            'rules:\n  Z: {on: u, assert: c > 0}\n  A: {on: t, assert: "true"}\n'
        )
        report = check(profile, {'t.csv': 'a,b\n', 'u.csv': 'c\n'})
        self.assertEqual(
            [
                item['id']
                for item in report['rules']
                if item['id'].split('.')[-1] not in ('present', 'columns', 'rows', 'encoding')
            ],
            ['t.a.required', 't.b.unique', 't.key', 'u.c.type', 'u.unique', 'Z', 'A'],
        )
        self.assertEqual(
            [item['id'] for item in report['rules'][:5]],
            ['t.present', 't.columns', 't.rows', 't.encoding', 'u.present'],
        )


ROWS = 'k,v,d,e\na,1,2020-01-01,2020-02-01\na,2,2020-02-01,\nb,x,2020-01-01,2020-03-01\n,3,,\n'
FIELDS = 'k: {}\nv: {type: integer}\nd: {type: date}\ne: {type: date}'


def one(described, rows=ROWS, fields=FIELDS, as_of='2020-12-31', **more):
    report = check(table(fields) + f'rules:\n  R: {{on: t, {described}}}\n', {'t.csv': rows}, as_of, **more)
    return rule(report, 'R')


def figures(item):
    return tuple(item[key] for key in ('rows', 'not_applicable', 'undetermined', 'passed', 'failed'))


class Rules(unittest.TestCase):
    def test_assert(self):
        self.assertEqual(figures(one('assert: v > 1')), (4, 0, 1, 2, 1))
        self.assertEqual(figures(one('assert: v > 1, when: "k = \'a\'"')), (4, 2, 0, 1, 1))
        self.assertEqual(figures(one('assert: v > 1, when: v < 2')), (4, 3, 0, 0, 1))

    def test_an_invalid_value_does_not_fire_again(self):
        self.assertEqual(figures(one('assert: v is not null')), (4, 0, 1, 3, 0))
        self.assertEqual(figures(one('assert: "coalesce(v, 5) = 5"')), (4, 0, 1, 0, 3))
        self.assertEqual(figures(one('assert: v > 0 or k = \'b\'')), (4, 0, 0, 4, 0))
        self.assertEqual(figures(one("assert: raw(v) <> 'x'")), (4, 0, 0, 3, 1))

    def test_unique(self):
        item = one('unique: [k]')
        self.assertEqual(figures(item), (4, 0, 1, 1, 2))
        self.assertEqual((item['groups'], item['failing']), (1, [['t.csv', 0], ['t.csv', 1]]))
        self.assertEqual(figures(one('unique: [k], at_most: 2')), (4, 0, 1, 3, 0))
        self.assertEqual(figures(one('unique: [k], when: v = 1')), (4, 3, 0, 1, 0))
        self.assertEqual(figures(one('unique: [k, v]')), (4, 0, 2, 2, 0))
        self.assertEqual(figures(one('unique: ["1"]')), (4, 0, 0, 0, 4))

    def test_unique_compares_typed_values(self):
        self.assertEqual(
            figures(one('unique: [n]', 'n,m\n1.0,a\n1.00,b\n', 'n: {type: decimal}\nm: {}')), (2, 0, 0, 0, 2)
        )

    def test_normalize(self):
        rows = 'i,k\n520102000101001,1\n520102190001010017,2\n11010519491231002x,3\n11010519491231002X,4\nabc,5\n'
        self.assertEqual(figures(one('unique: [i], normalize: resident_id', rows, 'i: {}\nk: {}')), (5, 0, 0, 1, 4))
        self.assertEqual(figures(one('unique: [i]', rows, 'i: {}\nk: {}')), (5, 0, 0, 5, 0))

    def test_without_overlaps(self):
        periods = 'without_overlaps: {from: d, to: e}'
        self.assertEqual(figures(one(f'unique: [k], {periods}')), (4, 0, 1, 3, 0))
        rows = (
            'k,v,d,e\n' + 'a,1,2020-01-01,2020-02-01\na,2,2020-01-15,2020-01-20\na,3,2020-03-01,\n'
            'a,4,2021-01-01,2021-02-01\na,5,,2019-01-01\n'
            'a,6,2020-02-10,2020-02-10\na,7,2020-02-10,bad\n'
        )
        item = one(f'unique: [k], {periods}', rows)
        self.assertEqual(figures(item), (7, 0, 2, 1, 4))
        self.assertEqual((item['groups'], [index for _, index in item['failing']]), (1, [0, 1, 2, 3]))

    def test_each(self):
        item = one('each: [k], assert: count(*) < 2')
        self.assertEqual((figures(item), item['unkeyed'], item['failing']), ((2, 0, 0, 1, 1), 1, [['a']]))
        self.assertEqual(figures(one('each: [k], assert: "sum(*, v) > 2", when: count(*) > 1')), (2, 1, 0, 1, 0))
        self.assertEqual(figures(one('each: [k], assert: "max(*, v) > 1"')), (2, 0, 1, 1, 0))
        self.assertEqual(figures(one("each: [k], assert: k = 'a'")), (2, 0, 0, 1, 1))
        self.assertEqual(
            figures(one("each: \"left(k, 1)\", assert: \"left(k, 1) = 'a' and exists(* where v = 2)\"")),
            (2, 0, 0, 1, 1),
        )
        self.assertEqual(figures(one('each: [v], assert: count(*) = 1')), (3, 0, 0, 3, 0))

    def test_each_may_not_read_the_row(self):
        with self.assertRaises(ProfileError):
            one('each: [k], assert: v > 1')
        with self.assertRaises(ProfileError):
            one('assert: count(*) > v')

    def test_each_blaming_records(self):
        item = one('each: [k], assert: count(*) < 2, blame: records')
        self.assertEqual((figures(item), item['unkeyed']), ((4, 0, 1, 1, 2), 1))
        self.assertEqual((item['groups'], item['failing']), (1, [['t.csv', 0], ['t.csv', 1]]))

    def test_group_verdicts_touch_no_record(self):
        profile = table('k: {}\nv: {}') + 'rules:\n  R: {on: t, each: [k], assert: count(*) < 2BLAME}\n'
        rows = {'t.csv': 'k,v\na,1\na,2\nb,3\n'}
        self.assertEqual(check(profile.replace('BLAME', ''), rows)['verdict']['error_rate'], '0.000000')
        self.assertEqual(check(profile.replace('BLAME', ', blame: records'), rows)['verdict']['error_rate'], '0.666667')

    def test_whole_table(self):
        self.assertEqual(figures(one('assert: count(*) = 4')), (1, 0, 0, 1, 0))
        self.assertEqual(figures(one('assert: count(* where v > 1) = 2')), (1, 0, 0, 1, 0))
        self.assertEqual(
            figures(one('assert: "avg(*, v) = 2 and count(*, v) = 3 and count(distinct *, k) = 2"')), (1, 0, 0, 1, 0)
        )
        self.assertEqual(figures(one('assert: "every(*, v > 0)"')), (1, 0, 0, 1, 0))
        self.assertEqual(figures(one('assert: count(*) = 0', 'k,v,d,e\n')), (1, 0, 0, 1, 0))
        self.assertEqual(figures(one('assert: "sum(*, v) > 0"', 'k,v,d,e\n')), (1, 0, 1, 0, 0))

    def test_tolerance(self):
        self.assertEqual(one('assert: v > 1, tolerance: {count: 1}')['outcome'], 'passed')
        self.assertEqual(one('assert: v > 1, tolerance: {count: 0}')['outcome'], 'failed')
        self.assertEqual(one('assert: v > 1, tolerance: {rate: 0.34}')['outcome'], 'passed')
        self.assertEqual(one('assert: v > 1, tolerance: {rate: 0.33}')['outcome'], 'failed')
        self.assertEqual(one('assert: v > 1, tolerance: {rate: 0.5, count: 0}')['outcome'], 'failed')

    def test_outcomes(self):
        self.assertEqual(one('assert: v > 1, when: "false"')['outcome'], 'not_applicable')
        self.assertEqual(one('assert: null')['outcome'], 'undetermined')
        self.assertEqual(one('assert: "true"')['outcome'], 'passed')
        self.assertEqual(one('assert: d < as_of', as_of=None)['outcome'], 'skipped')

    def test_similar(self):
        fields = 'k: {}\nd: {}\ne: {type: date}'
        rows = (('1', 'abcdefghij', '2020-01-01'), ('2', 'abcdefghxx', '2020-01-10'), ('1', 'abcdefghxi', '2020-01-01'))
        data = 'k,d,e\n' + ''.join(','.join(row) + '\n' for row in (*rows, ('1', '', ''), ('', 'abcdefghij', '')))

        def found(text, compare, threshold):
            how = f'similar: {{block: [[k], [e]], compare: {compare}, threshold: {threshold}}}'
            return figures(one(f'{text}, {how}', data, fields))

        edit = '{d: {by: edit}}'  # of the first and the third two characters differ
        self.assertEqual(found('severity: info', edit, '0.8'), (5, 0, 1, 2, 2))
        self.assertEqual(found('severity: info', edit, '0.81'), (5, 0, 1, 4, 0))
        self.assertEqual(found('when: "d <> \'abcdefghij\'"', edit, '0.8'), (5, 3, 0, 2, 0))
        both = '{d: {by: edit, weight: 3}, e: {by: date}}'  # (3 * 0.8 + 1) / 4
        self.assertEqual(found('severity: info', both, '0.85'), (5, 0, 1, 2, 2))
        self.assertEqual(found('severity: info', both, '0.86'), (5, 0, 1, 4, 0))
        by_sound = 'similar: {block: [k], compare: {d: {by: name_zh}}, threshold: 1}'
        self.assertEqual(one(by_sound, data, fields)['outcome'], 'skipped')

    def test_likeness(self):
        for a, b, like in (
            ('', '', '1'),
            ('', 'a', '0'),
            ('ab', 'ba', '1/2'),
            ('520102198001010013', '520102198001010031', '17/18'),
            ('ca', 'abc', '0'),
            ('王小明', '王明', '2/3'),
            ('a' * 256, 'a' * 255 + 'b', '0'),
            ('a' * 256, 'a' * 256, '1'),
        ):
            self.assertAlmostEqual(similar.by_edit(a, b), Fraction(like), 19, msg=(a, b))
        self.assertEqual(similar.by_date(date(1980, 1, 12), date(1980, 1, 21)), Fraction(7, 8))
        self.assertEqual(similar.by_number(num(80), num(100)), Fraction(4, 5))
        self.assertEqual(similar.by_number(num(-1), num(1)), 0)
        self.assertEqual(similar.by_number(num(0), num(0)), 1)

    def test_life(self):
        profile = (
            table('k: {}\nv: {}')
            + 'rules:\n'
            + ''.join(
                f'  {status}: {{on: t, assert: "false", status: {status}}}\n'
                for status in ('draft', 'pilot', 'active', 'deprecated', 'withdrawn')
            )
        )
        report = check(profile, {'t.csv': 'k,v\n1,2\n'})
        self.assertEqual([item['id'] for item in report['rules'][4:]], ['active', 'deprecated'])
        self.assertEqual([item['id'] for item in report['drafts']], ['draft', 'pilot'])

    def test_dates_of_a_rule(self):
        profile = (
            table('k: {}\nv: {}') + 'rules:\n  R: {on: t, assert: "false", effective: 2020-01-01, until: 2020-12-31}\n'
        )
        for day, there in (
            ('2019-12-31', False),
            ('2020-01-01', True),
            ('2020-12-30', True),
            ('2020-12-31', False),
            (None, True),
        ):
            report = check(profile, {'t.csv': 'k,v\n1,2\n'}, day)
            self.assertEqual('R' in [item['id'] for item in report['rules']], there, day)


class Profiles(unittest.TestCase):
    def test_wrong_ones_are_refused(self):
        for text in (
            'tables: {t: {fields: {a: {typ: text}}}}',
            'tables: {t: {fields: {a: {}, a: {}}}}',
            'tables: {t: {key: [b], fields: {a: {}}}}',
            'tables: {t: {fields: {a: {type: number}}}}',
            'tables: {t: {fields: {a: {type: text, min: 1}}}}',
            'tables: {t: {fields: {a: {codes: nothing}}}}',
            'tables: {t: {fields: {a: {pattern: "("}}}}',
            'tables: {t: {fields: {a: {}}}}\nrules: {R: {on: u, assert: "true"}}',
            'tables: {t: {fields: {a: {}}}}\nrules: {R: {on: t}}',
            'tables: {t: {fields: {a: {}}}}\nrules: {R: {on: t, assert: a}}',
            'extends: [x@1]',
        ):
            with self.assertRaises(ProfileError, msg=text):
                load.load_text(HEAD + text, '.', LISTS)

    def test_parameters(self):
        profile = table('v: {type: integer}') + 'params: {p: {type: integer}}\nrules:\n  R: {on: t, assert: v = p}\n'
        with self.assertRaises(UsageError):
            check(profile, {'t.csv': 'v\n1\n'})
        with self.assertRaises(UsageError):
            check(profile, {'t.csv': 'v\n1\n'}, params={'p': 'x'})
        with self.assertRaises(UsageError):
            check(profile, {'t.csv': 'v\n1\n'}, params={'p': '1', 'q': '1'})
        self.assertEqual(counts(check(profile, {'t.csv': 'v\n1\n'}, params={'p': '1'}), 'R'), (1, 0, 0, 1, 0))

    def test_as_of_required(self):
        with self.assertRaises(UsageError):
            check('as_of: required\n' + table('v: {}'), {'t.csv': 'v\n1\n'})

    def test_a_file_of_two_tables(self):
        with self.assertRaises(UsageError):
            check(
                'tables:\n  t: {files: ["*.csv"], fields: {a: {}}}\n  u: {files: ["u*"], fields: {a: {}}}\n',
                {'u.csv': 'a\n'},
            )


if __name__ == '__main__':
    unittest.main()
