"""Validates reports (JSON) against reports/report.schema.json, and checks what a schema cannot say.

    python3 tests/property/report_schema.py REPORT.json …

Exit status 0 when all are good, 1 when one is not, 77 (skipped) without the module jsonschema.
"""

import json
import os
import sys
from decimal import Decimal

try:
    import jsonschema
except ImportError:
    sys.exit(77)

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'reports', 'report.schema.json')


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f'a key stands twice among {names}')
    return dict(pairs)


def rule_mistakes(rule):
    where = rule['id']
    if rule['rows'] != rule['not_applicable'] + rule['undetermined'] + rule['evaluated']:
        yield f'{where}: rows is not not_applicable + undetermined + evaluated'
    if rule['evaluated'] != rule['passed'] + rule['failed'] + rule['waived']:
        yield f'{where}: evaluated is not passed + failed + waived'
    if rule['shown'] != len(rule['examples']):
        yield f'{where}: shown is not the number of examples'
    if rule['shown'] > rule['failed']:
        yield f'{where}: more examples than failures'
    for finding in rule['examples']:
        if finding['status'] != rule['status']:
            yield f'{where}: a finding has another status'
        if finding['severity'] != rule['severity'] and not (where.endswith('.columns') and finding['severity'] == 'warning'):
            yield f'{where}: a finding has another severity'
        if finding['rule'] != rule['id']:
            yield f'{where}: a finding of another rule'


def mistakes(report):
    for rule in report['rules'] + report['drafts']:
        yield from rule_mistakes(rule)
    verdict = report['verdict']
    if verdict['records_with_errors'] > verdict['records']:
        yield 'more records with errors than records'
    codes = [region['code'] for region in report['regions']]
    if codes != sorted(codes):
        yield 'regions are not by code'
    codes = [indicator['code'] for indicator in report['indicators']]
    if codes != sorted(codes):
        yield 'indicators are not by code'
    active = [rule for rule in report['rules'] if rule['evaluated']]
    for name, dimension in verdict['dimensions'].items():
        here = [rule for rule in active if rule['dimension'] == name]
        if dimension['rules'] != len(here) or dimension['failed_rules'] != sum(
            rule['outcome'] == 'failed' for rule in here
        ):
            yield f'{name}: the counts of rules are not those of the rules'
    for rate in (verdict['score'], verdict['error_rate']):
        if rate is not None and -Decimal(rate).as_tuple().exponent > 6:
            yield 'a figure has more than 6 decimals'


def main():
    with open(SCHEMA, encoding='utf-8') as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    bad = 0
    for path in sys.argv[1:]:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        try:
            report = json.loads(text, object_pairs_hook=no_duplicates)
            exact = json.loads(text, parse_float=Decimal)
        except ValueError as problem:
            print(f'{path}: {problem}')
            bad += 1
            continue
        found = [
            f'{"/".join(map(str, error.absolute_path))}: {error.message[:300]}'
            for error in validator.iter_errors(report)
        ]
        if not found:
            found = list(mistakes(exact))
        for line in found:
            print(f'{path}: {line}')
        bad += bool(found)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
