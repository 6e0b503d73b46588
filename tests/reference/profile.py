"""The model of a profile: tables, fields, relations, rules, measures, grading. load.py fills it from YAML."""

from dataclasses import dataclass
from dataclasses import field as made
from typing import Any, Optional

from .values import ProfileError

SEVERITIES = ('fatal', 'error', 'warning', 'info')
DIMENSIONS = ('normativity', 'completeness', 'accuracy', 'consistency', 'timeliness', 'accessibility')
GATES = ('structure', 'value', 'record', 'relation', 'plausibility')
STATUSES = ('draft', 'pilot', 'active', 'deprecated', 'withdrawn')

# Kind of rule: GB/T 36344 indicator, dimension, gate.
KIND_DEFAULTS = {
    'present': ('0102', 'normativity', 'structure'),
    'columns': ('0102', 'normativity', 'structure'),
    'rows': ('0102', 'normativity', 'structure'),
    'encoding': ('0102', 'normativity', 'structure'),
    'characters': ('0105', 'normativity', 'value'),
    'codes': ('0105', 'normativity', 'value'),
    'items': ('0105', 'normativity', 'value'),
    'required': ('0201', 'completeness', 'value'),
    'type': ('0302', 'accuracy', 'value'),
    'pattern': ('0302', 'accuracy', 'value'),
    'length': ('0302', 'accuracy', 'value'),
    'range': ('0302', 'accuracy', 'value'),
    'row': ('0402', 'consistency', 'record'),
    'relation': ('0402', 'consistency', 'relation'),
    'references': ('0402', 'consistency', 'relation'),
    'unique': ('0304', 'accuracy', 'relation'),
    'external': ('0401', 'consistency', 'relation'),
    'period': ('0503', 'timeliness', 'plausibility'),
    'each': ('0305', 'accuracy', 'plausibility'),
    'similar': ('0303', 'accuracy', 'plausibility'),
}


@dataclass
class Param:
    name: str
    type: str
    expr_type: str
    default: Optional[str]
    precision: Optional[int] = None
    scale: Optional[int] = None


@dataclass(eq=False)
class Field:
    table: Any
    name: str
    titles: list
    types: list  # ['text'], ['resident_id', …]; empty with codes
    expr_type: str
    item_type: str
    precision: Optional[int] = None
    scale: Optional[int] = None
    codes: Any = None  # CodeList
    valid_ever: bool = False
    names: bool = False
    accept_15: bool = False
    level: Optional[int] = None
    formats: list = made(default_factory=list)
    true: list = made(default_factory=lambda: ['1'])
    false: list = made(default_factory=lambda: ['0'])
    trim: bool = False
    fold_width: bool = False
    fold_case: bool = False
    plain: bool = False
    many: str = ''
    min_items: Optional[int] = None
    max_items: Optional[int] = None
    distinct: bool = False
    pattern: Any = None
    min_length: Optional[int] = None
    max_length: Optional[int] = None
    min: Any = None  # Checked
    max: Any = None
    required: bool = False
    required_when: Any = None
    references: Optional[tuple] = None  # (table, field name)
    constraint_kinds: list = made(default_factory=list)


@dataclass(eq=False)
class Relation:
    """Rows of `target`, `shift` periods back, whose keys equal this row's keys and for which `where` is TRUE."""

    name: str
    owner: Any
    target: Any
    shift: int
    many: bool
    on: list = made(default_factory=list)  # [(Checked over owner, Checked over target)]
    where: Any = None  # Checked over target, the owner's row outside
    inverse_of: Any = None

    def own_reads(self):
        """[(Checked, periods to add)] of what the owner's side reads, relative to the owner's period."""
        if self.inverse_of:
            return [(target, 0) for _, target in self.inverse_of.on]
        return [(own, 0) for own, _ in self.on] + ([(self.where, 0)] if self.where else [])

    def target_reads(self):
        if self.inverse_of:
            return self.inverse_of.own_reads()
        return [(target, 0) for _, target in self.on]


@dataclass(eq=False)
class Table:
    name: str
    fields: dict = made(default_factory=dict)
    relations: dict = made(default_factory=dict)
    files: list = made(default_factory=list)
    key: list = made(default_factory=list)  # field names
    region: Any = None  # Checked
    nulls: list = made(default_factory=lambda: [''])
    unknown_columns: str = 'warning'
    characters: str = 'any'
    echo: list = made(default_factory=list)  # columns of the submitter's own
    optional: bool = False
    external: bool = False
    included: str = ''
    builtin: bool = False
    if_skipped: Optional[str] = None

    @property
    def required(self):
        return not (self.optional or self.external or self.included or self.builtin)

    @property
    def counts(self):
        """Whether its records stand in error_rate."""
        return not (self.external or self.included or self.builtin)


@dataclass(eq=False)
class Rule:
    id: str
    kind: str  # present … references, unique, assert, group, similar
    table: Table
    period: int = 0
    field: Any = None
    severity: str = 'error'
    indicator: str = ''
    dimension: str = ''
    gate: str = ''
    status: str = 'active'
    effective: Any = None
    until: Any = None
    weight: Any = None  # Fraction
    tolerance_rate: Any = None  # Fraction
    tolerance_count: Optional[int] = None
    if_skipped: Optional[str] = None
    when: Any = None
    check: Any = None  # Checked assert
    keys: list = made(default_factory=list)
    normalize: list = made(default_factory=list)  # a bool a key
    at_most: int = 1
    overlaps: Optional[tuple] = None  # (Checked from, Checked to)
    blocks: list = made(default_factory=list)  # similar: Checked parts of each
    compare: list = made(default_factory=list)  # similar: (by, Checked, weight)
    threshold: Any = None  # Fraction
    blame_records: bool = False
    each: bool = False
    ref_table: Any = None
    ref_fields: list = made(default_factory=list)

    def is_of_groups(self):
        """Whether it judges groups, or the whole table, and no single record."""
        return self.kind == 'group' and not (self.blame_records and self.each)

    def parts(self):
        """Every checked expression of the rule."""
        parts = [self.when, self.check, *self.keys, *(self.overlaps or ())]
        parts += [part for block in self.blocks for part in block] + [part for _, part, _ in self.compare]
        if self.field is not None:
            if self.kind == 'required' and not (self.field.required or self.field.name in self.field.table.key):
                parts.append(self.field.required_when)
            if self.kind == 'range':
                parts += [self.field.min, self.field.max]
        return [part for part in parts if part is not None]


@dataclass(eq=False)
class Waiver:
    """Failures that were reviewed: those of a rule on the records (or groups) that it covers."""

    id: str
    rule: str  # its id
    until: Any  # the first day it no longer holds
    where: Any = None  # Checked
    keys: Optional[set] = None  # typed values of the key, one tuple each
    max_count: Optional[int] = None
    max_rate: Any = None  # Fraction


@dataclass(eq=False)
class Measure:
    id: str
    table: Table
    period: int
    value: Any
    when: Any = None
    expect: Any = None
    levels: Optional[list] = None
    severity: str = 'error'
    status: str = 'active'
    gate: str = 'plausibility'
    if_skipped: Optional[str] = None


@dataclass
class Grade:
    grade: str
    min_score: Any = None
    failures: dict = made(default_factory=dict)  # severity: int
    error_rate: Any = None
    table_rates: dict = made(default_factory=dict)


@dataclass
class Grading:
    weights: dict
    severity_weights: dict
    grades: list


@dataclass(eq=False)
class Profile:
    id: str
    version: str
    folder: str
    lists: Any  # standards.Lists
    own_lists: dict = made(default_factory=dict)
    as_of: str = 'optional'
    params: dict = made(default_factory=dict)
    tables: dict = made(default_factory=dict)
    rules: list = made(default_factory=list)
    measures: list = made(default_factory=list)
    grading: Any = None
    waivers: list = made(default_factory=list)
    chain: list = made(default_factory=list)  # with `extends`: each profile as it is alone, itself last

    def find_list(self, list_id):
        found = self.own_lists.get(list_id) or self.lists.find(list_id)
        if found is None:
            raise ProfileError(f'no code list {list_id!r}')
        return found
