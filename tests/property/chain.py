"""Random chains of profiles: what a run of the last one says for the first is what a run of the first alone says.

    python3 -m tests.property.chain --binary PATH [--cases N] [--seed S] [--level scalar|relations] [--keep DIR]

A base profile is made as for the other property tests, then one or two overlays that tighten it, loosen what it opens
and add to it. Compared are the whole verdicts of the base; that of an overlay in the middle where nobody changed how a
cell is read; and the last one's own figures with the reference, in the same case. Exit status 0: all equal.
"""

import argparse
import copy
import os
import shutil
import sys
import tempfile

import yaml

from . import gen
from .compare import differences
from .data import FileData
from .run import clip, run_engine, run_reference, write_case

ACCEPTED_AT_LEAST = 0.5
UNKNOWN_NAMES = ['备注', 'extra']


class Overlay:
    """The document of a profile that extends another, made by edits of what the chain below says."""

    def __init__(self, generator, below, name, parent):
        self.generator, self.below = generator, below
        self.rng, self.maybe, self.pick = generator.rng, generator.maybe, generator.pick
        self.reads_alike = True
        self.document = {'hezhun': '1', 'profile': name, 'version': '1.0.0', 'extends': [parent]}
        for table, spec in below['tables'].items():
            if not spec.get('external') and not spec.get('included'):
                self.table(table, spec)
        for rule, spec in below['rules'].items():
            if spec.get('status') != 'withdrawn' and self.maybe(0.3):
                self.rule(rule, spec)
        for measure, spec in below.get('measures', {}).items():
            if self.maybe(0.3):
                self.say(('measures', measure), self.measure(spec))
        if self.maybe(0.5):
            self.add_rules()
        for param, spec in below.get('params', {}).items():
            if spec.get('open') and self.maybe(0.7):
                self.say(('params', param), {'default': {'decimal': '7', 'date': '2010-05-05', 'text': 'ab'}.get(spec['type'], 'true')})

    def say(self, path, values):
        at = self.document
        for key in path:
            at = at.setdefault(key, {})
        at.update(values)

    # --- tables ---

    def table(self, name, spec):
        for field, described in spec['fields'].items():
            if self.maybe(0.45):
                edit = self.field(described)
                if edit:
                    self.say(('tables', name, 'fields', field), edit)
        if self.maybe(0.3):
            self.say(('tables', name), {'unknown_columns': 'error'})
        if spec.get('optional') and self.maybe(0.3):
            self.say(('tables', name), {'optional': 'false'})
        if self.maybe(0.4):
            self.say(('tables', name, 'fields', self.pick(UNKNOWN_NAMES)), self.pick([{'type': 'text'}, {'type': 'text', 'required': 'true'}, {'type': 'integer', 'max': '3'}]))
        if self.maybe(0.1):
            self.say(('tables', name), {'echo': ['extra']})
        if self.maybe(0.1):
            self.say(('tables', f'new{name}'), {'optional': 'true', 'files': [f'new_{name}*.csv'], 'fields': {'x': {'type': 'text'}}})

    def field(self, spec):
        if spec.get('open'):
            return self.loosened(spec)
        kind = gen.expr_type(spec)
        edits = [{'required': 'true'}, {'severity': 'fatal'}, {'sensitivity': 'personal'}]
        if kind in ('text', 'text[]'):
            edits += self.text_edits(spec)
        if kind in ('numeric', 'numeric[]'):
            edits += self.number_edits(spec)
        if kind == 'date' and spec['type'] == 'date':
            edits += [{'min': '2005-01-01'}]
            edits += [{'max': '2015-01-01'}] if 'max' not in spec else []
        if 'many' in spec:
            edits += [{'distinct': 'true'}, {'max_items': '1'}]
        elif 'unique' not in spec:
            edits += [{'unique': 'true'}]
        if 'constraints' in spec:
            edits += [{'constraints': {kind: {'severity': 'fatal', 'status': 'active'}}} for kind in spec['constraints'] if spec['constraints'][kind].get('status') != 'withdrawn']
        edits += self.reading_edits(spec)
        out = {}
        for edit in self.rng.sample(edits, min(len(edits), self.rng.choice([1, 1, 2]))):
            out.update(copy.deepcopy(edit))
        if self.maybe(0.1) and 'pattern' in out:
            out['constraints'] = {'pattern': {'tolerance': {'count': '1'}}}
        if {'type', 'codes', 'formats', 'valid', 'level'} & set(out):
            self.reads_alike = False
        return out

    def text_edits(self, spec):
        new = self.pick(['[0-9a]*', '.{1,4}', '[^0].*'])
        old = spec.get('pattern')
        patterns = [{'pattern': new if old is None else [*([old] if isinstance(old, str) else old), new]}] * 3
        lengths = []
        if 'length' not in spec:
            lengths = [{'max_length': '2' if 'min_length' in spec else '1'}] * 2
            lengths += [{'min_length': '3'}] if 'max_length' not in spec else []
        return patterns + lengths

    def number_edits(self, spec):
        out = []
        if spec.get('max') in ('3', '30', '99'):
            out += [{'max': '2'}] * 2
        if spec.get('max') is None:
            out += [{'max': '20'}] * 2
        if spec.get('min') in (None, '0', '1'):
            out += [{'min': '2'}] * 2
        return out

    def reading_edits(self, spec):
        """What makes cells unreadable that the chain below reads."""
        if spec.get('type') == 'text':
            return [{'codes': {'1': '男', '01': '甲', 'a': '乙', 'ab': '丙'}}, {'type': 'mobile'}]
        if spec.get('type') == 'decimal':
            return [{'type': 'decimal(5,2)'}]
        if spec.get('type') == 'decimal(12,2)':
            return [{'type': 'decimal(5,1)'}]
        if isinstance(spec.get('codes'), dict) and len(spec['codes']) > 1:
            return [{'codes': dict(list(spec['codes'].items())[:-1])}]
        if len(spec.get('formats', [])) > 1:
            return [{'formats': spec['formats'][:1]}]
        if spec.get('type') == 'division' and 'level' not in spec:
            return [{'level': 'county'}]
        if spec.get('valid'):
            return [{'valid': 'as_of'}]
        return []

    def loosened(self, spec):
        out = {}
        if 'pattern' in spec:
            out['pattern'] = '.*'
        if 'max' in spec and gen.expr_type(spec) == 'numeric':
            out['max'] = '500'
        if 'max_length' in spec:
            out['max_length'] = '9'
        if isinstance(spec.get('codes'), dict):
            out['codes'] = {**spec['codes'], 'zz': '丁', '3': '三', 'a': '乙'}
            self.reads_alike = False
        if spec.get('required'):
            out['required'] = 'false'
        return out

    # --- rules ---

    def rule(self, name, spec):
        scope = self.generator.scope(self.below['tables'][spec['on']]['fields'])
        edits = [{'severity': 'fatal'}]
        tolerance = spec.get('tolerance', {})
        if 'count' in tolerance:
            edits += [{'tolerance': {'count': '1'}}]
        if 'rate' in tolerance:
            edits += [{'tolerance': {'rate': '0.05'}}]
        if spec.get('status') in ('draft', 'pilot'):
            edits += [{'status': 'active'}]
        if 'assert' in spec and 'each' not in spec and '*' not in spec['assert']:
            edits += [{'assert': f'({spec["assert"]}) and ({self.generator.expr.condition(scope, 2)})'}] * 3
            if 'when' in spec and 'rate' not in tolerance:
                edits += [{'when': f'({spec["when"]}) or ({self.generator.expr.condition(scope, 2)})'}] * 2
        if 'at_most' in spec:
            edits += [{'at_most': '1'}]
        if spec.get('open'):
            edits = [{'severity': 'info'}, {'tolerance': {'count': '5', 'rate': '0.5'}}]
            if 'assert' in spec and 'each' not in spec and '*' not in spec['assert']:
                edits += [{'assert': self.generator.expr.condition(scope, 2)}] * 2
        self.say(('rules', name), copy.deepcopy(self.pick(edits)))

    def measure(self, spec):
        edits = [{'severity': 'fatal'}]
        if 'expect' in spec:
            edits += [{'expect': f'({spec["expect"]}) and value < 5'}] * 2
        return self.pick(edits)

    def add_rules(self):
        for number in range(self.rng.randint(1, 2)):
            name = self.pick(self.generator.own(self.below))
            rule = self.generator.rule(self.below, name)
            self.say(('rules', f'{self.document["profile"]}-{number}'), rule)


def open_some(generator, profile):
    for table in profile['tables'].values():
        for spec in table['fields'].values():
            if not table.get('included') and generator.maybe(0.1):
                spec['open'] = 'true'
    for spec in [*profile['rules'].values(), *profile.get('params', {}).values()]:
        if spec.get('status') != 'withdrawn' and generator.maybe(0.15):
            spec['open'] = 'true'


def merged(below, document):
    from tests.reference.overlay import merge

    return merge(copy.deepcopy(below), {key: value for key, value in document.items() if key != 'extends'}, 'profile')


class Chain:
    """A case: the documents of a chain, those that extend nothing first, and the case they are run on."""

    def __init__(self, seed, level):
        self.generator = gen.Generator(seed, level)
        self.case = self.generator.case()
        base = self.case.profile
        open_some(self.generator, base)
        self.documents, self.reads_alike = [base], True
        below = base
        for number in range(self.generator.rng.choice([1, 1, 2])):
            overlay = Overlay(self.generator, below, f'test.o{number}', f'p{number}.yaml')
            self.documents.append(overlay.document)
            self.reads_alike = self.reads_alike and overlay.reads_alike
            below = merged(below, overlay.document)

    def run(self, binary, folder, last):
        """What a run of the profile number `last` says."""
        case = copy.copy(self.case)
        case.profile = self.documents[last]
        case.files = list(case.files)
        for number, document in enumerate(self.documents[:last]):
            text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=1000).encode()
            case.files.append(Text(f'profile/p{number}.yaml', text))
        case.params = dict(self.case.params)
        folder = os.path.join(folder, f'run{last}')
        os.makedirs(folder, exist_ok=True)
        # parameters are those of the base, whoever runs
        case.profile = {**case.profile}
        params = case.profile.get('params')
        if last and self.documents[0].get('params'):
            case.profile['params'] = {**{name: {} for name in self.documents[0]['params']}, **(params or {})}
        write_case(case, folder)
        return run_engine(binary, case, folder), case, folder


class Text(FileData):
    def __init__(self, path, text):
        super().__init__(path, b'', [])
        self.text = text

    def content(self):
        return self.text


def compare(where, got, alone):
    """What gates ask stands once in a report, with its own verdict."""
    return [
        f'{where} {key}: in the chain {got.get(key)!r}, alone {alone.get(key)!r}'
        for key in alone
        if key not in ('certifying', 'asks') and got.get(key) != alone[key]
    ]


def mismatch(chain, binary, folder):
    """(lines, accepted): how the runs differ, and whether the chain is one."""
    last = len(chain.documents) - 1
    (status, whole), case, at = chain.run(binary, folder, last)
    if status == 3:
        (alone, said), _, _ = chain.run(binary, folder, 0)
        return ([f'base is refused: {clip(said)}'] if alone == 3 else []), False
    if not isinstance(whole, dict):
        (alone, said), _, _ = chain.run(binary, folder, 0)
        return ([] if alone == status else [f'chain ends with {status}: {clip(whole)}; base with {alone}: {clip(said)}']), False
    out = []
    verdicts = whole.get('verdicts', [])
    if len(verdicts) != last + 1:
        return [f'{len(verdicts)} verdicts'], True
    for number in range(last):
        if number and not chain.reads_alike:
            continue
        (status, report), _, _ = chain.run(binary, folder, number)
        if not isinstance(report, dict):
            out.append(f'profile {number} alone ends with {status}: {clip(report)}')
            continue
        out += compare(f'profile {number}', verdicts[number], report['verdict'])
        if verdicts[number]['profile']['id'] != report['profile']['id']:
            out.append(f'profile {number}: its place is another')
    out += compare('own', verdicts[last], whole['verdict'])
    if chain.reads_alike:
        status, expected = run_reference(case, at)
        out += differences(expected, whole) if status == 0 else [f'reference refuses with {status}: {expected}']
    return out, True


def check_one(options, seed):
    """(agrees, accepted)"""
    chain = Chain(seed, options.level)
    with tempfile.TemporaryDirectory(prefix='hezhun-chain-') as folder:
        lines, accepted = mismatch(chain, options.binary, folder)
        if lines:
            print(f'seed {seed}: {len(lines)} differences')
            for line in lines[:12]:
                print('  ' + line)
            if options.keep:
                kept = os.path.join(options.keep, f'chain-{options.level}-{seed}')
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(folder, kept)
                print(f'  kept in {kept}')
    return not lines, accepted


def main(argv=None):
    parser = argparse.ArgumentParser(prog='tests.property.chain')
    parser.add_argument('--binary', required=True)
    parser.add_argument('--cases', type=int, default=100)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--level', choices=['scalar', 'relations'], default='scalar')
    parser.add_argument('--keep')
    parser.add_argument('--failures', type=int, default=5, help='stop after so many')
    options = parser.parse_args(argv)
    failed = accepted = cases = 0
    for seed in range(options.seed, options.seed + options.cases):
        agrees, taken = check_one(options, seed)
        failed += not agrees
        accepted += taken
        cases += 1
        if failed >= options.failures:
            break
    print(f'{cases} chains from seed {options.seed}, level {options.level}: {accepted} accepted, {failed} differ')
    return 1 if failed or accepted < cases * ACCEPTED_AT_LEAST else 0


if __name__ == '__main__':
    sys.exit(main())
