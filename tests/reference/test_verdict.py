"""Scores, grades, conformance, regions, measures, indicators."""

import unittest
from fractions import Fraction

from . import grade
from .helpers import check, rule

FIELDS = 'tables:\n  t:\n    region: r\n    fields: {r: {}, v: {type: integer}}\n'
ROWS = 'r,v\n520102016001,1\n520102016002,2\n520115,3\n520100,x\n,5\nabc,\n'


def report_of(rules='', more='', rows=ROWS, tables=FIELDS, **options):
    return check(tables + (f'rules:\n{rules}' if rules else '') + more, {'t.csv': rows}, **options)


class Scores(unittest.TestCase):
    def test_ratio_has_12_decimals_half_even(self):
        self.assertEqual(grade.ratio(1, 3), Fraction(666666666667, 10**12))
        self.assertEqual(grade.ratio(0, 7), 1)

    def test_dimension_and_score(self):
        report = report_of(
            '  A: {on: t, assert: v > 1}\n  B: {on: t, assert: v > 2, weight: 3}\n'
            '  C: {on: t, assert: "false", severity: info}\n'
            '  D: {on: t, assert: v > 1, severity: warning, dimension: timeliness}\n'
        )
        # v is 1 2 3 x 5 and missing: A 3 of 4, B 2 of 4, D 3 of 4
        consistency = report['verdict']['dimensions']['consistency']
        self.assertEqual(consistency, {'score': '56.250000', 'rules': 3, 'failed_rules': 3})
        self.assertEqual(report['verdict']['dimensions']['timeliness']['score'], '75.000000')
        accuracy = Fraction(report['verdict']['dimensions']['accuracy']['score'])  # t.v.type, 4 of 5
        self.assertEqual(accuracy, 80)
        expected = (15 * 100 + 25 * 80 + 25 * Fraction(225, 4) + 10 * 75) / 75
        self.assertEqual(Fraction(report['verdict']['score']), grade.six(expected))

    def test_a_dimension_without_weight_has_no_score(self):
        report = report_of('  A: {on: t, assert: "false", severity: info, dimension: timeliness}\n')
        self.assertIsNone(report['verdict']['dimensions']['timeliness']['score'])

    def test_drafts_and_skips_change_no_score(self):
        plain = report_of()['verdict']['score']
        self.assertEqual(
            report_of('  A: {on: t, assert: "false", status: draft}\n  B: {on: t, assert: as_of is null}\n')['verdict'][
                'score'
            ],
            plain,
        )

    def test_weights_left_out_are_zero(self):
        report = report_of('  A: {on: t, assert: "false"}\n', 'grading: {weights: {accuracy: 1}}\n')
        self.assertEqual(report['verdict']['score'], '80.000000')

    def test_error_rate_counts_each_record_once(self):
        report = report_of(
            '  A: {on: t, assert: v > 2}\n  B: {on: t, assert: v > 1}\n'
            '  W: {on: t, assert: "false", severity: warning}\n'
        )
        self.assertEqual(report['submission']['tables'][0]['records_with_errors'], 3)
        self.assertEqual(report['verdict']['error_rate'], '0.500000')

    def test_tolerated_failures_still_count(self):
        report = report_of(
            '  A: {on: t, assert: v > 1, tolerance: {count: 5}}\n',
            tables=FIELDS.replace('{type: integer}', '{type: integer, severity: info}'),
        )
        self.assertTrue(report['verdict']['conformant'])
        self.assertEqual(report['verdict']['error_rate'], '0.166667')
        self.assertEqual(report['verdict']['dimensions']['consistency']['score'], '75.000000')


class Grades(unittest.TestCase):
    def grade(self, grades, rules=''):
        return report_of(rules, f'grading: {{grades: {grades}}}\n')['verdict']['grade']

    def test_first_whose_conditions_hold(self):
        self.assertEqual(self.grade('[{grade: A, min_score: 99}, {grade: B, min_score: 50}, {grade: C}]'), 'B')
        self.assertEqual(
            self.grade('[{grade: A, max: {error_rate: 0.1}}, {grade: B, max: {error_rate.t: 0.2}}, {grade: C}]'), 'B'
        )
        self.assertEqual(self.grade('[{grade: A, max: {error: 0}}, {grade: B, max: {error: 1}}, {grade: C}]'), 'B')

    def test_last_when_none_holds(self):
        self.assertEqual(self.grade('[{grade: A, min_score: 100}, {grade: B, min_score: 99.9}]'), 'B')

    def test_fatal_counts_groups_and_records(self):
        rules = '  A: {on: t, each: [r], assert: count(*) > 1, severity: fatal}\n'
        self.assertEqual(
            self.grade('[{grade: A, max: {fatal: 4}}, {grade: B, max: {fatal: 5}}, {grade: C}]', rules), 'B'
        )

    def test_six_decimals_decide(self):
        self.assertEqual(grade.six(Fraction(99999999, 10**8) * 100), Fraction('99.999999'))


class Conformance(unittest.TestCase):
    def conformant(self, rules, more='', tables=FIELDS.replace('{type: integer}', '{}'), **options):
        return report_of(rules, more, tables=tables, **options)['verdict']['conformant']

    def test_severity(self):
        self.assertFalse(self.conformant('  A: {on: t, assert: "false"}\n'))
        self.assertFalse(self.conformant('  A: {on: t, assert: "false", status: deprecated}\n'))
        self.assertTrue(self.conformant('  A: {on: t, assert: "false", severity: warning}\n'))
        self.assertTrue(self.conformant('  A: {on: t, assert: "false", status: pilot}\n'))

    def test_skips(self):
        self.assertTrue(self.conformant('  A: {on: t, assert: as_of is null}\n'))
        self.assertFalse(self.conformant('  A: {on: t, assert: as_of is null, if_skipped: fail}\n'))
        self.assertFalse(
            self.conformant(
                '  A: {on: t, assert: as_of is null}\n',
                tables=FIELDS.replace('{type: integer}', '{}').replace('region: r', 'if_skipped: fail'),
            )
        )

    def test_measures(self):
        measure = 'measures:\n  M: {on: t, value: count(*), expect: value > 2SEVERITY}\n'
        self.assertFalse(self.conformant('', measure.replace('SEVERITY', '')))
        self.assertTrue(self.conformant('', measure.replace('SEVERITY', ', severity: warning')))
        self.assertTrue(self.conformant('', measure.replace('SEVERITY', ', status: draft')))

    def test_gates(self):
        gates = report_of('  A: {on: t, assert: v > 1}\n  B: {on: t, unique: [r], severity: warning}\n')['verdict'][
            'gates'
        ]
        self.assertEqual(
            gates,
            {
                'structure': 'passed',
                'value': 'failed',
                'record': 'failed',
                'relation': 'passed',
                'plausibility': 'not_run',
            },
        )


class Regions(unittest.TestCase):
    def test_roll_up(self):
        regions = {item['code']: item for item in report_of('  A: {on: t, assert: v <> 2}\n')['regions']}
        self.assertEqual(
            {code: item['rows'] for code, item in regions.items()},
            {'': 2, '52': 4, '5201': 4, '520102': 2, '520102016': 2, '520102016001': 1, '520102016002': 1, '520115': 1},
        )
        self.assertEqual(
            [regions[code]['records_with_errors'] for code in ('52', '520102', '520115', '')], [2, 1, 0, 0]
        )
        self.assertEqual(regions['52']['findings'], 2)
        self.assertEqual(
            (regions['520102']['name'], regions['']['name'], regions['520102']['level']), ('南明区', None, 3)
        )

    def test_score_over_the_records_of_the_region(self):
        regions = {item['code']: item for item in report_of('  A: {on: t, assert: v <> 2}\n')['regions']}
        # accuracy (v is a number) 2 of 2, consistency 1 of 2
        self.assertEqual(regions['520102']['score'], '75.000000')
        self.assertEqual(regions['520102016002']['score'], '50.000000')

    def test_an_unknown_code_rolls_up(self):
        tables = FIELDS.replace('r: {}', 'r: {type: division}')
        regions = {
            item['code']: item for item in report_of(tables=tables, rows='r,v\n520102999,1\n52010,1\n')['regions']
        }
        self.assertEqual(
            {code: item['rows'] for code, item in regions.items()},
            {'': 1, '52': 1, '5201': 1, '520102': 1, '520102999': 1},
        )
        self.assertIsNone(regions['520102999']['name'])

    def test_six_digits_lose_zeros(self):
        regions = [item['code'] for item in report_of(rows='r,v\n110000,1\n520100,1\n520102000000,1\n')['regions']]
        self.assertEqual(regions, ['11', '52', '5201', '520102', '520102000', '520102000000'])


class Measures(unittest.TestCase):
    def measure(self, described, rows=ROWS, **options):
        return report_of('', f'measures:\n  M: {{on: t, {described}}}\n', rows, **options)['measures'][0]

    def test_fraction(self):
        found = self.measure('value: count(* where v > 1) / count(*)')
        self.assertEqual(
            (found['value'], found['numerator'], found['denominator']), ('0.50000000000000000000', '3', '6')
        )
        self.assertEqual({item['code']: item['value'] for item in found['regions']}['520102'], '0.50000000000000000000')

    def test_null_when_the_denominator_is_0(self):
        found = self.measure('value: count(*) / count(* where v > 99), expect: value > 1')
        self.assertEqual((found['value'], found['outcome']), (None, 'undetermined'))

    def test_expect_compares_exactly(self):
        rows = 'r,v\n520102,1\n520102,2\n520102,3\n'
        self.assertEqual(
            self.measure('value: count(* where v = 1) / count(*), expect: value > 0.33333333333333333333', rows)[
                'outcome'
            ],
            'passed',
        )
        self.assertEqual(
            self.measure('value: count(* where v < 3) / count(*), expect: value < 0.66666666666666666667', rows)[
                'outcome'
            ],
            'passed',
        )

    def test_judged_for_the_whole_and_each_region(self):
        self.assertEqual(self.measure('value: count(*), expect: value > 1')['outcome'], 'failed')
        self.assertEqual(self.measure('value: count(*), expect: value > 1, when: count(*) > 1')['outcome'], 'passed')
        self.assertEqual(
            self.measure('value: count(*), expect: value > 1, levels: [province, prefecture]')['outcome'], 'passed'
        )

    def test_previous(self):
        profile = FIELDS + 'measures:\n  M: {on: t, value: count(*), expect: value <= previous}\n'
        found = check(profile, {'t.csv': ROWS}, previous=[{'t.csv': ROWS}])['measures'][0]
        self.assertEqual((found['outcome'], found['previous']), ('passed', '6'))
        self.assertEqual(
            check(profile, {'t.csv': ROWS}, previous=[{'t.csv': 'r,v\n'}])['measures'][0]['outcome'], 'failed'
        )


class Indicators(unittest.TestCase):
    def test_sums_over_rules_that_carry_the_code(self):
        report = report_of(
            '  A: {on: t, assert: v > 1}\n  B: {on: t, assert: v > 2}\n  G: {on: t, each: [r], assert: count(*) > 1}\n'
        )
        found = {item['code']: item for item in report['indicators']}
        self.assertEqual((found['0402']['a'], found['0402']['b'], found['0402']['x']), (5, 8, '0.625000'))
        self.assertEqual((found['0305']['a'], found['0305']['b']), (5, 5))  # counts the bad ones

    def test_default_of_each_kind(self):
        report = report_of(
            '  A: {on: t, assert: v > 1}\n  B: {on: t, each: [r], assert: count(*) > 1}\n'
            '  C: {on: t, assert: count(*) > 1}\n'
            '  D: {on: t, unique: [r]}\n'
        )
        self.assertEqual(
            [(rule(report, name)['dimension'], rule(report, name)['gate']) for name in 'ABCD'],
            [
                ('consistency', 'record'),
                ('accuracy', 'plausibility'),
                ('consistency', 'relation'),
                ('accuracy', 'relation'),
            ],
        )


if __name__ == '__main__':
    unittest.main()
