"""Every finding that --findings writes, held to the report.

    python3 -m tests.property.findings --binary BINARY [--tiny TINY] [--level scalar|relations] [--cases N] [--seed S]

Each case of `gen` is checked with --findings to NDJSON (and to SQLite where that is built in). Of every rule there must
be as many findings as the report says it failed, and, as the report keeps all examples, they must be those very
objects, related records too; rows of a table must come in order. The files must be the same, byte for byte, on
one thread and on two, with a small memory budget, and from the TINY build. Exit status 0: all held."""

import argparse
import collections
import json
import os
import sqlite3
import subprocess
import sys
import tempfile

from . import gen
from .run import ENGINE_TIMEOUT_SECONDS, arguments_of, write_case

MORE_THAN_ANY = '1000000'  # examples kept: the limit's ceiling


def check(binary, case, folder, *options):
    """(status, report or None, lines of findings or None)."""
    report, findings = os.path.join(folder, 'report.json'), os.path.join(folder, 'findings.ndjson')
    for path in (report, findings):
        if os.path.exists(path):
            os.unlink(path)
    command = [binary, 'check', '-p', os.path.join(folder, 'profile', 'profile.yaml'), '--report', f'json:{report}', '--reproducible']
    command += ['--findings', findings, *options, *arguments_of(case, folder)]
    done = subprocess.run(command, capture_output=True, timeout=ENGINE_TIMEOUT_SECONDS, check=False)
    if done.returncode not in (0, 1, 5) or not os.path.exists(report):
        return done.returncode, None, None
    with open(report, encoding='utf-8') as file:
        parsed = json.load(file)
    with open(findings, 'rb') as file:
        return done.returncode, parsed, file.read()


def held_to_report(report, lines):
    found = collections.defaultdict(list)
    last = {}
    for line in lines.decode().splitlines():
        finding = json.loads(line)
        if 'waived' not in finding:
            found[finding['rule']].append(finding)
        if finding['line'] and finding['key'] is not None:
            place = (finding['source'], finding['line'])
            if place < last.get(finding['table'], place) and place[0] == last[finding['table']][0]:
                yield f'{finding["rule"]}: line {finding["line"]} comes after {last[finding["table"]]}'
            last[finding['table']] = place
    for rule in report['rules'] + report['drafts']:
        mine = found.pop(rule['id'], [])
        if len(mine) != rule['failed']:
            yield f'{rule["id"]}: failed {rule["failed"]}, findings {len(mine)}'
        elif mine != rule['examples']:
            yield f'{rule["id"]}: findings are not the examples'
    yield from (f'{rule}: not in the report' for rule in found)


def held_to_database(path, lines):
    counts = collections.Counter(json.loads(line)['rule'] for line in lines.decode().splitlines())
    database = sqlite3.connect(path)
    try:
        if dict(database.execute('SELECT rule, count(*) FROM findings GROUP BY rule')) != counts:
            yield 'sqlite: other counts by rule'
        messages = [row[0] for row in database.execute('SELECT message FROM findings ORDER BY id')]
        if messages != [json.loads(line)['message'] for line in lines.decode().splitlines()]:
            yield 'sqlite: other messages, or another order'
    finally:
        database.close()


def problems(options, case, folder):
    database = os.path.join(folder, 'findings.sqlite')
    more = ('--findings', database) if options.sqlite else ()
    status, report, lines = check(options.binary, case, folder, '--max-examples', MORE_THAN_ANY, '--threads', '1', *more)
    if report is None:
        return []
    said = list(held_to_report(report, lines))
    if options.sqlite:
        said += held_to_database(database, lines)
    ways = [('two threads', options.binary, ('--threads', '2')), ('little memory', options.binary, ('--threads', '2', '--memory', '100000'))]
    if options.tiny:
        ways.append(('tiny', options.tiny, ()))
    for name, binary, words in ways:
        other, _, again = check(binary, case, folder, *words)
        if (other, again) != (status, lines):
            said.append(f'{name}: other findings')
    return said


def main(argv=None):
    parser = argparse.ArgumentParser(prog='tests.property.findings')
    parser.add_argument('--binary', required=True)
    parser.add_argument('--tiny')
    parser.add_argument('--level', choices=['scalar', 'relations'], default='scalar')
    parser.add_argument('--cases', type=int, default=30)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args(argv)
    version = subprocess.run([options.binary, '--lang', 'en', '--version'], capture_output=True, text=True, check=True).stdout
    options.sqlite = any(line.split() == ['sqlite', 'built', 'in'] for line in version.splitlines())
    failed = 0
    for seed in range(options.seed, options.seed + options.cases):
        case = gen.make(seed, options.level)
        with tempfile.TemporaryDirectory(prefix='hezhun-findings-') as folder:
            write_case(case, folder)
            said = problems(options, case, folder)
        failed += bool(said)
        for line in said[:8]:
            print(f'seed {seed}: {line}')
    print(f'{options.cases} cases from seed {options.seed}, level {options.level}: {failed} wrong')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
