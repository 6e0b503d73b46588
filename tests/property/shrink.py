"""Makes a failing case small: drops rules, measures, tables, fields, settings, files and records while it still
fails."""

import copy


def shrink(case, fails, budget=400):
    """fails(case) -> bool. At most `budget` trials."""
    tries = [0]

    def keep(changed):
        tries[0] += 1
        return tries[0] <= budget and fails(changed)

    progress = True
    while progress and tries[0] < budget:
        progress = False
        for step in (drop_files, drop_rules, drop_tables, drop_fields, drop_settings, drop_records, drop_params):
            for changed in step(case):
                if keep(changed):
                    case, progress = changed, True
                    break
    return case


def changed_copy(case, change):
    other = copy.deepcopy(case)
    change(other)
    return other


def drop_files(case):
    for index in range(len(case.files)):
        yield changed_copy(case, lambda other: other.files.pop(index))


def halves(items):
    """Ranges to leave out, large ones first."""
    size = len(items)
    while size >= 1:
        for start in range(0, len(items), size):
            yield start, start + size
        size //= 2


def drop_keys(case, find):
    """Leaves stretches of the keys of a mapping out."""
    keys = list(find(case))
    for start, end in halves(keys):

        def change(other, gone=tuple(keys[start:end])):
            mapping = find(other)
            for key in gone:
                mapping.pop(key, None)

        yield changed_copy(case, change)


def drop_rules(case):
    yield from drop_keys(case, lambda other: other.profile.get('rules', {}))
    yield from drop_keys(case, lambda other: other.profile.get('measures', {}))


def drop_tables(case):
    yield from drop_keys(case, lambda other: other.profile['tables'])
    yield changed_copy(case, lambda other: other.profile.pop('grading', None))


def drop_fields(case):
    for table in case.profile['tables']:
        yield from drop_keys(case, lambda other, table=table: other.profile['tables'][table]['fields'])
        yield from drop_keys(case, lambda other, table=table: other.profile['tables'][table].get('relations', {}))


def drop_settings(case):
    for table, described in case.profile['tables'].items():
        yield from drop_keys(
            case, lambda other, table=table: without(other.profile['tables'][table], ('fields', 'files'))
        )
        for field in described['fields']:
            yield from drop_keys(
                case,
                lambda other, table=table, field=field: without(
                    other.profile['tables'][table]['fields'][field], ('type',)
                ),
            )
    for rule in case.profile.get('rules', {}):
        yield from drop_keys(
            case,
            lambda other, rule=rule: without(
                other.profile['rules'][rule], ('on', 'assert', 'each', 'fields', 'references')
            ),
        )
    for measure in case.profile.get('measures', {}):
        yield from drop_keys(
            case, lambda other, measure=measure: without(other.profile['measures'][measure], ('on', 'value'))
        )


class without:
    """A mapping of which some keys cannot be dropped."""

    def __init__(self, mapping, kept):
        self.mapping, self.kept = mapping, kept

    def __iter__(self):
        return iter([key for key in self.mapping if key not in self.kept])

    def pop(self, key, default=None):
        return self.mapping.pop(key, default)


def drop_records(case):
    for index, file in enumerate(case.files):
        for start, end in halves(file.records):
            yield changed_copy(
                case,
                lambda other, index=index, start=start, end=end: other.files[index].records.__delitem__(
                    slice(start, end)
                ),
            )


def drop_params(case):
    yield from drop_keys(case, lambda other: other.profile.get('params', {}))
    yield changed_copy(case, lambda other: other.params.clear())
