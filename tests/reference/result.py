"""The finished run as the report's JSON has it, as far as the reference goes."""

from fractions import Fraction

from . import grade, measures, standards
from .rules import WAIVED, run_rules
from .values import decimal_text


def report(run):
    results = run_rules(run)
    figures = measures.run_measures(run)
    errors = grade.error_rows(results)
    return {
        'profile': {'id': run.profile.id, 'version': run.profile.version},
        'submission': {'as_of': None if run.as_of is None else run.as_of.isoformat(), 'tables': tables(run, errors)},
        'verdict': grade.verdict(run, results, figures),
        'rules': [rule_json(result) for result in results if grade.is_active(result)],
        'drafts': [rule_json(result) for result in results if not grade.is_active(result)],
        'measures': [measure_json(result) for result in figures],
        'indicators': grade.indicators(results),
        'regions': regions(run, results, errors),
        'waivers': waivers(run, results),
    }


def tables(run, errors):
    out = []
    for data in run.tables.values():
        if data.period == 0 and not data.table.builtin and not data.table.included:
            bad = sum(source.bad_rows for source in data.sources)
            out.append(
                {
                    'name': data.table.name,
                    'rows': len(data.rows),
                    'bad_rows': bad,
                    'records_with_errors': sum(row.table is data.table for row in errors),
                }
            )
    return out


def rule_json(result):
    rule = result.rule
    out = {
        'id': rule.id,
        'table': rule.table.name,
        'severity': rule.severity,
        'dimension': rule.dimension,
        'gate': rule.gate,
        'status': rule.status,
        'outcome': result.outcome,
        'reason': result.reason,
        'rows': result.rows,
        'not_applicable': result.not_applicable,
        'undetermined': result.undetermined,
        'ambiguous': result.ambiguous,
        'evaluated': result.evaluated,
        'passed': result.passed,
        'failed': result.failed,
        'waived': result.waived,
    }
    if result.groups is not None:
        out['groups'] = result.groups
    if result.unkeyed is not None:
        out['unkeyed'] = result.unkeyed
    out['failing'] = sorted(result.failing)
    return out


def measure_json(result):
    out = {
        'id': result.measure.id,
        'on': result.measure.table.name,
        'outcome': result.outcome,
        'reason': result.reason,
        'value': None,
        'regions': [],
    }
    if result.whole is not None:
        out['value'] = measures.shown(result.whole.value)
        if result.whole.fraction:
            out['numerator'], out['denominator'] = map(str, result.whole.fraction)
        if result.whole.previous is not None:
            out['previous'] = measures.shown(result.whole.previous)
        out['holds'] = measures.holds(result.whole)
        out['regions'] = [
            {'code': code, 'value': measures.shown(figure.value), 'holds': measures.holds(figure)}
            for code, figure in sorted(result.regions.items())
        ]
    return out


def waivers(run, results):
    """What became of each."""
    out = []
    for waiver in run.profile.waivers:
        found = [result for result in results if result.rule.id == waiver.rule and waiver.id in result.waivers]
        state, matched = found[0].waivers[waiver.id] if found else ('not_run', 0)
        if run.as_of >= waiver.until:
            state = 'expired'
        used = matched if state == 'used' else 0
        out.append({'id': waiver.id, 'rule': waiver.rule, 'state': state, 'matched': matched, 'used': used})
    return out


def regions(run, results, errors):
    """Rows, findings, score and grade of every region, over the tables that have one. Group verdicts and structure have
    none."""
    found = {}
    for data in run.tables.values():
        if data.period == 0 and data.table.counts and data.table.region is not None:
            for code, rows in measures.by_region(run, data.rows).items():
                found.setdefault(code, set()).update(rows)
    return [region(run, results, errors, code, found[code]) for code in sorted(found)]


def region(run, results, errors, code, rows):
    counts = []
    for result in results:
        if grade.is_active(result) and result.rule.period == 0:
            here = [verdict for row, verdict in result.verdicts if row in rows and (isinstance(verdict, bool) or verdict == WAIVED)]
            counts.append((result.rule, len(here), here.count(False)))
    grading = run.profile.grading
    overall = grade.score(grading, grade.dimension_scores(grading, counts))
    wrong = len(rows & errors)
    earned = (
        None
        if overall is None
        else grade.grade_of(grading, overall, grade.failures_by_severity(counts), Fraction(wrong, len(rows)), None)
    )
    return {
        'code': code,
        'name': run.standards.name(code, run.as_of),
        'level': standards.DIGITS_LEVEL.get(len(code)),
        'rows': len(rows),
        'findings': sum(failed for _, _, failed in counts),
        'records_with_errors': wrong,
        'score': None if overall is None else decimal_text(overall, 6),
        'grade': earned,
    }
