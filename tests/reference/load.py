"""YAML to the model. Coarse: it refuses what it cannot read; the engine's loader is the strict one."""

import copy
import os
import re
from fractions import Fraction

import yaml

from . import derive, overlay, patterns, standards, times, values
from .check import Scope, check
from .profile import (
    DIMENSIONS,
    GATES,
    SEVERITIES,
    STATUSES,
    Field,
    Grade,
    Grading,
    Measure,
    Param,
    Profile,
    Relation,
    Rule,
    Table,
    Waiver,
)
from .values import ProfileError

PROFILE_KEYS = set(
    'hezhun profile version status title description effective until as_of params lists tables rules measures '
    'grading waivers certify_within acknowledge_same unit clause'.split()
)
TABLE_KEYS = set(
    'title description files key region unit nulls unknown_columns optional external included if_skipped fields '
    'unique relations constraints echo clause open characters'.split()
)
FIELD_KEYS = set(
    'type codes valid names accept level title description aliases required required_when pattern length min_length '
    'max_length min max references formats true false many min_items max_items distinct trim fold unique unit severity '
    'dimension sensitivity constraints clause open example characters'.split()
)
RULE_KEYS = set(
    'on title description assert unique references fields similar when each blame normalize at_most without_overlaps '
    'severity dimension indicator gate weight message clause tolerance if_skipped status effective until since '
    'known_issues tests open source'.split()
)
WAIVER_KEYS = set('rule keys where max_count max_rate reason approved_by until'.split())
STRUCTURE = ('present', 'columns', 'rows', 'encoding')
MEASURE_KEYS = set(
    'on title description value unit when expect levels severity status dimension indicator gate clause if_skipped '
    'tests'.split()
)

SOURCES_FIELDS = {
    'table_name': 'text',
    'path': 'text',
    'format': 'text',
    'encoding': 'text',
    'rows': 'integer',
    'bad_rows': 'integer',
    'bytes': 'integer',
}


class Strict(yaml.BaseLoader):
    """Every scalar is text; a key that stands twice is an error."""


def mapping(loader, node, deep=True):
    out = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in out:
            raise ProfileError(f'key {key!r} stands twice')
        out[key] = loader.construct_object(value_node, deep=True)
    return out


Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


def load(path, lists=None, profiles=None):
    with open(path, encoding='utf-8') as file:
        return load_text(file.read(), os.path.dirname(os.path.abspath(path)), lists, profiles)


def document_of(text):
    try:
        return yaml.load(text, Loader=Strict)
    except yaml.YAMLError as error:
        raise ProfileError(str(error)) from None


def read_document(path):
    try:
        with open(path, encoding='utf-8') as file:
            document = document_of(file.read())
    except OSError as error:
        raise ProfileError(f'extends: {error}') from None
    if not isinstance(document, dict):
        raise ProfileError(f'{path} is no mapping')
    return document


def load_text(text, folder='.', lists=None, profiles=None):
    """The profile; its `chain` holds the profiles that it extends, each as it is alone, and itself last."""
    document, lists = document_of(text), lists or standards.Lists()
    if not isinstance(document, dict) or 'extends' not in document:
        return Loader(folder, lists).profile(document)
    links = overlay.chain_of(document, folder, read_document, profiles)
    chain = []
    for i, (own, place) in enumerate(links):
        above = overlay.chain_of(own, place, read_document, profiles)
        names = {link[0].get('profile') for link in above}
        parts = [(copy.deepcopy(part), where) for part, where in links[: i + 1] if part.get('profile') in names]
        chain.append(Loader(place, lists).profile(overlay.whole(parts)))
    chain[-1].chain = chain
    return chain[-1]


# --- small readers ---------------------------------------------------------------------------------------------------


def keys_of(node, allowed, what):
    if not isinstance(node, dict):
        raise ProfileError(f'{what} is no mapping')
    for key in node:
        if key not in allowed and not key.startswith('x-'):
            raise ProfileError(f'{what}: unknown key {key!r}')
    return node


def boolean(text, what='value'):
    if text not in ('true', 'false'):
        raise ProfileError(f'{what}: {text!r} is neither true nor false')
    return text == 'true'


def whole(text):
    if not re.fullmatch('-?[0-9]+', text):
        raise ProfileError(f'{text!r} is no whole number')
    return int(text)


def decimal(text):
    number = values.parse_number(text)
    if number is None:
        raise ProfileError(f'{text!r} is no decimal')
    return number.fraction()


def one_of(text, allowed):
    if text not in allowed:
        raise ProfileError(f'{text!r} is none of {", ".join(allowed)}')
    return text


def texts(node):
    """A list, or one scalar for a list of one."""
    return [node] if isinstance(node, str) else list(node)


def day(text):
    value = times.parse_iso('date', text)
    if value is None:
        raise ProfileError(f'{text!r} is no date')
    return value


def titles(node):
    return [node] if isinstance(node, str) else list((node or {}).values())


def split_type(text):
    """('decimal', 12, 2) of `decimal(12,2)`; precision None when open."""
    match = re.fullmatch(r'decimal\( *([0-9]+) *(?:, *([0-9]+) *)?\)', text)
    return ('decimal', int(match[1]), int(match[2] or 0)) if match else (text, None, None)


EXPR_TYPES = {
    'text': 'text',
    'integer': 'numeric',
    'decimal': 'numeric',
    'boolean': 'boolean',
    'date': 'date',
    'month': 'date',
    'datetime': 'timestamp',
    'time': 'time',
    **{kind: 'text' for kind in standards.SEMANTIC_TYPES},
}


def expr_type_of(kind):
    if kind not in EXPR_TYPES:
        raise ProfileError(f'no type {kind!r}')
    return EXPR_TYPES[kind]


class Each:
    """Several patterns, all of which must match."""

    def __init__(self, parts):
        self.parts = parts

    def fullmatch(self, text):
        return text if all(part.fullmatch(text) for part in self.parts) else None


class Loader:
    def __init__(self, folder, lists):
        self.folder = folder
        self.result = Profile('', '', folder, lists)

    def profile(self, node):
        keys_of(node, PROFILE_KEYS, 'profile')
        if node.get('hezhun') != '1':
            raise ProfileError('hezhun must be 1')
        result = self.result
        result.id, result.version = node.get('profile', ''), node.get('version', '')
        result.as_of = node.get('as_of', 'optional')
        for name, param in (node.get('params') or {}).items():
            result.params[name] = self.param(name, param)
        for list_id, item in (node.get('lists') or {}).items():
            result.own_lists[list_id] = self.own_list(list_id, item)
        tables = node.get('tables') or {}
        for name, item in tables.items():
            result.tables[name] = self.table(name, item)
        self.add_sources_table()
        for name, item in tables.items():
            for relation, described in (item.get('relations') or {}).items():
                self.relation(result.tables[name], relation, described)
        for name, item in tables.items():
            self.table_expressions(result.tables[name], item)
        derive.structure_rules(result, tables)
        for name, item in tables.items():
            derive.table_rules(result, result.tables[name], item)
        for rule_id, item in (node.get('rules') or {}).items():
            if not is_withdrawn(item):
                result.rules.append(self.rule(rule_id, item))
        for measure_id, item in (node.get('measures') or {}).items():
            if not is_withdrawn(item):
                result.measures.append(self.measure(measure_id, item))
        result.grading = grading(node.get('grading') or {})
        for waiver_id, item in (node.get('waivers') or {}).items():
            result.waivers.append(self.waiver(waiver_id, item))
        if result.waivers and result.as_of == 'optional':
            raise ProfileError('waivers end on a day: as_of must be required')
        return result

    # --- waivers ---

    def waiver(self, waiver_id, node):
        keys_of(node, WAIVER_KEYS, f'waiver {waiver_id}')
        rule = next((rule for rule in self.result.rules if rule.id == node['rule'] and rule.kind not in STRUCTURE), None)
        if rule is None:
            raise ProfileError(f'waiver {waiver_id}: no rule {node["rule"]} that can be waived')
        waiver = Waiver(waiver_id, rule.id, day(node['until']))
        if 'where' in node:
            scope = Scope(self.result, keys=rule.keys) if rule.is_of_groups() else Scope(self.result, rule.table, rule.period)
            waiver.where = check(node['where'], scope, 'boolean')
        if 'keys' in node:
            waiver.keys = {self.waived_key(rule, item) for item in node['keys']}
        if not node['reason'] or not node['approved_by'] or waiver.where is None and waiver.keys is None:
            raise ProfileError(f'waiver {waiver_id}: who waives what, and why')
        waiver.max_count = whole(node['max_count']) if 'max_count' in node else None
        waiver.max_rate = decimal(node['max_rate']) if 'max_rate' in node else None
        return waiver

    def waived_key(self, rule, item):
        """The typed values of one key of the table: text and numbers."""
        fields = [rule.table.fields[name] for name in rule.table.key]
        texts_of = [item] if isinstance(item, str) else [item[field.name] for field in fields]
        if len(texts_of) != len(fields):
            raise ProfileError(f'waiver of {rule.id}: a value for each part of the key')
        return tuple(
            values.parse_number(text) if field.expr_type == 'numeric' else text for field, text in zip(fields, texts_of)
        )

    # --- parameters, lists, tables ---

    def param(self, name, node):
        keys_of(node, {'type', 'default', 'unit', 'title', 'description', 'min', 'max', 'open'}, f'parameter {name}')
        kind, precision, scale = split_type(node['type'])
        return Param(name, kind, expr_type_of(kind), node.get('default'), precision, scale)

    def own_list(self, list_id, node):
        if 'file' in node:
            with open(os.path.join(self.folder, node['file']), encoding='utf-8') as file:
                return standards.parse_list(file.read(), list_id)
        return inline_list(list_id, node['codes'])

    def table(self, name, node):
        keys_of(node, TABLE_KEYS, f'table {name}')
        table = Table(name)
        table.files = texts(node.get('files', [f'{name}.*']))
        table.key = texts(node.get('key', []))
        table.nulls = texts(node.get('nulls', ['']))
        table.unknown_columns = one_of(node.get('unknown_columns', 'warning'), ('error', 'warning', 'ignore'))
        table.characters = one_of(node.get('characters', 'any'), ('any', 'plain'))
        table.echo = node.get('echo', [])
        table.optional = boolean(node.get('optional', 'false'))
        table.external = boolean(node.get('external', 'false'))
        table.included = node.get('included', '')
        table.if_skipped = node.get('if_skipped')
        for field_name, item in (node.get('fields') or {}).items():
            table.fields[field_name] = self.field(table, field_name, item or {})
        for part in table.key:
            if part not in table.fields:
                raise ProfileError(f'key of table {name}: no field {part!r}')
        return table

    def add_sources_table(self):
        if 'sources' in self.result.tables:
            raise ProfileError('`sources` is a built-in table')
        table = Table('sources', builtin=True)
        for name, kind in SOURCES_FIELDS.items():
            table.fields[name] = Field(table, name, [], [kind], expr_type_of(kind), expr_type_of(kind))
        self.result.tables['sources'] = table

    # --- fields ---

    def field(self, table, name, node):
        keys_of(node, FIELD_KEYS, f'field {table.name}.{name}')
        if 'type' in node and 'codes' in node:
            raise ProfileError(f'field {table.name}.{name} has both a type and codes')
        codes = self.codes(node['codes']) if 'codes' in node else None
        kinds, precision, scale = [], None, None
        for written in texts(node.get('type', 'text')) if codes is None else []:
            kind, precision, scale = split_type(written)
            kinds.append(kind)
        items = {expr_type_of(kind) for kind in kinds} or {'text'}
        if len(items) > 1:
            raise ProfileError(f'field {table.name}.{name} mixes types')
        item_type = items.pop()
        many = node.get('many', '')
        field = Field(
            table,
            name,
            titles(node.get('title')) + texts(node.get('aliases', [])),
            kinds,
            item_type + '[]' if many else item_type,
            item_type,
            precision,
            scale,
            codes,
            many=many,
        )
        self.field_options(field, node)
        field.constraint_kinds = derive.constraint_kinds(field, node)
        return field

    def codes(self, node):
        return self.result.find_list(node) if isinstance(node, str) else inline_list('', node)

    def field_options(self, field, node):
        field.valid_ever = one_of(node.get('valid', 'as_of'), ('as_of', 'ever')) == 'ever'
        field.accept_15 = '15' in texts(node.get('accept', []))
        field.level = standards.level_by_name(node['level']) if 'level' in node else None
        for key in ('names', 'trim', 'distinct', 'required'):
            setattr(field, key, boolean(node.get(key, 'false'), key))
        said = node.get('characters', field.table.characters)
        field.plain = one_of(said, ('any', 'plain')) == 'plain'
        for key in ('true', 'false'):
            if key in node:
                setattr(field, key, texts(node[key]))
        fold = texts(node.get('fold', []))
        field.fold_width, field.fold_case = 'width' in fold, 'case' in fold
        temporal = [kind for kind in field.types if kind in times.NEEDS]
        if 'formats' in node:
            if not temporal:
                raise ProfileError(f'{field.name}: formats are for dates and times')
            field.formats = [times.compile_format(temporal[0], text) for text in texts(node['formats'])]
        for key in ('min_items', 'max_items', 'min_length', 'max_length'):
            if key in node:
                setattr(field, key, whole(node[key]))
        if 'length' in node:
            field.min_length = field.max_length = whole(node['length'])
        if 'pattern' in node:
            parts = [patterns.compile(part) for part in texts(node['pattern'])]
            field.pattern = parts[0] if len(parts) == 1 else Each(parts)

    # --- relations ---

    def relation(self, owner, name, node):
        keys_of(node, {'one', 'many', 'on', 'where', 'inverse'}, f'relation {owner.name}.{name}')
        many = 'many' in node
        target, shift = self.table_at(node['many' if many else 'one'])
        relation = Relation(name, owner, target, shift, many)
        self.add_relation(owner, relation)
        if node.get('inverse') and 'where' in node:
            raise ProfileError(f'relation {owner.name}.{name}: inverse does not stand with where')
        if node.get('inverse'):
            inverse = Relation(
                node['inverse'],
                target,
                owner,
                -shift,
                not many and not holds_key(owner, node['on']),
                inverse_of=relation,
            )
            self.add_relation(target, inverse)

    def add_relation(self, table, relation):
        if relation.name in table.relations:
            raise ProfileError(f'table {table.name} has two relations {relation.name!r}')
        table.relations[relation.name] = relation

    def table_at(self, text):
        name, at, period = text.partition('@')
        if name not in self.result.tables:
            raise ProfileError(f'no table {name!r}')
        match = re.fullmatch('previous([0-9]*)', period)
        if at and not match:
            raise ProfileError(f'no period {period!r}')
        return self.result.tables[name], int(match[1] or 1) if at else 0

    def relation_expressions(self, table, node):
        for name, described in (node.get('relations') or {}).items():
            relation = table.relations[name]
            on = described['on']
            pairs = on.items() if isinstance(on, dict) else [(part, part) for part in texts(on)]
            for own, other in pairs:
                mine = check(own, Scope(self.result, table))
                theirs = check(other, Scope(self.result, relation.target))
                if mine.type != theirs.type:
                    raise ProfileError(f'relation {name}: {own} is {mine.type}, {other} is {theirs.type}')
                relation.on.append((mine, theirs))
            if 'where' in described:
                scope = Scope(self.result, relation.target, relation.shift, outer=Scope(self.result, table))
                relation.where = check(described['where'], scope, 'boolean')

    def table_expressions(self, table, node):
        self.relation_expressions(table, node)
        if 'region' in node:
            table.region = check(node['region'], Scope(self.result, table), 'text')
        for name, item in (node.get('fields') or {}).items():
            self.field_expressions(table.fields[name], item or {})

    def field_expressions(self, field, node):
        if 'required_when' in node:
            field.required_when = check(node['required_when'], Scope(self.result, field.table), 'boolean')
        for key in ('min', 'max'):
            if key in node:
                setattr(field, key, self.bound(field, node[key]))
        if 'references' in node:
            table, _, name = node['references'].partition('.')
            target = self.result.tables.get(table)
            if target is None or name not in target.fields:
                raise ProfileError(f'{field.name} references {node["references"]!r}, which is not there')
            if target.fields[name].item_type != field.item_type:
                raise ProfileError(f'{field.name} references a field of another type')
            field.references = (target, name)

    def bound(self, field, text):
        """A value of the field's type, else an expression over parameters and as_of."""
        from . import ast

        if field.item_type not in ('numeric', 'date', 'timestamp', 'time'):
            raise ProfileError(f'{field.name}: no range on {field.item_type}')
        kind = field.types[0]
        value = values.parse_number(text) if field.item_type == 'numeric' else times.parse_iso(kind, text)
        if value is None and field.item_type != 'numeric':
            value = next(
                (
                    found
                    for compiled in field.formats
                    if (found := times.parse_format(kind, compiled, text)) is not None
                ),
                None,
            )
        node = text if value is None else ast.Literal(value, field.item_type)
        return check(node, Scope(self.result), field.item_type)

    # --- rules ---

    def rule(self, rule_id, node):
        keys_of(node, RULE_KEYS, f'rule {rule_id}')
        table, period = self.table_at(node['on'])
        rule = Rule(rule_id, '', table, period)
        row = Scope(self.result, table, period)
        if 'assert' in node:
            default = self.assert_rule(rule, node, row)
        elif 'unique' in node:
            default = self.unique_rule(rule, node, row)
        elif 'references' in node:
            default = self.references_rule(rule, node, row)
        elif 'similar' in node:
            default = self.similar_rule(rule, node['similar'], row)
        else:
            raise ProfileError(f'rule {rule_id} asserts nothing')
        if rule.when is None and 'when' in node:
            rule.when = check(node['when'], row, 'boolean')
        derive.settings(rule, default, node)
        return rule

    def assert_rule(self, rule, node, row):
        rule.each = 'each' in node
        group = rule.each or derive.reads_star(node['assert'])
        rule.kind = 'group' if group else 'assert'
        if group:
            rule.keys = [check(part, row) for part in texts(node.get('each', []))]
            rule.blame_records = one_of(node.get('blame', 'groups'), ('groups', 'records')) == 'records'
            row = Scope(self.result, keys=rule.keys, star=(rule.table, rule.period))
        rule.check = check(node['assert'], row, 'boolean')
        if 'when' in node:
            rule.when = check(node['when'], row, 'boolean')
        return derive.assert_kind(rule, self.result)

    def unique_rule(self, rule, node, row):
        rule.kind = 'unique'
        parts = texts(node['unique'])
        rule.keys = [check(part, row) for part in parts]
        rule.normalize = derive.normalized(node.get('normalize'), parts)
        rule.at_most = whole(node.get('at_most', '1'))
        if 'without_overlaps' in node:
            period = keys_of(node['without_overlaps'], {'from', 'to'}, 'without_overlaps')
            rule.overlaps = (check(period['from'], row), check(period['to'], row))
        return 'unique'

    def similar_rule(self, rule, node, row):
        rule.kind = 'similar'
        keys_of(node, {'block', 'compare', 'threshold'}, f'similar of {rule.id}')
        rule.blocks = [[check(part, row) for part in texts(block)] for block in node['block']]
        for text, how in node['compare'].items():
            by = one_of(how['by'], ('name_zh', 'edit', 'date', 'equal', 'number'))
            rule.compare.append((by, check(text, row), Fraction(how.get('weight', '1'))))
        rule.threshold = Fraction(node['threshold'])
        return 'similar'

    def references_rule(self, rule, node, row):
        rule.kind = 'references'
        match = re.fullmatch(r'([^.(]+)(?:\.([^(]+)|\((.*)\))', node['references'])
        if not match or match[1] not in self.result.tables:
            raise ProfileError(f'references {node["references"]!r}: no such table')
        rule.ref_table = self.result.tables[match[1]]
        rule.ref_fields = [part.strip() for part in (match[2] or match[3]).split(',')]
        rule.keys = [check(part, row) for part in texts(node['fields'])]
        if len(rule.keys) != len(rule.ref_fields):
            raise ProfileError(f'rule {rule.id}: as many fields as the target names')
        for key, name in zip(rule.keys, rule.ref_fields):
            if name not in rule.ref_table.fields or rule.ref_table.fields[name].expr_type != key.type:
                raise ProfileError(f'rule {rule.id}: {name} is not there or of another type')
        return 'references'

    # --- measures ---

    def measure(self, measure_id, node):
        keys_of(node, MEASURE_KEYS, f'measure {measure_id}')
        table, period = self.table_at(node['on'])
        group = Scope(self.result, star=(table, period))
        measure = Measure(measure_id, table, period, check(node['value'], group, 'numeric'))
        measure.when = check(node['when'], group, 'boolean') if 'when' in node else None
        if 'expect' in node:
            measure.expect = check(node['expect'], Scope(self.result, measure=True), 'boolean')
        if 'levels' in node:
            measure.levels = [standards.level_by_name(level) for level in texts(node['levels'])]
        measure.severity = one_of(node.get('severity', 'error'), SEVERITIES)
        measure.status = one_of(node.get('status', 'active'), STATUSES)
        measure.gate = one_of(node.get('gate', 'plausibility'), GATES)
        measure.if_skipped = node.get('if_skipped')
        return measure


def holds_key(table, on):
    """Whether what a relation compares on its own side holds the table's key: then its inverse leads to one row."""
    own = list(on) if isinstance(on, dict) else texts(on)
    return bool(table.key) and all(part in own for part in table.key)


def is_withdrawn(node):
    """What is withdrawn only holds its id: nothing else of it is read."""
    return isinstance(node, dict) and node.get('status') == 'withdrawn'


def inline_list(list_id, node):
    codes = []
    for code, name in node.items():
        zh, en = (name, '') if isinstance(name, str) else (name.get('zh', ''), name.get('en', ''))
        codes.append(standards.Code(code, zh, en, columns={'code': code, 'name_zh': zh, 'name_en': en}))
    return standards.CodeList(list_id, codes)


# --- grading ---------------------------------------------------------------------------------------------------------

DEFAULT_WEIGHTS = {
    'normativity': '15',
    'completeness': '20',
    'accuracy': '25',
    'consistency': '25',
    'timeliness': '10',
    'accessibility': '5',
}
DEFAULT_SEVERITY_WEIGHTS = {'fatal': '1', 'error': '1', 'warning': '0.2', 'info': '0'}
DEFAULT_GRADES = [
    {'grade': 'A', 'min_score': '98', 'max': {'fatal': '0', 'error_rate': '0.001'}},
    {'grade': 'B', 'min_score': '95', 'max': {'fatal': '0'}},
    {'grade': 'C', 'min_score': '85', 'max': {'fatal': '0'}},
    {'grade': 'D'},
]


def grading(node):
    keys_of(node, {'weights', 'severity_weights', 'grades'}, 'grading')
    weights = node.get('weights', DEFAULT_WEIGHTS)  # a dimension that is left out weighs 0
    severity_weights = {**DEFAULT_SEVERITY_WEIGHTS, **node.get('severity_weights', {})}
    return Grading(
        {name: decimal(weights[one_of(name, DIMENSIONS)]) for name in weights},
        {name: decimal(severity_weights[one_of(name, SEVERITIES)]) for name in severity_weights},
        [grade(item) for item in node.get('grades', DEFAULT_GRADES)],
    )


def grade(node):
    result = Grade(node['grade'], decimal(node['min_score']) if 'min_score' in node else None)
    for key, value in (node.get('max') or {}).items():
        if key in SEVERITIES:
            result.failures[key] = whole(value)
        elif key == 'error_rate':
            result.error_rate = decimal(value)
        elif key.startswith('error_rate.'):
            result.table_rates[key.partition('.')[2]] = decimal(value)
        else:
            raise ProfileError(f'grade {result.grade}: unknown condition {key!r}')
    return result
