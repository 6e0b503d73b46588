#!/usr/bin/env python3
"""Faces read by programs that others wrote: workbooks by openpyxl and, where it is installed, by LibreOffice; HTML by tidy; Markdown by
commonmark; CSV by Python's reader.

    outside.py BINARY

Says which were there; exit status 77 when none was. The schemas of JSON, JUnit, SARIF and XML are held to in tests/property/check_faces.py."""
import csv
import datetime
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import openpyxl
except ImportError:
    openpyxl = None
try:
    import commonmark
except ImportError:
    commonmark = None
SYSTEM = '/usr/bin/python3'  # Debian's packages are for this one

PROFILE = """\
hezhun: 1
profile: test.outside
version: 1.0.0
title: {zh: 表外, en: Outside}
tables:
  person:
    key: [no, born]
    fields:
      no: {type: text, title: {zh: 编号, en: Number}}
      born: {type: date}
      note: {type: text}
      size: {type: integer, max: 9}
rules:
  P-1: {on: person, title: {zh: 备注为好, en: The note is good}, assert: note = '好'}
"""
ROWS = [('007', '1980-02-29', '=1+1', '3'), ('110105194912310021', '1999-12-31', '@SUM(A1)', '12'), ('1e5', '2001-01-01', '<b>|x|</b> & "q"', '10')]
DATA = 'no,born,note,size\n' + ''.join(','.join('"' + cell.replace('"', '""') + '"' for cell in row) + '\n' for row in ROWS)


class Wrong(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise Wrong(f'{what}: {got!r} instead of {wanted!r}')


def make(binary, folder):
    (folder / 'profile.yaml').write_text(PROFILE, encoding='utf-8')
    (folder / 'person.csv').write_text(DATA, encoding='utf-8')
    words = ['check', '-q', '--lang', 'en', '-p', 'profile.yaml', '--annotate', 'rows.xlsx']
    words += [word for name in ('findings.xlsx', 'findings.csv') for word in ('--findings', name)]
    words += [word for name in ('html', 'md', 'csv', 'xlsx') for word in ('--report', f'{name}:report.{name}')]
    done = subprocess.run([binary, *words, 'person.csv'], cwd=folder, capture_output=True, text=True, check=False)
    same((done.returncode, done.stderr), (1, ''), 'check')


def look_at_sheet(sheet, what):
    same(sheet.freeze_panes, 'A2', f'{what}: heading')
    same(sheet.auto_filter.ref.replace('$', ''), f'A1:{openpyxl.utils.get_column_letter(sheet.max_column)}{sheet.max_row}', f'{what}: filter')
    for row in sheet.iter_rows():
        for cell in row:
            if cell.data_type == 'f':
                raise Wrong(f'{what}: {cell.coordinate} is a formula: {cell.value}')


def by_openpyxl(folder):
    """Ids are texts, days are days, nothing runs; the cell that is wrong has the message as a comment."""
    for name in ('report.xlsx', 'findings.xlsx', 'rows.xlsx'):
        for sheet in openpyxl.load_workbook(folder / name):
            look_at_sheet(sheet, f'{name} {sheet.title}')
    sheet = openpyxl.load_workbook(folder / 'findings.xlsx')['person']
    head = [cell.value for cell in sheet[1]]
    found = [dict(zip(head, (cell.value for cell in row))) for row in sheet.iter_rows(min_row=2)]
    same({(one['no'], one['born']) for one in found}, {(row[0], datetime.datetime.fromisoformat(row[1])) for row in ROWS}, 'findings.xlsx: keys')
    sheet = openpyxl.load_workbook(folder / 'rows.xlsx')['person']
    rows = list(sheet.iter_rows(min_row=2))
    for cells, row in zip(rows, ROWS, strict=True):
        same((cells[0].value, cells[1].value, cells[3].value), (row[0], datetime.datetime.fromisoformat(row[1]), int(row[3])), 'rows.xlsx: row')
        same(cells[2].value.lstrip("'"), row[2], 'rows.xlsx: note')
        same([cell.comment is not None for cell in cells[:4]], [False, False, True, int(row[3]) > 9], 'rows.xlsx: comments')
        if int(row[3]) > 9 and 'size' not in cells[3].comment.text:
            raise Wrong(f'rows.xlsx: comment {cells[3].comment.text!r}')
        same(cells[2].fill.fill_type, 'solid', 'rows.xlsx: colour')


def by_libreoffice(folder):
    """Converted to CSV without a screen: the cells as it sees them."""
    done = subprocess.run(['soffice', '--headless', f'-env:UserInstallation=file://{folder}/office', '--convert-to',
                           'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1', '--outdir', str(folder / 'out'), str(folder / 'rows.xlsx')],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, check=False)
    made = list((folder / 'out').glob('rows*.csv'))
    same((done.returncode, len(made)), (0, 1), f'LibreOffice: {done.stderr[-300:]}')
    rows = list(csv.reader(io.StringIO(made[0].read_text(encoding='utf-8-sig'))))
    same(rows[0][:4], ['no', 'born', 'note', 'size'], 'LibreOffice: heading')
    for got, row in zip(rows[1:], ROWS, strict=True):
        same((got[0], got[2].lstrip("'"), got[3]), (row[0], row[2], row[3]), 'LibreOffice: row')
        same(sorted(map(int, re.findall(r'\d+', got[1]))), sorted(map(int, row[1].split('-'))), 'LibreOffice: day')


def by_tidy(folder):
    done = subprocess.run(['tidy', '-e', '-q', folder / 'report.html'], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    same((done.returncode, done.stderr), (0, ''), 'tidy')


def by_commonmark(folder):
    """What the data says is text there: no markup of its own, no link."""
    nodes = [node for node, entering in commonmark.Parser().parse((folder / 'report.md').read_text(encoding='utf-8')).walker() if entering]
    same([node.literal for node in nodes if node.t in ('html_block', 'html_inline') and '<b>' in (node.literal or '')], [], 'commonmark: markup of the data')
    same([node.destination for node in nodes if node.t in ('link', 'image')], [], 'commonmark: links')
    texts = ''.join(node.literal or '' for node in nodes)
    if '<b>|x|</b>' not in texts.replace('\\', ''):
        raise Wrong('commonmark: the text of the data is not there')


def by_csv(folder):
    for name in ('report.csv', 'findings.csv'):
        rows = list(csv.reader(io.StringIO((folder / name).read_text(encoding='utf-8-sig'), newline=''), strict=True))
        same({len(row) for row in rows}, {len(rows[0])}, f'{name}: cells of a row')
        for cell in (cell for row in rows for cell in row):
            if re.match(r'\s*[=@]', cell):
                raise Wrong(f'{name}: runs as a formula: {cell}')


def main():
    if not openpyxl and os.path.realpath(sys.executable) != os.path.realpath(SYSTEM) and os.path.exists(SYSTEM) and 'HZ_SYSTEM_PYTHON' not in os.environ:
        os.execve(SYSTEM, [SYSTEM, '-B', *sys.argv], {**os.environ, 'HZ_SYSTEM_PYTHON': '1'})
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    judges = {'openpyxl': (by_openpyxl, openpyxl), 'LibreOffice': (by_libreoffice, shutil.which('soffice')), 'tidy': (by_tidy, shutil.which('tidy')),
              'commonmark': (by_commonmark, commonmark), 'csv': (by_csv, csv)}
    bad, absent = [], []
    with tempfile.TemporaryDirectory(prefix='hezhun-outside-') as place:
        folder = pathlib.Path(place)
        make(binary, folder)
        for name, (judge, there) in judges.items():
            if not there:
                absent.append(name)
                continue
            try:
                judge(folder)
                print(f'{name}: good')
            except Wrong as wrong:
                bad.append(f'{name}: {wrong}')
    print(*bad, *(f'{name}: skipped, it is not installed' for name in absent), sep='\n')
    return 1 if bad else 77 if len(absent) == len(judges) - 1 else 0


if __name__ == '__main__':
    sys.exit(main())
