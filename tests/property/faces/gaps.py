"""What was not checked: worked out again, and told by every face."""

import csv
import io
import json
from decimal import Decimal

from tests.property.faces.common import STOPPED, Wrong, same, safe, unescaped


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
