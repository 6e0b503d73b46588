"""Delimited text: RFC 4180 and what people really send. Works on bytes, the whole file at once.

Fields end at the delimiter, records at LF, CRLF or CR, mixed as they come. A line of no bytes is no record. A quote
that is a field's first byte opens it, a doubled one inside is one quote; a quote later in a field is text. A record
with a defect is bad and is left out: the first of OPEN_QUOTE, ENCODING, NUL, QUOTE, FIELD_COUNT names it."""

import itertools
from dataclasses import dataclass
from fractions import Fraction

FIELD_MAX = 1 << 20
DETECT_BYTES = 65536
DETECT_RECORDS = 100
DELIMITERS = b',;\t|'


class SourceError(Exception):
    """The file cannot be read as a table at all."""


@dataclass
class Record:
    index: int  # among the source's records, bad ones counted
    cells: list  # texts; None when bad
    bad: str = None  # 'open_quote', 'encoding', 'nul', 'quote', 'field_count'


@dataclass
class CsvFile:
    columns: list
    records: list
    encoding: str
    size: int


def read(data):
    size, encoding = len(data), 'UTF-8'
    if data.startswith(b'\xef\xbb\xbf'):
        data, encoding = data[3:], 'UTF-8 with BOM'
    delimiter = detect_delimiter(data)
    raw = list(cut_all(data, delimiter))
    if not raw:
        return CsvFile([], [], encoding, size)
    columns = header(raw[0])
    records = [record(index, cut, len(columns)) for index, cut in enumerate(raw[1:])]
    return CsvFile(columns, records, encoding, size)


def header(cut):
    cells, bad, whole = cut
    if bad or b'\0' in whole or not is_utf8(whole):
        raise SourceError('the header cannot be read')
    names = [unquote(cell) for cell in cells]
    if len(names) > 1 and cells[-1] == b'':
        names.pop()
    return [name.decode() for name in names]


def record(index, cut, width):
    cells, bad, whole = cut
    if bad == 'open_quote':
        return Record(index, None, bad)
    if not is_utf8(whole):
        return Record(index, None, 'encoding')
    if b'\0' in whole:
        return Record(index, None, 'nul')
    if bad:
        return Record(index, None, bad)
    if len(cells) == width + 1 and cells[-1] == b'':
        cells = cells[:-1]
    if len(cells) != width:
        return Record(index, None, 'field_count')
    return Record(index, [unquote(cell).decode() for cell in cells])


def is_utf8(data):
    try:
        data.decode('utf-8')
        return True
    except UnicodeDecodeError:
        return False


def unquote(cell):
    return cell[1:-1].replace(b'""', b'"') if cell.startswith(b'"') else cell


def cut_all(data, delimiter):
    """(cells as written, bad, all bytes of the record) of each record, empty lines left out."""
    at = 0
    while at < len(data):
        start = at
        cells, bad, end = cut_record(data, at, delimiter)
        at = end + 2 if data[end : end + 2] == b'\r\n' else end + 1
        if end > start:
            yield cells, bad, data[start:end]


def is_line_end(data, at):
    return data[at : at + 1] in (b'\n', b'\r')


def cut_record(data, start, delimiter):
    """(cells, bad, end): end is where its line end stands, or the end of the data."""
    cells, bad, at = [], None, start
    while True:
        cell_start = at
        if data[at : at + 1] == b'"':
            behind = close_quote(data, at + 1)
            if behind is None:
                end = line_end(data, at + 1)
                return cells + [data[at:end]], 'open_quote', end
            at = behind
            if at < len(data) and data[at] != delimiter and not is_line_end(data, at):
                bad = 'quote'
        while at < len(data) and data[at] != delimiter and not is_line_end(data, at):
            at += 1
        cells.append(data[cell_start:at])
        if at == len(data) or is_line_end(data, at):
            return cells, bad, at
        at += 1


def close_quote(data, inside):
    """Position behind the closing quote, None when it stays open or the field is longer than FIELD_MAX."""
    at = inside
    while True:
        quote = data.find(b'"', at)
        if quote < 0 or quote - inside > FIELD_MAX:
            return None
        if data[quote + 1 : quote + 2] != b'"':
            return quote + 1
        at = quote + 2


def line_end(data, at):
    while at < len(data) and not is_line_end(data, at):
        at += 1
    return at


def detect_delimiter(data):
    """Of the candidates that stand in the header outside quotes the one for which the largest share of the first
    records has as many fields as the header (a delimiter at the line's end does not count); then the one with more
    fields; then the order of DELIMITERS. A comma when no candidate stands there."""
    best, best_score = DELIMITERS[0], None
    for candidate in DELIMITERS:
        cuts = list(itertools.islice(cut_all(data[:DETECT_BYTES], candidate), DETECT_RECORDS + 1))
        if not cuts or len(cuts[0][0]) < 2:
            continue
        columns = fields_without_last(cuts[0], candidate)
        alike = [
            bad is None and columns in (len(cells), fields_without_last((cells, bad, whole), candidate))
            for cells, bad, whole in cuts[1:]
        ]
        score = (Fraction(sum(alike), len(alike)) if alike else Fraction(1), columns)
        if best_score is None or score > best_score:
            best, best_score = candidate, score
    return best


def fields_without_last(cut, delimiter):
    cells, _, whole = cut
    return len(cells) - (whole[-1] == delimiter)
