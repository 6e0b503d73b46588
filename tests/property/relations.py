"""The part of a case that reads more than one table: relations, external and included tables, earlier periods."""

from .expressions import Rel, Scope
from .gen import expr_type, written


def add_relations(generator, profile):
    """Gives the tables relations to each other, and sometimes an external and an included table."""
    tables = profile['tables']
    if generator.maybe(0.4):
        tables['external'] = {
            'external': 'true',
            'files': ['external*.csv'],
            'fields': {'k': {'type': 'text'}, 'v': {'type': 'integer'}},
        }
    if generator.maybe(0.4):
        tables['lines'] = {
            'included': 'lines.csv',
            'key': ['k'],
            'fields': {'k': {'type': 'integer'}, 'a': {'type': 'integer'}},
        }
    own = [name for name in tables if name not in ('external', 'lines')]
    generator.links = {}
    for name in own:
        for number in range(generator.rng.randint(1, 3)):
            relation(generator, tables, name, f'r{number}')


def relation(generator, tables, name, label):
    target = generator.pick(list(tables))
    period = '@previous' if target not in ('lines',) and generator.maybe(0.25) else ''
    many = generator.maybe(0.55)
    mine, theirs = key_pair(generator, tables[name], tables[target])
    if mine is None:
        return
    described = {'many' if many else 'one': target + period, 'on': mine if mine == theirs else {mine: theirs}}
    if generator.maybe(0.35):
        inner = row_scope(generator, tables[target])
        described['where'] = generator.expr.condition(inner, 2)
    tables[name].setdefault('relations', {})[f'{label}_{target}'] = described
    note(generator, name, f'{label}_{target}', many, target, period)
    if generator.maybe(0.4) and target not in ('external', 'lines') and not period and 'where' not in described:
        described['inverse'] = f'of_{name}_{label}'
        holds_key = all(part == mine for part in tables[name].get('key', ['']))
        note(generator, target, described['inverse'], not many and not holds_key, name, '')


def note(generator, name, label, many, target, period):
    generator.links.setdefault(name, []).append((label, many, target, period))


def key_pair(generator, table, other):
    """A field of each, of one type; or an expression on one side."""
    pairs = [
        (written(a), written(b))
        for a, spec in table['fields'].items()
        for b, against in other['fields'].items()
        if expr_type(spec) == expr_type(against) and not expr_type(spec).endswith('[]')
    ]
    good = [pair for pair in pairs if 'key' in pair or 'k' in pair] or pairs
    if not good:
        return None, None
    mine, theirs = generator.pick(good)
    texts = [written(a) for a, spec in table['fields'].items() if expr_type(spec) == 'text']
    if mine in texts and generator.maybe(0.15):
        mine = f'left({mine}, 2)'
    return mine, theirs


def row_scope(generator, table):
    scope = Scope(params=generator.params)
    for name, spec in table['fields'].items():
        scope.fields.setdefault(expr_type(spec), []).append(written(name))
        scope.raw.append(written(name))
    scope.fields.pop('numeric[]', None)
    return scope


def related_scope(generator, profile, name, scope):
    """The scope of a row with the relations it may follow."""
    for label, many, target, _ in generator.links.get(name, []):
        inner = row_scope(generator, profile['tables'][target])
        if many and generator.maybe(0.4):
            # Inside an aggregate the outer row can be named too.
            for kind, names in scope.fields.items():
                inner.fields.setdefault(kind, []).extend(f'this.{one}' for one in names)
        scope.relations.append(Rel(label, many, inner))
        if not many:
            for far, far_many, far_target, _ in generator.links.get(target, []):
                scope.relations.append(
                    Rel(f'{label}.{far}', far_many, row_scope(generator, profile['tables'][far_target]))
                )
    return scope
