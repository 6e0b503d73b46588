"""The HTML page: its data block read as its script reads it. What the script makes of it is looked at in a browser (tests/browser)."""

import json
import re
from decimal import Decimal

from tests.property.faces.common import Wrong, safe, same

COUNTS = ('rows', 'not_applicable', 'undetermined', 'ambiguous', 'evaluated', 'passed', 'failed', 'waived')
GATES = ('structure', 'value', 'record', 'relation', 'plausibility')
MOST = 2000  # bytes of a text


def cut(text):
    if len(text.encode()) > MOST:
        return safe(text.encode()[:MOST].decode(errors='ignore')) + '…'
    return safe(text)


def message(rule, finding, lang):
    """What the first message has in front and behind, and what stands between, in UTF-16 units."""
    first, delta = rule['first'][lang], finding[4]
    if delta == 0:
        return first
    at = 3 if lang and len(delta) > 3 else 0
    between = delta[2] if at and delta[5] == 0 else delta[at + 2]
    units = first.encode('utf-16-le')
    back = units[len(units) - 2 * delta[at + 1]:] if delta[at + 1] else b''
    return units[:2 * delta[at]].decode('utf-16-le') + between + back.decode('utf-16-le')


def check_finding(data, rule, told, finding, lang, what):
    more = told[5] if len(told) > 5 else {}
    table = data['tables'][more.get('table', rule['table'])]
    same(told[0] or None, finding['line'], f'{what}: line')
    same(None if told[1] is None else table['sources'][told[1]]['path'], finding['source'] and cut(finding['source']), f'{what}: source')
    same(more.get('where'), cut(finding['where']) if 'where' in finding else None, f'{what}: where')
    same(more.get('offset'), finding.get('offset'), f'{what}: offset')
    for at, names, values in ((2, 'keys', finding['key'] or {}), (3, 'fields', finding['fields'])):
        got = dict(zip(more.get(names, rule.get(names, [])), told[at]))
        same(got, {cut(name): value if value is None else cut(value) for name, value in values.items()}, f'{what}: {names}')
    same(message(rule, told, lang), cut(finding['message']), f'{what}: message')
    same([(one[2] or None, one[3] or None) for one in more.get('related', [])],
         [(one['line'], cut(one['where']) if 'where' in one else None) for one in finding['related']], f'{what}: related')


def check_html(face, report, lang):
    text = face.decode()
    if re.search(r'(?:src|href)="(?!#)', text):
        raise Wrong('html: the page asks for something else')
    data = json.loads(re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S).group(1), parse_float=Decimal)
    verdict = report['verdict']
    same(data.get('conformant', False), verdict['conformant'], 'html: conformant')
    same(data['grades'][data['grade']]['grade'], verdict['grade'], 'html: grade')
    same(data['score'], verdict['score'], 'html: score')
    same([tuple(one) for one in data['dimensions']],
         [(one['score'], one['rules'], one['failed_rules']) for one in verdict['dimensions'].values()], 'html: dimensions')
    same(data['gates'], [verdict['gates'][gate] for gate in GATES], 'html: gates')
    same(data['causes_found'], report['causes_found'], 'html: causes')
    same([(one[2], [n for _, n in one[3]]) for one in data['causes']],
         [(one['findings'], [rule['findings'] for rule in one['rules']]) for one in report['causes']], 'html: causes')
    same([(one['rows'], one['bad'], one['wrong']) for one in data['tables']],
         [(one['rows'], one['bad_rows'], one['records_with_errors']) for one in report['submission']['tables']], 'html: tables')
    same([(table['name'], one['missing'], one['invalid'], one['distinct']) for table in data['tables'] for one in table['columns']],
         [(table['name'], one['missing'], one['invalid'], one['distinct']) for table in report['submission']['tables'] for one in table['columns']],
         'html: columns')
    for key in ('rules', 'drafts'):
        same([(one['id'], one['outcome'], *one['counts']) for one in data[key]],
             [(cut(one['id']), one['outcome'], *(one.get(name, 0) for name in COUNTS)) for one in report[key]], f'html: {key}')
        for told, rule in zip(data[key], report[key]):
            findings = told.get('findings', [])
            same(len(findings), rule['shown'], f'html {rule["id"]}: shown')
            for one, finding in zip(findings, rule['examples']):
                check_finding(data, told, one, finding, lang == 'en', f'html {rule["id"]}')
    same([(one[0], *one[3:6]) for one in data['regions']],
         [(one['code'], one['rows'], one['findings'], one['records_with_errors']) for one in report['regions']], 'html: regions')
