"""docs/rules.md is what the program makes now.

    python3 -m tests.registry.rules_page BINARY [--update]

It is `hezhun doc --lang en` of the shipped profiles, the registry first. With --update the file is made anew.
"""

import difflib
import glob
import os
import subprocess
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
PAGE = os.path.join(ROOT, 'docs', 'rules.md')
FIRST = ('poverty-registry', 'monitoring', 'guizhou')
WITHOUT_RULES = ('base',)


def profiles():
    names = {os.path.basename(os.path.dirname(path)) for path in glob.glob(os.path.join(ROOT, 'profiles/cn/*/profile.yaml'))}
    first = [name for name in FIRST if name in names]
    return [f'profiles/cn/{name}/profile.yaml' for name in first + sorted(names - set(first) - set(WITHOUT_RULES))]


def main(argv):
    command = [argv[0], 'doc', '--lang', 'en', '--report', 'md', *profiles()]
    made = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode('utf-8')
    if '--update' in argv:
        with open(PAGE, 'w', encoding='utf-8', newline='\n') as file:
            file.write(made)
        return 0
    with open(PAGE, encoding='utf-8', newline='') as file:
        there = file.read()
    for line in difflib.unified_diff(there.splitlines(), made.splitlines(), 'docs/rules.md', 'made now', lineterm='', n=0):
        print(line)
    if there != made:
        print('docs/rules.md is old: python3 -m tests.registry.rules_page BINARY --update')
    return 1 if there != made else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
