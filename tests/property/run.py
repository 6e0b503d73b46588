"""Runs random cases through the engine and through the reference, and compares every figure.

    python3 -m tests.property.run --binary PATH [--cases N] [--seed S] [--level scalar|relations] [--keep DIR]
    [--no-shrink]
    python3 -m tests.property.run --show --seed S                # one case: profile and files, no engine
    python3 -m tests.property.run --reference-only --cases N     # the reference alone: it must accept each profile

A mismatch is shrunk and kept in a folder with profile.yaml, the submission and the command lines. Exit status 0: all
equal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal

from tests.reference import load, result, standards
from tests.reference.csvin import SourceError
from tests.reference.run import Run
from tests.reference.values import ProfileError, UsageError

from . import gen
from .compare import differences
from .shrink import shrink

LISTS = standards.Lists()
ENGINE_TIMEOUT_SECONDS = 60


def write_case(case, folder):
    """Lays the case out: profile/, data/, previous1/…"""
    os.makedirs(os.path.join(folder, 'profile'), exist_ok=True)
    os.makedirs(os.path.join(folder, 'data'), exist_ok=True)
    for period in range(1, case.previous + 1):
        os.makedirs(os.path.join(folder, f'previous{period}'), exist_ok=True)
    with open(os.path.join(folder, 'profile', 'profile.yaml'), 'w', encoding='utf-8') as out:
        out.write(case.profile_text())
    for file in case.files:
        path = file.path if '/' in file.path else f'data/{file.path}'
        with open(os.path.join(folder, path), 'wb') as out:
            out.write(file.content())


def arguments_of(case, folder):
    """What both sides are given."""
    out = ['--as-of', case.as_of] if case.as_of else []
    for name, value in case.params.items():
        if name in case.profile.get('params', {}):
            out += ['--param', f'{name}={value}']
    for period in range(1, case.previous + 1):
        out += ['--previous', os.path.join(folder, f'previous{period}')]
    return out + [os.path.join(folder, 'data')]


def run_reference(case, folder):
    """(status, report): 0, or 2, 3, 4 as the command has them."""
    try:
        profile = load.load(os.path.join(folder, 'profile', 'profile.yaml'), LISTS)
        params = {name: value for name, value in case.params.items() if name in profile.params}
        run = Run(profile, params, load.day(case.as_of) if case.as_of else None)
        run.load(
            [os.path.join(folder, 'data')],
            (),
            [os.path.join(folder, f'previous{n}') for n in range(1, case.previous + 1)],
        )
        if not any(
            data.present
            for data in run.tables.values()
            if data.period == 0 and not data.table.builtin and not data.table.included
        ):
            return 4, 'no source'
        return 0, result.report(run)
    except UsageError as error:
        return 2, str(error)
    except ProfileError as error:
        return 3, str(error)
    except SourceError as error:
        return 4, str(error)


def run_engine(binary, case, folder):
    """(status, report or what it said)."""
    out = os.path.join(folder, 'engine.json')
    if os.path.exists(out):
        os.unlink(out)
    command = [
        binary,
        'check',
        '-p',
        os.path.join(folder, 'profile', 'profile.yaml'),
        '--report',
        f'json:{out}',
        '--reproducible',
        *arguments_of(case, folder),
    ]
    done = subprocess.run(command, capture_output=True, timeout=ENGINE_TIMEOUT_SECONDS, check=False)
    said = (done.stdout + done.stderr).decode('utf-8', 'replace')
    if done.returncode in (0, 1) and os.path.exists(out):
        with open(out, encoding='utf-8') as file:
            return done.returncode, json.load(file, parse_float=Decimal)
    return done.returncode, said


def mismatch(binary, case):
    """Lines that say how engine and reference differ; empty when they agree."""
    with tempfile.TemporaryDirectory(prefix='hezhun-property-') as folder:
        write_case(case, folder)
        status, expected = run_reference(case, folder)
        try:
            engine_status, got = run_engine(binary, case, folder)
        except subprocess.TimeoutExpired:
            return ['engine: no end within the time']
    if status != 0:
        return (
            []
            if engine_status == status
            else [f'reference refuses with {status} ({expected}), engine gives {engine_status}: {clip(got)}']
        )
    if not isinstance(got, dict):
        return [f'reference accepts, engine gives {engine_status}: {clip(got)}']
    found = differences(expected, got)
    if (engine_status == 0) != expected['verdict']['conformant']:
        found.append(f'exit status {engine_status}, reference conformant {expected["verdict"]["conformant"]}')
    return found


def clip(text):
    return text[:600] if isinstance(text, str) else 'a report'


def kind_of(lines):
    """What a mismatch is about, so that a shrunk case still shows the same one: the first words of its first line."""
    words = lines[0].split(':')[0].split()
    return words[0], words[-1]


def keep(binary, case, folder, lines):
    write_case(case, folder)
    status, expected = run_reference(case, folder)
    with open(os.path.join(folder, 'reference.json'), 'w', encoding='utf-8') as out:
        json.dump({'status': status, 'report': expected}, out, ensure_ascii=False, indent=1)
    run_engine(binary, case, folder)
    arguments = ' '.join(arguments_of(case, folder))
    with open(os.path.join(folder, 'how.txt'), 'w', encoding='utf-8') as out:
        out.write(
            f'seed {case.seed}, level {case.level}\n\n' + '\n'.join(lines) + '\n\n'
            f'{binary} check -p {folder}/profile/profile.yaml --report json:out.json --reproducible {arguments}\n'
            f'python3 -m tests.reference.main check --profile {folder}/profile/profile.yaml {arguments}\n'
        )


def check_one(options, seed):
    """True when engine and reference agree on this seed."""
    case = gen.make(seed, options.level)
    lines = mismatch(options.binary, case)
    if not lines:
        return True
    print(f'seed {seed}: {len(lines)} differences')
    if not options.no_shrink:
        kind = kind_of(lines)

        def fails(changed):
            found = mismatch(options.binary, changed)
            return bool(found) and kind_of(found) == kind

        case = shrink(case, fails)
        lines = mismatch(options.binary, case)
    for line in lines[:12]:
        print('  ' + line)
    folder = os.path.join(options.keep or tempfile.mkdtemp(prefix='hezhun-property-kept-'), f'{options.level}-{seed}')
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    keep(options.binary, case, folder, lines)
    print(f'  kept in {folder}')
    return False


def reference_only(options):
    refused = 0
    for seed in range(options.seed, options.seed + options.cases):
        case = gen.make(seed, options.level)
        with tempfile.TemporaryDirectory(prefix='hezhun-property-') as folder:
            write_case(case, folder)
            status, report = run_reference(case, folder)
        if status not in (0, 4):
            refused += 1
            print(f'seed {seed}: {status} {report}')
    return refused


def show(case):
    print(case.profile_text())
    print(f'as_of {case.as_of}, params {case.params}, previous {case.previous}')
    for file in case.files:
        print(f'--- {file.path}\n{file.content().decode("utf-8", "replace")}')


def main(argv=None):
    parser = argparse.ArgumentParser(prog='tests.property.run')
    parser.add_argument('--binary')
    parser.add_argument('--cases', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--level', choices=['scalar', 'relations'], default='scalar')
    parser.add_argument('--keep')
    parser.add_argument('--no-shrink', action='store_true')
    parser.add_argument('--failures', type=int, default=5, help='stop after so many')
    parser.add_argument('--show', action='store_true')
    parser.add_argument('--reference-only', action='store_true')
    options = parser.parse_args(argv)
    if options.show:
        show(gen.make(options.seed, options.level))
        return 0
    if options.reference_only:
        return 1 if reference_only(options) else 0
    if not options.binary:
        parser.error('--binary is missing')
    failed = 0
    for seed in range(options.seed, options.seed + options.cases):
        failed += not check_one(options, seed)
        if failed >= options.failures:
            break
    print(f'{seed - options.seed + 1} cases from seed {options.seed}, level {options.level}: {failed} differ')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
