#!/usr/bin/env python3
"""Runs checks.sql over a folder: duckdb_check.py SQL FOLDER LISTS AS_OF THREADS OUT. Writes figures and its own times to OUT as JSON."""

import json
import sys
import time

started = time.perf_counter()
import duckdb  # noqa: E402 - the import is part of what is timed

imported = time.perf_counter()


def main():
    sql, folder, lists, as_of, threads, out = sys.argv[1:]
    connection = duckdb.connect(':memory:', config={'threads': int(threads)})
    variables = {'folder': folder, 'lists': lists, 'as_of': as_of, 'provinces_expected': '31', 'villages_of': 'all'}
    for name, value in variables.items():
        quoted = value.replace("'", "''")
        connection.execute(f"SET VARIABLE {name} = '{quoted}'")
    with open(sql, encoding='utf-8') as file:
        connection.execute(file.read())

    def rows(query):
        return connection.execute(query).fetchall()

    figures = {
        'rules': {rule: list(rest) for rule, *rest in rows('SELECT rule, evaluated, undetermined, failed FROM verdict')},
        'columns': {f'{tab}.{name}': list(rest) for tab, name, *rest in rows('SELECT tab, name, missing, low, high, distinct_about FROM stat')},
        'regions': {code: list(rest) for code, *rest in rows('SELECT code, n, findings, records_with_errors FROM region')},
        'measures': {code: list(rest) for code, *rest in rows('SELECT code, villages, residents FROM measured')},
        'version': duckdb.__version__,
        'seconds': {'import': imported - started, 'sql': time.perf_counter() - imported},
    }
    with open(out, 'w', encoding='utf-8') as file:
        json.dump(figures, file, ensure_ascii=False)


main()
