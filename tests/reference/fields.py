"""A cell of a field: missing or present, read to its type, and held to its own constraints."""

from . import patterns, plain, standards, times, values
from .values import INVALID

TRIMMED = ' \t\u00a0\u3000'


def fold_width(text):
    return ''.join(
        chr(ord(char) - 0xFEE0) if '\uff01' <= char <= '\uff5e' else ' ' if char == '\u3000' else char for char in text
    )


def fold_case(text):
    from .functions import upper_char

    return ''.join(map(upper_char, text))


def prepare(field, text):
    """The text after trim and fold, in this order."""
    if field.trim:
        text = text.strip(TRIMMED)
    if field.fold_width:
        text = fold_width(text)
    if field.fold_case:
        text = fold_case(text)
    return text


class Cell:
    """raw: as submitted, None when missing. text: after trim and fold. items: the texts that type and constraints look
    at. value: typed, None (missing) or INVALID."""

    def __init__(self, field, submitted, run):
        self.text = None if submitted is None else prepare(field, submitted)
        missing = submitted is None or self.text in field.table.nulls or (field.many and self.text == '')
        self.raw = None if missing else submitted
        self.missing = missing
        self.items, self.value = [], None
        if missing:
            return
        self.items = self.text.split(field.many) if field.many else [self.text]
        if field.many:
            self.items = [prepare(field, item) for item in self.items]
        self.pieces = self.items
        self.typed = [read_item(field, item, run) for item in self.items]
        if any(item is None for item in self.typed):
            self.value = INVALID
        else:
            self.value = tuple(self.typed) if field.many else self.typed[0]
            if field.codes is not None:
                self.items = self.typed  # a name is read as its code, and the code is what constraints see


def read_item(field, text, run):
    """The typed value, or None when the text is not of the type or not of the codes."""
    if field.codes is not None:
        day = None if field.valid_ever else run.as_of
        if field.codes.find(text, day):
            return text
        return field.codes.find_name(text, day) if field.names else None
    for kind in field.types:
        value = read_type(kind, field, text, run)
        if value is not None:
            return value
    return None


def read_type(kind, field, text, run):
    if kind == 'text':
        return text
    if kind in ('integer', 'decimal'):
        return read_number(kind, field.precision, field.scale, text)
    if kind == 'boolean':
        return True if text in field.true else False if text in field.false else None
    if kind in times.NEEDS:
        if not field.formats:
            return times.parse_iso(kind, text)
        return next(
            (value for compiled in field.formats if (value := times.parse_format(kind, compiled, text)) is not None),
            None,
        )
    return text if standards.semantic_reason(kind, text, field, run.as_of, run.standards) is None else None


def read_number(kind, precision, scale, text):
    if kind == 'integer' and ('.' in text or (text.lstrip('+-').isdigit() and not -(2**63) <= int(text) < 2**63)):
        return None
    number = values.parse_number(text)
    if number is None or precision is None:
        return number
    whole = text.lstrip('+-').partition('.')[0].lstrip('0')
    return number if number.scale <= scale and len(whole) <= precision - scale else None


def constraints(field, cell, run, gone=()):
    """(kind, verdict) of the constraints that apply to the cell, in order, up to the first that fails. A verdict is
    True, False or None (undetermined: a bound is NULL). `gone`: kinds left out. `.required` and `.references` are not here."""
    if cell.missing:
        return
    for kind in ('characters', 'codes', 'type', 'items', 'pattern', 'length', 'range'):
        if kind in field.constraint_kinds and kind not in gone:
            verdict = CHECKS[kind](field, cell, run)
            yield kind, verdict
            if verdict is False:
                return


def check_characters(field, cell, run):
    return all(plain.find(piece) is None for piece in cell.pieces)


def check_type(field, cell, run):
    return cell.value is not INVALID


def check_items(field, cell, run):
    count = len(cell.items)
    return (
        (field.min_items is None or count >= field.min_items)
        and (field.max_items is None or count <= field.max_items)
        and (not field.distinct or len(set(cell.typed)) == count)
    )


def check_pattern(field, cell, run):
    return all(patterns.matches(field.pattern, item) for item in cell.items)


def check_length(field, cell, run):
    return all(
        (field.min_length is None or len(item) >= field.min_length)
        and (field.max_length is None or len(item) <= field.max_length)
        for item in cell.items
    )


def check_range(field, cell, run):
    from .evaluate import Env, evaluate

    parts = []
    for bound, good in ((field.min, (0, 1)), (field.max, (0, -1))):
        if bound is None:
            continue
        limit = evaluate(bound.root, Env(run))
        if limit is None or limit is INVALID:
            parts.append(None)
        else:
            parts.append(all(values.compare(item, limit) in good for item in cell.typed))
    return values.all_of(parts)


CHECKS = {
    'characters': check_characters,
    'type': check_type,
    'codes': check_type,
    'items': check_items,
    'pattern': check_pattern,
    'length': check_length,
    'range': check_range,
}
