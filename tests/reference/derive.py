"""Derived rules: what the constraints of tables and fields say as rules; and the settings every rule has."""

from . import ast
from .profile import DIMENSIONS, GATES, KIND_DEFAULTS, SEVERITIES, STATUSES, Rule
from .values import ProfileError

CONSTRAINT_KEYS = set(
    'severity dimension indicator gate message title weight status tolerance if_skipped clause known_issues'.split()
)
STRUCTURE = ('present', 'columns', 'rows', 'encoding')
FIELD_ORDER = ('required', 'characters', 'codes', 'type', 'items', 'pattern', 'length', 'range', 'references')


def constraint_kinds(field, node):
    """The constraints that are written on the field, in the order in which they run."""
    kinds = set()
    if 'required_when' in node or node.get('required') == 'true' or field.name in field.table.key:
        kinds.add('required')
    if field.plain:
        kinds.add('characters')
    if field.codes is not None:
        kinds.add('codes')
    elif field.types != ['text']:
        kinds.add('type')
    if field.many and any(key in node for key in ('min_items', 'max_items')) or (field.many and field.distinct):
        kinds.add('items')
    if 'pattern' in node:
        kinds.add('pattern')
    if any(key in node for key in ('length', 'min_length', 'max_length')):
        kinds.add('length')
    if 'min' in node or 'max' in node:
        kinds.add('range')
    if 'references' in node:
        kinds.add('references')
    return [kind for kind in FIELD_ORDER if kind in kinds]


def settings(rule, kind, node):
    """severity, dimension, … of a rule: as written, else by its kind."""
    from .load import day, decimal, one_of, whole

    indicator, dimension, gate = KIND_DEFAULTS[kind]
    rule.indicator = node.get('indicator', indicator)
    rule.dimension = one_of(node.get('dimension', dimension), DIMENSIONS)
    rule.gate = one_of(node.get('gate', gate), GATES)
    rule.severity = one_of(node.get('severity', 'error'), SEVERITIES)
    rule.status = one_of(node.get('status', 'active'), STATUSES)
    rule.weight = decimal(node.get('weight', '1'))
    rule.if_skipped = node.get('if_skipped')
    tolerance = node.get('tolerance') or {}
    if 'rate' in tolerance:
        rule.tolerance_rate = decimal(tolerance['rate'])
    if 'count' in tolerance:
        rule.tolerance_count = whole(tolerance['count'])
    rule.effective = day(node['effective']) if 'effective' in node else None
    rule.until = day(node['until']) if 'until' in node else None


def constraint(rule, node, defaults):
    """Settings of one constraint: `constraints: {KIND: {…}}` first, then what the field says of all."""
    own = (node.get('constraints') or {}).get(rule.id.rpartition('.')[2], {})
    for key in own:
        if key not in CONSTRAINT_KEYS:
            raise ProfileError(f'{rule.id}: unknown key {key!r}')
    settings(rule, rule.kind, {**defaults, **own})
    return rule


def judged(table):
    """Another department's data and the profile's own are judged by nobody here but the rules that name them."""
    return not table.external and not table.included


def structure_rules(profile, nodes):
    for name, node in nodes.items():
        table = profile.tables[name]
        if not judged(table):
            continue
        for kind in STRUCTURE:
            profile.rules.append(constraint(Rule(f'{name}.{kind}', kind, table), node, {}))


def table_rules(profile, table, node):
    from .check import Scope, check

    if not judged(table):
        return
    fields = node.get('fields') or {}
    said = {
        name: {key: item[key] for key in ('severity', 'dimension') if key in (item or {})}
        for name, item in fields.items()
    }
    for name, item in fields.items():
        for kind in table.fields[name].constraint_kinds:
            rule = Rule(f'{table.name}.{name}.{kind}', kind, table, field=table.fields[name])
            if kind == 'references':
                rule.ref_table, rule.ref_fields = table.fields[name].references[0], [table.fields[name].references[1]]
            profile.rules.append(constraint(rule, item or {}, said[name]))
    for name, item in fields.items():
        if (item or {}).get('unique') == 'true':
            rule = Rule(
                f'{table.name}.{name}.unique', 'unique', table, keys=[check(ast.Path([name]), Scope(profile, table))]
            )
            rule.normalize = [False]
            profile.rules.append(constraint(rule, item, said[name]))
    if 'unique' in node:
        parts = [node['unique']] if isinstance(node['unique'], str) else node['unique']
        rule = Rule(
            f'{table.name}.unique', 'unique', table, keys=[check(part, Scope(profile, table)) for part in parts]
        )
        rule.normalize = [False] * len(parts)
        profile.rules.append(constraint(rule, node, {}))
    if table.key:
        rule = Rule(
            f'{table.name}.key',
            'unique',
            table,
            keys=[check(ast.Path([name]), Scope(profile, table)) for name in table.key],
        )
        rule.normalize = [False] * len(table.key)
        profile.rules.append(constraint(rule, node, {}))


def reads_star(text):
    from .parser import parse

    return any(isinstance(node, ast.Aggregate) and node.path is None for node in ast.walk(parse(text)))


def assert_kind(rule, profile):
    """Which line of the table of defaults an assert stands on."""
    if rule.each:
        return 'each'
    reads = [rule.check.reads] + ([rule.when.reads] if rule.when else [])
    tables = {pair for read in reads for pair in read.tables}
    if rule.period > 0 or any(period > 0 for _, period in tables):
        return 'period'
    if any(profile.tables[name].external for name, _ in tables):
        return 'external'
    return 'relation' if rule.kind == 'group' or any(read.relation for read in reads) else 'row'


def normalized(node, parts):
    """For each part whether it is compared as its normal resident number."""
    named = {part: node for part in parts} if isinstance(node, str) else dict(node or {})
    for part, kind in named.items():
        if part not in parts or kind != 'resident_id':
            raise ProfileError(f'normalize: {part}: {kind}')
    return [part in named for part in parts]
