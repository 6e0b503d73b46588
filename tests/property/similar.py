"""Rules that look for similar records, on random rows, through the engine and the reference.

    python3 -m tests.property.similar --binary PATH [--cases N] [--seed S] [--keep DIR]

Each case has rows that are nearly each other's, cut into files anyhow, and rules with one or more blocks over keys that are missing now and then, with
conditions of the row's own and over a relation. The figures must be the reference's, and the findings the same for any number of threads. Status 0 when
all are.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from types import SimpleNamespace

from . import run
from .compare import differences

ALPHABET = 'ab王小明晓3x '
PARTS = ['k', 'j', 'left(t, 2)', 'd', 'right(t, 1)', 'n']
COMPARE = {'t': ['edit', 'equal'], 'u': ['edit', 'equal'], 'd': ['date', 'equal'], 'n': ['number', 'equal'], 's': ['date']}
WHENS = ['', "k <> 'a'", 'n > 2', 'exists(mates where n > 5)', 'count(mates) > 1 or d is null']
SHARES = ['1', '0.95', '0.9', '0.8', '0.75', '0.5', '0.334', '0']
HEAD = """hezhun: 1
profile: test.similar
version: 1.0.0
tables:
  r:
    files: ["r*.csv"]
    region: g
    fields:
      k: {type: text}
      j: {type: text}
      t: {type: text}
      u: {type: text}
      n: {type: "decimal(6,2)"}
      d: {type: date}
      s: {type: datetime}
      g: {type: text}
    relations:
      mates: {many: r, on: k}
rules:
"""


def text(rng):
    return ''.join(rng.choice(ALPHABET) for _ in range(rng.choice((0, 2, 3, 4, 9))))


def changed(rng, word):
    """A word that is nearly this one."""
    letters = list(word)
    for _ in range(rng.choice((0, 1, 1, 2))):
        at = rng.randrange(len(letters) + 1)
        how = rng.randrange(4)
        if how == 0:
            letters.insert(at, rng.choice(ALPHABET))
        elif letters and how == 1:
            del letters[at % len(letters)]
        elif letters and how == 2:
            letters[at % len(letters)] = rng.choice(ALPHABET)
        elif len(letters) > 1:
            at %= len(letters) - 1
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return ''.join(letters)


def row(rng, before):
    """Values in the order of the fields, some of them missing, some of them invalid."""
    old = rng.choice(before) if before and rng.random() < 0.7 else None
    day = f'20{rng.randrange(10, 13)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}'
    made = [
        rng.choice('aab'),
        rng.choice('xxyz'),
        changed(rng, old[2]) if old else text(rng),
        changed(rng, old[3]) if old else text(rng),
        str(rng.choice((0, 1, 3, 9, 10, -5, 3.25, 99.5))),
        old[5] if old and rng.random() < 0.5 else day,
        f'{day} {rng.randrange(24):02}:00:{rng.randrange(60):02}',
        rng.choice(('520102', '520103', '530102', '')),
    ]
    for at in range(7):
        if rng.random() < 0.08:
            made[at] = '' if at < 4 or rng.random() < 0.7 else 'wrong'
    return made


def rule(rng, number):
    blocks = [rng.sample(PARTS, rng.choice((1, 1, 2))) for _ in range(rng.choice((1, 2, 2, 3)))]
    compare = {
        name: {'by': rng.choice(COMPARE[name]), 'weight': rng.choice(('1', '1', '2.5', '0.4'))}
        for name in rng.sample(sorted(COMPARE), rng.choice((1, 2, 3)))
    }
    when = rng.choice(WHENS)
    shown = {'on': 'r', 'similar': {'block': blocks, 'compare': compare, 'threshold': rng.choice(SHARES)}}
    return f'  R{number}: {json.dumps({**shown, **({"when": when} if when else {})})}\n'


def make(seed):
    rng = random.Random(seed)
    rows = []
    for _ in range(rng.choice((0, 1, 5, 20, 60))):
        rows.append(row(rng, rows))
    profile = HEAD + ''.join(rule(rng, number) for number in range(3))
    files = {}
    for one in rows:
        files.setdefault(f'r{rng.randrange(3)}.csv', []).append(one)
    return profile, files or {'r0.csv': []}


def write(folder, profile, files):
    os.makedirs(os.path.join(folder, 'profile'))
    os.makedirs(os.path.join(folder, 'data'))
    with open(os.path.join(folder, 'profile', 'profile.yaml'), 'w', encoding='utf-8') as out:
        out.write(profile)
    for name, rows in files.items():
        with open(os.path.join(folder, 'data', name), 'w', encoding='utf-8', newline='') as out:
            out.write('k,j,t,u,n,d,s,g\n')
            for one in rows:
                out.write(','.join(f'"{value}"' if value else '' for value in one) + '\n')


def findings(binary, folder, threads):
    """What the engine says, whatever the run block; bytes."""
    profile = os.path.join(folder, 'profile', 'profile.yaml')
    command = [binary, 'check', '-q', '-p', profile, '--threads', str(threads), '--reproducible', '--report', 'json:-', os.path.join(folder, 'data')]
    return subprocess.run(command, capture_output=True, timeout=run.ENGINE_TIMEOUT_SECONDS, check=False).stdout


def mismatch(binary, seed, folder):
    write(folder, *make(seed))
    case = SimpleNamespace(profile={}, params={}, as_of=None, previous=0)
    status, expected = run.run_reference(case, folder)
    if status:
        return [f'reference refuses with {status}: {expected}']
    status, got = run.run_engine(binary, case, folder)
    if not isinstance(got, dict):
        return [f'engine gives {status}: {run.clip(got)}']
    found = differences(expected, got)
    one = findings(binary, folder, 1)
    return found + [f'{threads} threads say something else' for threads in (2, 5) if findings(binary, folder, threads) != one]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('--binary', required=True)
    parser.add_argument('--cases', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep')
    options = parser.parse_args()
    bad = 0
    for seed in range(options.seed, options.seed + options.cases):
        folder = tempfile.mkdtemp(prefix='hezhun-similar-')
        lines = mismatch(options.binary, seed, folder)
        for line in lines[:20]:
            print(f'seed {seed}: {line}')
        if lines and options.keep:
            shutil.copytree(folder, os.path.join(options.keep, str(seed)), dirs_exist_ok=True)
        shutil.rmtree(folder)
        bad += bool(lines)
    print(f'{options.cases} cases, {bad} differ')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
