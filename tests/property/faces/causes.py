"""The causes are those of the data."""

import json
import os
import random
from collections import Counter

from tests.property.faces.common import same, run

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
