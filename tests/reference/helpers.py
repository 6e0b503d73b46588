"""What the tests share: a run over a profile and files given as text, and single expressions."""

import os
import tempfile

from . import load, result, standards
from .expressions import evaluate_case
from .run import Run

LISTS = standards.Lists()
HEAD = 'hezhun: 1\nprofile: test.case\nversion: 1.0.0\n'


def write(folder, files):
    os.makedirs(folder, exist_ok=True)
    for name, content in files.items():
        with open(os.path.join(folder, name), 'wb') as out:
            out.write(content if isinstance(content, bytes) else content.encode())


def check(profile, files, as_of=None, params=None, previous=(), beside=None):
    """The report. files: {name: text or bytes}; previous: a list of such; beside: files next to the profile."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, beside or {})
        write(os.path.join(folder, 'data'), files)
        for number, earlier in enumerate(previous):
            write(os.path.join(folder, f'previous{number}'), earlier)
        run = Run(load.load_text(HEAD + profile, folder, LISTS), params, load.day(as_of) if as_of else None)
        run.load(
            [os.path.join(folder, 'data')],
            (),
            [os.path.join(folder, f'previous{number}') for number in range(len(previous))],
        )
        return result.report(run)


def rule(report, rule_id):
    return next(item for item in report['rules'] + report['drafts'] if item['id'] == rule_id)


def counts(report, rule_id):
    """rows, not_applicable, undetermined, passed, failed."""
    item = rule(report, rule_id)
    return tuple(item[key] for key in ('rows', 'not_applicable', 'undetermined', 'passed', 'failed'))


INVALID = {'invalid': True}


def value(expr, fields=None, row=None, as_of='2020-12-31', **more):
    """The value of an expression; an error is raised as AssertionError with its message."""
    answer = evaluate_case({'expr': expr, 'fields': fields, 'row': row, 'as_of': as_of, **more})
    if 'error' in answer:
        raise AssertionError(answer['error'])
    return answer['value']


def error(expr, fields=None):
    return evaluate_case({'expr': expr, 'fields': fields}).get('error')
