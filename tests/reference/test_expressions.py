"""The language of expressions: docs/language.md."""

import unittest

from .helpers import INVALID, error, value

AB = {'a': 'integer', 'b': 'integer'}


class Parsing(unittest.TestCase):
    def test_precedence(self):
        self.assertEqual(value('1 + 2 * 3'), '7')
        self.assertEqual(value('-2 * -3'), '6')
        self.assertEqual(value('not false and false'), False)
        self.assertEqual(value('true or false and false'), True)
        self.assertEqual(value("1 = 2 is null"), False)
        self.assertEqual(value("'a' || 'b' = 'ab'"), True)
        self.assertEqual(value('3 between 1 and 2 + 2 and true'), True)
        self.assertEqual(value('2 * 3 in (6)'), True)
        self.assertEqual(value('not 1 is null'), True)

    def test_comparison_does_not_associate(self):
        self.assertIsNotNone(error('1 = 1 = true'))
        self.assertIsNotNone(error('1 < 2 < 3'))
        self.assertIsNotNone(error('1 is null is null'))
        self.assertIsNotNone(error("'a' like 'a' like 'a'"))

    def test_lexis(self):
        self.assertEqual(value("'it''s'"), "it's")
        self.assertEqual(value('1 -- comment\n + 1'), '2')
        self.assertEqual(value('.5 + 5.'), '5.5')
        self.assertEqual(value('1 != 2'), True)
        self.assertEqual(value('TRUE AND Not FALSE'), True)
        self.assertIsNotNone(error('1e3'))
        self.assertIsNotNone(error('1' * 39))
        self.assertIsNone(error('1' * 38))
        self.assertIsNotNone(error("'open"))
        self.assertIsNotNone(error('a ? b', {'a': 'text'}))

    def test_names(self):
        self.assertEqual(value('户编号', {'户编号': 'text'}, {'户编号': '1'}), '1')
        self.assertEqual(value('"from"', {'from': 'text'}, {'from': '1'}), '1')
        self.assertEqual(value('"a""b"', {'a"b': 'text'}, {'a"b': '1'}), '1')
        self.assertEqual(value('date', {'date': 'text'}, {'date': 'x'}), 'x')
        self.assertEqual(value("date '2020-01-01' > date", {'date': 'date'}, {'date': '2019-01-01'}), True)
        self.assertEqual(
            value('count + list', {'count': 'integer', 'list': 'integer'}, {'count': '1', 'list': '2'}), '3'
        )
        self.assertIsNotNone(error('A', {'a': 'text'}))

    def test_literals(self):
        self.assertEqual(value("date '2020-02-29'"), '2020-02-29')
        self.assertIsNotNone(error("date '2019-02-29'"))
        self.assertEqual(value("timestamp '2020-01-01 08:00:00.5'"), '2020-01-01T08:00:00.500000')
        self.assertEqual(value("time '24:00:00'"), '24:00:00')
        self.assertIsNotNone(error("interval '1.5' year"))
        self.assertEqual(value("interval '-1' month < interval '1' day"), True)

    def test_parameters(self):
        params = {'line': {'type': 'decimal', 'value': '4000'}}
        self.assertEqual(value(':line + line', params=params), '8000')
        self.assertEqual(value('line', {'line': 'text'}, {'line': 'x'}, params=params), 'x')
        self.assertEqual(value(':line', {'line': 'text'}, {'line': 'x'}, params=params), '4000')


class Types(unittest.TestCase):
    def test_wrong_types_are_refused(self):
        for expr in (
            "1 = '1'",
            "date '2020-01-01' = '2020-01-01'",
            'true = 1',
            "'a' + 1",
            "1 || 'a'",
            "array[1] < array[2]",
            'not 1',
            "case when 1 then 2 end",
            "coalesce(1, 'a')",
            'length(1)',
            "date '2020-01-01' + date '2020-01-01'",
            "1 in ('a')",
            "greatest(true, 1)",
            "'a' = any('b')",
            'foo(1)',
            'nothing',
            "left('a')",
            "1 matches 'a'",
            "'a' matches '('",
            "time '08:00' - time '07:00'",
            "code_name('no such list', 'a')",
            "to_date('a', 'YYYY')",
        ):
            self.assertIsNotNone(error(expr), expr)

    def test_dates_mix_with_timestamps(self):
        self.assertEqual(value("date '2020-01-01' = timestamp '2020-01-01 00:00:00'"), True)
        self.assertEqual(value("coalesce(date '2020-01-01', timestamp '2020-01-01 00:00:00')"), '2020-01-01T00:00:00')
        self.assertEqual(value("year(timestamp '2020-01-01 08:00:00')"), '2020')

    def test_null_fits_any(self):
        self.assertIsNone(value("null + 1"))
        self.assertIsNone(value("null = 'a'"))
        self.assertEqual(value('null is null'), True)
        self.assertEqual(value("coalesce(null, 'a')"), 'a')


class Truth(unittest.TestCase):
    """Three values and two nulls."""

    TERMS = {'T': 'true', 'F': 'false', 'N': 'n', 'I': 'i'}
    FIELDS = {'n': 'boolean', 'i': 'boolean'}
    ROW = {'n': None, 'i': INVALID}

    def letter(self, expr):
        found = value(expr, self.FIELDS, self.ROW)
        return {True: 'T', False: 'F', None: 'N'}.get(found, 'I') if not isinstance(found, dict) else 'I'

    def test_and_or_not(self):
        terms = 'TFNI'
        self.assertEqual(
            [''.join(self.letter(f'{self.TERMS[a]} and {self.TERMS[b]}') for b in terms) for a in terms],
            ['TFNI', 'FFFF', 'NFNI', 'IFII'],
        )
        self.assertEqual(
            [''.join(self.letter(f'{self.TERMS[a]} or {self.TERMS[b]}') for b in terms) for a in terms],
            ['TTTT', 'TFNI', 'TNNI', 'TIII'],
        )
        self.assertEqual(''.join(self.letter(f'not {self.TERMS[a]}') for a in terms), 'FTNI')

    def test_invalid_and_null_tests(self):
        self.assertEqual(self.letter('i is null'), 'I')
        self.assertEqual(self.letter('i is not null'), 'I')
        self.assertEqual(self.letter('i is distinct from n'), 'I')
        self.assertEqual(self.letter('n is distinct from true'), 'T')
        self.assertEqual(self.letter('n is not distinct from null'), 'T')

    def test_in(self):
        fields, row = {'n': 'integer', 'i': 'integer'}, {'n': None, 'i': INVALID}
        self.assertEqual(value('1 in (1, n, i)', fields, row), True)
        self.assertEqual(value('1 in (2, n, i)', fields, row), INVALID)
        self.assertIsNone(value('1 in (2, n)', fields, row))
        self.assertEqual(value('1 in (2, 3)', fields, row), False)
        self.assertEqual(value('1 not in (2, 3)', fields, row), True)
        self.assertIsNone(value('n in (1)', fields, row))
        self.assertEqual(value('i in (1, n)', fields, row), INVALID)

    def test_between_is_and(self):
        fields, row = {'n': 'integer', 'i': 'integer'}, {'n': None, 'i': INVALID}
        self.assertEqual(value('5 between 6 and n', fields, row), False)
        self.assertEqual(value('5 between i and 4', fields, row), False)
        self.assertEqual(value('5 between i and n', fields, row), INVALID)
        self.assertIsNone(value('5 between n and 6', fields, row))

    def test_case_takes_a_branch_only_when_true(self):
        fields, row = {'n': 'integer', 'i': 'integer'}, {'n': None, 'i': INVALID}
        self.assertEqual(value("case when i = 1 then 'a' else 'b' end", fields, row), 'b')
        self.assertEqual(value("case i when 1 then 'a' else 'b' end", fields, row), 'b')
        self.assertEqual(value("case n when null then 'a' else 'b' end", fields, row), 'b')
        self.assertIsNone(value("case when false then 'a' end"))
        self.assertEqual(value("case when true then 1 when i = 1 then 2 end", fields, row), '1')

    def test_coalesce_and_its_like(self):
        fields, row = {'n': 'integer', 'i': 'integer', 'v': 'integer'}, {'n': None, 'i': INVALID, 'v': '7'}
        self.assertEqual(value('coalesce(n, v, i)', fields, row), '7')
        self.assertEqual(value('coalesce(n, i, v)', fields, row), INVALID)
        self.assertEqual(value('nullif(v, i)', fields, row), INVALID)
        self.assertIsNone(value('nullif(v, 7)', fields, row))
        self.assertEqual(value('nullif(v, n)', fields, row), '7')
        self.assertEqual(value('greatest(n, v, 3)', fields, row), '7')
        self.assertEqual(value('least(v, i)', fields, row), INVALID)
        self.assertIsNone(value('least(n, n)', fields, row))

    def test_strict_operators(self):
        fields, row = {'n': 'integer', 'i': 'integer'}, {'n': None, 'i': INVALID}
        self.assertEqual(value('n + i', fields, row), INVALID)
        self.assertIsNone(value('n + 1', fields, row))
        self.assertEqual(value("left('a', i)", fields, row), INVALID)


class Numbers(unittest.TestCase):
    def test_scales(self):
        self.assertEqual(value('1.0 + 2.50'), '3.50')
        self.assertEqual(value('1.5 * 1.50'), '2.250')
        self.assertEqual(value('1.0 = 1.00'), True)
        self.assertEqual(value('round(2.5)'), '3')
        self.assertEqual(value('round(-2.5)'), '-3')
        self.assertEqual(value('round(2.345, 2)'), '2.35')
        self.assertEqual(value('round(1, 2)'), '1.00')
        self.assertEqual(value('round(1250, -2)'), '1300')
        self.assertEqual(value('floor(-1.5)'), '-2')
        self.assertEqual(value('ceil(-1.5)'), '-1')
        self.assertEqual(value('abs(-1.50)'), '1.50')

    def test_division(self):
        self.assertEqual(value('7 / 2'), '3.50000000000000000000')
        self.assertEqual(value('1 / 3'), '0.33333333333333333333')
        self.assertEqual(value('2 / 3'), '0.66666666666666666667')
        self.assertEqual(value('0.00000000000000000001 / 2'), '0.00000000000000000000')
        self.assertEqual(value('0.00000000000000000003 / 2'), '0.00000000000000000002')
        self.assertIsNone(value('1 / 0'))

    def test_overflow_is_null(self):
        nines = '9' * 38
        self.assertIsNone(value(f'{nines} + 1'))
        self.assertIsNone(value(f'{nines} * 10'))
        self.assertEqual(value(f'{nines} - 1'), '9' * 37 + '8')
        self.assertEqual(value('0.' + '0' * 19 + '10 * 0.' + '0' * 16 + '10'), '0.' + '0' * 36 + '1')
        self.assertEqual(value('0.' + '0' * 19 + '10 * 0.' + '0' * 17 + '10'), '0.' + '0' * 37 + '1')

    def test_to_number(self):
        self.assertEqual(value("to_number('+1.50')"), '1.50')
        for text in ('.5', '5.', '1,000', ' 1', '１', '', '1e3', '-'):
            self.assertIsNone(value(f"to_number('{text}')"), text)


class Texts(unittest.TestCase):
    def test_cuts(self):
        self.assertEqual(value("left('中文字', 2)"), '中文')
        self.assertEqual(value("left('abc', -1)"), 'ab')
        self.assertEqual(value("left('abc', -5)"), '')
        self.assertEqual(value("right('abc', 2)"), 'bc')
        self.assertEqual(value("right('abc', -1)"), 'bc')
        self.assertEqual(value("right('abc', 0)"), '')
        self.assertEqual(value("substr('abcdef', 2, 3)"), 'bcd')
        self.assertEqual(value("substr('abc', 0, 2)"), 'a')
        self.assertEqual(value("substr('abc', -1)"), 'abc')
        self.assertIsNone(value("substr('abc', 1, -1)"))
        self.assertIsNone(value("left('abc', 1.5)"))
        self.assertEqual(value("left('abc', 1.0)"), 'a')

    def test_others(self):
        self.assertEqual(value("replace('aXbX', 'X', '')"), 'ab')
        self.assertEqual(value("replace('ab', '', 'x')"), 'ab')
        self.assertEqual(value("upper('straße')"), 'STRAßE')
        self.assertEqual(value("lower('İ')"), 'i')
        self.assertEqual(value("upper('ᾳ')"), 'ᾼ')
        self.assertEqual(value("trim('  a\t ')"), 'a\t')
        self.assertEqual(value("length('中a')"), '2')
        self.assertEqual(value("'b' > 'a' and 'a' > 'B' and '中' > 'z'"), True)

    def test_like(self):
        self.assertEqual(value("'abc' like 'a%'"), True)
        self.assertEqual(value("'abc' like 'a_'"), False)
        self.assertEqual(value("'a%' like 'a\\%'"), True)
        self.assertEqual(value("'ab' like 'a\\%'"), False)
        self.assertIsNone(value("'ab' like 'x\\'"))
        self.assertEqual(value("'a\nb' like 'a_b'"), True)

    def test_similarity(self):
        self.assertEqual(value("similarity('word', 'two words')"), '0.36363636363636363636')
        self.assertEqual(value("similarity('', ' ')"), '0.00000000000000000000')
        self.assertEqual(value("similarity('张三', '张三')"), '1.00000000000000000000')


class Dates(unittest.TestCase):
    def test_arithmetic(self):
        self.assertEqual(value("date '2020-01-31' + interval '1' month"), '2020-02-29T00:00:00')
        self.assertEqual(value("date '2020-03-01' - 1"), '2020-02-29')
        self.assertIsNone(value("date '2020-03-01' + 1.5"))
        self.assertIsNone(value("date '9999-12-31' + 1"))
        self.assertEqual(value("date '9999-12-31' - 3000000 + 3000000"), '9999-12-31')
        self.assertEqual(value("date '2020-03-01' - date '2020-02-01'"), '29')
        self.assertEqual(value("timestamp '2020-03-01 12:00:00' - date '2020-02-29' = interval '1' day"), False)
        self.assertEqual(value("timestamp '2020-03-02 00:00:00' - date '2020-02-01' = interval '1' month"), True)

    def test_parts(self):
        self.assertEqual(value("last_day(date '2020-02-05')"), '2020-02-29')
        self.assertEqual(value("first_day(timestamp '2020-02-05 08:00:00')"), '2020-02-01')
        self.assertEqual(value("to_date('20200229', 'YYYYMMDD')"), '2020-02-29')
        self.assertEqual(value("to_date('2020/2/9', 'YYYY/M/D')"), '2020-02-09')
        self.assertIsNone(value("to_date('2019-02-29')"))
        self.assertIsNone(value("to_date('２０２０-01-01')"))


class Arrays(unittest.TestCase):
    FIELDS = {'h': 'text[]', 'n': 'text[]', 'i': 'text[]', 't': 'text'}
    ROW = {'h': ['01', '04'], 'n': None, 'i': INVALID, 't': None}

    def check(self, expr, expected):
        self.assertEqual(value(expr, self.FIELDS, self.ROW), expected, expr)

    def test_any_all(self):
        self.check("'04' = any(h)", True)
        self.check("'05' = any(h)", False)
        self.check("'00' < all(h)", True)
        self.check("'05' = any(n)", None)
        self.check("'05' = any(i)", INVALID)
        self.check("t = any(h)", None)
        self.check("'01' <> all(h)", False)

    def test_contained_and_equal(self):
        self.check("h <@ array['01', '02', '04']", True)
        self.check("array['01', '01'] <@ h", True)
        self.check("array['01', null] <@ h", False)
        self.check("h <@ array['01', null]", False)
        self.check("h = array['01', '04']", True)
        self.check("h = array['04', '01']", False)
        self.check('cardinality(h)', '2')
        self.check('cardinality(n)', None)
        self.check("'a' = any(array['a', t])", True)
        self.check("'b' = any(array['a', t])", None)


class DifferencesFromPostgres(unittest.TestCase):
    """The table 'where we differ from PostgreSQL on purpose' of README.md; one test each."""

    def test_division_never_truncates(self):
        self.assertEqual(value('7 / 2'), '3.50000000000000000000')
        self.assertEqual(value('5 / 3'), '1.66666666666666666667')

    def test_age_is_an_integer(self):
        self.assertEqual(value("age(date '2000-02-29', date '2019-02-28')"), '18')
        self.assertEqual(value("age(date '2000-02-29', date '2019-03-01')"), '19')
        self.assertEqual(value("age(date '2000-02-29', date '2020-02-29')"), '20')
        self.assertEqual(value("age(date '2020-01-02', date '2020-01-01')"), '-1')

    def test_days_and_months_between(self):
        self.assertEqual(value("days_between(date '2020-01-01', date '2019-12-31')"), '-1')
        self.assertEqual(value("months_between(date '2020-01-31', date '2020-02-29')"), '0')
        self.assertEqual(value("months_between(date '2020-01-31', date '2020-03-01')"), '1')
        self.assertEqual(value("months_between(date '2020-03-15', date '2020-02-20')"), '-1')

    def test_no_error_ends_a_query(self):
        for expr in (
            '1 / 0',
            "to_number('x')",
            "to_date('x')",
            "substr('a', 1, -1)",
            "'a' like '\\'",
            '9' * 38 + ' + 1',
            "date '9999-12-31' + interval '1' day",
        ):
            self.assertIsNone(value(expr), expr)

    def test_invalid(self):
        self.assertEqual(value('a is null', {'a': 'integer'}, {'a': INVALID}), INVALID)
        self.assertEqual(value('coalesce(a, 1)', {'a': 'integer'}, {'a': INVALID}), INVALID)

    def test_matches_is_whole_value(self):
        self.assertEqual(value("'abc' matches 'b'"), False)
        self.assertEqual(value("'abc' matches 'a|abc'"), True)
        self.assertEqual(value("'１' matches '\\d'"), False)

    def test_names_keep_their_case(self):
        self.assertIsNotNone(error('Name', {'name': 'text'}))

    def test_text_and_dates_do_not_mix(self):
        self.assertIsNotNone(error("d = '2020-01-01'", {'d': 'date'}))

    def test_simple_case_mappings(self):
        self.assertEqual(value("upper('ß')"), 'ß')

    def test_date_minus_interval_may_leave_the_calendar_on_the_way(self):
        self.assertEqual(value("date '9999-12-01' + interval '1' month - interval '2' month is null"), True)

    def test_product_that_needs_too_many_digits(self):
        self.assertIsNone(value('9' * 38 + ' * 1.1'))


if __name__ == '__main__':
    unittest.main()
