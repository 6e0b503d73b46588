"""Random waivers on the rules of a random profile."""

import random


def is_there(spec, kind):
    return spec.get('constraints', {}).get(kind, {}).get('status') != 'withdrawn'


def rule_ids(profile):
    """[(id, table, groups)]: rules as written, and derived ones that are there for certain."""
    out = []
    for rule_id, rule in profile['rules'].items():
        if rule.get('status') != 'withdrawn':
            table = rule['on'].partition('@')[0]
            groups = 'assert' in rule and ('each' in rule or '*' in rule['assert']) and rule.get('blame') != 'records'
            out.append((rule_id, table, rule.get('each', []) if groups else None))
    for name, table in profile['tables'].items():
        if table.get('included') or table.get('external'):
            continue
        for field_name, spec in table['fields'].items():
            if 'codes' in spec:
                if is_there(spec, 'codes'):
                    out.append((f'{name}.{field_name}.codes', name, None))
            elif spec.get('type', 'text') != 'text' and is_there(spec, 'type'):
                out.append((f'{name}.{field_name}.type', name, None))
            if 'references' in spec and is_there(spec, 'references'):
                out.append((f'{name}.{field_name}.references', name, None))
        if 'key' in table and is_there(table, 'key'):
            out.append((f'{name}.key', name, None))
    return out


def add_waivers(generator, profile, case):
    """Some profiles have a few; they want a day."""
    rng = random.Random(f'waivers:{generator.level}:{generator.seed}')
    candidates = rule_ids(profile)
    if rng.random() < 0.5 or not candidates or not (case.as_of or 'as_of' in profile):
        return
    profile.setdefault('as_of', 'required')
    profile['waivers'] = {f'W-{n}': waiver(rng, generator, profile, *rng.choice(candidates)) for n in range(rng.randint(1, 4))}


def waiver(rng, generator, profile, rule_id, table_name, group_keys):
    table = profile['tables'][table_name]
    out = {'rule': rule_id}
    key = table.get('key')
    if group_keys is None and key == ['key'] and rng.random() < 0.4:
        out['keys'] = [str(rng.randint(1, 12)) for _ in range(rng.randint(1, 5))]
    if 'keys' not in out or rng.random() < 0.3:
        if group_keys is None:
            out['where'] = generator.expr.condition(generator.scope(table['fields'], as_of=True), 2)
        else:
            out['where'] = f'{rng.choice(group_keys)} is not null' if group_keys and rng.random() < 0.8 else 'true'
        out[rng.choice(['max_count', 'max_rate'])] = rng.choice(['0', '1'])
        if 'max_count' in out:
            out['max_count'] = str(rng.choice([0, 1, 2, 3, 8, 100]))
        else:
            out['max_rate'] = rng.choice(['0', '0.1', '0.3', '0.5', '1'])
    out.update(reason='looked at, and right', approved_by='Li', until=rng.choice(['2031-01-01'] * 4 + ['1990-01-01']))
    return out
