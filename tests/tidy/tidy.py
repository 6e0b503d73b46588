"""Holds the house to its own rules: include direction and circles, banned calls, headers, long lines, leftovers, paths of machines, the message
catalogue, and documents that left the code.

    python3 tests/tidy/tidy.py [ROOT]

Each check takes a Tree and gives complaints as "file:line: what". selftest.py shows each of them a bad tree.
"""

import os
import re
import subprocess
import sys
import unicodedata

COLUMNS_MAX = 120
LINES_MAX = 1000
ORDER = ['base', 'standards', 'profiles', 'reports', 'validator']
FOLDERS = '|'.join([*ORDER, 'scripts', 'tests', 'docs', 'samples', 'cmake'])
INSIDE = ['eval|source', 'engine', 'tasks', 'api', 'cli']  # each may use those before it; eval and source never meet
BANNED = {
    'strcpy strcat sprintf vsprintf gets strtok atoi atol alloca system mmap tmpnam': (),
    'exit abort printf vprintf fprintf puts putchar': ('validator/cli/',),
    'malloc calloc realloc': ('base/alloc.c',),
    'free': ('base/alloc.c', 'base/file.c'),  # file.c: what realpath gave
    'localtime gmtime ctime setlocale': ('validator/cli/',),
}
LEFTOVERS = re.compile('|'.join(['TO' + 'DO', 'FIX' + 'ME', r'(?<![X{])XX' + r'X(?![X}])', r'not imple' + 'mented']))
MACHINES = re.compile(r'(?<![\w.])/(?:wo' + r'rk|ro' + r'ot|ho' + r'me|fa' + r'rm|tmp/bash_' + r'jobs)/|py' + r'pi\.|python' + r'hosted\.|npm' + r'js\.|crates\.' + r'io|deb\.' + r'debian')
DATA = ('tests/data/', 'tests/cli/cases/', 'tests/fuzz/corpus/', 'standards/data/', 'samples/')


class Tree:
    """Files by path relative to the root; only text is read."""

    def __init__(self, root, paths=None):
        self.root = root
        self.files = {}
        self.paths = paths if paths is not None else tracked(root)
        for path in self.paths:
            try:
                with open(os.path.join(root, path), encoding='utf-8') as file:
                    self.files[path] = file.read()
            except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
                continue

    def code(self, tests=False):
        for path, text in self.files.items():
            if path.endswith(('.c', '.h')) and (path.split('/')[0] in ORDER or (tests and path.startswith('tests/'))):
                yield path, text


def tracked(root):
    listed = subprocess.run(['git', '-C', root, 'ls-files', '-coz', '--exclude-standard'], capture_output=True, text=True, check=False)
    paths = [path for path in listed.stdout.split('\0') if path]
    if paths:
        return paths
    # A source archive: every file but what was built.
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in ('build', '.git', '__pycache__')]
        paths += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    return paths


def lines(text):
    return enumerate(text.split('\n'), 1)


def without_comments(text):
    """The code with comments and literals blanked, so that words in them count for nothing; lines stay."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda match: re.sub(r'[^\n]', ' ', match.group()), text)


def includes(text):
    return [(number, match.group(1)) for number, line in lines(text) if (match := re.match(r'\s*#\s*include\s+"([^"]+)"', line))]


def place(path):
    """(rank of the folder, rank inside validator, name inside validator)"""
    parts = path.split('/')
    rank = ORDER.index(parts[0]) if parts[0] in ORDER else None
    if parts[0] != 'validator' or len(parts) < 3:
        return rank, 0, ''
    return rank, next((i for i, names in enumerate(INSIDE) if parts[1] in names.split('|')), 0), parts[1]


def one_folder(folder):
    return 'profiles' if folder == 'profiles/expr' else folder


def direction(tree):
    for path, text in tree.code():
        rank, inner, name = place(path)
        for number, target in includes(text):
            to_rank, to_inner, to_name = place(target)
            wrong = to_rank is None or to_rank > rank or (to_rank == rank and to_inner > inner)
            meet = {name, to_name} == {'eval', 'source'}
            folder = target.rpartition('/')[0]
            private = target.endswith('_int.h') and one_folder(folder) != one_folder(path.rpartition('/')[0])
            if to_rank is None:
                yield f'{path}:{number}: includes {target}, which is in no folder of the house; includes begin at the root'
            elif to_rank is not None and (wrong or meet):
                yield f'{path}:{number}: includes {target}: against the direction of folders'
            elif private:
                yield f'{path}:{number}: includes {target}, which is private to {folder}'


def circles(tree):
    graph = {path: [target for _, target in includes(text) if target in tree.files] for path, text in tree.code()}
    state = {}

    def visit(path, trail):
        state[path] = 1
        for target in graph.get(path, ()):
            if state.get(target) == 1:
                found.append(f'{path}:1: circle of includes: {" -> ".join([*trail[trail.index(target):], target])}')
            elif target not in state:
                visit(target, [*trail, target])
        state[path] = 2

    found = []
    for path in graph:
        if path not in state:
            visit(path, [path])
    return found


def banned(tree):
    for path, text in tree.code():
        bare = without_comments(text)
        for words, allowed in BANNED.items():
            if path.startswith(allowed) if allowed else False:
                continue
            for number, line in lines(bare):
                for match in re.finditer(r'(?<![\w.>])(' + '|'.join(words.split()) + r')\s*\(', line):
                    yield f'{path}:{number}: calls {match.group(1)}'


def width(line):
    return sum(2 if unicodedata.east_asian_width(char) in 'WF' else 1 for char in line)


def shape(tree):
    for path, text in tree.code(tests=True):
        if text.count('\n') > LINES_MAX:
            yield f'{path}:1: {text.count(chr(10))} lines; at most {LINES_MAX}'
        for number, line in lines(text):
            if width(line) > COLUMNS_MAX:
                yield f'{path}:{number}: {width(line)} columns; at most {COLUMNS_MAX}'
            if '\t' in without_comments(line):
                yield f'{path}:{number}: a tab'
            if line != line.rstrip():
                yield f'{path}:{number}: blanks at the end'
        if text and not text.endswith('\n'):
            yield f'{path}:1: no newline at the end'


def headers(tree):
    for path, text in tree.code():
        if not path.endswith('.h'):
            continue
        if not text.startswith('/*'):
            yield f'{path}:1: no comment at the top'
        if 'included once by each' in text[:200]:  # a template
            continue
        guard = re.search(r'^#ifndef (\w+)\n#define (\w+)$', text, re.M)
        if not guard or guard.group(1) != guard.group(2) or not re.fullmatch(r'HE?Z(HUN)?_\w+', guard.group(1)):
            yield f'{path}:1: no include guard HZ_..._H'


def leftovers(tree):
    for path, text in tree.files.items():
        data = path.startswith(DATA) or path == 'LICENSE'
        for number, line in lines(text):
            if not data and LEFTOVERS.search(line):
                yield f'{path}:{number}: unfinished: {line.strip()[:60]}'
            if MACHINES.search(line):
                yield f'{path}:{number}: path of a machine or name of a registry host'


MESSAGE = re.compile(r'HZ_MESSAGE\((\w+),\s*"((?:\\.|[^"\\])*)",\s*"((?:\\.|[^"\\])*)"\)', re.S)


def messages(tree):
    everything = '\n'.join(text for path, text in tree.code())
    words = set(re.findall(r'\w+', everything))
    for name in re.findall(r'^HZ_LINT\("\w+", (\w+)', tree.files.get('validator/tasks/lint.def', ''), re.M):
        words |= {f'LINT_{name}', f'LINT_{name}_DO'}  # lint.c puts HZ_MSG_LINT_ before
    for name in re.findall(r'^HZ_FUNCTION\((\w+)', tree.files.get('profiles/expr/functions.def', ''), re.M):
        words.add(f'WORDS_F_{name}')  # words.c puts HZ_MSG_WORDS_F_ before
    known = {}
    for path, text in tree.files.items():
        if not re.fullmatch(r'base/messages/\w+\.def', path):
            continue
        text = re.sub(r'/\*.*?\*/', lambda match: re.sub(r'[^\n]', ' ', match.group()), text, flags=re.S)
        calls = len(re.findall(r'^HZ_MESSAGE\(', text, re.M))
        found = list(MESSAGE.finditer(text))
        if calls != len(found):
            yield f'{path}:1: {calls - len(found)} lines are no HZ_MESSAGE(ID, "zh", "en")'
        for match in found:
            number = text.count('\n', 0, match.start()) + 1
            name, zh, en = match.groups()
            if name in known:
                yield f'{path}:{number}: {name} stands in {known[name]} too'
            known[name] = path
            if not zh or not en:
                yield f'{path}:{number}: {name} lacks a language'
            holes = [sorted(set(re.findall(r'(?<!\{)\{(\d)\}', side))) for side in (zh, en)]
            if holes[0] != holes[1]:
                yield f'{path}:{number}: {name}: placeholders differ: {holes[0]} and {holes[1]}'
            if not {f'HZ_MSG_{name}', name, name.removeprefix('TEXT_')} & words:  # macros put HZ_MSG_TEXT_ before
                yield f'{path}:{number}: {name} is used nowhere'


def functions(tree):
    """functions.def against the table of docs/language.md."""
    definition, page = tree.files.get('profiles/expr/functions.def'), tree.files.get('docs/language.md')
    if definition is None or page is None:
        return
    code = set(re.findall(r'^HZ_FUNCTION\(\w+, "(\w+)"', definition, re.M))
    section = page.partition('### Functions')[2].partition('\n### ')[0]
    told = {name for row in section.split('\n') if row.startswith('| `') for name in re.findall(r'`(\w+)\(', row.split('|')[1])}
    for name in sorted(code - told):
        yield f'docs/language.md:1: function {name} is not in the table'
    for name in sorted(told - code):
        yield f'docs/language.md:1: function {name} is in the table but not in functions.def'


def limits_page(header):
    """docs/limits.md as base/limits.h has it."""
    rows = re.findall(r'HZ_LIMIT\(\w+, "(\w+)", (\d+), (\d+),\s*(?:\\\s*)?"([^"]*)"\)', header)
    out = ['# Limits', '', 'Whatever comes from outside has a limit. `--limit NAME=VALUE` changes one up to its ceiling; going past one is an', 'error that carries its name. Made from `base/limits.h`.', '',
           '| name | default | ceiling | of what, and why |', '| --- | ---: | ---: | --- |']
    out += [f'| `{name}` | {int(default):,} | {int(ceiling):,} | {why} |' for name, default, ceiling, why in rows]
    return '\n'.join(out) + '\n', len(rows)


def limits(tree):
    header, page = tree.files.get('base/limits.h'), tree.files.get('docs/limits.md')
    if header is None:
        return
    wanted, count = limits_page(header)
    if count < 1 or page != wanted:
        yield 'docs/limits.md:1: not what base/limits.h says; python3 tests/tidy/tidy.py --limits > docs/limits.md'


def lint_page(table, catalogue):
    """docs/lint.md as validator/tasks/lint.def and the messages have it."""
    rows = re.findall(r'^HZ_LINT\("(\w+)", (\w+), (\w+), "([\w-]+)", "[^"]*", "([^"]*)"\)', table, re.M)
    todo = {match.group(1): match.group(3) for match in MESSAGE.finditer(catalogue)}
    out = ['# What `hezhun lint` says', '', 'Beyond the mistakes that keep a profile from loading. `--fail-on` says from which severity on the exit status is 1. Made from',
           '`validator/tasks/lint.def` and the messages.', '', '| code | name | severity | what | what to do |', '| --- | --- | --- | --- | --- |']
    for code, name, level, called, says in rows:
        advice = todo.get(f'LINT_{name}_DO', '').replace('{{', '{').replace('}}', '}').replace('|', '\\|')
        advice = re.sub(r'\{\d\}', '…', advice)
        out.append(f'| {code} | {called} | {level.lower()} | {says} | {advice} |')
    return '\n'.join(out) + '\n', [row[0] for row in rows]


def lint(tree):
    table, page = tree.files.get('validator/tasks/lint.def'), tree.files.get('docs/lint.md')
    if table is None:
        return
    wanted, codes = lint_page(table, tree.files.get('base/messages/tasks.def', ''))
    if not codes or codes != sorted(set(codes)):
        yield 'validator/tasks/lint.def:1: codes are not in order, each once'
    if page != wanted:
        yield 'docs/lint.md:1: not what lint.def says; python3 tests/tidy/tidy.py --lint > docs/lint.md'


def told_path(tree, target):
    """Whether a path that a page names is there; * and {a,b} stand for what they match."""
    target = target.rstrip('/')
    pattern = re.escape(target).replace(r'\*', '[^/]*').replace('PART', r'\w+')
    return any(re.match(pattern + '(/|$)', path) for path in [*tree.files, *tree.paths])


def readme(tree):
    """Paths, verbs and options that the documents name are there."""
    cli = '\n'.join(text for path, text in tree.files.items() if path.startswith('validator/cli/'))
    verbs, options = set(re.findall(r'&hz_verb_(\w+?)_?\b', cli)), set(re.findall(r'\{\w+, "([a-z-]+)",', cli))
    for path, text in tree.files.items():
        if not path.endswith('.md') or path.startswith('tests/'):
            continue
        for number, line in lines(text):
            told = re.findall(r'^    ((?:scripts|tests)/[\w/.]+)', line) + re.findall(rf'`((?:{FOLDERS})/[\w./*-]+)', line)
            for target in told:
                if not told_path(tree, target):
                    yield f'{path}:{number}: names {target}, which is not there'
            for target in re.findall(r'\]\(([\w./-]+)\)', line):
                if not told_path(tree, os.path.normpath(os.path.join(os.path.dirname(path), target))):
                    yield f'{path}:{number}: links to {target}, which is not there'
            if path != 'README.md':
                continue
            command = re.match(r'(?:    |\$ )(?:\S*/)?hezhun ([a-z]+)(.*)', line)
            if command and command.group(1) not in verbs:
                yield f'{path}:{number}: hezhun has no command {command.group(1)}'
            for name in re.findall(r' --([a-z-]+)', command.group(2) if command else ''):
                if name not in options:
                    yield f'{path}:{number}: hezhun has no option --{name}'


CHECKS = [direction, circles, banned, shape, headers, leftovers, messages, functions, limits, lint, readme]


def main():
    if '--limits' in sys.argv:
        with open('base/limits.h', encoding='utf-8') as file:
            sys.stdout.write(limits_page(file.read())[0])
        return 0
    if '--lint' in sys.argv:
        with open('validator/tasks/lint.def', encoding='utf-8') as table, open('base/messages/tasks.def', encoding='utf-8') as catalogue:
            sys.stdout.write(lint_page(table.read(), catalogue.read())[0])
        return 0
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else '.')
    if 'base/error.h' not in tree.files:
        print('this is not the root of the project')
        return 1
    complaints = [f'{complaint} [{check.__name__}]' for check in CHECKS for complaint in check(tree)]
    for complaint in complaints:
        print(complaint)
    print(f'{len(tree.files)} files, {len(CHECKS)} checks, {len(complaints)} complaints')
    return 1 if complaints else 0


if __name__ == '__main__':
    sys.exit(main())
