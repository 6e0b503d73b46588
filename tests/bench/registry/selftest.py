#!/usr/bin/env python3
"""Holds the benchmark to itself at a small size: tests/bench/registry/selftest.py [--hezhun PROGRAM] [--keep FOLDER]

- The generator gives the same bytes for the same seed; --shuffle gives the same members in another order; numbers of persons are unique.
- Clean data breaks no rule: the reference evaluator says so of every rule and measure.
- Every planted defect is found, by the rule meant, at the record meant.
- checks.sql counts the same failures and figures as the reference, rule by rule (where this Python has duckdb; pandas_check.py too where it has pandas).
- hezhun, when given, too, but for the rules that it says it skipped.

Exit status: 0, or 1 when something does not hold."""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
LISTS = ROOT / 'standards/data'
AS_OF = '2021-12-31'
failed = []


def check(holds, what):
    print(('ok    ' if holds else 'WRONG ') + what, flush=True)
    if not holds:
        failed.append(what)


def generate(program, folder, households, *more, error_rate='0', seed='1'):
    command = [program, '-o', folder, '--lists', LISTS, '--households', str(households), '--error-rate', error_rate, '--seed', seed, *more]
    subprocess.run(command, check=True)
    return folder


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob('*.csv'))}


def reference(folder):
    command = [sys.executable, '-B', '-m', 'tests.reference.main', 'check', '-p', HERE / 'profile.yaml', '--as-of', AS_OF, '--previous', folder / 'previous', folder]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def rules_of(report):
    return {rule['id']: rule for rule in report['rules'] + report.get('drafts', [])}


def generator(program, scratch):
    first, again = (content(generate(program, scratch / name, 2000, '--previous', error_rate='0.05')) for name in ('first', 'again'))
    check(first == again, 'the same seed gives the same bytes')
    other = content(generate(program, scratch / 'other', 2000, '--previous', error_rate='0.05', seed='2'))
    check(first['member.csv'] != other['member.csv'], 'another seed gives others')
    mixed = content(generate(program, scratch / 'mixed', 2000, '--previous', '--shuffle', error_rate='0.05'))
    lines, shuffled = (data['member.csv'].split(b'\n')[1:] for data in (first, mixed))
    check(lines != shuffled and sorted(lines) == sorted(shuffled), 'shuffled members are the same in another order')
    check(all(first[name] == mixed[name] for name in first if 'member' not in name), 'no other table is shuffled')
    clean = content(generate(program, scratch / 'many', 30000))
    numbers = [line.split(b',')[2] for line in clean['member.csv'].split(b'\n')[1:-1]]
    check(len(numbers) == 100000 == len(set(numbers)), 'three households have ten members, each with a number of its own')


def clean_data(program, scratch):
    report = reference(generate(program, scratch / 'clean', 300, '--previous'))
    rules = rules_of(report)
    broken = [rule for rule, verdict in rules.items() if verdict['outcome'] not in ('passed', 'not_applicable')]
    check(not broken, f'clean data breaks none of {len(rules)} rules {broken or ""}')
    idle = [rule for rule, verdict in rules.items() if verdict['outcome'] == 'not_applicable']
    check(idle == ['household.removal_reason.codes'], f'every rule has something to judge {idle}')
    check(all(measure['outcome'] == 'passed' for measure in report['measures']), 'measures are as expected')


def planted(program, scratch):
    """Every line of the list of planted defects among the failing records of its rule."""
    folder, listed = scratch / 'wrong', scratch / 'planted.tsv'
    generate(program, folder, 1200, '--previous', '--planted', listed, error_rate='0.23', seed='27')
    report = reference(folder)
    failing = {rule: {one[-1] for one in verdict['failing']} for rule, verdict in rules_of(report).items()}
    lines = [line.split('\t') for line in listed.read_text(encoding='utf-8').splitlines()]
    missed = [line for line in lines if int(line[2]) not in failing[line[0]]]
    kinds = {line[0] for line in lines}
    check(not missed, f'{len(lines)} planted defects of {len(kinds)} kinds are found by the rule meant {missed or ""}')
    sources = (HERE / 'plant.c').read_text(encoding='utf-8')
    unplanted = [rule for rule in failing if f'{{"{rule}",' in sources and rule not in kinds]
    check(not unplanted, f'every kind was planted {unplanted or ""}')
    return folder, report


def same(name, rules, measures, report):
    """Failures and figures of another evaluator against the reference."""
    mine = rules_of(report)
    wrong = [f'{rule}: {count}, reference {mine[rule]["failed"]}' for rule, count in rules.items() if rule not in mine or mine[rule]['failed'] != count]
    for measure in report['measures']:
        for region in [{'code': '*', 'value': measure['value']}, *measure['regions']]:
            value = measures.get(f'{measure["id"]} {region["code"]}')
            if value is not None and abs(value - Fraction(region['value'])) > Fraction(1, 10**19):
                wrong.append(f'measure {measure["id"]} of {region["code"]}: {value}, reference {region["value"]}')
    check(not wrong, f'{name} agrees with the reference on {len(rules)} rules and {len(measures)} figures {wrong or ""}')


def other_evaluators(scratch, folder, report, hezhun):
    out = scratch / 'other.json'
    if importlib.util.find_spec('duckdb'):
        subprocess.run([sys.executable, '-B', HERE / 'duckdb_check.py', '--previous', folder / 'previous', folder, LISTS, out], check=True)
        theirs = json.loads(out.read_text(encoding='utf-8'))
        same('checks.sql', theirs['rules'], {key: Fraction(a) / Fraction(b) for key, (a, b) in theirs['measures'].items()}, report)
        structure = ('.present', '.columns', '.rows', '.encoding')
        lacking = [rule for rule in rules_of(report) if rule not in theirs['rules'] and not rule.endswith(structure)]
        check(not lacking, f'checks.sql has every rule {lacking or ""}')
    else:
        print('      this Python has no duckdb: checks.sql not compared')
    if importlib.util.find_spec('pandas'):
        subprocess.run([sys.executable, '-B', HERE / 'pandas_check.py', folder, LISTS, out], check=True)
        same('pandas_check.py', json.loads(out.read_text(encoding='utf-8'))['rules'], {}, report)
    else:
        print('      this Python has no pandas: pandas_check.py not compared')
    if hezhun:
        command = [hezhun, 'check', '-q', '-p', HERE / 'profile.yaml', '--as-of', AS_OF, '--previous', folder / 'previous', '--report', f'json:{out}', folder]
        subprocess.run(command, check=False)
        theirs = json.loads(out.read_text(encoding='utf-8'), parse_float=Decimal)
        rules = rules_of(theirs)
        skipped = [rule for rule, verdict in rules.items() if verdict['outcome'] in ('skipped', 'error')]
        figures = {f'{one["id"]} {region["code"]}': Fraction(region['value']) for one in theirs['measures'] if one['value'] is not None
                   for region in [{'code': '*', 'value': one['value']}, *one['regions']]}  # fmt: skip
        same('hezhun', {rule: verdict['failed'] for rule, verdict in rules.items() if rule not in skipped}, figures, report)
        print(f'      skipped by hezhun: {skipped}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('--hezhun', type=Path)
    parser.add_argument('--keep', type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='hezhun-registry-') as name:
        scratch = options.keep or Path(name)
        scratch.mkdir(parents=True, exist_ok=True)
        program = scratch / 'generate'
        warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow', '-Werror']
        subprocess.run([os.environ.get('CC', 'cc'), '-O1', '-std=gnu11', *warnings, f'-I{ROOT}', '-o', program, *sorted(HERE.glob('*.c'))], check=True)
        generator(program, scratch)
        clean_data(program, scratch)
        folder, report = planted(program, scratch)
        other_evaluators(scratch, folder, report, options.hezhun)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
