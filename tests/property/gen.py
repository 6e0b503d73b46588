"""A random case from a seed: profile, parameters, files.

Levels: `scalar` is what one table's rows, keys, groups and references need; `relations` adds relations, paths,
aggregates over them, periods, external and included tables."""

import random
from dataclasses import dataclass, field

import yaml

from .data import Data, FileData
from .expressions import Expressions, Scope
from .waivers import add_waivers

SEVERITIES = ['error', 'error', 'error', 'fatal', 'warning', 'warning', 'info']
DIMENSIONS = ['normativity', 'completeness', 'accuracy', 'consistency', 'timeliness', 'accessibility']
FIELD_NAMES = [
    'a',
    'b',
    'c',
    'name',
    '户编号',
    '家庭人口',
    'x_1',
    'Amount',
    'date',
    'order',
    'f9',
    '性别',
    'list',
    'k2',
    'm',
    'n',
]
TYPES = [
    'text',
    'text',
    'text',
    'integer',
    'integer',
    'decimal',
    'decimal(5,2)',
    'decimal(12,2)',
    'boolean',
    'date',
    'date',
    'month',
    'datetime',
    'time',
    'division',
    'division',
    'resident_id',
    'mobile',
    'phone',
    'uscc',
    'organization_code',
    'bank_card',
    'disability_certificate',
    'travel_document',
]
EXPR_TYPE = {
    'integer': 'numeric',
    'decimal': 'numeric',
    'boolean': 'boolean',
    'date': 'date',
    'month': 'date',
    'datetime': 'timestamp',
    'time': 'time',
}
EXPECT_PREVIOUS = [
    'value >= previous',
    'previous < value',
    'value = previous',
    'value between 0 and previous',
    'previous not between value and 2',
    'value <= previous * 1.5',
    'previous is null or value >= 0.5',
    'value - previous < 1',
]
RESERVED = set(
    (
        'and or not is null true false between in like matches case when then else end '
        'distinct from where array any all as_of'
    ).split()
)


@dataclass
class Case:
    seed: int
    level: str
    profile: dict
    files: list  # FileData
    as_of: str = None
    params: dict = field(default_factory=dict)
    previous: int = 0  # how many earlier periods are given: folders previous1, previous2

    def profile_text(self):
        return yaml.safe_dump(self.profile, allow_unicode=True, sort_keys=False, width=1000)


def written(name):
    """A field's name as an expression writes it."""
    return f'"{name}"' if name in RESERVED else name


def expr_type(spec):
    kind = spec.get('type', 'text')
    kind = 'text' if 'codes' in spec or isinstance(kind, list) else EXPR_TYPE.get(kind.partition('(')[0], 'text')
    return kind + '[]' if 'many' in spec else kind


class Generator:
    def __init__(self, seed, level):
        self.seed, self.level = seed, level
        self.rng = random.Random(f'{level}:{seed}')
        self.expr = Expressions(self.rng)
        self.has_as_of = self.maybe(0.8)
        self.params = {}

    def maybe(self, share):
        return self.rng.random() < share

    def pick(self, items):
        return self.rng.choice(items)

    def case(self):
        profile = {'hezhun': '1', 'profile': f'test.p{self.seed}', 'version': '1.0.0'}
        if self.maybe(0.1):
            profile['as_of'] = '2020-12-31'
        params = self.make_params()
        if params:
            profile['params'] = params
        names = ['alpha', 'beta', '户'][: self.rng.choice([1, 2, 2, 3])]
        if self.level == 'relations' and len(names) < 2:
            names = ['alpha', 'beta']
        profile['tables'] = {name: self.table(name) for name in names}
        self.references(profile['tables'])
        if self.level == 'relations':
            from .relations import add_relations

            add_relations(self, profile)
        profile['rules'] = self.rules(profile)
        if self.maybe(0.5):
            profile['measures'] = self.measures(profile)
        if self.maybe(0.4):
            profile['grading'] = self.grading(names)
        data = Data(self.rng)
        files = data.files(profile['tables'])
        case = Case(self.seed, self.level, profile, files)
        if self.has_as_of:
            case.as_of = self.pick(['2020-12-31', '2020-02-29', '1995-01-01'])
        self.give_params(case)
        add_waivers(self, profile, case)
        if self.level == 'relations':
            case.previous = self.rng.choice([0, 1, 1, 2])
            for period in range(1, case.previous + 1):
                case.files += data.files(profile['tables'], f'previous{period}/')
            case.files += [
                FileData(f'profile/{table["included"]}', b'k,a\n', [b'1,2\n', b'2,3\n', b'x,4\n'])
                for table in profile['tables'].values()
                if table.get('included')
            ]
        return case

    def make_params(self):
        kinds = [
            ('p_line', 'decimal', ['10', '2.5', '4000']),
            ('p_day', 'date', ['2020-01-01', '2000-02-29']),
            ('p_text', 'text', ['a', '01']),
            ('p_flag', 'boolean', ['true', 'false']),
        ]
        out = {}
        for name, kind, values in kinds:
            if self.maybe(0.5):
                out[name] = {'type': kind, 'default': self.pick(values)}
                self.params.setdefault(EXPR_TYPE.get(kind, 'text'), []).append(self.pick([name, f':{name}']))
        return out

    def give_params(self, case):
        for name, param in case.profile.get('params', {}).items():
            if self.maybe(0.3):
                case.params[name] = {'decimal': '3.25', 'date': '2019-06-30', 'text': 'b', 'boolean': 'true'}[
                    param['type']
                ]

    # --- tables and fields ---

    def table(self, name):
        fields = {'key': {'type': 'text'} if self.maybe(0.7) else {'type': 'integer'}}
        for field_name in self.rng.sample(FIELD_NAMES, self.rng.randint(2, 7)):
            fields[field_name] = self.field()
        table = {'files': [f'{name}*.csv'] if self.maybe(0.5) else f'{name}*.{{csv,tsv}}'}
        if self.maybe(0.7):
            table['key'] = ['key'] if self.maybe(0.8) else ['key', list(fields)[1]]
        if self.maybe(0.3):
            table['nulls'] = self.pick([['', '无', 'NULL'], ['无'], ['', 'x']])
        if self.maybe(0.4):
            table['unknown_columns'] = self.pick(['error', 'warning', 'ignore'])
        if self.maybe(0.15):
            table['characters'] = 'plain'
        if self.maybe(0.1):
            table['optional'] = 'true'
        if self.maybe(0.1):
            table['if_skipped'] = self.pick(['ignore', 'warn', 'fail'])
        table['fields'] = fields
        if any(table.get('key') == ['key', name] and 'many' in spec for name, spec in fields.items()):
            table['key'] = ['key']
        texts = [field_name for field_name, spec in fields.items() if expr_type(spec) == 'text']
        divisions = [
            field_name for field_name, spec in fields.items() if spec.get('type') == 'division' and 'many' not in spec
        ]
        if divisions and self.maybe(0.8):
            table['region'] = self.pick([written(divisions[0]), f'left({written(divisions[0])}, 6)'])
        elif texts and self.maybe(0.2):
            table['region'] = self.pick([written(texts[0]), f"'5201' || {written(texts[0])}"])
        scope = self.scope(fields, as_of=False)
        for spec in fields.values():
            if 'required' not in spec and self.maybe(0.1):
                spec['required_when'] = self.expr.condition(scope, 2)
        if self.maybe(0.15):
            table['constraints'] = {self.pick(['columns', 'rows', 'encoding']): {'severity': self.pick(SEVERITIES)}}
        return table

    def field(self):
        spec = {}
        if self.maybe(0.2):
            self.codes(spec)
        elif self.maybe(0.05):
            spec['type'] = ['resident_id', 'disability_certificate']
        else:
            spec['type'] = self.pick(TYPES)
        kind = expr_type(spec)
        base = spec.get('type', '')
        self.type_options(spec, base)
        if kind == 'text':
            self.text_constraints(spec)
        if kind in ('numeric', 'date', 'time', 'timestamp') and self.maybe(0.4):
            self.range(spec, kind)
        if kind in ('text', 'numeric') and self.maybe(0.2):
            spec['many'] = self.pick([',', ';', '、'])
            if self.maybe(0.6):
                spec.update(
                    self.pick(
                        [
                            {'max_items': '2'},
                            {'min_items': '2'},
                            {'distinct': 'true'},
                            {'distinct': 'true', 'max_items': '1'},
                        ]
                    )
                )
        for key, share in (('required', 0.25), ('trim', 0.2), ('unique', 0.08)):
            if self.maybe(share):
                spec[key] = 'true'
        if 'many' in spec:
            spec.pop('unique', None)
        if self.maybe(0.15):
            spec['fold'] = self.pick([['width'], ['case'], ['width', 'case']])
        if self.maybe(0.15):
            spec['characters'] = self.pick(['plain', 'plain', 'any'])
        if self.maybe(0.15):
            spec['severity'] = self.pick(SEVERITIES)
        if self.maybe(0.1):
            spec['dimension'] = self.pick(DIMENSIONS)
        if self.maybe(0.2):
            spec['title'] = self.pick(['标题', '列名', '户主']) + str(self.rng.randint(0, 999))
        self.constraint_settings(spec)
        return spec

    def codes(self, spec):
        spec['codes'] = self.pick(
            ['GB/T 2261.1', 'registry.household_attribute', {'1': '男', '2': '女', '01': {'zh': '甲', 'en': 'First'}}]
        )
        if self.maybe(0.3):
            spec['names'] = 'true'
        if self.maybe(0.3):
            spec['valid'] = 'ever'

    def type_options(self, spec, base):
        if base == 'resident_id' and self.maybe(0.4):
            spec['accept'] = ['15']
        if base == 'division':
            if self.maybe(0.4):
                spec['level'] = self.pick(['province', 'prefecture', 'county', 'township', 'village'])
            if self.maybe(0.2):
                spec['valid'] = 'ever'
        if base == 'boolean' and self.maybe(0.5):
            spec.update(self.pick([{'true': ['是', 'Y'], 'false': ['否', 'N']}, {'true': ['1'], 'false': ['0', '2']}]))
        if base == 'date' and self.maybe(0.5):
            spec['formats'] = self.pick([['YYYY-MM-DD', 'YYYYMMDD'], ['YYYY/M/D'], ['YYYY年MM月DD日', 'YYYY-MM-DD']])
        if base == 'month' and self.maybe(0.4):
            spec['formats'] = ['YYYYMM', 'YYYY-MM']

    def text_constraints(self, spec):
        if self.maybe(0.25):
            spec['pattern'] = self.pick(['[0-9]+', '1[3-9][0-9]{9}', '[a-z]+', '.{2,}', '[^ ]*', '(a|A|ab|01).*'])
        if self.maybe(0.2):
            spec.update(
                self.pick(
                    [{'max_length': '3'}, {'min_length': '2'}, {'length': '2'}, {'min_length': '1', 'max_length': '6'}]
                )
            )

    def range(self, spec, kind):
        low, high = {
            'numeric': (['0', '1'], ['3', '30', '99']),
            'date': (['2000-01-01'], ['2020-06-30', '2020-12-31']),
            'time': (['01:00:00'], ['23:00:00']),
            'timestamp': (['2000-01-01T00:00:00'], ['2020-06-01T00:00:00']),
        }[kind]
        if spec['type'] == 'month':
            low, high = ['2000-01'], ['2020-06']
        if kind == 'date' and self.maybe(0.3):
            high = ['as_of', "as_of - interval '1' year"] if spec['type'] == 'date' else ['as_of']
            high = high[:1]
        if kind == 'numeric' and 'numeric' in self.params and self.maybe(0.3):
            high = [self.params['numeric'][0], f'{self.params["numeric"][0]} * 2']
        if self.maybe(0.7):
            spec['min'] = self.pick(low)
        if 'min' not in spec or self.maybe(0.7):
            spec['max'] = self.pick(high)

    def constraint_settings(self, spec):
        if not self.maybe(0.2):
            return
        kinds = [
            kind for kind, key in (('required', 'required'), ('pattern', 'pattern'), ('range', 'max')) if key in spec
        ]
        if 'codes' in spec:
            kinds.append('codes')
        elif spec.get('type', 'text') != 'text':
            kinds.append('type')
        if kinds:
            said = self.settings()
            spec['constraints'] = {self.pick(kinds): {'status': 'withdrawn'} if self.maybe(0.05) else said}

    def settings(self):
        """Some settings that any rule may have."""
        out = {}
        if self.maybe(0.5):
            out['severity'] = self.pick(SEVERITIES)
        if self.maybe(0.2):
            out['dimension'] = self.pick(DIMENSIONS)
        if self.maybe(0.2):
            out['weight'] = self.pick(['2', '0.5', '0', '3.25'])
        if self.maybe(0.2):
            out['tolerance'] = self.pick([{'count': '2'}, {'rate': '0.2'}, {'rate': '0.1', 'count': '1'}])
        if self.maybe(0.2):
            out['status'] = self.pick(['draft', 'pilot', 'deprecated', 'active'])
        if self.maybe(0.1):
            out['if_skipped'] = self.pick(['ignore', 'warn', 'fail'])
        if self.maybe(0.1):
            out['gate'] = self.pick(['value', 'record', 'plausibility'])
        return out

    def references(self, tables):
        names = list(tables)
        for name, table in tables.items():
            for spec in table['fields'].values():
                target = self.pick(names)
                if (
                    self.maybe(0.15)
                    and expr_type(spec) in ('text', 'numeric')
                    and self.target_type(tables[target]) == expr_type(spec)
                ):
                    spec['references'] = f'{target}.key'

    def target_type(self, table):
        return expr_type(table['fields']['key'])

    def scope(self, fields, as_of=None):
        scope = Scope(params=self.params, as_of=self.maybe(0.5) if as_of is None else as_of)
        for name, spec in fields.items():
            scope.fields.setdefault(expr_type(spec), []).append(written(name))
            scope.raw.append(written(name))
        scope.fields.pop('numeric[]', None)
        return scope

    def own(self, profile):
        return [
            name for name, table in profile['tables'].items() if 'external' not in table and 'included' not in table
        ]

    # --- rules ---

    def rules(self, profile):
        rules = {}
        for number in range(self.rng.randint(2, 9)):
            name = self.pick(self.own(profile))
            rules[f'R-{number:02}'] = self.rule(profile, name)
        return rules

    def rule(self, profile, name):
        table = profile['tables'][name]
        scope = self.scope(table['fields'])
        if self.level == 'relations':
            from .relations import related_scope

            scope = related_scope(self, profile, name, scope)
        makers = [
            self.assert_rule,
            self.assert_rule,
            self.assert_rule,
            self.unique_rule,
            self.each_rule,
            self.whole_rule,
            self.reference_rule,
        ]
        if self.maybe(0.03):
            return {'status': 'withdrawn'}
        rule = {'on': name, **self.pick(makers)(profile, table, scope), **self.settings()}
        if self.maybe(0.1):
            rule.update(
                self.pick(
                    [
                        {'effective': '2020-06-30'},
                        {'until': '2020-12-31'},
                        {'effective': '1990-01-01', 'until': '2021-01-01'},
                    ]
                )
            )
        return rule

    def assert_rule(self, profile, table, scope):
        rule = {'assert': self.expr.condition(scope, self.rng.randint(1, 4))}
        if self.maybe(0.4):
            rule['when'] = self.expr.condition(scope, 2)
        return rule

    def unique_rule(self, profile, table, scope):
        plain = self.scope(table['fields'], as_of=False)
        ids = [
            name for name, spec in table['fields'].items() if spec.get('type') == 'resident_id' and 'many' not in spec
        ]
        part = (
            self.expr.leaf(self.pick(['text', 'numeric', 'date']), plain)
            if self.maybe(0.7)
            else f"left({self.expr.leaf('text', plain)}, 2)"
        )
        rule = {'unique': [written(ids[0])] if ids and self.maybe(0.7) else [part]}
        if ids and rule['unique'] == [written(ids[0])] and self.maybe(0.8):
            rule['normalize'] = 'resident_id'
        if self.maybe(0.3):
            other = self.expr.leaf('text', plain)
            if other not in rule['unique'] and 'normalize' not in rule:
                rule['unique'].append(other)
        if self.maybe(0.3):
            rule['when'] = self.expr.condition(scope, 2)
        times = plain.fields.get('date', [])
        if len(times) > 1 and self.maybe(0.5):
            rule['without_overlaps'] = {'from': times[0], 'to': times[1]}
        elif self.maybe(0.3):
            rule['at_most'] = str(self.rng.randint(1, 3))
        return rule

    def each_rule(self, profile, table, scope):
        plain = self.scope(table['fields'], as_of=False)
        keys, parts = {}, []
        for _ in range(self.rng.choice([1, 1, 2])):
            kind = self.pick(['text', 'text', 'numeric', 'boolean', 'date'])
            fields = plain.fields.get(kind, [])
            if fields:
                part = (
                    self.pick(fields)
                    if kind != 'text' or self.maybe(0.6)
                    else f'left({self.pick(fields)}, {self.rng.randint(1, 4)})'
                )
                if part not in parts:
                    parts.append(part)
                    keys.setdefault(kind, []).append(part)
        if not parts:
            parts, keys = ['key'], {self.target_type(table): ['key']}
        group = Scope(params=self.params, star=scope, keys=keys, as_of=scope.as_of)
        rule = {'each': parts, 'assert': self.group_condition(group)}
        if self.maybe(0.3):
            rule['when'] = self.group_condition(group)
        if self.maybe(0.3):
            rule['blame'] = self.pick(['records', 'groups'])
        return rule

    def whole_rule(self, profile, table, scope):
        group = Scope(params=self.params, star=scope, as_of=scope.as_of)
        return {'assert': self.group_condition(group)}

    def group_condition(self, group):
        """A condition that reads `*` at least once."""
        count = self.expr.aggregate('numeric', group, 2)
        return f'{count} {self.pick(["<", "<=", ">", ">=", "=", "<>"])} {self.expr.make("numeric", group, 1)}'

    def part(self, kind, scope):
        """A part of a key: a field if there is one of the type, never a bare null."""
        return self.pick(scope.fields.get(kind) or [self.pick(["'a'", "'1'"]) if kind == 'text' else '1'])

    def reference_rule(self, profile, table, scope):
        tables = {name: profile['tables'][name]['fields'] for name in self.own(profile)}
        target = self.pick([name for name, fields in tables.items() if 'key' in fields])
        kind = expr_type(tables[target]['key'])
        rule = {'references': f'{target}.key', 'fields': [self.part(kind, self.scope(table['fields'], as_of=False))]}
        if self.maybe(0.3):
            rule['when'] = self.expr.condition(scope, 2)
        return rule

    # --- measures, grading ---

    def measures(self, profile):
        out = {}
        for number in range(self.rng.randint(1, 3)):
            name = self.pick(self.own(profile))
            scope = self.scope(profile['tables'][name]['fields'])
            group = Scope(params=self.params, star=scope)
            value = self.expr.aggregate('numeric', group, 2)
            if self.maybe(0.6):
                value = f'{value} / {self.expr.aggregate("numeric", group, 2)}'
            measure = {'on': name, 'value': value}
            if self.maybe(0.6):
                measure['expect'] = self.pick(
                    [
                        'value >= 0.5',
                        'value < 3',
                        'value between 0 and 1',
                        '0.333 <= value',
                        'value = 1 or value > 2',
                        'value is null or value <> 0.5',
                        'not value > 0.25',
                    ]
                )
                if self.level == 'relations' and self.maybe(0.6):
                    measure['expect'] = self.pick(EXPECT_PREVIOUS)
            if self.maybe(0.3):
                measure['levels'] = self.rng.sample(['province', 'prefecture', 'county', 'township', 'village'], 2)
            if self.maybe(0.5):
                measure['severity'] = self.pick(SEVERITIES)
            if self.maybe(0.1):
                measure['status'] = self.pick(['draft', 'pilot', 'deprecated'])
            if self.maybe(0.2):
                measure['when'] = 'count(*) > 2'
            out[f'M-{number}'] = measure
        return out

    def grading(self, names):
        grades = [
            {'grade': 'A', 'min_score': '97.5', 'max': {'fatal': '0', 'error_rate': '0.05'}},
            {'grade': 'B', 'min_score': '85', 'max': {'error': '10', 'warning': '30'}},
            {'grade': 'C', 'min_score': '60', 'max': {f'error_rate.{names[0]}': '0.5'}},
            {'grade': 'D'},
        ]
        out = {'grades': grades[self.rng.randint(0, 2) :]}
        if self.maybe(0.6):
            out['weights'] = {
                dimension: self.pick(['0', '10', '25', '12.5']) for dimension in DIMENSIONS if self.maybe(0.8)
            }
            out['weights']['accuracy'] = '20'  # they cannot all be 0
        if self.maybe(0.4):
            out['severity_weights'] = self.pick(
                [{'error': '1', 'warning': '0.5'}, {'fatal': '3', 'error': '2', 'warning': '0', 'info': '0.1'}]
            )
        return out


def make(seed, level='scalar'):
    return Generator(seed, level).case()
