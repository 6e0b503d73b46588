"""Profiles that extend others: where they are found, and their documents laid over each other (docs/language.md,
"Overlays"). Whether an overlay only tightens is the engine's loader's to say."""

import os

from .values import ProfileError

SHIPPED = os.path.join(os.path.dirname(__file__), '..', '..', 'profiles')
INHERITED = 'params lists tables rules measures grading waivers as_of certify_within acknowledge_same unit'.split()

# Keys whose value is a mapping that is merged: by place and key, of named things (True) or of one (False), and its place.
MERGED = {
    ('profile', 'params'): (True, 'param'),
    ('profile', 'lists'): (True, 'list'),
    ('profile', 'tables'): (True, 'table'),
    ('profile', 'rules'): (True, 'rule'),
    ('profile', 'waivers'): (True, 'waiver'),
    ('profile', 'measures'): (True, 'measure'),
    ('profile', 'grading'): (False, 'grading'),
    ('table', 'fields'): (True, 'field'),
    ('table', 'relations'): (True, 'relation'),
    ('table', 'constraints'): (True, 'constraint'),
    ('field', 'constraints'): (True, 'constraint'),
    ('rule', 'tolerance'): (False, 'tolerance'),
    ('constraint', 'tolerance'): (False, 'tolerance'),
    ('grading', 'weights'): (False, 'weights'),
    ('grading', 'severity_weights'): (False, 'weights'),
}
BODIES = {
    'assert': ['assert', 'each', 'blame'],
    'unique': ['unique', 'normalize', 'at_most', 'without_overlaps'],
    'references': ['references', 'fields'],
    'similar': ['similar'],
}
# A key that the newer says: what of the older gives way.
GIVES_WAY = {
    'field': {
        'type': ['codes'],
        'codes': ['type'],
        'required': ['required_when'],
        'required_when': ['required'],
        'length': ['min_length', 'max_length'],
        'min_length': ['length'],
        'max_length': ['length'],
    },
    'list': {'file': ['codes'], 'codes': ['file']},
    'relation': {'one': ['many'], 'many': ['one']},
    'rule': {
        body: [key for other, keys in BODIES.items() if other != body for key in keys] for body in BODIES
    },
}


def merge(older, newer, place, named=False):
    if not isinstance(older, dict) or not isinstance(newer, dict):
        return newer
    if named:
        whole = dict(older)
        for name, item in newer.items():
            whole[name] = merge(older[name], item, place) if name in older else item
        return whole
    if place in ('rule', 'measure') and newer.get('status') == 'withdrawn':
        return newer
    gone = {old for key in newer for old in GIVES_WAY.get(place, {}).get(key, []) if old not in newer}
    whole = {
        key: value for key, value in older.items() if key not in gone and (place != 'profile' or key in INHERITED)
    }
    for key, value in newer.items():
        kind = MERGED.get((place, key))
        whole[key] = merge(whole[key], value, kind[1], kind[0]) if kind and key in whole else value
    return whole


def absolute(document, folder):
    """Files beside a profile lie in its own folder, also when another profile inherits what names them."""
    for table in (document.get('tables') or {}).values():
        if isinstance(table, dict) and table.get('included'):
            table['included'] = os.path.join(os.path.abspath(folder), table['included'])
    for item in (document.get('lists') or {}).values():
        if isinstance(item, dict) and item.get('file'):
            item['file'] = os.path.join(os.path.abspath(folder), item['file'])
    return document


def find(item, folder, profiles):
    """The path of what `extends` names."""
    if '@' not in item:
        path = os.path.normpath(item)
        if os.path.isabs(path) or path.startswith('..'):
            raise ProfileError(f'extends: {item!r} leads out of the folder')
        return os.path.join(folder, path)
    name, _, major = item.partition('@')
    for top in [profiles, SHIPPED] if profiles else [SHIPPED]:
        for path in (os.path.join(top, *name.split('.'), 'profile.yaml'), os.path.join(top, name + '.yaml')):
            if os.path.exists(path):
                with open(path, encoding='utf-8') as file:
                    if any(line.startswith(f'version: {major}.') for line in file):
                        return path
    raise ProfileError(f'extends: no profile {item!r}')


def chain_of(document, folder, read, profiles=None, above=()):
    """[(document, folder)] of the profile and what it extends, those first that extend nothing. read(path) gives a
    document."""
    chain = []
    items = document.get('extends') or []
    for item in [items] if isinstance(items, str) else items:
        path = find(item, folder, profiles)
        parent = read(path)
        name = parent.get('profile')
        if name in above:
            raise ProfileError(f'extends: {name!r} extends itself')
        for link in chain_of(parent, os.path.dirname(path), read, profiles, (*above, name)):
            if all(link[0].get('profile') != known[0].get('profile') for known in chain):
                chain.append(link)
    return [*chain, (document, folder)]


def whole(chain):
    """One document of all that the chain says."""
    result = None
    for document, folder in chain:
        own = absolute(document, folder)
        result = own if result is None else merge(result, own, 'profile')
    return {key: value for key, value in result.items() if key != 'extends'}
