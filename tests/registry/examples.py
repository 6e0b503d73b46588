"""Runs the examples of every rule (`tests:` of a profile) through the reference evaluator.

    python3 -m tests.registry.examples [-v] [PROFILE.yaml…]

A `pass` example must have a row (or group) that passes and none that fails, a `fail` example one that fails, an `undetermined` example neither. Rows
give only the fields that matter: what is left out is NULL, tables that are left out have no rows, included tables are read from their files. The day
and the parameters are `x-examples: {as_of: …, params: {…}}` of the profile. Every rule that is neither draft nor withdrawn needs a passing and a failing example; a table at the end says
what there is. Rules that compare names by sound, which the reference cannot, must have both examples and are counted apart.
What an overlay only mentions again (a new severity) has its examples in the profile that it extends.
Without PROFILE: every profiles/cn/*/profile.yaml. Status 0 when all holds.
"""

import glob
import importlib.util
import os
import sys
import unicodedata

import yaml

from tests.reference import load, rules, submission
from tests.reference.fields import Cell
from tests.reference.run import Run
from tests.reference.similar import needs_sound
from tests.reference.values import ProfileError, num

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
AS_OF = '2021-12-31'
KINDS = ('pass', 'fail', 'undetermined')
BODIES = {'assert', 'unique', 'references', 'similar'}
OVERLAYS = importlib.util.find_spec('tests.reference.overlay') is not None


class Rows(submission.TableData):
    """A table of an example: it is there and has every column."""

    def has_column(self, name):
        return True


class Examples:
    def __init__(self, path):
        self.path = path
        with open(path, encoding='utf-8') as file:
            self.node = yaml.load(file, Loader=load.Strict)
        self.readable = OVERLAYS or 'extends' not in self.node
        if not self.readable:
            return
        self.profile = load.load(path)
        said = self.node.get('x-examples') or {}
        self.as_of = load.day(said.get('as_of', AS_OF))
        self.params = {name: str(value) for name, value in (said.get('params') or {}).items()}
        self.run = self.new_run()
        self.missing = {
            name: {field.name: Cell(field, None, self.run) for field in table.fields.values()}
            for name, table in self.profile.tables.items()
            if not table.builtin
        }
        self.included = {
            (name, 0): self.read_included(name, table) for name, table in self.profile.tables.items() if table.included
        }
        self.indexes = {}

    def new_run(self):
        return Run(self.profile, self.params, self.as_of)

    def read_included(self, name, table):
        data = submission.TableData(table, 0, True)
        with open(os.path.join(self.profile.folder, table.included), 'rb') as file:
            data.add_source(table.included, file.read(), self.run)
        return data

    def split(self, name):
        table, _, period = name.partition('@')
        shift = {'': 0, 'previous': 1, 'previous2': 2}.get(period)
        if table not in self.profile.tables or shift is None:
            raise ProfileError(f'no table {name!r}')
        return table, shift

    def case_run(self, case):
        """A run whose tables are the rows of one example."""
        run = self.new_run()
        run.indexes = {key: index for key, index in self.indexes.items()}
        for name, table in self.profile.tables.items():
            for period in (0, 1, 2):
                run.tables[name, period] = Rows(table, period, True)
        run.tables.update(self.included)
        for name, period in list(self.included):
            for later in (1, 2):
                run.tables[name, later] = self.included[name, period]
        for name, given in case.items():
            table_name, period = self.split(name)
            data = Rows(self.profile.tables[table_name], period, True)
            run.tables[table_name, period] = data
            for row in given if isinstance(given, list) else [given]:
                data.rows.append(self.row(data, row or {}, run))
        return run

    def row(self, data, given, run):
        table = data.table
        row = submission.Row(table, data.period, 'example', len(data.rows))
        unknown = set(given) - set(table.fields)
        if unknown:
            raise ProfileError(f'table {table.name} has no field {", ".join(sorted(unknown))}')
        if table.builtin:
            for name, field in table.fields.items():
                text = given.get(name)
                row.cells[name] = submission.Given(num(int(text)) if text and field.types == ['integer'] else text)
            return row
        row.cells = dict(self.missing[table.name])
        for name, text in given.items():
            row.cells[name] = Cell(table.fields[name], text, run)
        return row

    def judge(self, rule, kind, case):
        """Why an example does not say what it should, or None."""
        run = self.case_run(case)
        result = rules.run_rule(run, rule)
        for key, index in run.indexes.items():
            if key[0].target.included and not any(name == key[0].target.name for name in case):
                self.indexes[key] = index
        if result.reason:
            return f'skipped: {result.reason}'
        counts = f'passed {result.passed}, failed {result.failed}, undetermined {result.undetermined}'
        good = {
            'pass': result.passed > 0 and result.failed == 0,
            'fail': result.failed > 0,
            'undetermined': result.undetermined > 0 and result.failed == 0 and result.passed == 0,
        }[kind]
        return None if good else counts

    def check(self):
        """(id, what it has, problems) of every rule that is written under `rules`."""
        by_id = {rule.id: rule for rule in self.profile.rules}
        for rule_id, node in (self.node.get('rules') or {}).items():
            status = node.get('status', 'active')
            tests = node.get('tests') or {}
            if 'extends' in self.node and not tests and not BODIES & set(node):
                continue
            has = {kind: len(tests.get(kind) or []) for kind in KINDS}
            problems = []
            if status not in ('draft', 'withdrawn'):
                problems += [f'no example to {kind}' for kind in ('pass', 'fail') if not has[kind]]
            by_sound = status != 'withdrawn' and needs_sound(by_id[rule_id])
            for kind in KINDS if status != 'withdrawn' and not by_sound else ():
                for number, case in enumerate(tests.get(kind) or [], 1):
                    try:
                        reason = self.judge(by_id[rule_id], kind, case)
                    except ProfileError as error:
                        reason = str(error)
                    if reason:
                        problems.append(f'{kind} example {number}: {reason}')
            yield rule_id, status, has, by_sound, problems


def width(text):
    return sum(2 if unicodedata.east_asian_width(char) in 'WF' else 1 for char in text)


def pad(text, columns):
    return text + ' ' * max(0, columns - width(text))


def main(argv):
    verbose = '-v' in argv
    paths = [one for one in argv if one != '-v'] or sorted(glob.glob(os.path.join(ROOT, 'profiles/cn/*/profile.yaml')))
    table, bad = [], 0
    for path in paths:
        examples = Examples(path)
        name = examples.node.get('profile', path)
        if not examples.readable:
            print(f'{name}: extends another profile, which the reference does not read')
            continue
        if not any('tests' in rule for rule in (examples.node.get('rules') or {}).values()):
            print(f'{name}: no examples')
            continue
        found = list(examples.check())
        for rule_id, status, has, _, problems in found:
            if verbose:
                print(f'{name} {rule_id}: {status}, pass {has["pass"]}, fail {has["fail"]}')
            for problem in problems:
                print(f'{name} {rule_id}: {problem}')
            bad += len(problems)
        table.append(
            [
                name,
                len(found),
                sum(has['pass'] > 0 for _, _, has, _, _ in found),
                sum(has['fail'] > 0 for _, _, has, _, _ in found),
                sum(status == 'draft' for _, status, *_ in found),
                sum(by_sound for *_, by_sound, _ in found),
                sum(sum(has.values()) for _, _, has, _, _ in found),
            ]
        )
    heads = ['profile', 'rules', 'with pass', 'with fail', 'draft', 'by sound, not run', 'examples']
    widths = [max(width(str(row[i])) for row in [heads, *table]) for i in range(len(heads))]
    for row in [heads, *table]:
        print('  '.join(pad(str(cell), widths[i]) for i, cell in enumerate(row)).rstrip())
    print(f'problems: {bad}')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
