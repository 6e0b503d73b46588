#!/usr/bin/env python3
"""What a data package can say of the profile cn/division-codes: frictionless_check.py FOLDER OUT.

Required fields, patterns, lengths, keys, the unique name of a province, foreign keys, and by a check of our own that a code begins
with those of its parents. Not: names within a parent, ranges of codes, GB/T 2260, the second list, counts, statistics, measures, regions."""

import json
import sys

import frictionless

# resource: file, then field: (pattern or length, referenced resource)
TABLES = {
    'province': ('provinces.csv', {'code': (2, None), 'name': (30, None)}),
    'city': ('cities.csv', {'code': (4, None), 'name': (30, None), 'provinceCode': (2, 'province')}),
    'area': ('areas.csv', {'code': (6, None), 'name': (30, None), 'cityCode': (4, 'city'), 'provinceCode': (2, 'province')}),
    'street': ('streets.csv', {'code': (9, None), 'name': (40, None), 'areaCode': (6, 'area'), 'provinceCode': (2, 'province'), 'cityCode': (4, 'city')}),
    'village': (
        'villages.csv',
        {
            'code': (12, None),
            'name': (40, None),
            'streetCode': (9, 'street'),
            'provinceCode': (2, 'province'),
            'cityCode': (4, 'city'),
            'areaCode': (6, 'area'),
        },
    ),
}


def resource(name, file, fields):
    described = []
    for field, (size, _) in fields.items():
        constraints = {'required': True}
        if field == 'name':
            constraints['maxLength'] = size
            if name == 'province':
                constraints['unique'] = True
        else:
            constraints['pattern'] = f'[0-9]{{{size}}}'
        described.append({'name': field, 'type': 'string', 'constraints': constraints})
    foreign = [
        {'fields': [field], 'reference': {'resource': target, 'fields': ['code']}} for field, (_, target) in fields.items() if target
    ]
    schema = {'fields': described, 'primaryKey': ['code'], 'foreignKeys': foreign}
    return {'name': name, 'path': file, 'format': 'csv', 'encoding': 'utf-8', 'schema': schema}


class Prefixes(frictionless.Check):
    """A code begins with each of its parents' codes, as DC-101 to DC-104 say."""

    type = 'prefixes'
    Errors = [frictionless.errors.RowConstraintError]

    def validate_row(self, row):
        code = row['code'] or ''
        for field, (_, target) in TABLES[self.resource.name][1].items():
            if target and not code.startswith(row[field] or ''):
                yield frictionless.errors.RowConstraintError.from_row(row, note=f'code does not begin with {field}')


def main():
    folder, out = sys.argv[1:]
    descriptor = {'name': 'division-codes', 'resources': [resource(name, *spec) for name, spec in TABLES.items()]}
    package = frictionless.Package.from_descriptor(descriptor, basepath=folder)
    report = package.validate(checklist=frictionless.Checklist(checks=[Prefixes()]))
    figures = {
        'version': frictionless.__version__,
        'valid': report.valid,
        'rows': {task.name: task.stats.get('rows') for task in report.tasks},
        'errors': {task.name: len(task.errors) for task in report.tasks},
    }
    with open(out, 'w', encoding='utf-8') as file:
        json.dump(figures, file)


main()
