"""Binds names and finds types. Every node gets its `type`; paths and aggregates get their `target`:

    ('field', scope, table, field)            a field of the row itself (scope 0) or of the outer row (scope 1)
    ('steps', scope, [relation…], field)      to-one relations, then a field
    ('param', name)   ('value', name)         a parameter; a measure's `value` or `previous`
    ('key', i)                                the i-th key of `each`: any node equal to a key's tree
Aggregates: ('rows', scope, [relation…]) or ('star',).

Types are texts: boolean text numeric date timestamp time interval null, and `T[]` for arrays.
"""

from dataclasses import dataclass, field as dc_field
from typing import Any, Optional

from . import ast, functions, patterns
from .values import ProfileError

PATH_STEPS_MAX = 4
DATES = ('date', 'timestamp')


@dataclass
class Reads:
    """What an expression reads; the reasons for which a rule may have to be skipped, and its kind."""

    as_of: bool = False
    star: bool = False
    relation: bool = False
    tables: set = dc_field(default_factory=set)  # (table name, period)
    columns: set = dc_field(default_factory=set)  # (table name, period, field name)

    def join(self, other):
        self.as_of |= other.as_of
        self.star |= other.star
        self.relation |= other.relation
        self.tables |= other.tables
        self.columns |= other.columns


@dataclass
class Scope:
    """Where an expression stands. table None: no row (bounds, group conditions, expect)."""

    profile: Any
    table: Any = None
    period: int = 0
    outer: Optional['Scope'] = None
    keys: list = dc_field(default_factory=list)  # checked trees of `each`
    star: Any = None  # (table, period) that `*` stands for
    measure: bool = False
    in_aggregate: bool = False


@dataclass
class Checked:
    root: Any
    type: str
    reads: Reads


def check(text_or_node, scope, want=None):
    """Parses if need be, checks, and says what is read. want: the type that it must have."""
    from .parser import parse

    root = parse(text_or_node) if isinstance(text_or_node, str) else text_or_node
    reads = Reads()
    kind = Checker(reads).visit(root, scope)
    if want is not None and kind not in (want, 'null') and not (want == 'date' and kind == 'timestamp'):
        raise ProfileError(f'{text_or_node!r} is {kind}, not {want}')
    return Checked(root, kind, reads)


def unify(kinds, what):
    """The one type of several; date and timestamp mix to timestamp, null fits any."""
    found = 'null'
    for kind in kinds:
        if kind in ('null', found):
            continue
        if found == 'null':
            found = kind
        elif {kind, found} == set(DATES):
            found = 'timestamp'
        elif {kind, found} == {'date[]', 'timestamp[]'}:
            found = 'timestamp[]'
        elif found == 'null[]' and kind.endswith('[]'):
            found = kind
        elif not (kind == 'null[]' and found.endswith('[]')):
            raise ProfileError(f'{what} of {found} with {kind}')
    return found


class Checker:
    def __init__(self, reads):
        self.reads = reads

    def visit(self, node, scope):
        for index, key in enumerate(scope.keys):
            if node == key.root:
                node.key_index = index
                node.type = key.type
                return key.type
        node.key_index = None
        node.type = getattr(self, type(node).__name__.lower())(node, scope)
        return node.type

    def need(self, node, scope, *kinds):
        found = self.visit(node, scope)
        if found != 'null' and found not in kinds:
            raise ProfileError(f'{found} where {" or ".join(kinds)} is wanted: {node}')
        return found

    # --- leaves ---

    def literal(self, node, scope):
        return node.type

    def asof(self, node, scope):
        self.reads.as_of = True
        return 'date'

    def parameter(self, node, scope):
        if node.name not in scope.profile.params:
            raise ProfileError(f'no parameter {node.name!r}')
        return scope.profile.params[node.name].expr_type

    def path(self, node, scope):
        if len(node.names) == 1:
            return self.simple_name(node, scope)
        level, relations, last = self.steps(node, scope, node.names[:-1])
        table, period = last
        field = table.fields.get(node.names[-1])
        if field is None:
            raise ProfileError(f'table {table.name} has no field {node.names[-1]!r}')
        if any(relation.many for relation in relations):
            raise ProfileError(f'{".".join(node.names)} reads a field over a to-many relation')
        self.reads.columns.add((table.name, period, field.name))
        node.target = ('steps', level, relations, field)
        return field.expr_type

    def simple_name(self, node, scope):
        name = node.names[0]
        for level, at in self.levels(node, scope):
            if at.table is not None and name in at.table.fields:
                field = at.table.fields[name]
                self.reads.columns.add((at.table.name, at.period, name))
                node.target = ('field', level, field)
                return field.expr_type
            if at.table is not None and name in at.table.relations:
                raise ProfileError(f'relation {name!r} where a value is wanted')
            for index, key in enumerate(at.keys):
                if level > 0 and key.root == node:
                    node.target = ('outer_key', index)
                    return key.type
        if not node.this and scope.measure and name in ('value', 'previous'):
            node.target = ('value', name)
            return 'numeric'
        if not node.this and name in scope.profile.params:
            node.target = ('param', name)
            return scope.profile.params[name].expr_type
        raise ProfileError(f'no field or parameter {name!r}')

    def levels(self, node, scope):
        """(level, scope) in which a name is looked for: the row, then the outer row; `this.` means the outermost."""
        found = [(0, scope)]
        if scope.outer is not None:
            found.append((1, scope.outer))
        return found[-1:] if node.this else found

    def steps(self, node, scope, names):
        """Follows relations by name from the first scope that has one so called: (level, relations, (table,
        period))."""
        for level, at in self.levels(node, scope):
            if at.table is not None and names[0] in at.table.relations:
                break
        else:
            raise ProfileError(f'no relation {names[0]!r}')
        if len(names) > PATH_STEPS_MAX:
            raise ProfileError(f'path of more than {PATH_STEPS_MAX} steps')
        table, period, relations = at.table, at.period, []
        for name in names:
            relation = table.relations.get(name)
            if relation is None or period + relation.shift < 0:
                raise ProfileError(f'table {table.name} has no relation {name!r}')
            relations.append(relation)
            self.reads.relation = True
            self.read_relation(relation, table, period)
            table, period = relation.target, period + relation.shift
        return level, relations, (table, period)

    def read_relation(self, relation, table, period):
        target_period = period + relation.shift
        self.reads.tables.add((relation.target.name, target_period))
        for checked, shift in relation.own_reads():
            self.add_shifted(checked.reads, period + shift)
        for checked, shift in relation.target_reads():
            self.add_shifted(checked.reads, target_period + shift)

    def add_shifted(self, reads, period):
        """Reads of a relation's own expressions are noted for period 0; here they happen in another."""
        self.reads.as_of |= reads.as_of
        for name, at in reads.tables:
            self.reads.tables.add((name, at + period))
        for name, at, column in reads.columns:
            self.reads.columns.add((name, at + period, column))

    # --- operators ---

    def unary(self, node, scope):
        if node.op == 'not':
            self.need(node.operand, scope, 'boolean')
            return 'boolean'
        return self.need(node.operand, scope, 'numeric', 'interval')

    def binary(self, node, scope):
        if node.op in ('and', 'or'):
            self.need(node.left, scope, 'boolean')
            self.need(node.right, scope, 'boolean')
            return 'boolean'
        left, right = self.visit(node.left, scope), self.visit(node.right, scope)
        if node.op in ('=', '<>', '<', '<=', '>', '>='):
            kind = unify((left, right), 'comparison')
            if kind.endswith('[]') and node.op not in ('=', '<>'):
                raise ProfileError('arrays compare with = and <> only')
            return 'boolean'
        if node.op == '||':
            self.both(node, left, right, 'text')
            return 'text'
        if node.op == '<@':
            kind = unify((left, right), 'array operator')
            if kind != 'null' and not kind.endswith('[]'):
                raise ProfileError('<@ takes arrays')
            return 'boolean'
        return self.arithmetic(node, left, right)

    def both(self, node, left, right, kind):
        for found in (left, right):
            if found not in (kind, 'null'):
                raise ProfileError(f'{node.op} takes {kind}, not {found}')

    def arithmetic(self, node, left, right):
        op = node.op
        if op in '*/' or (left in ('numeric', 'null') and right in ('numeric', 'null')):
            self.both(node, left, right, 'numeric')
            return 'numeric'
        if op == '+' and left in ('interval', 'numeric') and right in DATES:
            left, right = right, left  # `interval + date` is `date + interval`
        if left in DATES and right == 'interval':
            return 'timestamp'
        if left == 'date' and right in ('numeric', 'null'):
            return 'date'
        if 'null' in (left, right) and 'interval' in (left, right):
            return 'interval'
        if op == '-' and left in DATES and right in DATES:
            return 'numeric' if left == right == 'date' else 'interval'
        if left == right == 'interval':
            return 'interval'
        raise ProfileError(f'no operator {left} {op} {right}')

    def quantified(self, node, scope):
        left, array = self.visit(node.left, scope), self.visit(node.array, scope)
        if array != 'null' and not array.endswith('[]'):
            raise ProfileError(f'{node.quantifier} takes an array')
        if array != 'null':
            unify((left, array[:-2]), 'comparison')
        if left.endswith('[]'):
            raise ProfileError('an array against the items of an array')
        return 'boolean'

    def between(self, node, scope):
        kind = unify([self.visit(part, scope) for part in (node.subject, node.low, node.high)], 'between')
        if kind.endswith('[]'):
            raise ProfileError('between takes no arrays')
        return 'boolean'

    def in_(self, node, scope):
        unify([self.visit(part, scope) for part in [node.subject, *node.items]], 'in')
        return 'boolean'

    def inlist(self, node, scope):
        self.need(node.subject, scope, 'text')
        node.codes = scope.profile.find_list(node.list)
        return 'boolean'

    def like(self, node, scope):
        self.need(node.subject, scope, 'text')
        self.need(node.pattern, scope, 'text')
        return 'boolean'

    def matches(self, node, scope):
        self.need(node.subject, scope, 'text')
        node.compiled = patterns.compile(node.pattern)
        return 'boolean'

    def isnull(self, node, scope):
        self.visit(node.operand, scope)
        return 'boolean'

    def isdistinct(self, node, scope):
        unify((self.visit(node.left, scope), self.visit(node.right, scope)), 'comparison')
        return 'boolean'

    def case(self, node, scope):
        if node.subject is None:
            for condition, _ in node.branches:
                self.need(condition, scope, 'boolean')
        else:
            unify([self.visit(node.subject, scope)] + [self.visit(value, scope) for value, _ in node.branches], 'case')
        results = [self.visit(result, scope) for _, result in node.branches]
        if node.otherwise is not None:
            results.append(self.visit(node.otherwise, scope))
        return unify(results, 'case')

    def array(self, node, scope):
        kind = unify([self.visit(item, scope) for item in node.items], 'array')
        if kind.endswith('[]'):
            raise ProfileError('an array of arrays')
        return kind + '[]'

    # --- functions and aggregates ---

    def call(self, node, scope):
        function = functions.FUNCTIONS.get(node.name)
        if function is None:
            raise ProfileError(f'no function {node.name!r}')
        return functions.check_call(node, function, self, scope)

    def aggregate(self, node, scope):
        if scope.in_aggregate:
            raise ProfileError('aggregates do not nest')
        expr = node.expr
        if node.path is None:
            if scope.star is None:
                raise ProfileError('`*` stands only for the rows of a group or table')
            table, period = scope.star
            self.reads.star = True
            self.reads.tables.add((table.name, period))
            node.target = ('star',)
        else:
            table, period, expr = self.aggregate_path(node, scope)
        inner = Scope(scope.profile, table, period, outer=scope, measure=scope.measure, in_aggregate=True)
        if node.where is not None:
            self.need(node.where, inner, 'boolean')
        node.value_node = expr
        return self.aggregate_type(node, expr, inner)

    def aggregate_path(self, node, scope):
        """Relations all the way, or a field last, which is then the expression."""
        names, expr = node.path.names, node.expr
        try:
            level, relations, (table, period) = self.steps(node.path, scope, names)
        except ProfileError:
            if len(names) < 2 or expr is not None or node.name in ('exists', 'every'):
                raise
            level, relations, (table, period) = self.steps(node.path, scope, names[:-1])
            expr = ast.Path([names[-1]])
            if names[-1] not in table.fields:
                raise ProfileError(f'table {table.name} has no field {names[-1]!r}')
        if any(relation.many for relation in relations[:-1]):
            raise ProfileError('a to-many relation stands last in a path')
        if not relations[-1].many and node.name != 'exists':
            raise ProfileError(f'{node.name} wants a to-many relation')
        node.target = ('rows', level, relations)
        return table, period, expr

    def aggregate_type(self, node, expr, inner):
        name = node.name
        if name == 'exists':
            return 'boolean'
        if name == 'every':
            self.need(expr, inner, 'boolean')
            return 'boolean'
        if expr is None:
            if name != 'count' or node.distinct:
                raise ProfileError(f'{name} needs an expression')
            return 'numeric'
        kind = self.visit(expr, inner)
        if name == 'count':
            return 'numeric'
        if name in ('sum', 'avg'):
            if kind not in ('numeric', 'null'):
                raise ProfileError(f'{name} of {kind}')
            return 'numeric'
        if kind == 'boolean' or kind.endswith('[]'):
            raise ProfileError(f'{name} of {kind}')
        return kind


# A class called `In` needs a method called `in`, which Python reserves.
setattr(Checker, 'in', Checker.in_)
