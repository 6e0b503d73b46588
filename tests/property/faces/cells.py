"""CSV and workbooks."""

import csv
import datetime
import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from decimal import Decimal

from tests.property.faces.common import STOPPED, NUMBER, Wrong, same, number, all_rules, safe, by_rule, pairs, run


# ---- CSV ----


def check_csv(face, report, lang):
    text = face.decode('utf-8-sig')
    same(face[:3], b'\xef\xbb\xbf', 'csv: byte order mark')
    same(text.count('\r\n'), text.count('\n'), 'csv: line ends')
    rows = list(csv.DictReader(io.StringIO(text, newline=''), strict=True))
    for row in rows:
        for name, value in row.items():
            if re.match('[ \u3000\xa0]*[=+\\-@＝＋－＠\t\r\n]', value) and not re.fullmatch(r'[+-]\d+(\.\d+)?', value):
                raise Wrong(f'csv: {name} runs as a formula: {value}')
    for kind, rules in (('finding', report['rules']), ('draft', report['drafts'])):
        mine = [row for row in rows if row['kind'] == kind]
        wanted = [(rule, finding) for rule in rules for finding in rule['examples']]
        same(len(mine), len(wanted), f'csv: rows of kind {kind}')
        for row, (rule, finding) in zip(mine, wanted):
            what = f'csv {rule["id"]}'
            same(row['rule'], safe(rule['id']), what)
            same(int(row['rule_failed']), rule['failed'], f'{what}: failed')
            same(int(row['rule_shown']), rule['shown'], f'{what}: shown')
            same(row['severity'], finding['severity'], f'{what}: severity')
            same(row['line'], '' if finding['line'] is None else str(finding['line']), f'{what}: line')
            same(row['where'], safe(finding.get('where', '')), f'{what}: where')
            same(row['fingerprint'], finding['fingerprint'] or '', f'{what}: fingerprint')
            same(row['fields'].lstrip("'"), pairs(finding['fields']).lstrip("'"), f'{what}: fields')
            same(row['key'].lstrip("'"), pairs(finding['key']).lstrip("'"), f'{what}: key')
            same(row['message'].lstrip("'"), safe(finding['message']).lstrip("'"), f'{what}: message')
    causes = [row for row in rows if row['kind'] == 'cause']
    same([(row['rule'], number(re.search(NUMBER + '$' if lang == 'en' else NUMBER + '(?= 处$)', row['message'])[0])) for row in causes],
         [(safe(one['rules'][0]['id']), one['findings']) for one in report['causes']], 'csv: causes')
    stopped = {rule['id'] for rule in report['rules'] if rule['outcome'] in STOPPED}
    told = {row['rule'] for row in rows if row['kind'] == 'not_checked'}
    if not stopped <= told:
        raise Wrong(f'csv: not told that these did not run: {stopped - told}')


# ---- xlsx ----

SHEET = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
DAY_ONE = datetime.date(1899, 12, 30)


def workbook(face):
    """[(name, rows)] with cells as text, Decimal or None; what every sheet must have is looked at."""
    sheets = []
    with zipfile.ZipFile(io.BytesIO(face)) as book:
        for one in book.infolist():
            same(one.date_time, (1980, 1, 1, 0, 0, 0), f'xlsx: time of {one.filename}')
        names = [one.get('name') for one in ElementTree.fromstring(book.read('xl/workbook.xml')).iter(f'{SHEET}sheet')]
        for index, name in enumerate(names):
            root = ElementTree.fromstring(book.read(f'xl/worksheets/sheet{index + 1}.xml'))
            if next(root.iter(f'{SHEET}f'), None) is not None:
                raise Wrong(f'xlsx {name}: a formula')
            pane = next(root.iter(f'{SHEET}pane'))
            same((pane.get('state'), pane.get('ySplit')), ('frozen', '1'), f'xlsx {name}: heading')
            rows = [cells_of(row) for row in root.iter(f'{SHEET}row')]
            wanted = f'A1:{chr(64 + len(rows[0]))}{len(rows)}'
            same(next(root.iter(f'{SHEET}autoFilter')).get('ref').replace('$', ''), wanted,
                 f'xlsx {name}: filter')
            sheets.append((name, [row + [None] * (len(rows[0]) - len(row)) for row in rows]))
    return sheets


def cells_of(row):
    out = []
    for cell in row:
        if cell.get('t') == 'inlineStr':
            text = ''.join(part.text or '' for part in cell.iter(f'{SHEET}t'))
            out.append(re.sub('_x([0-9A-Fa-f]{4})_', lambda match: chr(int(match.group(1), 16)), text))
        else:
            value = cell.find(f'{SHEET}v')
            out.append(None if value is None else Decimal(repr(float(value.text))))
    return out


def listed(text, size=32000):
    """A text as a cell holds it: safe, and cut to what Excel takes."""
    cell = safe(text or '')
    if len(cell.encode()) > size:
        cell = cell.encode()[:size].decode(errors='ignore') + '…'
    cell = cell.replace('\ufffe', '\\u{FFFE}').replace('\uffff', '\\u{FFFF}')
    return cell or None


def datum(column, key):
    value = column[key]
    if value is None:
        return None
    if re.match('integer|decimal', column['type']):
        return Decimal(value) if len(re.sub(r'\D', '', value).lstrip('0')) <= 15 else value
    if column['type'] == 'date' and value >= '1900-03-01':
        return Decimal((datetime.date.fromisoformat(value) - DAY_ONE).days)
    return listed(value)


def check_xlsx(face, report, lang):
    del lang
    if face is None:
        return
    sheets = [rows[1:] for _, rows in workbook(face)]
    waivers = sheets.pop(4) if report['waivers'] else []
    summary, causes, rules, findings, regions, measures, tables, columns, unchecked = sheets
    same([(row[0], row[1], row[3], row[4], row[5], row[6]) for row in waivers],
         [tuple(listed(one[key]) if key != 'matched' and key != 'used' else one[key]
                for key in ('id', 'rule', 'matched', 'used', 'reason', 'approved_by')) for one in report['waivers']], 'xlsx: waivers')
    verdict = report['verdict']
    told = [row[1] for row in summary]
    same(told[1:6], [verdict['grade'], verdict['score'], Decimal(verdict['records']), Decimal(verdict['records_with_errors']), verdict['error_rate']],
         'xlsx: verdict')
    if report['submission']['as_of']:
        as_of = datetime.date.fromisoformat(report['submission']['as_of'])
        if as_of >= datetime.date(1900, 3, 1) and (as_of - DAY_ONE).days not in told:
            raise Wrong('xlsx: the day is no date')
    same([(row[1], row[2], row[3] or '', row[4]) for row in causes],
         [(one['findings'], one['table'], one.get('code', ''), listed(by_rule(one))) for one in report['causes']], 'xlsx: causes')
    same([(row[0], row[2], *row[8:16]) for row in rules],
         [(listed(rule['id']), listed(rule['table']), *(rule[key] for key in
          ('failed', 'evaluated', 'passed', 'waived', 'rows', 'undetermined', 'not_applicable', 'shown'))) for rule in all_rules(report)], 'xlsx: rules')
    by_id = {rule['id']: rule for rule in all_rules(report)}
    same([(row[0], row[4], row[5], row[6], row[7], row[8], row[9], row[16], row[17]) for row in findings],
         [(listed(rule['id']), listed(one['source']), one['line'], listed(one.get('where')), listed(pairs(one['key'])), listed(one['message']), listed(pairs(one['fields'])),
           rule['failed'], rule['shown']) for rule, one in
          [(rule, one) for rule in all_rules(report) for one in rule['examples']] +
          [(by_id[waiver['rule']], one) for waiver in report['waivers'] for one in waiver['examples']]], 'xlsx: findings')
    same([(row[0] or '', *row[3:8]) for row in regions],
         [(one['code'], one['rows'], one['findings'], one['records_with_errors'], one['score'], one['grade']) for one in report['regions']],
         'xlsx: regions')
    same([(row[0], row[3], row[5]) for row in measures],
         [(one['id'], code or None, exactly(value)) for one in report['measures']
          for code, value in [('', one['value']), *((region['code'], region['value']) for region in one['regions'])]], 'xlsx: measures')
    same([(row[0], *row[3:6]) for row in tables if row[2] is None],
         [(one['name'], one['rows'], one['bad_rows'], one['records_with_errors']) for one in report['submission']['tables']], 'xlsx: tables')
    same([tuple(row[i] for i in (0, 1, 4, 5, 6, 7, 8)) for row in columns],
         [(table['name'], listed(one['name']), one['missing'], one['invalid'], one['distinct'], datum(one, 'min'), datum(one, 'max'))
          for table in report['submission']['tables'] for one in table['columns']], 'xlsx: columns')
    gaps = report['unchecked']
    same(len(unchecked), sum(len(gaps[key]) for key in ('tables', 'rules', 'measures', 'columns', 'files'))
         + sum(table['bad_rows'] > 0 for table in report['submission']['tables']), 'xlsx: what was not checked')


def exactly(value):
    """A figure as its cell has it: a number while a double is exact."""
    if value is None:
        return None
    value = Decimal(value).normalize()
    digits, exponent = value.as_tuple().digits, value.as_tuple().exponent
    whole = int(''.join(map(str, digits))) * 10 ** max(exponent, 0)
    return Decimal(repr(float(value))) if whole <= 2 ** 53 and -exponent <= 22 else f'{value:f}'
