"""The same submission, cut into files otherwise, must give the same report.

    python3 -m tests.property.cuts BINARY [TINY] [--tool CHECK_WAYS] [--level scalar|relations] [--cases N] [--seed S]
    [--keep DIR]

Each case of `gen` is checked as it is; then with every file cut into one to seven at record borders, the names
sorted so that the rows keep their order. All must be equal but `sources`, the source, line and byte of a finding, and
what the rules of records and columns say of a file (design: semantics, "Across cuts into files"). Beside that the
report must be the same, byte for byte, on any number of threads, with any memory budget and blocks of any size (CHECK_WAYS:
tests/tools/check_ways.c, which takes smaller ones than the command does), from the TINY build (batches of 3 rows, blocks
of 64 bytes), and the same but for words in Chinese and in English. Exit status 0: all equal.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from decimal import Decimal

from . import gen
from .data import FileData
from .run import ENGINE_TIMEOUT_SECONDS, arguments_of, write_case

PIECES_MAX = 7
PLACE = ('source', 'line', 'offset')
WORDS = ('message', 'reason', 'lang')
# threads, bytes of memory, bytes of a block; the first is what the others are held to. 0: as it comes.
WAYS = [
    (1, 0, 0),
    (2, 64 << 20, 64),
    (3, 256 << 20, 200),
    (8, 300_000, 64),
    (1, 1_000, 64),
    (2, 1_000, 4 << 20),
    (3, 20_000, 1_000),
    (8, 1_000, 64),
]
OF_A_FILE = ('.rows', '.encoding', '.columns')


def check(binary, case, folder, *options):
    """(status, bytes of the report or what was said)."""
    out = os.path.join(folder, 'report.json')
    if os.path.exists(out):
        os.unlink(out)
    profile = os.path.join(folder, 'profile', 'profile.yaml')
    command = [binary, 'check', '-p', profile, '--report', f'json:{out}', '--reproducible', *options]
    done = subprocess.run(
        command + arguments_of(case, folder), capture_output=True, timeout=ENGINE_TIMEOUT_SECONDS, check=False
    )
    if os.path.exists(out):
        with open(out, 'rb') as file:
            return done.returncode, file.read()
    return done.returncode, (done.stdout + done.stderr).replace(folder.encode(), b'')


def check_ways(tool, case, folder, ways):
    """(lines that say what differs, report of the first way or None)."""
    profile = os.path.join(folder, 'profile', 'profile.yaml')
    command = [tool, '-p', profile, '--temp', folder]
    for way in ways:
        command += ['--way', ':'.join(map(str, way))]
    done = subprocess.run(
        command + arguments_of(case, folder), capture_output=True, timeout=ENGINE_TIMEOUT_SECONDS, check=False
    )
    said = done.stderr.decode('utf-8', 'replace').strip()
    if done.returncode in (0, 3, 4):
        return [], done.stdout
    return [f'ways: status {done.returncode}: {said[:1200]}'], done.stdout


def can_cut(file):
    """A quote that is not closed in its record reaches into the next ones: cutting there is no cut at a border."""
    return all(record.count(b'"') % 2 == 0 for record in file.records)


def cut(file, rng):
    """One to seven files with the rows of one, in order of their names."""
    if file.path.startswith('profile/') or not can_cut(file):
        return [file]
    count = rng.randint(1, PIECES_MAX)
    borders = [0, *sorted(rng.randint(0, len(file.records)) for _ in range(count - 1)), len(file.records)]
    stem, dot, suffix = file.path.rpartition('.')
    return [
        FileData(f'{stem}-{number:02}{dot}{suffix}', file.head, file.records[first:last])
        for number, (first, last) in enumerate(zip(borders, borders[1:]))
    ]


def strip_places(value):
    """The report without what a cut may change."""
    if isinstance(value, dict):
        return {key: strip_places(item) for key, item in value.items() if key != 'sources' and key not in PLACE}
    if isinstance(value, list):
        return [strip_places(item) for item in value]
    return value


def without_files(report):
    out = strip_places(report)
    for rule in out['rules'] + out['drafts']:
        if rule['id'].endswith(OF_A_FILE):
            rule['examples'] = len(rule['examples'])
    return out


def without_words(value):
    if isinstance(value, dict):
        return {key: without_words(item) for key, item in value.items() if key not in WORDS}
    if isinstance(value, list):
        return [without_words(item) for item in value]
    return value


def differences(where, a, b):
    """Where two reports differ, a line each."""
    if isinstance(a, dict) and isinstance(b, dict):
        lines = [f'{where}: keys {sorted(set(a) ^ set(b))}'] if set(a) != set(b) else []
        for key in a:
            if key in b:
                lines += differences(f'{where}.{key}', a[key], b[key])
        return lines
    if isinstance(a, list) and isinstance(b, list):
        lines = [f'{where}: {len(a)} items against {len(b)}'] if len(a) != len(b) else []
        for number, (first, second) in enumerate(zip(a, b)):
            name = first.get('id', number) if isinstance(first, dict) else number
            lines += differences(f'{where}[{name}]', first, second)
        return lines
    return [] if a == b and type(a) is type(b) else [f'{where}: {a!r} against {b!r}']


def parsed(text):
    return json.loads(text, parse_float=Decimal)


def same_bytes(what, whole, other):
    if whole == other:
        return []
    if whole[0] == other[0] in (0, 1):
        found = differences(what, parsed(whole[1]), parsed(other[1]))
        return found or [f'{what}: the same figures in other bytes']
    return [f'{what}: status {whole[0]} against {other[0]}: {other[1][:300]}']


def compare_ways(tool, case, folder, cut_folder):
    lines, whole = check_ways(tool, case, folder, WAYS)
    more, pieces = check_ways(tool, case, cut_folder, [WAYS[0], WAYS[3], WAYS[6]])
    lines += more
    if whole and pieces:
        lines += differences('cut', without_files(parsed(whole)), without_files(parsed(pieces)))
    elif not lines and whole != pieces:
        lines.append('cut: a report of one only')
    return lines


def compare(binary, tiny, case, folder, cut_folder):
    """Lines that say what is not the same. cut_folder: where the cut case lies."""
    whole = check(binary, case, folder)
    lines = same_bytes('one thread', whole, check(binary, case, folder, '--threads', '1'))
    if tiny:
        lines += same_bytes('tiny', whole, check(tiny, case, folder))
    if whole[0] not in (0, 1):
        return lines
    report = parsed(whole[1])
    english = check(binary, case, folder, '--lang', 'en')
    if english[0] != whole[0]:
        lines.append(f'english: status {english[0]} against {whole[0]}')
    else:
        lines += differences('english', without_words(report), without_words(parsed(english[1])))
    pieces = check(binary, case, cut_folder)
    if pieces[0] != whole[0]:
        return lines + [f'cut: status {pieces[0]} against {whole[0]}: {pieces[1][:300]}']
    lines += differences('cut', without_files(report), without_files(parsed(pieces[1])))
    if tiny:
        lines += same_bytes('tiny, cut', pieces, check(tiny, case, cut_folder))
    return lines


def check_one(options, seed):
    """(True when all is the same, number of files it was cut into)."""
    case = gen.make(seed, options.level)
    rng = random.Random(f'cuts:{seed}')
    pieces = [piece for file in case.files for piece in cut(file, rng)]
    with tempfile.TemporaryDirectory(prefix='hezhun-cuts-') as folder:
        whole_folder, cut_folder = os.path.join(folder, 'a'), os.path.join(folder, 'b')
        write_case(case, whole_folder)
        write_case(replace(case, files=pieces), cut_folder)
        if options.tool:
            lines = compare_ways(options.tool, case, whole_folder, cut_folder)
        else:
            lines = compare(options.binary, options.tiny, case, whole_folder, cut_folder)
        if lines and options.keep:
            shutil.copytree(folder, os.path.join(options.keep, f'cuts-{seed}'), dirs_exist_ok=True)
    for line in lines[:12]:
        print(f'seed {seed}: {line}')
    return not lines, len(pieces)


def main(argv=None):
    parser = argparse.ArgumentParser(prog='tests.property.cuts')
    parser.add_argument('binary')
    parser.add_argument('tiny', nargs='?')
    parser.add_argument('--tool', help='check_ways: threads, budgets, blocks; in place of the command')
    parser.add_argument('--level', choices=['scalar', 'relations'], default='scalar')
    parser.add_argument('--cases', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep', help='folder for the cases that differ')
    parser.add_argument('--failures', type=int, default=5, help='stop after so many')
    options = parser.parse_args(argv)
    failed = files = done = 0
    for seed in range(options.seed, options.seed + options.cases):
        same, count = check_one(options, seed)
        failed += not same
        files += count
        done += 1
        if failed >= options.failures:
            break
    print(f'{done} cases from seed {options.seed}, level {options.level}, in {files} files: {failed} differ')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
