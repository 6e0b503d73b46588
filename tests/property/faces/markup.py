"""XML and JUnit: the JSON again, key for key; rules as test cases."""

import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from decimal import Decimal

from tests.property.faces.common import NUMBER, ROOT, SCHEMAS, Wrong, same, all_rules, by_rule, number, failed_of, shown_of, run

NIL = '{http://www.w3.org/2001/XMLSchema-instance}nil'


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


def causes_of(suite):
    """Lines `- words: 12 (HH-1 12)`, up to the next heading."""
    told = (suite.findtext('system-out') or '').split('\n')
    out = []
    for line in told[1:] if told[0] in ('成因', 'Causes') else []:
        found = re.fullmatch(rf'- .*(?:: |：)({NUMBER}) \((.*)\)', line)
        if not found:
            break
        out.append((number(found[1]), found[2]))
    return out


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
        if suite.get('name') in tables:
            same(causes_of(suite), [(one['findings'], by_rule(one)) for one in report['causes'] if one['table'] == suite.get('name')], 'junit: causes')
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
