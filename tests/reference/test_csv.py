"""Reading delimited text: csvin.py."""

import unittest

from . import csvin


def cells(data, **more):
    return [record.cells or record.bad for record in csvin.read(data, **more).records]


class Records(unittest.TestCase):
    def test_line_ends_mixed(self):
        self.assertEqual(cells(b'a,b\n1,2\r\n3,4\r5,6'), [['1', '2'], ['3', '4'], ['5', '6']])

    def test_empty_lines_are_no_records(self):
        file = csvin.read(b'\n\na,b\n\n1,2\n\r\n\r3,4\n\n')
        self.assertEqual([(record.index, record.cells) for record in file.records], [(0, ['1', '2']), (1, ['3', '4'])])

    def test_one_column(self):
        self.assertEqual(cells(b'a\n1\n\n""\n \n'), [['1'], [''], [' ']])

    def test_quotes(self):
        self.assertEqual(cells(b'a,b\n"x,1","y ""z"""\n"l1\nl2",q"r\n'), [['x,1', 'y "z"'], ['l1\nl2', 'q"r']])

    def test_bad_records(self):
        self.assertEqual(
            cells(b'a,b\n1\n1,2,3\n"x"y,2\n1,\xff\n1,\0\n1,2\n'),
            ['field_count', 'field_count', 'quote', 'encoding', 'nul', ['1', '2']],
        )

    def test_text_after_a_closing_quote_does_not_shift_what_follows(self):
        self.assertEqual(cells(b'a,b\n"x" "y",2\n3,4\n'), ['quote', ['3', '4']])

    def test_first_of_several_defects(self):
        self.assertEqual(cells(b'a,b\n\xff\n\0\n'), ['encoding', 'nul'])
        self.assertEqual(cells(b'a,b\n"\xff'), ['open_quote'])

    def test_open_quote_ends_at_its_own_line(self):
        self.assertEqual(cells(b'a,b\n1,"x\n3,4\n5,6\n'), ['open_quote', ['3', '4'], ['5', '6']])
        self.assertEqual(cells(b'a,b\n"x\ry,z\n'), ['open_quote', ['y', 'z']])

    def test_field_max(self):
        fits = b'"' + b'x' * csvin.FIELD_MAX + b'"'
        self.assertEqual(len(cells(b'a,b\n' + fits + b',2\n')[0][0]), csvin.FIELD_MAX)
        self.assertEqual(cells(b'a,b\n"x' + fits[1:] + b',2\n3,4\n'), ['open_quote', ['3', '4']])

    def test_one_more_empty_field(self):
        self.assertEqual(cells(b'a,b\n1,2,\n1,2,""\n1,2,,\n'), [['1', '2'], 'field_count', 'field_count'])

    def test_header_that_ends_in_a_delimiter(self):
        file = csvin.read(b'a,b,\n1,2,\n1,2\n')
        self.assertEqual(file.columns, ['a', 'b'])
        self.assertEqual([record.cells for record in file.records], [['1', '2'], ['1', '2']])

    def test_byte_order_mark(self):
        file = csvin.read(b'\xef\xbb\xbfa,b\n1,2\n')
        self.assertEqual((file.columns, file.encoding), (['a', 'b'], 'UTF-8 with BOM'))

    def test_no_bytes(self):
        self.assertEqual((csvin.read(b'').columns, csvin.read(b'').records), ([], []))

    def test_bad_header(self):
        for data in (b'a,\xff\n1,2\n', b'a,"b\n', b'a,"b"c\n', b'a,\0\n'):
            with self.assertRaises(csvin.SourceError):
                csvin.read(data)


class Delimiter(unittest.TestCase):
    def test_found_out(self):
        for delimiter in (',', ';', '\t', '|'):
            self.assertEqual(cells(f'a{delimiter}b\n1{delimiter}2\n'.encode()), [['1', '2']])

    def test_share_of_records_alike_decides(self):
        self.assertEqual(csvin.read(b'a;b,c\n1;2\n3;4,5\n').columns, ['a', 'b,c'])

    def test_then_number_of_fields_then_order(self):
        self.assertEqual(csvin.read(b'a,b;c;d\n').columns, ['a,b', 'c', 'd'])
        self.assertEqual(csvin.read(b'a,b;c\n').columns, ['a', 'b;c'])

    def test_quoted_candidates_do_not_count(self):
        self.assertEqual(csvin.read(b'"a;b;c",d\n1,2\n').columns, ['a;b;c', 'd'])

    def test_none(self):
        self.assertEqual(csvin.read(b'a\n1\n').columns, ['a'])


if __name__ == '__main__':
    unittest.main()
