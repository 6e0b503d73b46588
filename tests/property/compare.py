"""The figures of two reports side by side. A difference is one line of text."""

from decimal import Decimal, InvalidOperation

RULE_KEYS = [
    'table',
    'severity',
    'dimension',
    'gate',
    'status',
    'outcome',
    'rows',
    'not_applicable',
    'undetermined',
    'evaluated',
    'passed',
    'failed',
    'waived',
]
RULE_OPTIONAL = ['ambiguous', 'groups', 'unkeyed']
TABLE_KEYS = ['rows', 'bad_rows', 'records_with_errors']
VERDICT_KEYS = ['conformant', 'grade', 'score', 'error_rate', 'gates']
MEASURE_OPTIONAL = ['numerator', 'denominator', 'previous']
REGION_KEYS = ['rows', 'findings', 'records_with_errors', 'score', 'grade']


def number(value):
    """Numbers compare by value, however they are written."""
    if isinstance(value, bool) or value is None:
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return value


def differences(expected, got):
    """expected: the reference's report; got: the engine's."""
    out = []

    def same(where, a, b):
        if number(a) != number(b):
            out.append(f'{where}: reference {a!r}, engine {b!r}')

    def rows(where, key, a, b, keys, optional=()):
        first, second = {item[key]: item for item in a}, {item[key]: item for item in b}
        if list(first) != list(second):
            out.append(f'{where}: reference has {list(first)}, engine {list(second)}')
        for name in first:
            if name in second:
                for one in keys:
                    same(f'{where} {name} {one}', first[name].get(one), second[name].get(one))
                for one in optional:
                    same(f'{where} {name} {one}', first[name].get(one) or 0, second[name].get(one) or 0)

    rows('table', 'name', [t for t in expected['submission']['tables']], got['submission']['tables'], TABLE_KEYS)
    for section in ('rules', 'drafts'):
        rows(section, 'id', expected[section], got[section], RULE_KEYS, RULE_OPTIONAL)
    for key in VERDICT_KEYS:
        same(f'verdict {key}', expected['verdict'][key], got['verdict'].get(key))
    for name, dimension in expected['verdict']['dimensions'].items():
        other = got['verdict'].get('dimensions', {}).get(name) or {}
        for key in ('score', 'rules', 'failed_rules'):
            same(f'dimension {name} {key}', dimension[key], other.get(key))
    rows('measure', 'id', expected['measures'], got['measures'], ['outcome', 'value', 'holds'], MEASURE_OPTIONAL)
    others = {measure['id']: measure for measure in got['measures']}
    for measure in expected['measures']:
        other = others.get(measure['id'], {'regions': []})
        rows(f'measure {measure["id"]} region', 'code', measure['regions'], other.get('regions') or [], ['value', 'holds'])
    rows('indicator', 'code', expected['indicators'], got['indicators'], ['a', 'b', 'x'])
    rows('waiver', 'id', expected['waivers'], got['waivers'], ['rule', 'state', 'matched', 'used'])
    rows('region', 'code', expected['regions'], got['regions'], REGION_KEYS)
    return out
