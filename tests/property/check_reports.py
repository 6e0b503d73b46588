"""Real reports of the command, held to reports/report.schema.json by report_schema.py.

    python3 tests/property/check_reports.py --binary PATH [--cases N] [--seed S]

The sample submission, with and without --reproducible and --reveal, and N random submissions of gen.py.
"""

import argparse
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)
from tests.property import gen  # noqa: E402
from tests.property.run import arguments_of, write_case  # noqa: E402

SAMPLE = ['-p', 'profiles/cn/division-codes/profile.yaml', '--as-of', '2023-06-30', '--param', 'villages_of=52', 'samples/division-codes']


def check(binary, out, words):
    """True when the run came to a verdict; its report then lies at out."""
    command = [binary, 'check', '--quiet', '--report', f'json:{out}', *words]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode in (0, 1, 5) and os.path.exists(out):
        return True
    if done.returncode not in (2, 3, 4):
        print(f'status {done.returncode}: {" ".join(command)}\n{done.stderr}')
        sys.exit(1)
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--cases', type=int, default=60)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    binary = os.path.abspath(options.binary)
    with tempfile.TemporaryDirectory(prefix='hezhun-reports-') as folder:
        reports = []
        for number, more in enumerate(([], ['--reproducible'], ['--reveal', '--max-examples', '3'])):
            out = os.path.join(folder, f'sample{number}.json')
            if not check(binary, out, [*more, *SAMPLE]):
                print('the sample submission cannot be checked')
                return 1
            reports.append(out)
        chain, out = os.path.join('tests', 'cli', 'cases', 'chain_tightened'), os.path.join(folder, 'chain.json')
        if not check(binary, out, ['-p', f'{chain}/province.yaml', '--profiles', f'{chain}/std', f'{chain}/household.csv']):
            print('the chain cannot be checked')
            return 1
        reports.append(out)
        for seed in range(options.seed, options.seed + options.cases):
            case, place = gen.make(seed, 'scalar'), os.path.join(folder, str(seed))
            write_case(case, place)
            out = os.path.join(place, 'report.json')
            words = ['-p', os.path.join(place, 'profile', 'profile.yaml'), *arguments_of(case, place)]
            if check(binary, out, words):
                reports.append(out)
        print(f'{len(reports)} reports', flush=True)
        if len(reports) <= 4 and options.cases:
            print('no random submission came to a verdict')
            return 1
        judge = os.path.join(ROOT, 'tests', 'property', 'report_schema.py')
        return subprocess.run([sys.executable, '-B', judge, *reports], check=False).returncode


if __name__ == '__main__':
    sys.exit(main())
