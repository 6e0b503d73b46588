"""Runs the rules: a verdict for every row, or for every group, and the counts that follow."""

from dataclasses import dataclass, field
from typing import Optional

from . import fields, similar, standards, values
from .evaluate import Env, evaluate
from .values import INVALID

# Verdicts beside True (passed) and False (failed).
NOT_APPLICABLE = 'not_applicable'
UNDETERMINED = 'undetermined'
WAIVED = 'waived'  # failed, and covered by a waiver
AMBIGUOUS = 'ambiguous'  # undetermined, since a to-one relation had several rows


@dataclass
class RuleResult:
    rule: object
    outcome: str = ''
    reason: Optional[str] = None
    verdicts: list = field(default_factory=list)  # [(row, verdict)] of record rules
    rows: int = 0
    not_applicable: int = 0
    undetermined: int = 0
    ambiguous: int = 0
    evaluated: int = 0
    passed: int = 0
    failed: int = 0
    waived: int = 0
    waivers: dict = field(default_factory=dict)  # {id: (state, matched)} of those in force
    of_groups: dict = field(default_factory=dict)  # {key: verdict} of rules that judge groups
    groups: Optional[int] = None
    unkeyed: Optional[int] = None
    failing: list = field(default_factory=list)

    def count(self, found):
        """Fills the counts from verdicts."""
        self.rows = len(found)
        self.not_applicable = found.count(NOT_APPLICABLE)
        self.ambiguous = found.count(AMBIGUOUS)
        self.undetermined = found.count(UNDETERMINED) + self.ambiguous
        self.passed, self.failed = found.count(True), found.count(False)
        self.waived = found.count(WAIVED)
        self.evaluated = self.passed + self.failed + self.waived


def run_rules(run):
    """A rule that is withdrawn, or not in force on the day, is in no list."""
    return [run_rule(run, rule) for rule in run.profile.rules if rule.status != 'withdrawn' and in_force(run, rule)]


def run_rule(run, rule):
    result = RuleResult(rule)
    result.reason = skip_reason(run, rule)
    if result.reason:
        result.outcome = 'skipped'
        return result
    RUNNERS[rule.kind](run, rule, result)
    waive(run, rule, result)
    result.outcome = outcome(rule, result)
    return result


def outcome(rule, result):
    if result.evaluated == 0:
        if rule.kind in STRUCTURE and result.rows == 0:
            return 'passed'
        return 'undetermined' if result.undetermined else 'not_applicable'
    if result.failed == 0:
        return 'passed'
    limits = [result.failed > rule.tolerance_count] if rule.tolerance_count is not None else []
    if rule.tolerance_rate is not None:
        limits.append(result.failed > rule.tolerance_rate * result.evaluated)
    return 'failed' if not limits or any(limits) else 'passed'


# --- waivers ---------------------------------------------------------------------------------------------------------


def waive(run, rule, result):
    """A failure belongs to the first waiver in force that covers it; one that covers more than it grants is void."""
    waivers = [one for one in run.profile.waivers if one.rule == rule.id and run.as_of < one.until]
    if not waivers:
        return
    verdicts = dict(result.of_groups if rule.is_of_groups() else result.verdicts)
    left = [what for what, verdict in verdicts.items() if verdict is False]
    for waiver in waivers:
        covered = [what for what in left if covers(run, rule, waiver, what)]
        left = [what for what in left if what not in covered]
        over = (waiver.max_count is not None and len(covered) > waiver.max_count) or (
            waiver.max_rate is not None and len(covered) > waiver.max_rate * result.evaluated
        )
        result.waivers[waiver.id] = ('overdrawn' if over else 'used' if covered else 'unused', len(covered))
        if not over:
            verdicts.update((what, WAIVED) for what in covered)
    if rule.is_of_groups():
        finish_groups(result, verdicts)
    else:
        result.verdicts = [(row, verdicts[row]) for row, _ in result.verdicts]
        finish_rows(result)


def covers(run, rule, waiver, what):
    """what: a row, or the key of a group."""
    groups = rule.is_of_groups()
    env = Env(run, keys=what) if groups else Env(run, what)
    if waiver.where is not None and evaluate(waiver.where.root, env) is not True:
        return False
    if waiver.keys is None:
        return True
    key = what if groups else tuple(what.value(name) for name in rule.table.key)
    return values.strict(key) is True and any(
        all(values.compare(part, other) == 0 for part, other in zip(key, one)) for one in waiver.keys
    )


# --- what cannot run -------------------------------------------------------------------------------------------------


def skip_reason(run, rule):
    """Why the rule cannot run, or None."""
    if rule.kind == 'similar' and similar.needs_sound(rule):
        return 'names are compared by sound, an optional part that the reference does not have'
    if rule.kind == 'present':
        return None
    return missing(run, [(rule.table, rule.period)], rule)


def missing(run, tables, rule):
    columns = []
    for part in rule.parts():
        if part.reads.as_of and run.as_of is None:
            return 'no as_of'
        tables = tables + [(run.profile.tables[name], period) for name, period in sorted(part.reads.tables)]
        columns += [(run.profile.tables[name], period, column) for name, period, column in sorted(part.reads.columns)]
    if rule.ref_table is not None:
        tables = tables + [(rule.ref_table, rule.period)]
        columns += [(rule.ref_table, rule.period, name) for name in rule.ref_fields]
    if rule.field is not None:
        columns.append((rule.table, 0, rule.field.name))
    return absent(run, tables, columns)


def absent(run, tables, columns):
    for table, period in tables:
        if not run.present(table.name, period):
            return f'table {table.name} absent'
    for table, period, column in columns:
        data = run.data(table.name, period)
        if data is None or not data.present:
            return f'table {table.name} absent'
        if not data.has_column(column):
            return f'column {table.name}.{column} absent'
    return None


def in_force(run, rule):
    """From its first day, `effective`, to the day before `until`."""
    if run.as_of is None:
        return True
    return (rule.effective is None or rule.effective <= run.as_of) and (rule.until is None or run.as_of < rule.until)


# --- structure -------------------------------------------------------------------------------------------------------


def structure_counts(result, evaluated, failing):
    result.rows = result.evaluated = evaluated
    result.failed = len(failing)
    result.passed = evaluated - result.failed
    result.failing = failing


def run_present(run, rule, result):
    """Not applicable when a table that may be absent is."""
    if not run.present(rule.table.name, 0) and not rule.table.required:
        result.rows = result.not_applicable = 1
    else:
        structure_counts(result, 1, [] if run.present(rule.table.name, 0) else [rule.table.name])


def run_columns(run, rule, result):
    data = run.data(rule.table.name, 0)
    unknown = set() if rule.table.unknown_columns == 'ignore' else data.unknown
    failing = [['missing', name] for name in data.missing] + [['repeated', name] for name in data.repeated]
    if rule.table.unknown_columns == 'warning' and not failing and unknown:
        rule.severity = 'warning' if rule.severity in ('fatal', 'error') else rule.severity
    failing += [['unknown', name] for name in unknown]
    structure_counts(result, len(rule.table.fields) + len(unknown) + len(data.repeated), sorted(failing))


def run_rows(run, rule, result):
    data = run.data(rule.table.name, 0)
    structure_counts(result, data.records_count(), data.bad('open_quote', 'nul', 'quote', 'field_count'))


def run_encoding(run, rule, result):
    data = run.data(rule.table.name, 0)
    structure_counts(result, data.records_count(), data.bad('encoding'))


STRUCTURE = {'present': run_present, 'columns': run_columns, 'rows': run_rows, 'encoding': run_encoding}


# --- one verdict a row -----------------------------------------------------------------------------------------------


def by_row(verdict_of):
    """A runner that asks for each row's verdict."""

    def runner(run, rule, result):
        result.verdicts = [(row, verdict_of(run, rule, row)) for row in run.rows(rule.table, rule.period)]
        finish_rows(result)

    return runner


def finish_rows(result):
    result.count([verdict for _, verdict in result.verdicts])
    result.failing = [row.identity() for row, verdict in result.verdicts if verdict is False]


def truth_verdict(value, env):
    if value is None or value is INVALID:
        return AMBIGUOUS if env.ambiguous else UNDETERMINED
    return value


def applies(run, rule, row):
    return rule.when is None or evaluate(rule.when.root, Env(run, row)) is True


def required_verdict(run, rule, row):
    one = rule.field
    if (
        not one.required
        and one.name not in one.table.key
        and evaluate(one.required_when.root, Env(run, row)) is not True
    ):
        return NOT_APPLICABLE
    return not row.cells[one.name].missing


def constraints(run, one, cell):
    """The field's constraints that hold on the day: a withdrawn one is as if it had never been written."""
    gone = {
        rule.kind
        for rule in run.profile.rules
        if rule.field is one and (rule.status == 'withdrawn' or not in_force(run, rule))
    } - {'type', 'codes'}
    return fields.constraints(one, cell, run, gone)


def constraint_verdict(run, rule, row):
    for kind, verdict in constraints(run, rule.field, row.cells[rule.field.name]):
        if kind == rule.kind:
            return UNDETERMINED if verdict is None else verdict
    return NOT_APPLICABLE


def assert_verdict(run, rule, row):
    if not applies(run, rule, row):
        return NOT_APPLICABLE
    env = Env(run, row)
    return truth_verdict(evaluate(rule.check.root, env), env)


# --- references ------------------------------------------------------------------------------------------------------


def run_references(run, rule, result):
    targets = set()
    for row in run.rows(rule.ref_table, rule.period):
        key = tuple(row.value(name) for name in rule.ref_fields)
        if values.strict(key) is True:
            targets.add(key)
    for row in run.rows(rule.table, rule.period):
        verdict = field_reference(run, rule, row, targets) if rule.field else rule_reference(run, rule, row, targets)
        result.verdicts.append((row, verdict))
    finish_rows(result)


def field_reference(run, rule, row, targets):
    cell = row.cells[rule.field.name]
    if cell.missing or any(verdict is False for _, verdict in constraints(run, rule.field, cell)):
        return NOT_APPLICABLE
    return all((item,) in targets for item in cell.typed)


def rule_reference(run, rule, row, targets):
    if not applies(run, rule, row):
        return NOT_APPLICABLE
    env = Env(run, row)
    key = tuple(evaluate(part.root, env) for part in rule.keys)
    known = values.strict(key)
    if known is INVALID:
        return UNDETERMINED
    return key in targets if known is True else NOT_APPLICABLE


# --- unique ----------------------------------------------------------------------------------------------------------


def run_unique(run, rule, result):
    groups = {}
    verdicts = {}
    for row in run.rows(rule.table, rule.period):
        if not applies(run, rule, row):
            verdicts[row] = NOT_APPLICABLE
            continue
        env = Env(run, row)
        key = unique_key(rule, env)
        if key is None or (rule.overlaps and period_of(rule, env) is None):
            verdicts[row] = truth_verdict(None, env)
        else:
            groups.setdefault(key, []).append(row)
    result.groups = 0
    for rows in groups.values():
        failing = overlapping(run, rule, rows) if rule.overlaps else rows if len(rows) > rule.at_most else []
        result.groups += bool(failing)
        for row in rows:
            verdicts[row] = row not in failing
    result.verdicts = [(row, verdicts[row]) for row in run.rows(rule.table, rule.period)]
    finish_rows(result)


def unique_key(rule, env):
    """The typed key, or None when a part is NULL or INVALID."""
    parts = [evaluate(part.root, env) for part in rule.keys]
    if values.strict(parts) is not True:
        return None
    return tuple(standards.id_normal(part) if normal else part for part, normal in zip(parts, rule.normalize))


def period_of(rule, env):
    """(from, to) of a row, an open end None; None when the begin is missing or either is INVALID."""
    start, end = (evaluate(part.root, env) for part in rule.overlaps)
    if start is None or start is INVALID or end is INVALID:
        return None
    return start, end


def overlapping(run, rule, rows):
    """The rows whose period [from, to) meets another one's."""
    periods = [(row, period_of(rule, Env(run, row))) for row in rows]
    return [row for row, mine in periods if any(other is not row and meet(mine, theirs) for other, theirs in periods)]


def meet(a, b):
    """A period that is empty or reversed meets none."""
    return before(*a) and before(*b) and before(a[0], b[1]) and before(b[0], a[1])


def before(start, end):
    return end is None or values.compare(start, end) < 0


# --- similar ---------------------------------------------------------------------------------------------------------


def run_similar(run, rule, result):
    rows = run.rows(rule.table, rule.period)
    takers = [row for row in rows if applies(run, rule, row)]
    found, lost = similar.failing(run, rule, takers)
    for row in rows:
        verdict = NOT_APPLICABLE if row not in takers else UNDETERMINED if row in lost else row not in found
        result.verdicts.append((row, verdict))
    finish_rows(result)


# --- groups ----------------------------------------------------------------------------------------------------------


def run_group(run, rule, result):
    """`each`: one verdict a group of equal keys; without keys one for the whole table."""
    rows = run.rows(rule.table, rule.period)
    groups, unkeyed = ({}, []) if rule.each else ({(): list(rows)}, [])
    for row in rows if rule.each else ():
        env = Env(run, row)
        key = tuple(evaluate(part.root, env) for part in rule.keys)
        if values.strict(key) is True:
            groups.setdefault(key, []).append(row)
        else:
            unkeyed.append(row)
    if rule.each:
        result.unkeyed = len(unkeyed)
    verdicts = {key: group_verdict(run, rule, key, members) for key, members in groups.items()}
    if rule.blame_records:
        of_row = {row: verdicts[key] for key, members in groups.items() for row in members}
        result.verdicts = [(row, of_row.get(row, UNDETERMINED)) for row in rows]
        finish_rows(result)
        result.groups = list(verdicts.values()).count(False)
    else:
        finish_groups(result, verdicts)


def finish_groups(result, verdicts):
    result.of_groups = verdicts
    result.count(list(verdicts.values()))
    result.failing = sorted([values.show(part) for part in key] for key, verdict in verdicts.items() if verdict is False)


def group_verdict(run, rule, key, members):
    env = Env(run, group=members, keys=key)
    if rule.when is not None and evaluate(rule.when.root, env) is not True:
        return NOT_APPLICABLE
    return truth_verdict(evaluate(rule.check.root, env), env)


RUNNERS = {
    **STRUCTURE,
    'required': by_row(required_verdict),
    'assert': by_row(assert_verdict),
    'references': run_references,
    'unique': run_unique,
    'similar': run_similar,
    'group': run_group,
    **{kind: by_row(constraint_verdict) for kind in ('characters', 'type', 'codes', 'items', 'pattern', 'length', 'range')},
}
