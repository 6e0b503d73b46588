"""From counts to verdict, scores and grade."""

from fractions import Fraction

from . import measures
from .profile import DIMENSIONS, GATES, SEVERITIES
from .values import decimal_text, round_half_even

SERIOUS = ('fatal', 'error')
LOW_IS_GOOD = ('0303', '0305')  # GB/T 36344: A counts the bad elements


def is_active(result):
    return result.rule.status in ('active', 'deprecated')


def ratio(failed, evaluated):
    """1 - failed / evaluated in 12 decimals, half to even."""
    return Fraction(round_half_even((1 - Fraction(failed, evaluated)) * 10**12), 10**12)


def six(value):
    """A Fraction as the report shows it: 6 decimals, half to even."""
    return Fraction(round_half_even(value * 10**6), 10**6)


def dimension_scores(grading, counts):
    """{dimension: Fraction} from [(rule, evaluated, failed)]."""
    scores = {}
    for dimension in DIMENSIONS:
        weighted = [
            (grading.severity_weights[rule.severity] * rule.weight, ratio(failed, evaluated))
            for rule, evaluated, failed in counts
            if rule.dimension == dimension and evaluated > 0
        ]
        total = sum(weight for weight, _ in weighted)
        if total > 0:
            scores[dimension] = 100 * sum(weight * one for weight, one in weighted) / total
    return scores


def score(grading, scores):
    """The mean of the dimensions by weight, None when there is none."""
    total = sum(grading.weights.get(name, 0) for name in scores)
    if not total:
        return None
    return sum(grading.weights.get(name, 0) * one for name, one in scores.items()) / total


def grade_of(grading, score_now, failures, error_rate, table_rates):
    """The first grade whose conditions all hold, else the last. table_rates None: conditions on tables are left out."""
    for grade in grading.grades:
        good = grade.min_score is None or (score_now is not None and six(score_now) >= grade.min_score)
        good = good and all(failures[severity] <= limit for severity, limit in grade.failures.items())
        good = good and (grade.error_rate is None or error_rate is None or six(error_rate) <= grade.error_rate)
        if table_rates is not None:
            good = good and all(
                six(table_rates.get(name, Fraction(0))) <= limit for name, limit in grade.table_rates.items()
            )
        if good:
            return grade.grade
    return grading.grades[-1].grade


def failures_by_severity(counts):
    found = dict.fromkeys(SEVERITIES, 0)
    for rule, _, failed in counts:
        found[rule.severity] += failed
    return found


def skip_cost(run, own, table, period, reads, others=()):
    """What a skip costs: as the rule says, else the table; else `fail` when all that the rule reads must be there, else
    `warn`."""
    if own or table.if_skipped:
        return own or table.if_skipped
    read = [(other, period) for other in others]
    read += [(run.profile.tables[name], at) for one in reads for name, at in one.tables]
    certain = table.required and period == 0
    certain = certain and all(at == 0 and (other.required or other.included or other.builtin) for other, at in read)
    return 'fail' if certain and not (run.profile.as_of == 'optional' and any(one.as_of for one in reads)) else 'warn'


def rule_skip_cost(run, rule):
    reads = [part.reads for part in rule.parts()]
    return skip_cost(run, rule.if_skipped, rule.table, rule.period, reads, [rule.ref_table] if rule.ref_table else [])


def measure_skip_cost(run, measure):
    reads = [part.reads for part in (measure.value, measure.when, measure.expect) if part is not None]
    if measure.expect is not None and measures.reads_previous(measure):
        return measure.if_skipped or measure.table.if_skipped or 'warn'
    return skip_cost(run, measure.if_skipped, measure.table, measure.period, reads)


def error_rows(results):
    """The readable records of the submission with an error: the rows, each once."""
    found = set()
    for result in results:
        if is_active(result) and result.rule.severity in SERIOUS and result.rule.period == 0:
            found.update(row for row, verdict in result.verdicts if verdict is False and row.table.counts)
    return found


def conformant(run, results, figures):
    active = [result for result in results if is_active(result)]
    if any(result.outcome == 'failed' and result.rule.severity in SERIOUS for result in active):
        return False
    if any(table.required and not run.present(table.name, 0) for table in run.profile.tables.values()):
        return False
    if any(result.outcome == 'skipped' and rule_skip_cost(run, result.rule) == 'fail' for result in active):
        return False
    for result in figures:
        if result.measure.status not in ('active', 'deprecated'):
            continue
        if result.outcome == 'failed' and result.measure.severity in SERIOUS:
            return False
        if result.outcome == 'skipped' and measure_skip_cost(run, result.measure) == 'fail':
            return False
    return True


def gates(results):
    states = {}
    for gate in GATES:
        here = [result for result in results if is_active(result) and result.rule.gate == gate]
        if any(result.outcome == 'failed' and result.rule.severity in SERIOUS for result in here):
            states[gate] = 'failed'
        else:
            states[gate] = 'passed' if any(result.outcome in ('passed', 'failed') for result in here) else 'not_run'
    return states


def verdict(run, results, figures):
    grading = run.profile.grading
    active = [result for result in results if is_active(result)]
    counts = [(result.rule, result.evaluated, result.failed) for result in active]
    scores = dimension_scores(grading, counts)
    overall = score(grading, scores)
    errors = error_rows(results)
    rates = {}
    all_records = all_errors = 0
    for data in run.tables.values():
        if data.period == 0 and data.table.counts:
            records = data.records_count()
            bad = sum(source.bad_rows for source in data.sources)
            wrong = bad + sum(row.table is data.table for row in errors)
            rates[data.table.name] = Fraction(wrong, records) if records else Fraction(0)
            all_records, all_errors = all_records + records, all_errors + wrong
    error_rate = Fraction(all_errors, all_records) if all_records else Fraction(0)
    dimensions = {}
    for name in DIMENSIONS:
        here = [result for result in active if result.rule.dimension == name and result.evaluated > 0]
        if here:
            dimensions[name] = {
                'score': decimal_text(scores[name], 6) if name in scores else None,
                'rules': len(here),
                'failed_rules': sum(result.outcome == 'failed' for result in here),
            }
    return {
        'conformant': conformant(run, results, figures),
        'grade': grade_of(grading, overall, failures_by_severity(counts), error_rate, rates),
        'score': None if overall is None else decimal_text(overall, 6),
        'error_rate': decimal_text(error_rate, 6),
        'dimensions': dimensions,
        'gates': gates(results),
    }


def indicators(results):
    found = {}
    for result in results:
        if is_active(result) and result.evaluated > 0:
            entry = found.setdefault(result.rule.indicator, [0, 0])
            entry[0] += result.failed if result.rule.indicator in LOW_IS_GOOD else result.evaluated - result.failed
            entry[1] += result.evaluated
    return [
        {'code': code, 'a': a, 'b': b, 'x': decimal_text(Fraction(a, b), 6)} for code, (a, b) in sorted(found.items())
    ]
