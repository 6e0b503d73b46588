"""Random well-typed expressions as text.

A Scope says what may stand in one: fields by type, parameters, aggregates over `*`, relations. Every choice comes from
the generator's seed."""

from dataclasses import dataclass, field, replace

TEXTS = [
    '',
    'a',
    'A',
    'ab',
    'x y',
    '01',
    '1',
    '贫困户',
    '中文',
    "it's",
    '1234',
    'Ａ１',
    '520102',
    '%',
    '男',
    '2',
    'straße',
    '\\',
]
NUMBERS = ['0', '1', '2', '3', '10', '0.5', '1.50', '2.25', '100', '99.99', '12345678901234567890', '.5', '7.', '0.001']
DATES = [
    '2020-01-01',
    '2020-02-29',
    '2019-02-28',
    '2000-12-31',
    '1999-03-01',
    '2020-12-31',
    '0001-01-01',
    '9999-12-31',
    '1990-06-15',
]
TIMESTAMPS = ['2020-01-01 00:00:00', '2020-02-29 12:30:00', '1999-12-31 23:59:59.5']
TIMES = ['00:00:00', '08:30:00', '23:59:59', '24:00:00']
INTERVALS = ["interval '1' year", "interval '3' month", "interval '-1' month", "interval '30' day", "interval '0' day"]
LIKES = ['%', '_', 'a%', '%1%', '__', '5201%', 'x\\%', 'a\\', '贫%']
PATTERNS = ['[0-9]+', '[0-9]{2}', '[A-Za-z]*', '.*', '1[3-9][0-9]*', '(a|b)+', '[^0-9]+', '.?.?', '[一-龥]+']
LISTS = ['GB/T 2261.1', 'registry.household_attribute', 'GB/T 3304']
LEVELS = ['province', 'prefecture', 'county', 'township', 'village']
COMPARISONS = ['=', '<>', '!=', '<', '<=', '>', '>=']
SCALARS = ['numeric', 'text', 'date', 'boolean', 'timestamp', 'time']


@dataclass
class Rel:
    """A relation as an expression may use it."""

    name: str
    many: bool
    inner: 'Scope'  # of the related row


@dataclass
class Scope:
    fields: dict = field(default_factory=dict)  # type: [name as written]
    raw: list = field(default_factory=list)  # names that raw() may take
    params: dict = field(default_factory=dict)  # type: [name]
    as_of: bool = False
    star: 'Scope' = None  # the scope of a row that `*` stands for
    keys: dict = field(default_factory=dict)  # type: [text of a key]
    relations: list = field(default_factory=list)
    functions: bool = True
    nested: bool = False  # inside an aggregate: no other may stand


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Expressions:
    def __init__(self, rng):
        self.rng = rng

    def pick(self, items):
        return self.rng.choice(items)

    def maybe(self, share):
        return self.rng.random() < share

    # --- by type ---

    def make(self, kind, scope, depth):
        """An expression of the type."""
        if depth <= 0 or self.maybe(0.15):
            return self.leaf(kind, scope)
        if self.maybe(0.12):
            return self.any_type(kind, scope, depth)
        if (scope.star or scope.relations) and self.maybe(0.35):
            made = (None if scope.nested else self.aggregate(kind, scope, depth)) or self.path(kind, scope)
            if made:
                return made
        return getattr(self, kind)(scope, depth)

    def leaf(self, kind, scope):
        choices = []
        for source in (scope.fields, scope.keys):
            choices += source.get(kind, []) * 4
        choices += scope.params.get(kind, [])
        if kind == 'date' and scope.as_of:
            choices.append('as_of')
        if not choices or self.maybe(0.3):
            choices.append(self.literal(kind))
        return self.pick(choices)

    def literal(self, kind):
        if self.maybe(0.04) and kind not in ('date', 'timestamp'):
            return 'null'
        return {
            'numeric': lambda: self.pick(NUMBERS),
            'text': lambda: quote(self.pick(TEXTS)),
            'date': lambda: f"date '{self.pick(DATES)}'",
            'boolean': lambda: self.pick(['true', 'false']),
            'timestamp': lambda: f"timestamp '{self.pick(TIMESTAMPS)}'",
            'time': lambda: f"time '{self.pick(TIMES)}'",
            'text[]': lambda: self.array('text'),
        }[kind]()

    def array(self, kind):
        return 'array[' + ', '.join(self.literal(kind) for _ in range(self.rng.randint(1, 3))) + ']'

    def any_type(self, kind, scope, depth):
        """case, coalesce and their like."""

        def sub():
            return self.make(kind, scope, depth - 2)

        choices = [
            lambda: f'case when {self.condition(scope, depth - 1)} then {sub()} else {sub()} end',
            lambda: f'case when {self.condition(scope, depth - 1)} then {sub()} '
            f'when {self.condition(scope, depth - 2)} then {sub()} end',
            lambda: f'coalesce({sub()}, {sub()})',
            lambda: f'nullif({sub()}, {sub()})',
        ]
        if kind not in ('boolean', 'text[]'):
            choices += [lambda: f'greatest({sub()}, {sub()})', lambda: f'least({sub()}, {sub()}, {sub()})']
            other = self.pick(['numeric', 'text'])
            choices.append(
                lambda: f'case {self.make(other, scope, depth - 2)} when {self.literal(other)} '
                f'then {sub()} else {sub()} end'
            )
        return self.pick(choices)()

    def condition(self, scope, depth):
        return self.make('boolean', scope, depth)

    # --- boolean ---

    def boolean(self, scope, depth):
        return self.pick(
            [
                self.logic,
                self.logic,
                self.comparison,
                self.comparison,
                self.comparison,
                self.membership,
                self.test,
                self.text_test,
                self.array_test,
            ]
        )(scope, depth)

    def logic(self, scope, depth):
        a, b = self.condition(scope, depth - 1), self.condition(scope, depth - 1)
        return self.pick([f'({a} and {b})', f'({a} or {b})', f'(not {a})', f'({a}) and ({b})'])

    def operands(self, scope, depth):
        kind = self.pick(['numeric', 'numeric', 'text', 'text', 'date', 'date', 'timestamp', 'time', 'boolean'])
        return kind, [self.make(kind, scope, depth - 1) for _ in range(3)]

    def comparison(self, scope, depth):
        kind, (a, b, c) = self.operands(scope, depth)
        if self.maybe(0.2):
            return f'({a} {self.pick(["", "not "])}between {b} and {c})'
        if kind == 'date' and self.maybe(0.2):
            b = self.make('timestamp', scope, depth - 1)
        return f'({a} {self.pick(COMPARISONS)} {b})'

    def membership(self, scope, depth):
        kind, (a, b, c) = self.operands(scope, depth)
        return f'({a} {self.pick(["", "not "])}in ({b}, {c}, {self.literal(kind)}))'

    def test(self, scope, depth):
        kind, (a, b, _) = self.operands(scope, depth)
        return self.pick(
            [f'({a} is null)', f'({a} is not null)', f'({a} is distinct from {b})', f'({a} is not distinct from {b})']
        )

    def text_test(self, scope, depth):
        text = self.make('text', scope, depth - 1)
        choices = [
            f'({text} like {quote(self.pick(LIKES))})',
            f'({text} not like {self.make("text", scope, depth - 2)})',
            f'({text} matches {quote(self.pick(PATTERNS))})',
            f'({text} not matches {quote(self.pick(PATTERNS))})',
        ]
        if scope.functions:
            choices += [
                f'({text} in list {quote(self.pick(LISTS))})',
                f'is_resident_id({text})',
                f'is_luhn({text})',
                f'is_uscc({text})',
                f'is_division({text})',
                f'is_division({text}, {quote(self.pick(LEVELS))})',
                f'code_valid({quote(self.pick(LISTS))}, {text}, {self.make("date", scope, depth - 2)})',
            ]
        return self.pick(choices)

    def array_test(self, scope, depth):
        arrays = scope.fields.get('text[]', [])
        if not arrays:
            return self.comparison(scope, depth)
        field = self.pick(arrays)
        text = self.make('text', scope, depth - 2)
        return self.pick(
            [
                f'({text} = any({field}))',
                f'({text} <> all({field}))',
                f'({field} <@ {self.array("text")})',
                f'({self.array("text")} <@ {field})',
                f'({field} = {self.array("text")})',
                f'({text} < any({field}))',
                f'(cardinality({field}) {self.pick(COMPARISONS)} {self.rng.randint(0, 3)})',
                f'({field} is null)',
            ]
        )

    # --- numbers, texts, dates ---

    def numeric(self, scope, depth):
        a, b = self.make('numeric', scope, depth - 1), self.make('numeric', scope, depth - 1)
        choices = [
            f'({a} + {b})',
            f'({a} - {b})',
            f'({a} * {b})',
            f'({a} / {b})',
            f'(- {a})',
            f'abs({a})',
            f'floor({a})',
            f'ceil({a})',
            f'round({a})',
            f'round({a}, {self.rng.randint(-2, 4)})',
        ]
        text = self.make('text', scope, depth - 1)
        date, other = self.make('date', scope, depth - 1), self.make('date', scope, depth - 1)
        choices += [
            f'length({text})',
            f'to_number({text})',
            f'({date} - {other})',
            f'year({date})',
            f'month({date})',
            f'day({date})',
            f'age({date}, {other})',
            f'days_between({date}, {other})',
            f'months_between({date}, {other})',
        ]
        if scope.functions:
            choices.append(f'similarity({text}, {self.make("text", scope, depth - 2)})')
        return self.pick(choices)

    def text(self, scope, depth):
        a, b = self.make('text', scope, depth - 1), self.make('text', scope, depth - 1)
        n = str(self.rng.randint(-3, 6)) if self.maybe(0.85) else self.make('numeric', scope, depth - 2)
        choices = [
            f'({a} || {b})',
            f'upper({a})',
            f'lower({a})',
            f'trim({a})',
            f'left({a}, {n})',
            f'right({a}, {n})',
            f'substr({a}, {n})',
            f'substr({a}, {n}, {self.rng.randint(-1, 4)})',
            f'replace({a}, {b}, {quote(self.pick(TEXTS))})',
        ]
        if scope.raw:
            choices.append(f'raw({self.pick(scope.raw)})')
        if scope.functions:
            choices += [
                f'id_sex({a})',
                f'id_division({a})',
                f'division_parent({a}, {quote(self.pick(LEVELS))})',
                f'code_name({quote(self.pick(LISTS))}, {a})',
                f'code_value({quote(self.pick(LISTS))}, {a}, \'name_en\')',
            ]
        return self.pick(choices)

    def date(self, scope, depth):
        a, b = self.make('date', scope, depth - 1), self.make('text', scope, depth - 1)
        return self.pick(
            [
                f'({a} + {self.rng.randint(-400, 400)})',
                f'({a} - 1)',
                f'first_day({a})',
                f'last_day({a})',
                f'month_of({a})',
                f'to_date({b})',
                f"to_date({b}, 'YYYYMMDD')",
                f"to_date({b}, 'YYYY/M/D')",
                f'id_birth({b})',
            ]
        )

    def timestamp(self, scope, depth):
        a = self.make('date', scope, depth - 1) if self.maybe(0.6) else self.make('timestamp', scope, depth - 1)
        return f'({a} {self.pick(["+", "-"])} {self.pick(INTERVALS)})'

    def time(self, scope, depth):
        return self.leaf('time', scope)

    # --- aggregates and paths ---

    def aggregate(self, kind, scope, depth):
        """An aggregate of the type over `*` or a to-many relation, or None."""
        over = [('*', scope.star)] if scope.star else []
        over += [(rel.name, rel.inner) for rel in scope.relations if rel.many]
        if not over:
            return self.exists(scope, depth) if kind == 'boolean' else None
        name, inner = self.pick(over)
        inner = replace(inner, nested=True, star=None)
        where = f' where {self.condition(inner, depth - 1)}' if self.maybe(0.5) else ''
        if kind == 'boolean':
            return self.pick([f'exists({name}{where})', f'every({name}, {self.condition(inner, depth - 1)})'])
        if kind == 'numeric':
            other = self.pick(['numeric', 'text', 'date'])
            return self.pick(
                [
                    f'count({name}{where})',
                    f'count({name}, {self.make(other, inner, depth - 2)}{where})',
                    f'count(distinct {name}, {self.make(other, inner, depth - 2)}{where})',
                    f'sum({name}, {self.make("numeric", inner, depth - 2)}{where})',
                    f'avg({name}, {self.make("numeric", inner, depth - 2)}{where})',
                    f'max({name}, {self.make("numeric", inner, depth - 2)}{where})',
                ]
            )
        if kind in ('text', 'date', 'time'):
            return f'{self.pick(["min", "max"])}({name}, {self.make(kind, inner, depth - 2)}{where})'
        return None

    def exists(self, scope, depth):
        if not scope.relations:
            return None
        rel = self.pick(scope.relations)
        inner = replace(rel.inner, nested=True)
        return (
            f'exists({rel.name} where {self.condition(inner, depth - 1)})' if self.maybe(0.5) else f'exists({rel.name})'
        )

    def path(self, kind, scope):
        choices = [
            f'{rel.name}.{name}' for rel in scope.relations if not rel.many for name in rel.inner.fields.get(kind, [])
        ]
        return self.pick(choices) if choices else None
