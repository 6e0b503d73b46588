"""The command: `check` over a submission, `eval` over single expressions.

python3 -m tests.reference.main check --profile P.yaml [--as-of D] [--param N=V] [--previous DIR] [--table NAME=FILE]
DIR|FILE…
python3 -m tests.reference.main eval < cases.jsonl
"""

import argparse
import json
import sys

from . import expressions, load, result
from .csvin import SourceError
from .run import Run
from .values import ProfileError, UsageError


def pair(text):
    name, equals, value = text.partition('=')
    if not equals:
        raise argparse.ArgumentTypeError(f'{text!r} is not NAME=VALUE')
    return name, value


def arguments(argv):
    parser = argparse.ArgumentParser(prog='tests.reference.main')
    verbs = parser.add_subparsers(dest='verb', required=True)
    check = verbs.add_parser('check')
    check.add_argument('-p', '--profile', required=True)
    check.add_argument('--as-of')
    check.add_argument('--param', action='append', type=pair, default=[])
    check.add_argument('--previous', action='append', default=[])
    check.add_argument('--table', action='append', type=pair, default=[])
    check.add_argument('inputs', nargs='*')
    verbs.add_parser('eval')
    return parser.parse_args(argv)


def check(options):
    profile = load.load(options.profile)
    run = Run(profile, dict(options.param), load.day(options.as_of) if options.as_of else None)
    run.load(options.inputs, options.table, options.previous)
    return result.report(run)


def main(argv=None):
    options = arguments(argv)
    if options.verb == 'eval':
        for line in sys.stdin:
            if line.strip():
                print(json.dumps(expressions.evaluate_case(json.loads(line)), ensure_ascii=False))
        return 0
    try:
        print(json.dumps(check(options), ensure_ascii=False, indent=1))
        return 0
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except ProfileError as error:
        print(error, file=sys.stderr)
        return 3
    except (SourceError, OSError) as error:
        print(error, file=sys.stderr)
        return 4


if __name__ == '__main__':
    sys.exit(main())
