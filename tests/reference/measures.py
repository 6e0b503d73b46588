"""Figures for the whole and for every region, level by level."""

from dataclasses import dataclass, field
from typing import Any, Optional

from . import ast, standards, values
from .evaluate import Env, evaluate
from .rules import absent
from .values import INVALID


@dataclass
class Figure:
    value: Any  # Num, Ratio or None
    fraction: Any = None  # (numerator, denominator) of a measure whose top operator is `/`
    verdict: Optional[str] = None  # 'true', 'false', 'unknown'; None without expect
    previous: Any = None


@dataclass
class MeasureResult:
    measure: Any
    outcome: str = ''
    reason: Optional[str] = None
    whole: Optional[Figure] = None
    regions: dict = field(default_factory=dict)  # code: Figure


def region_of(run, row):
    """The division code a row counts under, '' when there is none. Of a bare field the submitted text counts, typed or
    not."""
    region = row.table.region
    if region is None or not can_tell(run, row.table, region):
        return None
    value = evaluate(region.root, Env(run, row))
    if value is INVALID and isinstance(region.root, ast.Path) and region.root.target[0] == 'field':
        value = row.cells[region.root.target[2].name].text
    return standards.region_code(value) if isinstance(value, str) else ''


def can_tell(run, table, region):
    """A region that reads what is not there (a column, the day) is none."""
    tables = [(run.profile.tables[name], period) for name, period in region.reads.tables]
    columns = [(run.profile.tables[name], period, column) for name, period, column in region.reads.columns]
    return not absent(run, tables, columns) and not (region.reads.as_of and run.as_of is None)


def by_region(run, rows):
    """{code: rows} for every code the rows roll up to."""
    found = {}
    for row in rows:
        code = region_of(run, row)
        if code is not None:
            for prefix in standards.region_prefixes(code):
                found.setdefault(prefix, []).append(row)
    return found


def run_measures(run):
    return [run_measure(run, measure) for measure in run.profile.measures if measure.status != 'withdrawn']


def run_measure(run, measure):
    result = MeasureResult(measure)
    result.reason = skip_reason(run, measure)
    if result.reason:
        result.outcome = 'skipped'
        return result
    rows = run.rows(measure.table, measure.period)
    previous_rows = run.rows(measure.table, measure.period + 1)
    previous = by_region(run, previous_rows)
    has_previous = run.present(measure.table.name, measure.period + 1)
    result.whole = figure(run, measure, rows, previous_rows if has_previous else None)
    for code, members in by_region(run, rows).items():
        level = standards.DIGITS_LEVEL.get(len(code))
        if (measure.levels is None or level is None or level in measure.levels) and speaks(run, measure, members):
            result.regions[code] = figure(run, measure, members, previous.get(code) if has_previous else None)
    result.outcome = outcome(result)
    return result


def skip_reason(run, measure):
    parts = [part.reads for part in (measure.value, measure.when, measure.expect) if part is not None]
    if any(reads.as_of for reads in parts) and run.as_of is None:
        return 'no as_of'
    tables = [(measure.table, measure.period)]
    tables += [(run.profile.tables[name], period) for reads in parts for name, period in sorted(reads.tables)]
    columns = [
        (run.profile.tables[name], period, column) for reads in parts for name, period, column in sorted(reads.columns)
    ]
    if reads_previous(measure) and not run.present(measure.table.name, measure.period + 1):
        return 'no earlier period'
    return absent(run, tables, columns)


def reads_previous(measure):
    return measure.expect is not None and any(
        isinstance(node, ast.Path) and node.target == ('value', 'previous') for node in ast.walk(measure.expect.root)
    )


def figure(run, measure, rows, previous_rows):
    value, parts = compute(run, measure, rows)
    previous = None if previous_rows is None else compute(run, measure, previous_rows)[0]
    if measure.expect is None or not speaks(run, measure, rows):
        return Figure(value, parts, None, previous)
    found = evaluate(measure.expect.root, Env(run, measured={'value': value, 'previous': previous}))
    return Figure(
        value, parts, 'unknown' if found is None or found is INVALID else 'true' if found else 'false', previous
    )


def speaks(run, measure, rows):
    """`when` is a condition on the whole or the region: where it is not TRUE the measure has no figure and no
    verdict."""
    return measure.when is None or evaluate(measure.when.root, Env(run, group=rows)) is True


def compute(run, measure, rows):
    """(figure, fraction) over these rows; a fraction when the top operator is `/` and both parts are there."""
    if not speaks(run, measure, rows):
        return None, None
    env, root = Env(run, group=rows), measure.value.root
    if isinstance(root, ast.Binary) and root.op == '/':
        parts = evaluate(root.left, env), evaluate(root.right, env)
        return values.ratio(*parts), parts if values.strict(parts) is True else None
    value = evaluate(root, env)
    return None if value is INVALID else value, None


def outcome(result):
    verdicts = [figure.verdict for figure in (result.whole, *result.regions.values()) if figure.verdict]
    if 'false' in verdicts:
        return 'failed'
    if result.measure.expect is None:
        return 'passed' if result.whole.value is not None else 'undetermined'
    if 'true' in verdicts:
        return 'passed'
    return 'undetermined' if verdicts else 'not_applicable'


def shown(value):
    return None if value is None else str(value)


def holds(figure):
    """Of `expect`: True, False, or None for unknown and where there is none."""
    return {'true': True, 'false': False}.get(figure.verdict)
