#!/usr/bin/env python3
"""Runs checks.sql over a folder: duckdb_check.py [--threads N] [--memory SIZE] [--previous FOLDER] FOLDER LISTS OUT.

Writes failures by rule, measures and its own times as JSON."""

import argparse
import json
import sys
import time
from pathlib import Path

started = time.perf_counter()
import duckdb  # noqa: E402 - the import is part of what is timed

imported = time.perf_counter()


def statements(text):
    """What stands between semicolons, without the comments."""
    lines = (line for line in text.split('\n') if not line.lstrip().startswith('--'))
    return [one.strip() for one in '\n'.join(lines).split(';') if one.strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--memory')
    parser.add_argument('--previous', default='')
    parser.add_argument('folder')
    parser.add_argument('lists')
    parser.add_argument('out')
    options = parser.parse_args()
    now, _, earlier = (Path(__file__).parent / 'checks.sql').read_text(encoding='utf-8').partition('-- EARLIER PERIOD\n')
    limits = {'threads': options.threads, **({'memory_limit': options.memory} if options.memory else {})}
    connection = duckdb.connect(':memory:', config=limits)
    for name, value in (('folder', options.folder), ('lists', options.lists), ('previous', options.previous)):
        quoted = value.replace("'", "''")
        connection.execute(f"SET VARIABLE {name} = '{quoted}'")
    rules, measures, seconds = {}, {}, []
    for statement in statements(now) + (statements(earlier) if options.previous else []):
        begun = time.perf_counter()
        cursor = connection.execute(statement)
        if statement.startswith('SELECT'):
            columns, rows = [column[0] for column in cursor.description], cursor.fetchall()
            if columns[0] == 'measure':
                measures.update({f'{measure} {code}': [str(a), str(b)] for measure, code, a, b in rows})
            else:
                rules.update(zip(columns, (int(value) for value in rows[0])))
        seconds.append([round(time.perf_counter() - begun, 3), ' '.join(statement.split())[:60]])
    times = {'import': imported - started, 'sql': time.perf_counter() - imported, 'statements': seconds}
    with open(options.out, 'w', encoding='utf-8') as file:
        json.dump({'rules': rules, 'measures': measures, 'version': duckdb.__version__, 'seconds': times}, file, ensure_ascii=False)


main()
