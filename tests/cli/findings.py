#!/usr/bin/env python3
"""Every form of --findings holds as many findings of each rule as the report counts, whatever kind of rule it is.

    findings.py BINARY

The kinds are those of profiles/profile.h: with a new one this test fails until DATA breaks a rule of it."""
import collections
import csv
import io
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.property.faces.cells import workbook  # noqa: E402

PROFILE = """\
hezhun: 1
profile: test.kinds
version: 1.0.0
as_of: required
title: {zh: 各种规则, en: Every kind}
tables:
  village:
    key: [code]
    fields:
      code: {type: text}
      county: {type: text}
  family:
    key: [id]
    encoding: utf-8
    relations:
      members: {many: member, on: id}
      home: {one: village, on: {village: code}}
      before: {one: family@previous, on: id}
    fields:
      id: {type: text}
      village: {type: text, references: village.code}
      size: {type: integer, required: true, max: 9}
      kind: {codes: {a: {zh: 甲, en: A}, b: {zh: 乙, en: B}}}
      head: {type: text, characters: plain, length: 2, pattern: '[^0-9]*'}
      tags: {type: text, many: ",", max_items: 2}
      wide: {type: text}
  member:
    key: [no]
    relations:
      family: {one: family, on: id}
    fields:
      no: {type: text}
      id: {type: text}
      born: {type: date}
      from: {type: date}
      to: {type: date}
  lost:
    fields:
      id: {type: text}
rules:
  A-1: {on: family, assert: size = count(members)}
  A-2: {on: family, assert: size < 8}
  A-3: {on: member, assert: family.home.county = 'c1'}
  A-4: {on: family, assert: "every(members, born < date '2020-01-01')"}
  A-5: {on: family, assert: size = before.size}
  G-1: {on: family, each: [village], assert: count(*) >= 2}
  G-2: {on: family, assert: count(*) >= 10}
  G-3: {on: member, each: [id], blame: records, assert: count(*) < 3}
  S-1: {on: member, similar: {block: [[id]], compare: {no: {by: edit}, born: {by: date}}, threshold: 0.4}}
  U-1: {on: family, unique: [head]}
  U-2: {on: member, unique: [id], without_overlaps: {from: '"from"', to: '"to"'}}
  D-1: {on: family, status: draft, assert: size = 1}
waivers:
  W-1: {rule: A-2, keys: [F2], reason: seen on site, approved_by: Wang, until: 2030-01-01}
"""
DATA = {
    'village.csv': 'code,county\nv1,c1\nv2,c2\n',
    'family.csv': 'id,village,size,kind,head,tags,narrow\n'
                  'F1,v1,2,a,王一,x,1\nF2,v1,9,a,王一,"x,y,z",1\nF3,v3,12,c,Aa1\u200b,x,1\nF4,v2,,b,赵四,x,1\nF5,v2,z,b,钱五九,x,1\nF5,v2,1,b,孙6,x,1\nF6,v2\n',
    'member.csv': 'no,id,born,from,to\n1,F1,2001-02-03,2020-01-01,2020-12-31\n2,F1,2001-02-04,2020-06-01,2021-12-31\n'
                  '3,F2,2021-01-01,,\n4,F4,1999-01-01,,\n5,F2,2021-01-02,,\n6,F2,1950-01-01,,\n',
    'manifest.yaml': 'hezhun: 1\nmanifest: test.listed\nfiles:\n  - {path: village.csv, rows: 3}\n  - {path: family.csv}\n  - {path: member.csv}\n  - {path: gone.csv}\n',
    'previous/family.csv': 'id,village,size,kind,head,tags,wide\nF1,v1,1,a,王一,x,1\nF2,v1,9,a,王二,x,1\n',
}
OWN = {'A': 'ASSERT', 'D': 'ASSERT', 'G': 'GROUP_ASSERT', 'S': 'SIMILAR', 'U': 'UNIQUE'}


def kind_of(rule):
    if rule.startswith('sources.'):
        return 'MANIFEST'
    return OWN.get(rule[0]) if rule[1] == '-' else {'KEY': 'UNIQUE'}.get(rule.rpartition('.')[2].upper(), rule.rpartition('.')[2].upper())


def kinds():
    text = (ROOT / 'profiles/profile.h').read_text(encoding='utf-8')
    return set(re.findall(r'HZ_RULE_(\w+),', text)) - {'KIND_COUNT'}


def check(binary, folder, forms):
    words = ['check', '-q', '--lang', 'en', '--as-of', '2024-01-01', '-p', 'profile.yaml', '--previous', 'previous', '--manifest', 'manifest.yaml', '--max-examples', '1',
             '--report', 'json:report.json']
    for form in forms:
        words += ['--findings', f'all.{form}']
    return subprocess.run([binary, *words, 'village.csv', 'family.csv', 'member.csv'], cwd=folder, capture_output=True, text=True, check=False)


def counts(path):
    """(rule, waived or not): findings"""
    if path.suffix == '.ndjson':
        rows = [(one['rule'], 'waived' in one) for one in map(json.loads, path.read_text(encoding='utf-8').splitlines())]
    elif path.suffix == '.csv':
        rows = [(one['rule'], one['waived'] != '') for one in csv.DictReader(io.StringIO(path.read_text(encoding='utf-8-sig'), newline=''))]
    elif path.suffix == '.sqlite':
        database = sqlite3.connect(path)
        rows = [(rule, waived is not None) for rule, waived in database.execute('SELECT rule, waived FROM findings')]
        database.close()
    else:
        rows = []
        for _, sheet in workbook(path.read_bytes()):
            waived = sheet[0].index('waived')
            rows += [(row[0], row[waived] is not None) for row in sheet[1:]]
    return collections.Counter(rows)


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    version = subprocess.run([binary, '--lang', 'en', '--version'], capture_output=True, text=True, check=True).stdout
    forms = ['ndjson', 'csv', 'xlsx'] + ['sqlite'] * bool(re.search(r'(?m)^  sqlite +built in', version))
    with tempfile.TemporaryDirectory(prefix='hezhun-findings-') as place:
        folder = pathlib.Path(place)
        (folder / 'previous').mkdir()
        (folder / 'profile.yaml').write_text(PROFILE, encoding='utf-8')
        for name, text in DATA.items():
            (folder / name).write_text(text, encoding='utf-8')
        with open(folder / 'family.csv', 'ab') as file:
            file.write(b'F7,v1,1,a,\xff,x,1\n')
        done = check(binary, folder, forms)
        if done.returncode != 1 or done.stderr:
            print(done.returncode, done.stderr)
            return 1
        report = json.loads((folder / 'report.json').read_text(encoding='utf-8'))
        rules = report['rules'] + report['drafts']
        wanted = collections.Counter({(rule['id'], waived): rule[key] for rule in rules for waived, key in ((False, 'failed'), (True, 'waived')) if rule[key]})
        bad = [f'no rule of kind {kind} fails' for kind in sorted(kinds() - {kind_of(rule) for rule, _ in wanted})]
        for form in forms:
            found = counts(folder / f'all.{form}')
            bad += [f'{form}: {rule}{" waived" * waived}: {found[rule, waived]} findings, the report counts {wanted[rule, waived]}'
                    for rule, waived in sorted({*found, *wanted}) if found[rule, waived] != wanted[rule, waived]]
    print('\n'.join(bad) or f'{sum(wanted.values())} findings of {len(wanted)} rules in each of {" ".join(forms)}')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
