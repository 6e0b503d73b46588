"""Every face of one run, held to the JSON report of the same run: counts are read back out of each and compared, each is
judged by a validator of somebody else's, rendering twice gives the same bytes, and no personal value of the data stands in
any of them.

    python3 tests/property/check_faces.py --binary PATH [--cases N] [--seed S]

Exit status 0 when all agree, 1 when not, 77 (skipped) without jsonschema, PyYAML or xmllint.
"""

import argparse
import csv
import datetime
import hashlib
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from collections import Counter
from decimal import ROUND_FLOOR, Decimal

try:
    import jsonschema
    import yaml
except ImportError:
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)
from tests.property import gen  # noqa: E402
from tests.property.run import arguments_of, write_case  # noqa: E402

CASES = os.path.join(ROOT, 'tests', 'cli', 'cases')
SCHEMAS = os.path.join(ROOT, 'tests', 'data', 'schemas')
NIL = '{http://www.w3.org/2001/XMLSchema-instance}nil'
SEVERITIES = ['fatal', 'error', 'warning', 'info']
STOPPED = ('skipped', 'error')
NUMBER = r'[\d,]+'


class Wrong(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise Wrong(f'{what}: {difference(got, wanted)}')


def difference(got, wanted):
    if isinstance(got, list) and isinstance(wanted, list):
        for index, (one, other) in enumerate(zip(got, wanted)):
            if one != other:
                return f'item {index} is {one!r} instead of {other!r}'[:2000]
        return f'{len(got)} items instead of {len(wanted)}'
    return f'{got!r} instead of {wanted!r}'[:2000]


def number(text):
    return int(text.replace(',', ''))


def floor2(score):
    return Decimal(score).quantize(Decimal('0.01'), ROUND_FLOOR)


def all_rules(report):
    return report['rules'] + report['drafts']


# ---- XML: the JSON again ----


def same_tree(element, value, path):
    """An element of the XML says what the value of the JSON says."""
    if element.get(NIL) == 'true':
        same(None, value, path)
    elif isinstance(value, dict):
        names = [child.get('name') if child.tag == 'value' and 'name' in child.attrib else child.tag for child in element]
        same(names, list(value), f'{path}: keys')
        for child, key in zip(element, value):
            same_tree(child, value[key], f'{path}/{key}')
    elif isinstance(value, list):
        same(len(element), len(value), f'{path}: items')
        for index, (child, item) in enumerate(zip(element, value)):
            same_tree(child, item, f'{path}/{index}')
    elif isinstance(value, bool):
        same(element.text, 'true' if value else 'false', path)
    elif isinstance(value, Decimal):
        same(Decimal(element.text), value, path)
    else:
        same(element.text or '', visible(str(value)), path)


def visible(text):
    """What XML forbids is replaced so that it can be seen."""
    text = re.sub('[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]', lambda match: f'\\u{{{ord(match.group()):X}}}', text)
    return text


def xmllint(schema, text):
    done = subprocess.run(['xmllint', '--noout', '--nonet', '--schema', schema, '-'], input=text, capture_output=True, check=False)
    if done.returncode:
        raise Wrong(done.stderr.decode()[:600])


def check_xml(face, report, lang):
    del lang
    xmllint(os.path.join(ROOT, 'reports', 'report.xsd'), face)
    same_tree(ElementTree.fromstring(face), report, '')


# ---- JUnit ----


def expected_result(outcome, draft):
    if outcome == 'passed':
        return 'passed'
    if outcome in ('failed', 'error') and not draft:
        return {'failed': 'failure', 'error': 'error'}[outcome]
    return 'skipped'


def failed_of(text, lang):
    pattern = rf'({NUMBER}) of ({NUMBER}) failed' if lang == 'en' else rf'({NUMBER}) / ({NUMBER}) 未通过'
    return tuple(map(number, re.search(pattern, text).groups()))


def shown_of(text, lang):
    """(shown, all) of the first words that say so."""
    pattern = rf'({NUMBER}) shown of ({NUMBER})' if lang == 'en' else rf'共 (?P<all>{NUMBER}) 处，显示 (?P<shown>{NUMBER}) 处'
    found = re.search(pattern, text)
    pair = found.groups() if lang == 'en' else (found['shown'], found['all'])
    return tuple(map(number, pair))


def check_case(case, rule, draft, lang):
    result = case[0].tag if len(case) and case[0].tag != 'system-out' else 'passed'
    same(result, expected_result(rule['outcome'], draft), f'junit {rule["id"]}')
    if result == 'failure':
        same(failed_of(case[0].get('message'), lang), (rule['failed'], rule['evaluated']), f'junit {rule["id"]}')
        same(case[0].get('type'), rule['severity'], f'junit {rule["id"]} type')
        lines = case[0].text.rstrip('\n').split('\n')
        shown = min(rule['shown'], 10)
        same(shown_of(lines[0], lang), (shown, rule['failed']), f'junit {rule["id"]}')
        same(len(lines) - 1, shown, f'junit {rule["id"]}: lines')


def check_junit(face, report, lang):
    xmllint(os.path.join(SCHEMAS, 'junit-10.xsd'), face)
    root = ElementTree.fromstring(face)
    rules = {rule['id']: rule for rule in all_rules(report)}
    drafts = {rule['id'] for rule in report['drafts']}
    tables = {table['name']: table for table in report['submission']['tables']}
    seen = set()
    totals = Counter()
    for suite in root:
        count = Counter()
        properties = {one.get('name'): one.get('value') for one in suite.find('properties')}
        for key in ('grade', 'score', 'error_rate'):
            wanted = report['verdict'][key]
            same(properties.get(key), None if wanted is None else str(wanted), f'junit {key}')
        same(properties['conformant'], 'true' if report['verdict']['conformant'] else 'false', 'junit conformant')
        if suite.get('name') in tables and 'rows' in properties:
            for key in ('rows', 'bad_rows', 'records_with_errors'):
                same(int(properties[key]), tables[suite.get('name')][key], f'junit {key}')
        for case in suite.findall('testcase'):
            count['tests'] += 1
            result = case[0].tag if len(case) else ''
            count['failures'] += result == 'failure'
            count['errors'] += result == 'error'
            count['skipped'] += result == 'skipped'
            rule = rules.get(case.get('name'))
            if rule:
                check_case(case, rule, rule['id'] in drafts, lang)
                seen.add(rule['id'])
        for key in ('tests', 'failures', 'errors', 'skipped'):
            same(int(suite.get(key)), count[key], f'junit suite {suite.get("name")}: {key}')
        totals.update(count)
    same(seen, set(rules), 'junit: rules')
    for key in ('tests', 'failures', 'errors'):
        same(int(root.get(key)), totals[key], f'junit: {key}')


# ---- SARIF ----

SARIF_COUNTS = {'rows': 'rows', 'notApplicable': 'not_applicable', 'undetermined': 'undetermined', 'evaluated': 'evaluated',
                'passed': 'passed', 'failed': 'failed', 'waived': 'waived', 'shown': 'shown', 'outcome': 'outcome'}


def check_sarif_result(result, finding, what):
    place = result['locations'][0].get('physicalLocation')
    same(place is None, finding['source'] is None, f'{what}: place')
    region = place.get('region', {}) if place else {}
    same(region.get('startLine'), finding['line'], f'{what}: line')
    same(region.get('byteOffset'), finding.get('offset'), f'{what}: offset')
    same(result['properties']['fields'], finding['fields'], f'{what}: fields')
    same(result['properties']['key'], finding['key'] or {}, f'{what}: key')
    same(result.get('partialFingerprints', {}).get('hezhun/v1'), finding['fingerprint'], f'{what}: fingerprint')
    same(len(result.get('relatedLocations', [])), len(finding['related']), f'{what}: related')
    text = re.sub(r'\\([\[\]\\])', r'\1', result['message']['text']) if '](' in finding['message'] else result['message']['text']
    same(text.replace('{{', '{').replace('}}', '}'), finding['message'].replace('{{', '{').replace('}}', '}'), f'{what}: message')


def check_sarif(face, report, lang):
    del lang
    log = json.loads(face, parse_float=Decimal)
    with open(os.path.join(SCHEMAS, 'sarif-2.1.0-rtm.5.json'), encoding='utf-8') as file:
        schema = json.load(file)
    for error in jsonschema.Draft4Validator(schema).iter_errors(json.loads(face)):
        raise Wrong(f'sarif {list(error.absolute_path)}: {error.message[:300]}')
    run = log['runs'][0]
    rules = run['tool']['driver']['rules']
    same([rule['id'] for rule in rules], [rule['id'] for rule in all_rules(report)], 'sarif: rules')
    left = list(run['results'])
    for index, (told, rule) in enumerate(zip(rules, all_rules(report))):
        for key, counterpart in SARIF_COUNTS.items():
            same(told['properties'][key], rule[counterpart], f'sarif {rule["id"]}: {key}')
        wanted = rule['shown'] or (1 if rule['failed'] else 0)
        mine, left = left[:wanted], left[wanted:]
        same([one.get('ruleIndex') for one in mine], [index] * wanted, f'sarif {rule["id"]}: results')
        for one, finding in zip(mine, rule['examples']):
            check_sarif_result(one, finding, f'sarif {rule["id"]}')
        if rule['failed'] and not rule['shown']:
            same(mine[0]['occurrenceCount'], rule['failed'], f'sarif {rule["id"]}: occurrences')
    same([one['ruleId'] for one in left], [one['id'] for one in report['measures'] if one['outcome'] == 'failed'], 'sarif: measures')
    verdict = report['verdict']
    for key, counterpart in {'grade': 'grade', 'score': 'score', 'errorRate': 'error_rate', 'records': 'records',
                             'recordsWithErrors': 'records_with_errors', 'conformant': 'conformant', 'gates': 'gates'}.items():
        same(run['properties'][key], verdict[counterpart], f'sarif: {key}')
    same(run['invocations'][0]['executionSuccessful'], not verdict['incomplete'], 'sarif: executionSuccessful')
    same([one['associatedRule']['id'] for one in run['invocations'][0]['toolExecutionNotifications']],
         [rule['id'] for rule in all_rules(report) if rule['outcome'] in STOPPED], 'sarif: notifications')


# ---- Markdown ----

CAUSES_HEAD = {'zh': '## 改正后消除问题最多的事项', 'en': '## Mends that clear most'}


def by_rule(cause):
    return safe(', '.join(f'{one["id"]} {one["findings"]}' for one in cause['rules']))


def cells(line):
    return [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]


def sections(text):
    """The tables below each heading of the second and third level, as lists of cells, heads left out."""
    out, name = {}, ''
    for line in text.split('\n'):
        if line.startswith(('## ', '### ')):
            name = line
        elif line.startswith('| '):
            out.setdefault(name, []).append(cells(line))
    return {name: rows[2:] for name, rows in out.items()}


def unescaped(text):
    text = re.sub(r'&#(\d+);', lambda match: chr(int(match.group(1))), text.strip('`'))
    return re.sub(r'\\([!-/:-@\[-`{-~])', r'\1', text)


def check_md(face, report, lang):
    text = face.decode()
    found = sections(text)
    names = [name for name in found if not name.startswith(CAUSES_HEAD[lang])]
    causes = [rows for name, rows in found.items() if name.startswith(CAUSES_HEAD[lang])]
    same([(number(row[0]), unescaped(row[2])) for rows in causes for row in rows], [(one['findings'], by_rule(one)) for one in report['causes'][:10]],
         'md: causes')
    dimensions = found[names[0]]
    same([(row[1], number(row[2]), number(row[3])) for row in dimensions],
         [('–' if one['score'] is None else str(floor2(one['score'])), one['rules'], one['failed_rules'])
          for one in report['verdict']['dimensions'].values()], 'md: dimensions')
    tables = found[names[1]]
    same([tuple(map(number, row[1:4])) if row[1] else None for row in tables],
         [(one['rows'], one['bad_rows'], one['records_with_errors']) if one['present'] else None
          for one in report['submission']['tables']], 'md: tables')
    failing = sorted((rule for rule in report['rules'] if rule['failed'] and rule['outcome'] != 'error'),
                     key=lambda rule: SEVERITIES.index(rule['severity']))
    if failing:
        same([(unescaped(row[1]), number(row[2]), number(row[3])) for row in found[names[2]]],
             [(safe(rule['id']), rule['failed'], rule['evaluated']) for rule in failing], 'md: rules')
        same(shown_of_rules(names[2], lang), len(failing), 'md: how many rules')
    for rule in failing:
        if not rule['shown']:
            continue
        shown = min(rule['shown'], 10)
        mine = [(name, rows) for name, rows in found.items() if name.startswith('### ') and f' `{rule["id"]}`' in name]
        same(len(mine), 1, f'md {rule["id"]}: sections')
        same(len(mine[0][1]), shown, f'md {rule["id"]}: findings')
        after = text.partition(mine[0][0])[2]
        same(shown_of(after, lang), (shown, rule['failed']), f'md {rule["id"]}: counts')
        for row, finding in zip(mine[0][1], rule['examples']):
            place = finding['source'] or finding['table']
            if finding['source'] and finding['line']:
                place += f':{finding["line"]}'
            same(unescaped(row[0]), safe(place), f'md {rule["id"]}: place')
    if report['verdict']['score'] is not None and str(floor2(report['verdict']['score'])) not in text.split('\n## ')[0]:
        raise Wrong('md: the score is not at the top')


def shown_of_rules(heading, lang):
    pattern = rf'\({NUMBER} shown of ({NUMBER})\)' if lang == 'en' else rf'共 ({NUMBER}) 条'
    return number(re.search(pattern, heading).group(1))


UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]')


def safe(text):
    return UNSAFE.sub(lambda match: f'\\u{{{ord(match.group()):02X}}}', text)


# ---- CSV ----


def pairs(values):
    return safe('; '.join(f'{name}={"∅" if value is None else value}' for name, value in (values or {}).items()))


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
        column = ord(re.match('[A-Z]', cell.get('r')).group()) - 65
        out += [None] * (column - len(out))
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
    summary, causes, rules, findings, regions, measures, tables, columns, unchecked = [rows[1:] for _, rows in workbook(face)]
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
    same([(row[0], row[4], row[5], row[6], row[7], row[8], row[15], row[16]) for row in findings],
         [(listed(rule['id']), listed(one['source']), one['line'], listed(pairs(one['key'])), listed(one['message']), listed(pairs(one['fields'])),
           rule['failed'], rule['shown']) for rule in all_rules(report) for one in rule['examples']], 'xlsx: findings')
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


# ---- annotations ----


def check_lines(face, report, pattern, words):
    """One line a finding that is shown; one more for a rule that has more."""
    counts = Counter()
    for line in face.decode().split('\n')[:-1]:
        found = re.fullmatch(pattern, line)
        if not found:
            raise Wrong(f'a line that is no annotation: {line!r}')
        counts[found['rule'].replace('%3A', ':').replace('%2C', ',').replace('%25', '%'), found['word']] += 1
    wanted = Counter()
    for rule in all_rules(report):
        draft = rule in report['drafts']
        for finding in rule['examples']:
            wanted[rule['id'], words['info' if draft else finding['severity']]] += 1
        if rule['failed'] > rule['shown']:
            wanted[rule['id'], words['info' if draft else rule['severity']]] += 1
        if rule['outcome'] in STOPPED and not draft:
            level = 'error' if rule['outcome'] == 'error' else {'fail': 'error', 'warn': 'warning', 'ignore': 'info'}[rule['if_skipped']]
            wanted[rule['id'], words[level]] += 1
    for measure in report['measures']:
        if measure['outcome'] == 'failed':
            wanted[measure['id'], words[measure['severity'] if measure['status'] in ('active', 'deprecated') else 'info']] += 1
    same(counts, wanted, 'annotations')


def check_github(face, report, lang):
    del lang
    head, _, rest = face.partition(b'\n')
    word = 'notice' if report['verdict']['conformant'] else 'error'
    if not head.startswith(f'::{word} title=hezhun::'.encode()):
        raise Wrong(f'github: the verdict comes first, not {head!r}')
    for one in report.get('verdicts', [])[:-1]:
        head, _, rest = rest.partition(b'\n')
        word = 'notice' if one['conformant'] else 'warning'
        if not head.startswith(f'::{word} title=hezhun::{one["profile"]["id"]} '.encode()):
            raise Wrong(f'github: no line of {one["profile"]["id"]}, but {head!r}')
    check_lines(rest, report, r'::(?P<word>error|warning|notice) (?:file=[^,:]*,(?:line=\d+,)?(?:col=1,)?)?title=(?P<rule>[^,:]*)::.*',
                {'fatal': 'error', 'error': 'error', 'warning': 'warning', 'info': 'notice'})


def check_gcc(face, report, lang):
    del lang
    check_lines(face, report, r'.+?(?::\d+:1)?: (?P<word>error|warning|note): .* \[(?P<rule>[^\]]*)\]',
                {'fatal': 'error', 'error': 'error', 'warning': 'warning', 'info': 'note'})


# ---- text ----


def check_text(face, report, lang):
    text = face.decode()
    failing = [rule for rule in report['rules'] if rule['failed'] and rule['outcome'] != 'error']
    told = 0
    for rule in failing:
        found = re.search(rf'^  \S+ +{re.escape(rule["id"])} +({NUMBER}) / +({NUMBER})(?:  |$)', text, re.M)
        if found:
            told += 1
            same((number(found[1]), number(found[2])), (rule['failed'], rule['evaluated']), f'text {rule["id"]}')
    if failing and not told:
        raise Wrong('text: no rule was found')
    section = text.partition(CAUSES_HEAD[lang][3:])[2].partition('\n\n')[0]
    same([number(line.split()[0]) for line in section.split('\n')[1:]], [one['findings'] for one in report['causes'][:10]], 'text: causes')
    score = report['verdict']['score']
    if score is not None and str(floor2(score)) not in text.split('\n')[0]:
        raise Wrong('text: the score is not in the first line')
    for one in report.get('verdicts', [])[:-1]:
        told = re.search(rf'^  [✓✗] {re.escape(one["profile"]["id"])} .*$', text, re.M)
        if not told or str(floor2(one['score'])) not in told[0]:
            raise Wrong(f'text: no verdict of {one["profile"]["id"]}')


# ---- what was not checked ----


def gaps_of(report):
    """The section worked out again from the other keys; columns that no rule reads are the engine's to know."""
    tables = report['submission']['tables']
    rules = []
    for rule in report['rules']:
        idle = rule['outcome'] in (*STOPPED, 'not_applicable')
        if idle or rule['undetermined']:
            rules.append((rule['id'], rule['outcome'] if idle else 'undetermined', rule['rows'], rule['undetermined'], rule.get('reason')))
    columns = [(table['name'], column['name']) for table in tables if table['present'] for column in table['columns'] if column.get('absent')]
    return {'bad_rows': sum(table['bad_rows'] for table in tables), 'undetermined': sum(rule['undetermined'] for rule in report['rules']),
            'tables': [table['name'] for table in tables if not table['present']], 'rules': rules,
            'measures': [(one['id'], one['outcome']) for one in report['measures'] if one['outcome'] in STOPPED],
            'absent': columns, 'unknown': [(table['name'], name) for table in tables for name in table['unknown_columns']],
            'files': report['submission']['ignored']}


def check_json(face, report, lang):
    del lang
    told, wanted = json.loads(face, parse_float=Decimal)['unchecked'], gaps_of(report)
    for key in ('bad_rows', 'undetermined', 'tables', 'files'):
        same(told[key], wanted[key], f'unchecked {key}')
    same([(one['id'], one['why'], one['rows'], one['undetermined'], one.get('reason')) for one in told['rules']], wanted['rules'], 'unchecked rules')
    same([(one['id'], one['why']) for one in told['measures']], wanted['measures'], 'unchecked measures')
    for why in ('absent', 'unknown'):
        same([(one['table'], one['name']) for one in told['columns'] if one['why'] == why], wanted[why], f'unchecked columns: {why}')


GAP_WORDS = {
    'en': {'tables': 'tables that were not given: ', 'bad_rows': 'unreadable rows: ', 'measures': 'measures without result: ',
           'undetermined': 'undetermined, since values were missing or invalid: ', 'columns': 'columns that no rule reads: ',
           'absent': 'columns that the data lacks: ', 'unknown': 'columns that the profile does not know: ', 'files': 'files that match no table: '},
    'zh': {'tables': '未提交的表：', 'bad_rows': '无法读取的行：', 'measures': '没有得出结果的指标：', 'undetermined': '因值缺失或无效而无法判定：',
           'columns': '没有规则涉及的列：', 'absent': '数据中没有的列：', 'unknown': '规范中没有的列：', 'files': '未读入的文件：'}}


def gap_lines(report, lang):
    """What every face made of lines must say of the whole, as its beginning; names in full where all stand in one line."""
    told, words, lines = report['unchecked'], GAP_WORDS[lang], []
    for key in ('bad_rows', 'undetermined'):
        if told[key]:
            lines.append((words[key], f'{told[key]:,}'))
    if told['measures']:
        lines.append((words['measures'], f'{len(told["measures"]):,}'))
    for key, names in (('tables', told['tables']), ('files', told['files'])):
        if names:
            lines.append((words[key], ', '.join(names)))
    for key, why in (('columns', 'no_rule'), ('absent', 'absent'), ('unknown', 'unknown')):
        names = [f'{one["table"]}.{one["name"]}' for one in told['columns'] if one['why'] == why]
        if names:
            lines.append((words[key], ', '.join(names)))
    return lines


def check_gaps(faces, report, lang):
    lines = gap_lines(report, lang)
    csv_rows = [row['message'] for row in csv.DictReader(io.StringIO(faces['csv'].decode('utf-8-sig'), newline='')) if row['kind'] == 'not_checked']
    sarif = json.loads(faces['sarif'])['runs'][0]['invocations'][0].get('properties', {}).get('notChecked', [])
    md = [unescaped(line[2:]) for line in faces['md'].decode().split('\n') if line.startswith('- ')]
    text = faces['text'].decode()
    for words, rest in lines:
        whole = safe(words + rest)
        for name, found in (('csv', csv_rows), ('sarif', sarif), ('md', md)):
            if not any(safe(line).startswith(whole) for line in found):
                raise Wrong(f'{name} does not say: {whole!r}')
        if f'  - {words}' not in text:
            raise Wrong(f'text does not say: {words}')


JUDGES = {'json': check_json, 'xml': check_xml, 'junit': check_junit, 'sarif': check_sarif, 'md': check_md, 'csv': check_csv, 'xlsx': check_xlsx, 'github': check_github,
          'gcc': check_gcc, 'text': check_text}


# ---- runs ----


def formats_of(binary):
    """All that the command can write, so that no new face goes unlooked at."""
    told = subprocess.run([binary, '--version', '--lang', 'en'], env={**os.environ, 'LC_ALL': 'C.UTF-8'}, capture_output=True, text=True,
                          check=True).stdout
    return re.search(r'(?:reports: |报告：)(.*)', told).group(1).split()


def run(binary, formats, folder, lang, words, more=()):
    """Faces by format, or None when the run came to no verdict."""
    os.makedirs(folder, exist_ok=True)
    command = [binary, 'check', '--quiet', '--reproducible', '--lang', lang, *more]
    for name in formats:
        command += ['--report', f'{name}:{os.path.join(folder, name)}']
    done = subprocess.run([*command, *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 1, 5):
        if done.returncode not in (2, 3, 4):
            raise Wrong(f'status {done.returncode}: {" ".join(command)}')
        return None
    faces = {}
    for name in formats:
        with open(os.path.join(folder, name), 'rb') as file:
            faces[name] = file.read()
    faces['output'] = done.stdout + done.stderr
    return faces


def judge(binary, formats, folder, lang, words, more=()):
    faces = run(binary, formats, os.path.join(folder, 'one'), lang, words, more)
    if faces is None:
        return False
    same(run(binary, formats, os.path.join(folder, 'two'), lang, words, more), faces, 'a second run')
    report = json.loads(faces['json'], parse_float=Decimal)
    for name, check in JUDGES.items():
        check(faces[name], report, lang)
    check_gaps(faces, report, lang)
    judge_the_judges(faces, report, lang)
    return True


def judge_the_judges(faces, report, lang):
    """With one failure more in the JSON no other face agrees."""
    failing = [rule for rule in report['rules'] if rule['failed'] and rule['outcome'] == 'failed']
    if not failing or failing[0]['id'] not in faces['text'].decode():
        return
    blind = {'json'} if failing[0]['shown'] else {'json', 'csv'}  # says the count beside a finding
    if failing[0]['failed'] > failing[0]['shown']:
        blind |= {'github', 'gcc'}  # say that there are more, in words that are not read here
    failing[0]['failed'] += 1
    for name, check in JUDGES.items():
        try:
            check(faces[name], report, lang)
        except Wrong:
            continue
        if name not in blind:
            raise Wrong(f'{name}: a wrong count was not seen')
    failing[0]['failed'] -= 1


# ---- privacy ----

PRIVATE = '''hezhun: 1
profile: test.private
version: 1.0.0
status: published
title: {zh: 个人信息, en: Personal data}
as_of: 2020-12-31
tables:
  person:
    key: [id_no]
    region: town
    echo: [remark, phone, name]
    fields:
      id_no: {type: resident_id}
      name: {type: text, sensitivity: personal, max_length: 2, pattern: '[a-z]*'}
      born: {type: date, sensitivity: personal, max: 1990-01-01}
      phone: {type: mobile, unique: true}
      card: {type: bank_card, required: true}
      income: {type: integer, sensitivity: personal, max: 1000}
      town: {type: text}
  visit:
    fields:
      id_no: {type: resident_id, references: person.id_no}
      visitor: {sensitivity: personal, required: true, codes: {A: 甲}}
rules:
  P-1: {on: person, assert: id_birth(id_no) = born, message: {zh: "{name} {born} {id_no} {income}", en: "{name} {born} {id_no} {income}"}}
  P-2: {on: person, each: name, assert: count(*) = 2, blame: records}
  P-3: {on: person, each: [phone, name], assert: 'sum(*, income) < 0'}
  P-4: {on: person, unique: [card, name]}
  P-5: {on: person, assert: "name || '/' || phone = 'x'"}
  P-6: {on: person, assert: income + 1 < 0, status: draft}
'''


def private_data(folder):
    """Files, and what must not be read in any face: the part of each value that a mask hides."""
    rare, secrets = '龘靐齉爨麤', []
    with open(os.path.join(folder, 'person.csv'), 'w', encoding='utf-8') as out:
        out.write('id_no,name,born,phone,card,income,town,remark\n')
        for i in range(40):
            stem = f'52012319{60 + i % 40:02d}{i % 12 + 1:02d}{i % 28 + 1:02d}{700 + i}'
            weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            check = '10X98765432'[sum(int(c) * w for c, w in zip(stem, weights)) % 11]
            id_no = stem + (check if i % 3 else ('0' if check != '0' else '1'))
            name = '王' + rare[i % 5] + rare[i // 5 % 5]
            phone = f'1398517{i % 30:04d}'
            born = f'19{50 + i % 40}-{i % 11 + 2:02d}-{i % 17 + 11:02d}'
            card = f'62220213060078{i:05d}'
            income = 7310000 + i
            remark = f'秘{rare[i % 5]}'
            out.write(f'{id_no},{name},{born},{phone},{card if i % 4 else ""},{income},520123,{remark}\n')
            secrets += [id_no[6:], id_no, name, name[1:], phone, phone[3:], born, card[6:], str(income), remark]
    with open(os.path.join(folder, 'visit.csv'), 'w', encoding='utf-8') as out:
        out.write('id_no,visitor\n')
        for i in [*range(10), *range(10)]:  # twice: causes have personal values too
            out.write(f'520123198501017{i:02d}X,李{rare[i % 5]}{i}\n')
            secrets += [f'198501017{i:02d}X', f'{rare[i % 5]}{i}']
    return secrets + list(rare)


def unpacked(face):
    """All that stands in a workbook."""
    with zipfile.ZipFile(io.BytesIO(face)) as book:
        return b'\n'.join(book.read(name) for name in book.namelist())


KEY = bytes(range(7, 47))


def hmac_of(digest, text):
    """HMAC by its definition, over what OpenSSL has for the digest."""
    pad = KEY.ljust(64, b'\0')
    inner = hashlib.new(digest, bytes(byte ^ 0x36 for byte in pad) + text).digest()
    return hashlib.new(digest, bytes(byte ^ 0x5C for byte in pad) + inner).hexdigest()


def check_pseudonyms(named, masked, secrets, digest):
    """No value and nothing of the key is shown, and each pseudonym is what docs/report.md says; else the report is the masked one."""
    report = json.loads(named['json'])
    same(report['hezhun']['pseudonyms'], digest, 'pseudonyms')
    known = {}
    for kind in ('id', 'name', 'date', 'other'):
        for secret in secrets:
            known[hmac_of(digest, kind.encode() + b'\x1e' + secret.encode())[:16]] = secret
    told = set(re.findall('~([0-9a-f]{16})', named['json'].decode()))
    if not told or len(told & set(known)) < 20:
        raise Wrong(f'pseudonyms: {len(told & set(known))} of {len(told)} are known')
    bare = re.sub('~[0-9a-f]{16}', '', named['json'].decode()).replace(f', "pseudonyms": "{digest}"', '')
    same(bare, masked['json'].decode(), 'pseudonyms: the rest of the report')
    for name, face in named.items():
        face = unpacked(face) if name == 'xlsx' else face
        for secret in [*secrets, KEY.hex(), hashlib.sha256(KEY).hexdigest()]:
            if secret.encode() in face:
                raise Wrong(f'{name} shows {secret} beside pseudonyms')


def every_finding(binary, folder, words, more=()):
    """What `--findings` writes, by suffix, where the command has it."""
    told = subprocess.run([binary, 'check', '--help'], capture_output=True, text=True, check=True).stdout
    faces = {}
    os.makedirs(folder, exist_ok=True)
    for suffix in ('ndjson', 'csv', 'xlsx', 'sqlite') if '--findings' in told else ():
        path = os.path.join(folder, f'all.{suffix}')
        done = subprocess.run([binary, 'check', '--quiet', '--findings', path, *more, *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, check=False)
        if not os.path.exists(path):
            raise Wrong(f'--findings {suffix}: status {done.returncode}: {done.stderr.decode()[:300]}')
        with open(path, 'rb') as file:
            faces[f'--findings {suffix}'] = unpacked(file.read()) if suffix == 'xlsx' else file.read()
    return faces


def check_privacy(binary, formats, folder):
    data = os.path.join(folder, 'private')
    os.makedirs(data)
    profile = os.path.join(folder, 'private.yaml')
    with open(profile, 'w', encoding='utf-8') as out:
        out.write(PRIVATE)
    secrets = sorted({secret for secret in private_data(data) if secret})
    for lang in ('zh', 'en'):
        words = ['-p', profile, data]
        faces = run(binary, formats, os.path.join(folder, f'private-{lang}'), lang, words)
        if faces is None:
            raise Wrong('the personal submission cannot be checked')
        if b'P-1' not in faces['csv'] or '王**'.encode() not in faces['csv'] or faces['csv'].count(b'\ncause,') < 10:
            raise Wrong('the personal submission finds nothing')
        every = every_finding(binary, os.path.join(folder, f'every-{lang}'), [*words, '--lang', lang])
        for name, face in {**faces, **every}.items():
            face = unpacked(face) if name == 'xlsx' else face
            for secret in secrets:
                if secret.encode() in face or secret.encode('unicode_escape').lower() in face.lower():
                    raise Wrong(f'{name} shows {secret}')
        key = os.path.join(folder, 'key')
        for digest in ('sha256', 'sm3'):
            with open(key, 'wb') as out:
                out.write(KEY)
            named = run(binary, formats, os.path.join(folder, f'named-{lang}'), lang, words, ['--pseudonym-key', key, '--pseudonym-digest', digest])
            check_pseudonyms(named, faces, secrets, digest)
        open_faces = run(binary, formats, os.path.join(folder, f'open-{lang}'), lang, words, ['--reveal'])
        for name in formats:
            face = unpacked(open_faces[name]) if name == 'xlsx' else open_faces[name]
            if name != 'html' and '龘'.encode() not in face:
                raise Wrong(f'{name} shows nothing with --reveal: the search itself could not fail')
    return 2


# ---- causes ----

CAUSES = '''hezhun: 1
profile: test.causes
version: 1.0.0
status: published
title: {zh: 问题成因, en: Causes}
as_of: 2020-12-31
tables:
  household:
    key: [id, part]
    region: town
    fields:
      id: {type: integer}
      part: {type: text}
      town: {type: text}
      kind: {codes: {A: 甲, B: 乙}}
      size: {type: integer}
      made: {type: date}
      sold: {type: integer, min: 1}
  member:
    fields:
      id: {type: text, unique: true}
      household: {type: integer, references: household.id}
      part: {type: text}
      sex: {codes: {'1': 男, '2': 女}}
  job:
    fields:
      household: {type: integer, references: household.id}
rules:
  H-1: {on: household, assert: size < 10}
  J-1: {on: job, assert: household < 0}
  M-PART: {on: member, fields: [household, part], references: "household(id, part)"}
'''


def causes_data(folder, rng):
    """Files, and the causes that they have: {(kind, what): {rule: findings}}."""
    wanted = {}

    def met(kind, what, rule, n=1):
        wanted.setdefault((kind, what), Counter())[rule] += n

    shifted, towns = rng.random() < 0.5, ['520123001', '520123002', '520124001', '520124', '5203']
    whole = rng.choice(['520124', '520123002', '5203'])
    households, regions = set(), Counter()
    with open(os.path.join(folder, 'household.csv'), 'w', encoding='utf-8') as out:
        out.write('id,part,town,kind,size,made,sold\n')
        for i in range(rng.randrange(60, 400)):
            town, kind = rng.choice(towns), rng.choice(['A', 'B', 'A', rng.choice('CDE甲')])
            size = 10 + i if town.startswith(whole) else rng.choice([1, 1, 1, 12])
            regions[town, size >= 10] += 1
            if kind not in 'AB':
                met('value', ('household', 'kind', kind), 'household.kind.codes')
            if shifted:
                met('column', ('made', 'sold'), 'household.made.type')
                met('column', ('made', 'sold'), 'household.sold.type' if i % 2 else 'household.sold.range')
            made, sold = ('x', 'y' if i % 2 else '0') if shifted else ('2020-01-01', '5')
            out.write(f'{i},p{i % 3},{town},{kind},{size},{made},{sold}\n')
            households.add(i)
    units = {town[:digits] for town in towns for digits in (2, 4, 6, 9) if digits <= len(town)}

    def all_fail(unit):
        good = sum(n for (town, failed), n in regions.items() if town.startswith(unit) and not failed)
        bad = sum(n for (town, failed), n in regions.items() if town.startswith(unit) and failed)
        return bad if bad >= 10 and not good else 0

    for unit in units:
        above = [unit[:digits] for digits in (2, 4, 6, 9) if digits < len(unit)]
        if all_fail(unit) and not any(all_fail(one) for one in above):
            met('region', unit, 'H-1', all_fail(unit))
    with open(os.path.join(folder, 'member.csv'), 'w', encoding='utf-8') as out:
        out.write('id,household,part,sex\n')
        for i in range(rng.randrange(100, 900)):
            household, sex = rng.choice([rng.randrange(60), rng.randrange(60), 9000 + rng.randrange(5)]), rng.choice(['1', '2', '1', '男'])
            part = rng.choice([f'p{household % 3}', f'p{household % 3}', 'q'])
            if household not in households:
                met('parent', ('id', household), 'member.household.references')
            if household not in households or part == 'q':
                met('parent', ('id', household, 'part', part), 'M-PART')
            if sex == '男':
                met('value', ('member', 'sex', sex), 'member.sex.codes')
            out.write(f'm{i},{household},{part},{sex}\n')
    with open(os.path.join(folder, 'job.csv'), 'w', encoding='utf-8') as out:
        out.write('household\n')
        jobs = rng.randrange(5, 60)
        for i in range(jobs):
            household = rng.choice([rng.randrange(60), 9000 + rng.randrange(9)])
            if household not in households:
                met('parent', ('id', household), 'job.household.references')
            out.write(f'{household}\n')
        if jobs >= 10:
            met('table', 'job', 'J-1', jobs)
    return {key: dict(rules) for key, rules in wanted.items() if sum(rules.values()) >= 2}


def told_cause(one):
    rules = {rule['id']: rule['findings'] for rule in one['rules']}
    same(one['findings'], sum(rules.values()), 'cause: sum')
    values = one.get('values', {})
    if one['kind'] == 'column':
        return ('column', tuple(one['columns'])), rules
    if one['kind'] == 'parent':
        return ('parent', tuple(part for name, value in values.items() for part in (name, int(value) if name == 'id' else value))), rules
    if one['kind'] == 'value':
        return ('value', (one['table'], *next(iter(values.items())))), rules
    return (one['kind'], one['code'] if one['kind'] == 'region' else one['table']), rules


def check_causes(binary, formats, folder):
    """The causes are those of the data, counted in plain Python, whatever the threads and the memory."""
    del formats
    judged = 0
    profile = os.path.join(folder, 'causes.yaml')
    with open(profile, 'w', encoding='utf-8') as out:
        out.write(CAUSES)
    for seed in range(12):
        data = os.path.join(folder, f'causes-{seed}')
        os.makedirs(data)
        wanted = causes_data(data, random.Random(seed))
        before = None
        for words in ([], ['--threads', '1'], ['--threads', '3', '--memory', '1M']):
            face = run(binary, ['json'], os.path.join(data, 'out'), 'en', ['-p', profile, data], words)['json']
            same(before or face, face, f'causes {seed} {words}')
            before = face
        report = json.loads(before)
        same(dict(map(told_cause, report['causes'])), wanted, f'causes {seed}')
        same(report['causes_found'], len(wanted), f'causes {seed}: found')
        same([one['findings'] for one in report['causes']], sorted((sum(rules.values()) for rules in wanted.values()), reverse=True),
             f'causes {seed}: order')
        judged += 1
    return judged


# ---- docs/ci ----


def check_kit(binary, formats, folder):
    """The pipelines are well-formed and use options that there are; the problem matcher finds what `gcc` writes."""
    kit = os.path.join(ROOT, 'docs', 'ci')
    told = subprocess.run([binary, 'check', '--help'], capture_output=True, text=True, check=True).stdout
    for name in ('github-actions.yml', 'gitlab-ci.yml', 'Jenkinsfile'):
        with open(os.path.join(kit, name), encoding='utf-8') as file:
            text = file.read()
        if name.endswith('.yml'):
            yaml.safe_load(text)
        command = re.search(r'hezhun check (.*?)"\$DATA"', text, re.S).group(1)
        for option in re.findall(r'(?<=\s)--[a-z-]+', command):
            if f'{option} ' not in told:
                raise Wrong(f'{name}: there is no option {option}')
        for face in re.findall(r'--(?:report|annotations) (\w+)', command):
            if face not in formats:
                raise Wrong(f'{name}: there is no format {face}')
    with open(os.path.join(kit, 'problem-matcher.json'), encoding='utf-8') as file:
        pattern = json.load(file)['problemMatcher'][0]['pattern'][0]
    case = os.path.join(CASES, 'faces_hostile')
    faces = run(binary, formats, os.path.join(folder, 'kit'), 'en', ['-p', os.path.join(case, 'profile.yaml'), os.path.join(case, 'item.csv')])
    report = json.loads(faces['json'])
    found = [re.search(pattern['regexp'], line) for line in faces['gcc'].decode().split('\n')]
    got = Counter((one[pattern['code']], int(one[pattern['line']]), one[pattern['message']]) for one in found if one)
    wanted = Counter((rule['id'], finding['line'], safe(finding['message'])) for rule in all_rules(report) for finding in rule['examples'])
    same(got, wanted, 'problem matcher')
    return 1


def submissions(options, folder):
    """(name, words, more options)"""
    yield 'sample', ['-p', 'profiles/cn/division-codes/profile.yaml', '--as-of', '2023-06-30', '--param', 'villages_of=52',
                     'samples/division-codes'], []
    chain = os.path.join(folder, 'case-chain')
    shutil.copytree(os.path.join(CASES, 'chain_tightened'), chain)
    yield 'chain', ['-p', f'{chain}/province.yaml', '--profiles', f'{chain}/std', f'{chain}/household.csv'], []
    for name in ('faces_hostile', 'rule_personal', 'rule_measures', 'rule_groups', 'rule_skipped', 'rule_life', 'source_ragged', 'source_bad_bytes'):
        case = os.path.join(CASES, name)
        copy = os.path.join(folder, f'case-{name}')
        shutil.copytree(case, copy)
        profile = os.path.join(copy, 'profile.yaml')
        if not os.path.exists(profile):
            shutil.copy(os.path.join(ROOT, 'tests', 'cli', 'shared', 'household.yaml'), profile)
        data = [os.path.join(copy, one) for one in sorted(os.listdir(copy)) if one.endswith('.csv')]
        for more in ([], ['--max-examples', '0'], ['--max-examples', '1', '--reveal']):
            yield f'{name} {more}', ['-p', profile, *data], more
    for seed in range(options.seed, options.seed + options.cases):
        case, place = gen.make(seed, 'scalar'), os.path.join(folder, f'seed-{seed}')
        write_case(case, place)
        yield f'seed {seed}', ['-p', os.path.join(place, 'profile', 'profile.yaml'), *arguments_of(case, place)], []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--cases', type=int, default=30)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    if not shutil.which('xmllint'):
        return 77
    binary = os.path.abspath(options.binary)
    formats = formats_of(binary)
    judged = wrong = 0
    with tempfile.TemporaryDirectory(prefix='hezhun-faces-') as folder:
        for index, (name, words, more) in enumerate(submissions(options, folder)):
            try:
                judged += judge(binary, formats, os.path.join(folder, str(index)), 'en' if index % 2 else 'zh', words, more)
            except Wrong as problem:
                print(f'{name}: {problem}')
                wrong += 1
        for name, check in (('privacy', check_privacy), ('causes', check_causes), ('docs/ci', check_kit)):
            try:
                judged += check(binary, formats, folder)
            except Wrong as problem:
                print(f'{name}: {problem}')
                wrong += 1
    print(f'{judged} runs in {len(formats)} faces ({" ".join(formats)}), {wrong} wrong')
    return 1 if wrong or judged < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
