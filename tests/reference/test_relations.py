"""Relations, paths, aggregates over them, references, periods, external and included tables, the table of sources."""

import unittest

from .helpers import check, counts, rule
from .values import ProfileError

TABLES = '''
tables:
  household:
    key: [id]
    fields: {id: {}, size: {type: integer}, line: {type: integer}}
    relations:
      members: {many: member, on: {id: hid}, inverse: household}
      head: {one: member, on: {id: hid}, where: "role = '01'"}
      limit: {one: limits, on: {line: year}}
  member:
    key: [no]
    fields: {no: {}, hid: {}, role: {}, age: {type: integer}}
  limits: {included: limits.csv, key: [year], fields: {year: {type: integer}, yuan: {type: integer}}}
'''
HOUSEHOLDS = 'id,size,line\nH1,2,2019\nH2,1,2020\nH3,1,2018\n,1,\n'
MEMBERS = 'no,hid,role,age\n1,H1,01,50\n2,H1,02,20\n3,H2,01,x\n4,H2,01,30\n5,H9,01,40\n6,,02,\n'
BESIDE = {'limits.csv': 'year,yuan\n2019,3218\n2020,4000\n'}


def run(rules, tables=TABLES, **options):
    return check(
        tables + 'rules:\n' + ''.join(f'  {line}\n' for line in rules),
        {'household.csv': HOUSEHOLDS, 'member.csv': MEMBERS},
        '2020-12-31',
        beside=BESIDE,
        **options,
    )


def one(described, on='household'):
    return rule(run([f'R: {{on: {on}, {described}}}']), 'R')


def figures(item):
    return tuple(item[key] for key in ('rows', 'not_applicable', 'undetermined', 'passed', 'failed'))


class Aggregates(unittest.TestCase):
    def test_count(self):
        self.assertEqual(figures(one('assert: size = count(members)')), (4, 0, 0, 1, 3))
        self.assertEqual(figures(one('assert: "count(members where role = \'01\') = 1"')), (4, 0, 0, 1, 3))
        self.assertEqual(figures(one('assert: "count(distinct members, role) = 1"')), (4, 0, 0, 1, 3))

    def test_invalid_values_are_left_out_and_rows_counted(self):
        self.assertEqual(figures(one('assert: "count(members, age) = 1", when: id = \'H2\'')), (4, 3, 0, 1, 0))
        self.assertEqual(
            figures(one('assert: "count(members where age > 0) = 1 and count(members) = 2", when: id = \'H2\'')),
            (4, 3, 0, 1, 0),
        )
        self.assertEqual(figures(one('assert: avg(members.age) = 35, when: id = \'H1\'')), (4, 3, 0, 1, 0))

    def test_over_no_rows(self):
        self.assertEqual(
            figures(
                one(
                    'assert: "sum(members, age) is null and max(members.age) is null and count(members) = 0", '
                    'when: id = \'H3\''
                )
            ),
            (4, 3, 0, 1, 0),
        )

    def test_exists_and_every(self):
        self.assertEqual(figures(one('assert: exists(members)')), (4, 0, 0, 2, 2))
        self.assertEqual(figures(one('assert: exists(head where age > 40)')), (4, 0, 0, 1, 3))
        self.assertEqual(figures(one('assert: "every(members, age >= 20)"')), (4, 0, 0, 4, 0))

    def test_outer_row(self):
        self.assertEqual(figures(one('assert: "exists(members where age = size * 10)"')), (4, 0, 0, 1, 3))
        self.assertEqual(figures(one('assert: "exists(members where this.id = hid)"')), (4, 0, 0, 2, 2))

    def test_they_do_not_nest(self):
        with self.assertRaises(ProfileError):
            one('assert: "exists(members where count(household.members) > 1)"')

    def test_path_before_the_relation(self):
        self.assertEqual(figures(one('assert: count(household.members) = 2', 'member')), (6, 0, 0, 4, 2))


class Paths(unittest.TestCase):
    def test_to_one(self):
        self.assertEqual(figures(one('assert: household.size = 2', 'member')), (6, 0, 2, 2, 2))
        self.assertEqual(figures(one('assert: limit.yuan > 3500')), (4, 0, 2, 1, 1))
        self.assertEqual(figures(one('assert: household.limit.yuan > 3500', 'member')), (6, 0, 2, 2, 2))

    def test_ambiguous(self):
        item = one('assert: head.age > 10')
        self.assertEqual((figures(item), item['ambiguous']), ((4, 0, 3, 1, 0), 1))
        self.assertEqual(figures(one('assert: exists(head)')), (4, 0, 0, 2, 2))
        self.assertEqual(one('assert: head.age > 10 or size = 1')['ambiguous'], 0)

    def test_raw_over_a_path(self):
        self.assertEqual(figures(one("assert: raw(household.size) = '2'", 'member')), (6, 0, 2, 2, 2))

    def test_to_many_is_no_value(self):
        with self.assertRaises(ProfileError):
            one('assert: members.age > 1')
        with self.assertRaises(ProfileError):
            one('assert: household > 1', 'member')


class InvalidKeys(unittest.TestCase):
    TABLES = '''
tables:
  a: {fields: {k: {type: integer}, v: {}}, relations: {bs: {many: b, on: k}, b1: {one: b, on: k}}}
  b: {fields: {k: {type: integer}, w: {}}}
'''

    def counts(self, described):
        report = check(
            self.TABLES + f'rules:\n  R: {{on: a, {described}}}\n',
            {'a.csv': 'k,v\n1,x\nbad,y\n,z\n', 'b.csv': 'k,w\n1,p\nbad,q\n,r\n'},
        )
        return counts(report, 'R')

    def test_invalid_key_makes_all_invalid(self):
        self.assertEqual(self.counts('assert: exists(bs)'), (3, 0, 1, 1, 1))
        self.assertEqual(self.counts('assert: count(bs) = 0'), (3, 0, 1, 1, 1))
        self.assertEqual(self.counts("assert: b1.w = 'p'"), (3, 0, 2, 1, 0))
        self.assertEqual(self.counts('assert: b1.w is null'), (3, 0, 1, 1, 1))


class References(unittest.TestCase):
    def test_field(self):
        tables = TABLES.replace('hid: {}', 'hid: {references: household.id}')
        self.assertEqual(
            counts(run(['R: {on: member, assert: "true"}'], tables), 'member.hid.references'), (6, 1, 0, 4, 1)
        )

    def test_rule(self):
        self.assertEqual(figures(one('references: household.id, fields: [hid]', 'member')), (6, 1, 0, 4, 1))
        self.assertEqual(
            figures(one('references: "household(id, size)", fields: [hid, "2"]', 'member')), (6, 1, 0, 2, 3)
        )
        self.assertEqual(
            figures(one('references: household.id, fields: [hid], when: role = \'02\'', 'member')), (6, 5, 0, 1, 0)
        )

    def test_many(self):
        tables = 'tables:\n  t: {fields: {k: {}, v: {many: ";", references: t.k}}}\n'
        report = check(tables, {'t.csv': 'k,v\na,a;b\nb,a;x\nc,\n'})
        self.assertEqual(counts(report, 't.v.references'), (3, 1, 0, 1, 1))

    def test_missing_target(self):
        report = check(
            TABLES.replace('hid: {}', 'hid: {references: household.id}'), {'member.csv': MEMBERS}, beside=BESIDE
        )
        self.assertEqual(rule(report, 'member.hid.references')['outcome'], 'skipped')


class Periods(unittest.TestCase):
    TABLES = '''
tables:
  t:
    key: [id]
    fields: {id: {}, v: {type: integer}}
    relations: {before: {one: t@previous, on: id, inverse: after}}
'''
    NOW, THEN = {'t.csv': 'id,v\n1,10\n2,20\n4,x\n'}, {'t.csv': 'id,v\n1,9\n2,30\n3,bad\n'}

    def report(self, rules, previous):
        return check(self.TABLES + f'rules:\n{rules}', self.NOW, previous=previous)

    def test_both_directions(self):
        report = self.report(
            '  A: {on: t, assert: v >= before.v}\n  B: {on: t@previous, assert: exists(after)}\n', [self.THEN]
        )
        self.assertEqual(counts(report, 'A'), (3, 0, 1, 1, 1))
        self.assertEqual(counts(report, 'B'), (3, 0, 0, 2, 1))
        self.assertEqual((rule(report, 'A')['gate'], rule(report, 'A')['dimension']), ('plausibility', 'timeliness'))
        self.assertEqual(counts(report, 't.v.type'), (3, 0, 0, 2, 1))
        self.assertEqual(report['submission']['tables'][0]['records_with_errors'], 2)

    def test_two_back(self):
        report = self.report('  A: {on: t, assert: before.before.v = 1}\n', [self.THEN, {'t.csv': 'id,v\n1,1\n'}])
        self.assertEqual(counts(report, 'A'), (3, 0, 2, 1, 0))

    def test_not_given(self):
        report = self.report('  A: {on: t, assert: v >= before.v}\n', [])
        self.assertEqual(rule(report, 'A')['outcome'], 'skipped')

    def test_inverse_needs_an_earlier_period(self):
        with self.assertRaises(ProfileError):
            self.report('  A: {on: t, assert: exists(after)}\n', [])


class OtherTables(unittest.TestCase):
    TABLES = '''
tables:
  t: {fields: {id: {}}, relations: {cars: {many: car, on: id}}}
  car: {external: true, fields: {id: {}, year: {type: integer}}}
rules:
  A: {on: t, assert: not exists(cars)}
  B: {on: car, assert: year > 2000}
'''

    def test_external(self):
        files = {'t.csv': 'id\n1\n2\n'}
        report = check(self.TABLES, files)
        self.assertEqual(
            [rule(report, name)['outcome'] for name in ('A', 'B')],
            ['skipped', 'skipped'],
        )
        self.assertFalse([one['id'] for one in report['rules'] if one['id'].startswith('car.')])
        self.assertTrue(report['verdict']['conformant'])
        report = check(self.TABLES, {**files, 'car.csv': 'id,year\n1,1999\n9,x\n'})
        self.assertEqual((counts(report, 'A'), counts(report, 'B')), ((2, 0, 0, 1, 1), (2, 0, 1, 0, 1)))
        self.assertEqual(report['verdict']['error_rate'], '0.500000')
        self.assertEqual((rule(report, 'A')['gate'], rule(report, 'A')['dimension']), ('relation', 'consistency'))

    def test_sources(self):
        tables = '''
tables:
  cover: {fields: {name: {}, n: {type: integer}}, relations: {files: {many: sources, on: {name: table_name}}}}
  t: {files: ["t*.csv"], fields: {id: {}}}
rules:
  A: {on: cover, assert: "n = sum(files, rows)"}
  B: {on: sources, assert: bad_rows = 0}
'''
        report = check(
            tables, {'cover.csv': 'name,n\nt,3\ncover,1\n', 't1.csv': 'id\n1\n2\n', 't2.csv': 'id\n3\n4,5\n'}
        )
        self.assertEqual((counts(report, 'A'), counts(report, 'B')), ((2, 0, 0, 1, 1), (3, 0, 0, 2, 1)))


if __name__ == '__main__':
    unittest.main()
