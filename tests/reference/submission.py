"""Which file is which table, and the tables' rows, typed."""

import os
import re
from dataclasses import dataclass, field

from . import csvin
from .fields import Cell
from .values import UsageError, num

# --- files -----------------------------------------------------------------------------------------------------------


def glob_regex(pattern):
    """A `files` pattern: {a,b}, *, ?, [..]; `*` and `?` do not cross a slash."""
    out, depth, at = '', 0, 0
    while at < len(pattern):
        char = pattern[at]
        close = pattern.find(']', at + 2)
        if char == '*':
            out += '[^/]*'
        elif char == '?':
            out += '[^/]'
        elif char == '{' and '}' in pattern[at:]:
            out, depth = out + '(?:', depth + 1
        elif char == '}' and depth:
            out, depth = out + ')', depth - 1
        elif char == ',' and depth:
            out += '|'
        elif char == '[' and close > 0:
            inside = pattern[at + 1 : close]
            out += '[' + ('^' + inside[1:] if inside[0] in '!^' else inside).replace('\\', '\\\\') + ']'
            at = close
        else:
            out += re.escape(char)
        at += 1
    return re.compile(out, re.DOTALL)


def table_of(profile, name):
    """The one table whose patterns match the name, or None."""
    found = [
        table
        for table in profile.tables.values()
        if not table.builtin
        and not table.included
        and any(glob_regex(pattern).fullmatch(name) for pattern in table.files)
    ]
    if len(found) > 1:
        raise UsageError(f'{name} is a file of both {found[0].name} and {found[1].name}')
    return found[0] if found else None


def find_files(profile, inputs, named=()):
    """{table name: [(path, shown)]}, shown names in bytewise order. named: (table, path) of --table."""
    files = {}

    def add(table, path, shown):
        files.setdefault(table.name, []).append((path, shown))

    for path in inputs:
        if os.path.isdir(path):
            for name in os.listdir(path):
                table = table_of(profile, name) if os.path.isfile(os.path.join(path, name)) else None
                if table:
                    add(table, os.path.join(path, name), name)
        else:
            table = table_of(profile, os.path.basename(path))
            if table:
                add(table, path, path)
    for name, path in named:
        if name not in profile.tables:
            raise UsageError(f'no table {name}')
        add(profile.tables[name], path, path)
    for found in files.values():
        found.sort(key=lambda pair: pair[1].encode())
    return files


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Row:
    table: object
    period: int
    source: str  # as shown
    index: int  # among the source's records, bad ones counted
    cells: dict = field(default_factory=dict)

    def value(self, name):
        return self.cells[name].value

    def raw(self, name):
        return self.cells[name].raw

    def identity(self):
        return [self.source, self.index]


class Given:
    """A value of the built-in table, in the place of a Cell."""

    def __init__(self, value):
        self.value = value
        self.raw = str(value)
        self.text = self.raw
        self.missing = False
        self.items = [self.raw]
        self.typed = [value]


@dataclass(eq=False)
class Source:
    shown: str
    file: csvin.CsvFile
    columns: dict  # field name: index in the header

    @property
    def rows(self):
        return sum(record.bad is None for record in self.file.records)

    @property
    def bad_rows(self):
        return len(self.file.records) - self.rows


class TableData:
    """One table of one period."""

    def __init__(self, table, period, present):
        self.table, self.period, self.present = table, period, present
        self.sources, self.rows = [], []
        self.missing, self.unknown, self.repeated = set(), set(), set()

    def has_column(self, name):
        """Some source has it."""
        return self.table.builtin or any(name in source.columns for source in self.sources)

    def bad(self, *kinds):
        return [
            [source.shown, record.index]
            for source in self.sources
            for record in source.file.records
            if record.bad in kinds
        ]

    def records_count(self):
        return sum(len(source.file.records) for source in self.sources)

    def add_source(self, shown, data, run):
        file = csvin.read(data)
        columns = self.match_header(file.columns)
        source = Source(shown, file, columns)
        self.sources.append(source)
        for record in file.records:
            if record.bad is None:
                row = Row(self.table, self.period, shown, record.index)
                for name, one in self.table.fields.items():
                    row.cells[name] = Cell(one, record.cells[columns[name]] if name in columns else None, run)
                self.rows.append(row)

    def match_header(self, names):
        """{field: index}: by the field's name, else by a title or alias. The first column of a name counts."""
        columns, seen = {}, set()
        for index, name in enumerate(names):
            field_name = self.field_of(name)
            if field_name is None and name in self.table.echo:
                continue
            if field_name is None:
                self.unknown.add(name)
            elif field_name in columns:
                self.repeated.add(name)
            else:
                columns[field_name] = index
            if field_name is None and name in seen:
                self.repeated.add(name)
            seen.add(name)
        self.missing |= set(self.table.fields) - set(columns)
        return columns

    def field_of(self, name):
        if name in self.table.fields:
            return name
        return next((field.name for field in self.table.fields.values() if name in field.titles), None)


def load_tables(run, inputs, named, previous):
    """{(table name, period): TableData} for all periods that are given."""
    profile, out = run.profile, {}
    for period, folders in enumerate([inputs] + [[folder] for folder in previous]):
        files = find_files(profile, folders, named if period == 0 else ())
        if period and not files:
            raise csvin.SourceError(f'nothing in {folders[0]}')
        for table in profile.tables.values():
            if table.builtin:
                continue
            if table.included:
                found = [(os.path.join(profile.folder, table.included), table.included)]
            else:
                found = files.get(table.name, [])
            data = out[table.name, period] = TableData(table, period, bool(found))
            for path, shown in found:
                with open(path, 'rb') as file:
                    data.add_source(shown, file.read(), run)
        out['sources', period] = sources_table(profile, out, period)
    return out


def sources_table(profile, tables, period):
    data = TableData(profile.tables['sources'], period, True)
    for (name, at), one in list(tables.items()):
        if at == period and not one.table.included:
            for source in one.sources:
                row = Row(data.table, period, 'sources', len(data.rows))
                for column, value in (
                    ('table_name', name),
                    ('path', source.shown),
                    ('format', 'csv'),
                    ('encoding', source.file.encoding),
                    ('rows', num(source.rows)),
                    ('bad_rows', num(source.bad_rows)),
                    ('bytes', num(source.file.size)),
                ):
                    row.cells[column] = Given(value)
                data.rows.append(row)
    return data
