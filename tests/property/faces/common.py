"""What the modules beside this one share: comparing, the words of counts, running the command."""

import io
import os
import re
import subprocess
import zipfile
from decimal import ROUND_FLOOR, Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
CASES = os.path.join(ROOT, 'tests', 'cli', 'cases')
SCHEMAS = os.path.join(ROOT, 'tests', 'data', 'schemas')
SEVERITIES = ['fatal', 'error', 'warning', 'info']
STOPPED = ('skipped', 'error')
NUMBER = r'[\d,]+'


class Wrong(Exception):
    pass


def same(got, wanted, what):
    if got != wanted:
        raise Wrong(f'{what}: {difference(got, wanted)}')


def difference(got, wanted):
    if isinstance(got, list) and isinstance(wanted, list):
        for index, (one, other) in enumerate(zip(got, wanted)):
            if one != other:
                return f'item {index} is {one!r} instead of {other!r}'[:2000]
        return f'{len(got)} items instead of {len(wanted)}'
    return f'{got!r} instead of {wanted!r}'[:2000]


def number(text):
    return int(text.replace(',', ''))


def floor2(score):
    return Decimal(score).quantize(Decimal('0.01'), ROUND_FLOOR)


def all_rules(report):
    return report['rules'] + report['drafts']


UNSAFE = re.compile('[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]')


def safe(text):
    return UNSAFE.sub(lambda match: f'\\u{{{ord(match.group()):02X}}}', text)


def failed_of(text, lang):
    pattern = rf'({NUMBER}) of ({NUMBER}) failed' if lang == 'en' else rf'({NUMBER}) / ({NUMBER}) 未通过'
    return tuple(map(number, re.search(pattern, text).groups()))


def shown_of(text, lang):
    """(shown, all) of the first words that say so."""
    pattern = rf'({NUMBER}) shown of ({NUMBER})' if lang == 'en' else rf'共 (?P<all>{NUMBER}) 处，显示 (?P<shown>{NUMBER}) 处'
    found = re.search(pattern, text)
    pair = found.groups() if lang == 'en' else (found['shown'], found['all'])
    return tuple(map(number, pair))


CAUSES_HEAD = {'zh': '## 改正后消除问题最多的事项', 'en': '## Mends that clear most'}


def by_rule(cause):
    return safe(', '.join(f'{one["id"]} {one["findings"]}' for one in cause['rules']))


def pairs(values):
    return safe('; '.join(f'{name}={"∅" if value is None else value}' for name, value in (values or {}).items()))


def formats_of(binary):
    """All that the command can write, so that no new face goes unlooked at."""
    told = subprocess.run([binary, '--version', '--lang', 'en'], env={**os.environ, 'LC_ALL': 'C.UTF-8'}, capture_output=True, text=True,
                          check=True).stdout
    return re.search(r'(?:reports: |报告：)(.*)', told).group(1).split()


def run(binary, formats, folder, lang, words, more=()):
    """Faces by format, or None when the run came to no verdict."""
    os.makedirs(folder, exist_ok=True)
    command = [binary, 'check', '--quiet', '--reproducible', '--lang', lang, *more]
    for name in formats:
        command += ['--report', f'{name}:{os.path.join(folder, name)}']
    done = subprocess.run([*command, *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 1, 5):
        if done.returncode not in (2, 3, 4):
            raise Wrong(f'status {done.returncode}: {" ".join(command)}')
        return None
    faces = {}
    for name in formats:
        with open(os.path.join(folder, name), 'rb') as file:
            faces[name] = file.read()
    faces['output'] = done.stdout + done.stderr
    return faces


def unpacked(face):
    """All that stands in a workbook."""
    with zipfile.ZipFile(io.BytesIO(face)) as book:
        return b'\n'.join(book.read(name) for name in book.namelist())


def every_finding(binary, folder, words, more=()):
    """What `--findings` writes, by suffix, where the command has it."""
    told = subprocess.run([binary, 'check', '--help'], capture_output=True, text=True, check=True).stdout
    faces = {}
    os.makedirs(folder, exist_ok=True)
    for suffix in ('ndjson', 'csv', 'xlsx', 'sqlite') if '--findings' in told else ():
        path = os.path.join(folder, f'all.{suffix}')
        done = subprocess.run([binary, 'check', '--quiet', '--findings', path, *more, *words], cwd=ROOT, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, check=False)
        if not os.path.exists(path):
            raise Wrong(f'--findings {suffix}: status {done.returncode}: {done.stderr.decode()[:300]}')
        with open(path, 'rb') as file:
            faces[f'--findings {suffix}'] = unpacked(file.read()) if suffix == 'xlsx' else file.read()
    return faces


def unescaped(text):
    text = re.sub(r'&#(\d+);', lambda match: chr(int(match.group(1))), text.strip('`'))
    return re.sub(r'\\([!-/:-@\[-`{-~])', r'\1', text)
