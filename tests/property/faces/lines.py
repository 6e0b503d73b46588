"""Markdown, text, annotations."""

import re
from collections import Counter

from tests.property.faces.common import (SEVERITIES, STOPPED, NUMBER, Wrong, same, number, floor2, all_rules, safe, shown_of, CAUSES_HEAD, by_rule, unescaped)


# ---- Markdown ----


def cells(line):
    return [cell.strip() for cell in re.split(r'(?<!\\)\|', line)[1:-1]]


def sections(text):
    """The tables below each heading of the second and third level, as lists of cells, heads left out."""
    out, name = {}, ''
    for line in text.split('\n'):
        if line.startswith(('## ', '### ')):
            name = line
        elif line.startswith('| '):
            out.setdefault(name, []).append(cells(line))
    return {name: rows[2:] for name, rows in out.items()}


def check_md(face, report, lang):
    text = face.decode()
    found = sections(text)
    names = [name for name in found if not name.startswith(CAUSES_HEAD[lang])]
    causes = [rows for name, rows in found.items() if name.startswith(CAUSES_HEAD[lang])]
    same([(number(row[0]), unescaped(row[2])) for rows in causes for row in rows], [(one['findings'], by_rule(one)) for one in report['causes'][:10]],
         'md: causes')
    dimensions = found[names[0]]
    same([(row[1], number(row[2]), number(row[3])) for row in dimensions],
         [('–' if one['score'] is None else str(floor2(one['score'])), one['rules'], one['failed_rules'])
          for one in report['verdict']['dimensions'].values()], 'md: dimensions')
    tables = found[names[1]]
    same([tuple(map(number, row[1:4])) if row[1] else None for row in tables],
         [(one['rows'], one['bad_rows'], one['records_with_errors']) if one['present'] else None
          for one in report['submission']['tables']], 'md: tables')
    failing = sorted((rule for rule in report['rules'] if rule['failed'] and rule['outcome'] != 'error'),
                     key=lambda rule: SEVERITIES.index(rule['severity']))
    if failing:
        same([(unescaped(row[1]), number(row[2]), number(row[3])) for row in found[names[2]]],
             [(safe(rule['id']), rule['failed'], rule['evaluated']) for rule in failing], 'md: rules')
        same(shown_of_rules(names[2], lang), len(failing), 'md: how many rules')
    for rule in failing:
        if not rule['shown']:
            continue
        shown = min(rule['shown'], 10)
        mine = [(name, rows) for name, rows in found.items() if name.startswith('### ') and f' `{rule["id"]}`' in name]
        same(len(mine), 1, f'md {rule["id"]}: sections')
        same(len(mine[0][1]), shown, f'md {rule["id"]}: findings')
        after = text.partition(mine[0][0])[2]
        same(shown_of(after, lang), (shown, rule['failed']), f'md {rule["id"]}: counts')
        for row, finding in zip(mine[0][1], rule['examples']):
            place = finding['source'] or finding['table']
            if finding['source'] and finding['line']:
                place += f':{finding["line"]}'
            if finding['source'] and 'where' in finding:
                place += f' {finding["where"]}'
            same(unescaped(row[0]), safe(place), f'md {rule["id"]}: place')
    if report['verdict']['score'] is not None and str(floor2(report['verdict']['score'])) not in text.split('\n## ')[0]:
        raise Wrong('md: the score is not at the top')


def shown_of_rules(heading, lang):
    pattern = rf'\({NUMBER} shown of ({NUMBER})\)' if lang == 'en' else rf'共 ({NUMBER}) 条'
    return number(re.search(pattern, heading).group(1))


# ---- annotations ----


def check_lines(face, report, pattern, words):
    """One line a finding that is shown; one more for a rule that has more."""
    counts = Counter()
    for line in face.decode().split('\n')[:-1]:
        found = re.fullmatch(pattern, line)
        if not found:
            raise Wrong(f'a line that is no annotation: {line!r}')
        counts[found['rule'].replace('%3A', ':').replace('%2C', ',').replace('%25', '%'), found['word']] += 1
    wanted = Counter()
    for asks in report['verdict']['asks'].values():
        if any(asks.values()):
            wanted['hezhun', words['info']] += 1
    for rule in all_rules(report):
        draft = rule in report['drafts']
        for finding in rule['examples']:
            wanted[rule['id'], words['info' if draft else finding['severity']]] += 1
        if rule['failed'] > rule['shown']:
            wanted[rule['id'], words['info' if draft else rule['severity']]] += 1
        if rule['outcome'] in STOPPED and not draft:
            level = 'error' if rule['outcome'] == 'error' else {'fail': 'error', 'warn': 'warning', 'ignore': 'info'}[rule['if_skipped']]
            wanted[rule['id'], words[level]] += 1
    for measure in report['measures']:
        if measure['outcome'] == 'failed':
            wanted[measure['id'], words[measure['severity'] if measure['status'] in ('active', 'deprecated') else 'info']] += 1
    for waiver in report['waivers']:
        wanted[waiver['rule'], words['info' if waiver['state'] in ('used', 'not_run') else 'warning']] += 1
    same(counts, wanted, 'annotations')


def check_github(face, report, lang):
    del lang
    head, _, rest = face.partition(b'\n')
    word = 'notice' if report['verdict']['conformant'] else 'error'
    if not head.startswith(f'::{word} title=hezhun::'.encode()):
        raise Wrong(f'github: the verdict comes first, not {head!r}')
    for one in report.get('verdicts', [])[:-1]:
        head, _, rest = rest.partition(b'\n')
        word = 'notice' if one['conformant'] else 'warning'
        if not head.startswith(f'::{word} title=hezhun::{one["profile"]["id"]} '.encode()):
            raise Wrong(f'github: no line of {one["profile"]["id"]}, but {head!r}')
    check_lines(rest, report, r'::(?P<word>error|warning|notice) (?:file=[^,:]*,(?:line=\d+,)?(?:col=1,)?)?title=(?P<rule>[^,:]*)::.*',
                {'fatal': 'error', 'error': 'error', 'warning': 'warning', 'info': 'notice'})


def check_gcc(face, report, lang):
    del lang
    check_lines(face, report, r'.+?(?::\d+:1)?: (?P<word>error|warning|note): .* \[(?P<rule>[^\]]*)\]',
                {'fatal': 'error', 'error': 'error', 'warning': 'warning', 'info': 'note'})


# ---- text ----


def check_text(face, report, lang):
    text = face.decode()
    failing = [rule for rule in report['rules'] if rule['failed'] and rule['outcome'] != 'error']
    told = 0
    for rule in failing:
        found = re.search(rf'^  \S+ +{re.escape(rule["id"])} +({NUMBER}) / +({NUMBER})(?:  |$)', text, re.M)
        if found:
            told += 1
            same((number(found[1]), number(found[2])), (rule['failed'], rule['evaluated']), f'text {rule["id"]}')
    if failing and not told:
        raise Wrong('text: no rule was found')
    section = text.partition(CAUSES_HEAD[lang][3:])[2].partition('\n\n')[0]
    same([number(line.split()[0]) for line in section.split('\n')[1:]], [one['findings'] for one in report['causes'][:10]], 'text: causes')
    score = report['verdict']['score']
    if score is not None and str(floor2(score)) not in text.split('\n')[0]:
        raise Wrong('text: the score is not in the first line')
    for one in report.get('verdicts', [])[:-1]:
        told = re.search(rf'^  [✓✗] {re.escape(one["profile"]["id"])} .*$', text, re.M)
        if not told or str(floor2(one['score'])) not in told[0]:
            raise Wrong(f'text: no verdict of {one["profile"]["id"]}')
