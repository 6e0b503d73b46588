"""The examples of README.md and docs/tutorial-*.md, run: what a page shows is what the command prints.

    python3 tests/tidy/examples.py BINARY

A block that begins with `$ hezhun …` or `$ build/release/hezhun …` is run, in English; a line … stands for lines that the page leaves out. Paths
of the repository are run from its root, the rest in a folder with profile.yaml and household.csv as the page gives them.

A tutorial's blocks are run in their order in one folder where the repository's samples and profiles lie, so that a command may
read what one before it wrote; `$ echo $?` at the end of a block shows the exit status. A tutorial has at least one block, and
no command of hezhun in another kind of block.
"""

import difflib
import glob
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The page says in words which two mistakes its example of lint has.
MISTAKES = [('\ntitle: {zh: 住户登记', '\ntitel: {zh: 住户登记'), ('>= workers\n', '>= worker\n')]


def pieces(block):
    """The runs of lines between …"""
    out = [[]]
    for line in block:
        if line.strip() == '…':
            out.append([])
        else:
            out[-1].append(line)
    return [piece for piece in out if piece]


def shows(block, printed):
    """True when the pieces of the block stand in what was printed, in their order; without … both are the same."""
    if block == printed:
        return True
    if not any(line.strip() == '…' for line in block):
        return False
    at = 0
    for piece in pieces(block):
        places = [i for i in range(at, len(printed) - len(piece) + 1) if printed[i:i + len(piece)] == piece]
        if not places:
            return False
        at = places[0] + len(piece)
    return True


def run(binary, command, folder):
    words = shlex.split(command)
    inside = any(os.path.exists(os.path.join(ROOT, word)) and '/' in word for word in words[1:])
    env = {**os.environ, 'LC_ALL': 'en_US.UTF-8'}
    done = subprocess.run([binary, *words[1:]], cwd=ROOT if inside else folder, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    return done.stdout.decode('utf-8', 'replace').rstrip('\n').split('\n')


def write(folder, name, text):
    with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
        out.write(text)


def run_tutorial(binary, path):
    """(blocks, wrong ones)"""
    with open(path, encoding='utf-8') as file:
        page = file.read()
    blocks = re.findall(r'```text\n\$ (hezhun [^\n]*)\n(.*?)```', page, re.S)
    failed = int(not blocks or page.count('$ hezhun ') != len(blocks))
    if failed:
        print(f'{path}: a command that is not the head of a text block')
    with tempfile.TemporaryDirectory(prefix='hezhun-tutorial-') as folder:
        for name in ('samples', 'profiles'):
            os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
        for command, shown in blocks:
            shown, _, status = shown.rstrip('\n').partition('\n$ echo $?\n')
            if shown.startswith('$ echo $?\n'):
                shown, status = '', shown.split('\n', 1)[1]
            env = {**os.environ, 'LC_ALL': 'en_US.UTF-8'}
            done = subprocess.run([binary, *shlex.split(command)[1:]], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
            printed = done.stdout.decode('utf-8', 'replace').rstrip('\n').split('\n')
            shown = shown.rstrip('\n').split('\n')
            if not shows(shown, printed) or (status and status.strip() != str(done.returncode)):
                failed += 1
                print(f'{os.path.basename(path)}: {command}: status {done.returncode}')
                print('\n'.join(difflib.unified_diff(shown, printed, 'shown', 'printed', lineterm='')))
    return len(blocks), failed


def main():
    binary = os.path.abspath(sys.argv[1])
    with open(os.path.join(ROOT, 'README.md'), encoding='utf-8') as file:
        page = file.read()
    profile = re.search(r'```yaml\n(.*?)```', page, re.S).group(1)
    data = re.search(r'```csv\n(.*?)```', page, re.S).group(1)
    wrong = profile
    for right, slip in MISTAKES:
        assert right in wrong, right
        wrong = wrong.replace(right, slip)
    blocks = re.findall(r'```text\n\$ (\S*hezhun [^\n]*)\n(.*?)```', page, re.S)
    failed = 0
    with tempfile.TemporaryDirectory(prefix='hezhun-readme-') as folder:
        write(folder, 'household.csv', data)
        for command, shown in blocks:
            write(folder, 'profile.yaml', wrong if 'hezhun lint' in command else profile)
            shown, printed = shown.rstrip('\n').split('\n'), run(binary, command, folder)
            if not shows(shown, printed):
                failed += 1
                print(f'README.md: {command}')
                print('\n'.join(difflib.unified_diff(shown, printed, 'shown', 'printed', lineterm='')))
    enough = len(blocks) >= 3
    count = len(blocks)
    for path in sorted(glob.glob(os.path.join(ROOT, 'docs', 'tutorial-*.md'))):
        ran, wrong_ones = run_tutorial(binary, path)
        count += ran
        failed += wrong_ones
    print(f'{count} examples, {failed} wrong')
    return 1 if failed or not enough else 0


if __name__ == '__main__':
    sys.exit(main())
