"""One run: parameters, the day, the tables, and which rows are related."""

from . import standards, submission
from .evaluate import Env, evaluate
from .fields import read_number, read_type
from .profile import Field
from .values import INVALID, UsageError


class Run:
    def __init__(self, profile, params=None, as_of=None):
        self.profile = profile
        self.standards = standards.Standards.of(profile.lists)
        self.as_of = as_of
        if self.as_of is None and profile.as_of not in ('optional', 'required'):
            from .load import day

            self.as_of = day(profile.as_of)
        if self.as_of is None and profile.as_of == 'required':
            raise UsageError('the profile wants --as-of')
        self.params = self.read_params(params or {})
        self.tables = {}
        self.indexes = {}

    def read_params(self, given):
        for name in given:
            if name not in self.profile.params:
                raise UsageError(f'no parameter {name}')
        return {
            name: self.read_param(param, given.get(name, param.default)) for name, param in self.profile.params.items()
        }

    def read_param(self, param, text):
        if text is None:
            raise UsageError(f'parameter {param.name} has no value')
        if param.type in ('integer', 'decimal'):
            value = read_number(param.type, param.precision, param.scale, text)
        elif param.type == 'boolean':
            value = {'true': True, 'false': False}.get(text)
        else:
            value = read_type(
                param.type, Field(None, param.name, [], [param.type], param.expr_type, param.expr_type), text, self
            )
        if value is None:
            raise UsageError(f'parameter {param.name}: {text!r} is no {param.type}')
        return value

    def load(self, inputs, named=(), previous=()):
        self.tables = submission.load_tables(self, inputs, named, previous)

    # --- tables and rows ---

    def data(self, table_name, period):
        """TableData or None when the period is not given."""
        return self.tables.get((table_name, period))

    def present(self, table_name, period):
        data = self.data(table_name, period)
        return data is not None and data.present

    def rows(self, table, period):
        data = self.data(table.name, period)
        return data.rows if data else []

    def related(self, relation, row):
        """The rows a relation gives for a row, in order; INVALID when a key part is."""
        if relation.inverse_of:
            sides = [(theirs, mine) for mine, theirs in relation.inverse_of.on]
        else:
            sides = relation.on
        key = self.key([mine for mine, _ in sides], row)
        if key is INVALID or key is None:
            return INVALID if key is INVALID else []
        found = self.index(relation, [theirs for _, theirs in sides], row.period + relation.shift).get(key, [])
        return [other for other in found if self.passes(relation, row, other)]

    def key(self, parts, row):
        values = [evaluate(part.root, Env(self, row)) for part in parts]
        if any(value is INVALID for value in values):
            return INVALID
        return None if any(value is None for value in values) else tuple(values)

    def index(self, relation, parts, period):
        where = (relation, period)
        if where not in self.indexes:
            found = self.indexes[where] = {}
            for row in self.rows(relation.target, period):
                key = self.key(parts, row)
                if key is not None and key is not INVALID:
                    found.setdefault(key, []).append(row)
        return self.indexes[where]

    def passes(self, relation, row, other):
        declared = relation.inverse_of or relation
        if declared.where is None:
            return True
        owner, target = (other, row) if relation.inverse_of else (row, other)
        return evaluate(declared.where.root, Env(self, target, outer=Env(self, owner))) is True
