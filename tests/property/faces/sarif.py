"""SARIF: valid by its schema, every count and place."""

import json
import os
import re
from decimal import Decimal

import jsonschema

from tests.property.faces.common import SCHEMAS, STOPPED, Wrong, same, all_rules, run

SARIF_COUNTS = {'rows': 'rows', 'notApplicable': 'not_applicable', 'undetermined': 'undetermined', 'evaluated': 'evaluated',
                'passed': 'passed', 'failed': 'failed', 'waived': 'waived', 'shown': 'shown', 'outcome': 'outcome'}


def check_sarif_result(result, finding, what):
    place = result['locations'][0].get('physicalLocation')
    same(place is None, finding['source'] is None, f'{what}: place')
    region = place.get('region', {}) if place else {}
    same(region.get('startLine'), finding['line'], f'{what}: line')
    same(region.get('byteOffset'), finding.get('offset'), f'{what}: offset')
    same([one['fullyQualifiedName'] for one in result['locations'][0]['logicalLocations'][1:]], [finding['where']] if 'where' in finding else [],
         f'{what}: where')
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
    left = [one for one in run['results'] if 'suppressions' not in one]
    waived = [finding for waiver in report['waivers'] for finding in waiver['examples']]
    same(sorted((one['ruleId'], one['message']['text']) for one in run['results'] if 'suppressions' in one and '](' not in one['message']['text']),
         sorted((finding['rule'], finding['message']) for finding in waived if '](' not in finding['message']), 'sarif: waived')
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
    same(run['properties']['causesFound'], report['causes_found'], 'sarif: causes')
    same([(one['kind'], one['table'], one['findings'], one.get('code'), one['rules']) for one in run['properties']['causes']],
         [(one['kind'], one['table'], one['findings'], one.get('code'), one['rules']) for one in report['causes']], 'sarif: causes')
    same(run['invocations'][0]['executionSuccessful'], not verdict['incomplete'], 'sarif: executionSuccessful')
    same([one['associatedRule']['id'] for one in run['invocations'][0]['toolExecutionNotifications']],
         [rule['id'] for rule in all_rules(report) if rule['outcome'] in STOPPED], 'sarif: notifications')
