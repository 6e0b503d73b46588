"""Of generated registry data the program says what it should: nothing wrong where nothing was planted, and every planted defect at its row.

    python3 -m tests.registry.planted BINARY [HOUSEHOLDS [SEED…]]

Two periods of the poverty registry, without defects and with as many as households. A planted rule must have a finding at the planted line; rules over
groups, whose findings name no row, must have failed. Status 0 when all holds.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

PROFILE = 'cn/poverty-registry'
DAY = '2021-12-31'
LEAST = 700  # rules that can be planted: fewer means that something got lost


def generate(binary, folder, rows, seed, *more):
    command = [binary, 'generate', PROFILE, '--rows', f'household={rows}', '--seed', str(seed), '--periods', '2', '--as-of', DAY]
    done = subprocess.run([*command, '-q', '-o', folder, *more], stderr=subprocess.PIPE, encoding='utf-8')
    if done.returncode:
        sys.exit(f'generate: status {done.returncode}: {done.stderr}')


def check(binary, folder):
    report, findings = os.path.join(folder, 'report.json'), os.path.join(folder, 'findings.csv')
    command = [binary, 'check', '-q', '-p', PROFILE, '--as-of', DAY, '--previous', os.path.join(folder, 'previous')]
    done = subprocess.run([*command, '--max-examples', '1000', '--report', f'json:{report}', '--findings', findings, folder], stderr=subprocess.PIPE, encoding='utf-8')
    if done.returncode > 1:
        sys.exit(f'check: status {done.returncode}: {done.stderr}')
    with open(report, encoding='utf-8') as file:
        rules = {rule['id']: rule for rule in json.load(file)['rules']}
    with open(findings, encoding='utf-8-sig', newline='') as file:
        return rules, list(csv.DictReader(file))


def errors(binary, top, rows, seed):
    folder = os.path.join(top, 'clean')
    generate(binary, folder, rows, seed)
    rules, _ = check(binary, folder)
    return [f'{one["id"]} fails {one["failed"]} times on clean data' for one in rules.values() if one['severity'] in ('fatal', 'error') and one['failed']]


def missed(binary, top, rows, seed):
    folder, answers = os.path.join(top, 'planted'), os.path.join(top, 'answers.csv')
    generate(binary, folder, rows, seed, '--defects', '1', '--answers', answers)
    rules, findings = check(binary, folder)
    at = {(one['rule'], one['table'], one['line']) for one in findings}
    at |= {(rule, one['table'], str(one['line'])) for rule, about in rules.items() for one in about.get('examples', []) if one.get('line')}
    grouped = {one['rule'] for one in findings if not one['line']}
    with open(answers, encoding='utf-8', newline='') as file:
        planted = [one for one in csv.DictReader(file) if not one['not_planted']]
    lost = [
        f'{one["rule"]} was planted in {one["table"]}, line {one["line"]}, and not found'
        for one in planted
        if (one['rule'], one['table'], one['line']) not in at and one['rule'] not in grouped
    ]
    count = len({one['rule'] for one in planted})
    print(f'seed {seed}: {len(planted)} defects of {count} rules planted, {len(lost)} not found')
    return lost + ([f'{count} rules were planted, fewer than {LEAST}'] if count < LEAST else [])


def main(argv):
    binary, rows, seeds = argv[0], int(argv[1]) if argv[1:] else 900, [int(seed) for seed in argv[2:]] or [7]
    wrong = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as top:
            wrong += errors(binary, top, rows, seed) + missed(binary, top, rows, seed)
    print(''.join(f'{line}\n' for line in wrong), end='')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
