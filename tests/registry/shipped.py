"""The shipped profiles are fit to be shipped: lint has nothing to say of them, and the program's own run of their examples agrees.

    python3 -m tests.registry.shipped BINARY [PROFILE.yaml…]

Of each: `hezhun lint` gives no error, warning or hint (but those that the profile answers with x-lint); `hezhun test` holds every example; every rule that
is not withdrawn was seen to pass and to fail. Without PROFILE: every profiles/cn/*/profile.yaml. Status 0 when all holds.
Rules that need an optional part which the build lacks are left out.
"""

import glob
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
OWN = 'coverage.'
BY_SOUND = ('L250',)  # compares names by sound: a build without ICU cannot run it


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8')
    return done.returncode, done.stdout, done.stderr


def lint(binary, path):
    status, out, error = run(binary, 'lint', '--lang', 'en', '--fail-on', 'hint', '--report', 'json', path)
    if not out:
        return [f'lint: status {status}: {error.strip()}']
    (profile,) = json.loads(out)['profiles']
    said = [f'{one["line"]}: {one["code"]} {one["message"]}' for one in profile['items']]
    return said or ([f'lint: status {status}'] if status else [])


def examples(binary, path):
    """What does not hold, and how many examples there are."""
    status, out, error = run(binary, 'test', '--lang', 'en', '--report', 'junit', path)
    if not out:
        return [f'test: status {status}: {error.strip()}'], 0
    (suite,) = ElementTree.fromstring(out).iter('testsuite')
    wrong = [
        f'{case.get("classname")} {case.get("name")}: {part.get("message")}'
        for case in suite.iter('testcase')
        for part in case
        if part.tag in ('failure', 'error', 'skipped')
    ]
    for one in suite.iter('property'):
        if one.get('name').startswith(OWN) and not one.get('name')[len(OWN) :] in measures(path):
            lacking = {'pass', 'fail'} - set(one.get('value').split())
            wrong += [f'{one.get("name")[len(OWN) :]}: never seen to {what}' for what in sorted(lacking)]
    return wrong or ([f'test: status {status}'] if status else []), int(suite.get('tests'))


def measures(path):
    """Ids under `measures`, here and in what the profile extends: figures need no example."""
    if path not in measures.known:
        from tests.reference import load

        measures.known[path] = {one.id for one in load.load(path).measures}
    return measures.known[path]


measures.known = {}


def main(argv):
    binary, paths = argv[0], argv[1:] or sorted(glob.glob(os.path.join(ROOT, 'profiles/cn/*/profile.yaml')))
    bad = 0
    parts = run(binary, '--version')[1]
    lacking = BY_SOUND if 'icu absent' in ' '.join(parts.split()) else ()
    for path in paths:
        said = [line for line in lint(binary, path) if ': L060 ' not in line or not any(f'rule {rule}:' in line for rule in lacking)]
        wrong, count = examples(binary, path)
        wrong = [line for line in wrong if not line.startswith(tuple(lacking))]
        bad += len(said) + len(wrong)
        name = os.path.relpath(path, ROOT)
        for line in said + wrong:
            print(f'{name}: {line}')
        print(f'{name}: hints {len(said)}, examples {count}, wrong {len(wrong)}')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
