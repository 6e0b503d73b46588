"""The scalar functions: signature and meaning, one entry each, as docs/language.md lists them.

A signature is a list of argument kinds: text numeric date any array field list literal level format column; a leading
`?`: optional from here. The implementation gets present values only (strict), but for those marked lazy in evaluate.py.
"""

from . import standards, times, values
from .values import Num, ProfileError, as_date, num

FUNCTIONS = {}


def function(name, arguments, result):
    def register(implementation):
        FUNCTIONS[name] = (arguments.split(), result, implementation)
        return implementation

    return register


# --- types -----------------------------------------------------------------------------------------------------------


def check_call(node, entry, checker, scope):
    arguments, result, _ = entry
    node.literals = {}
    if arguments == ['same*']:
        return check_same(node, checker, scope)
    least = next((i for i, kind in enumerate(arguments) if kind.startswith('?')), len(arguments))
    if not least <= len(node.args) <= len(arguments):
        raise ProfileError(f'{node.name} takes {len(arguments)} arguments')
    for index, (argument, kind) in enumerate(zip(node.args, arguments)):
        check_argument(node, index, argument, kind.lstrip('?'), checker, scope)
    return result


def check_same(node, checker, scope):
    from .check import unify

    if not node.args or (node.name == 'nullif' and len(node.args) != 2):
        raise ProfileError(f'{node.name} takes other arguments')
    kind = unify([checker.visit(argument, scope) for argument in node.args], node.name)
    if kind.endswith('[]') and node.name in ('greatest', 'least'):
        raise ProfileError(f'{node.name} takes no arrays')
    return kind


def check_argument(node, index, argument, kind, checker, scope):
    from . import ast

    if kind == 'date':
        checker.need(argument, scope, 'date', 'timestamp')
    elif kind in ('text', 'numeric'):
        checker.need(argument, scope, kind)
    elif kind == 'array':
        found = checker.visit(argument, scope)
        if found != 'null' and not found.endswith('[]'):
            raise ProfileError(f'{node.name} takes an array')
    elif kind == 'field':
        if not isinstance(argument, ast.Path):
            raise ProfileError('raw takes a field')
        checker.visit(argument, scope)
        if argument.target[0] not in ('field', 'steps'):
            raise ProfileError('raw takes a field')
    elif kind == 'list':
        name = '.'.join(argument.names) if isinstance(argument, ast.Path) else literal_text(node, argument)
        node.literals[index] = scope.profile.find_list(name)
    else:
        text = literal_text(node, argument)
        node.literals[index] = {
            'level': standards.level_by_name,
            'column': lambda name: list_column(node, name),
            'format': lambda text: times.compile_format('date', text),
        }[kind](text)


def literal_text(node, argument):
    from . import ast

    if isinstance(argument, ast.Literal) and argument.type == 'text':
        return argument.value
    raise ProfileError(f'{node.name} wants a literal here')


def list_column(node, name):
    if name not in node.literals[0].columns:
        raise ProfileError(f'list {node.literals[0].id} has no column {name!r}')
    return name


# --- text ------------------------------------------------------------------------------------------------------------


@function('length', 'text', 'numeric')
def length(run, text):
    return num(len(text))


def upper_char(char):
    """The simple mapping: one character to one; where Python's is longer, the title case if single, else the same."""
    for mapped in (char.upper(), char.title()):
        if len(mapped) == 1:
            return mapped
    return char


def lower_char(char):
    mapped = char.lower()
    return mapped if len(mapped) == 1 else mapped[0]


@function('upper', 'text', 'text')
def upper(run, text):
    return ''.join(map(upper_char, text))


@function('lower', 'text', 'text')
def lower(run, text):
    return ''.join(map(lower_char, text))


@function('trim', 'text', 'text')
def trim(run, text):
    return text.strip(' ')


@function('left', 'text numeric', 'text')
def left(run, text, count):
    count = count.whole()
    if count is None:
        return None
    return text[: max(0, count if count >= 0 else len(text) + count)]


@function('right', 'text numeric', 'text')
def right(run, text, count):
    count = count.whole()
    if count is None:
        return None
    return text[max(0, len(text) - count) :] if count >= 0 else text[-count:]


@function('substr', 'text numeric ?numeric', 'text')
def substr(run, text, start, count=None):
    start = start.whole()
    if start is None:
        return None
    if count is None:
        return text[max(0, start - 1) :]
    count = count.whole()
    if count is None or count < 0:
        return None
    return text[max(0, start - 1) : max(0, start - 1 + count)]


@function('replace', 'text text text', 'text')
def replace(run, text, old, new):
    return text.replace(old, new) if old else text


@function('coalesce', 'same*', None)
@function('nullif', 'same*', None)
@function('greatest', 'same*', None)
@function('least', 'same*', None)
def lazy(run, *args):
    raise AssertionError('evaluate.py handles these')


# --- numbers ---------------------------------------------------------------------------------------------------------


@function('abs', 'numeric', 'numeric')
def absolute(run, value):
    return Num(abs(value.coef), value.scale)


@function('floor', 'numeric', 'numeric')
def floor(run, value):
    return values.fit(value.coef // 10**value.scale, 0)


@function('ceil', 'numeric', 'numeric')
def ceil(run, value):
    return values.fit(-(-value.coef // 10**value.scale), 0)


@function('round', 'numeric ?numeric', 'numeric')
def round_(run, value, digits=Num(0, 0)):
    digits = digits.whole()
    if digits is None:
        return None
    if digits > values.DIGITS_MAX:
        return None
    if digits < -values.DIGITS_MAX:
        return num(0)
    return values.round_half_away(value, digits)


@function('to_number', 'text', 'numeric')
def to_number(run, text):
    return values.parse_number(text)


# --- dates -----------------------------------------------------------------------------------------------------------


@function('year', 'date', 'numeric')
def year(run, date):
    return num(date.year)


@function('month', 'date', 'numeric')
def month(run, date):
    return num(date.month)


@function('day', 'date', 'numeric')
def day(run, date):
    return num(date.day)


@function('age', 'date date', 'numeric')
def age(run, birth, at):
    return num(times.age(birth, at))


@function('days_between', 'date date', 'numeric')
def days_between(run, a, b):
    return num(times.days_between(a, b))


@function('months_between', 'date date', 'numeric')
def months_between(run, a, b):
    return num(times.completed_months(a, b))


@function('first_day', 'date', 'date')
@function('month_of', 'date', 'date')
def first_day(run, date):
    return times.first_day(date)


@function('last_day', 'date', 'date')
def last_day(run, date):
    return times.last_day(date)


@function('to_date', 'text ?format', 'date')
def to_date(run, text, compiled=None):
    if compiled is None:
        return times.parse_iso('date', text)
    return times.parse_format('date', compiled, text)


# --- fields and arrays -----------------------------------------------------------------------------------------------


@function('raw', 'field', 'text')
def raw(run, field):
    raise AssertionError('evaluate.py handles raw')


@function('cardinality', 'array', 'numeric')
def cardinality(run, array):
    return num(len(array))


# --- standards -------------------------------------------------------------------------------------------------------


@function('is_resident_id', 'text', 'boolean')
def is_resident_id(run, text):
    return standards.resident_id(text, run.as_of) is None


@function('is_uscc', 'text', 'boolean')
def is_uscc(run, text):
    return standards.uscc(text) is None


@function('is_luhn', 'text', 'boolean')
def is_luhn(run, text):
    return standards.luhn(text)


@function('id_birth', 'text', 'date')
def id_birth(run, text):
    return standards.id_birth(text)


@function('id_sex', 'text', 'text')
def id_sex(run, text):
    return standards.id_sex(text)


@function('id_division', 'text', 'text')
def id_division(run, text):
    return text[:6] if standards.id_form(text) else None


@function('is_division', 'text ?level', 'boolean')
def is_division(run, text, level=None):
    return run.standards.division(text, run.as_of, level) is None


@function('division_parent', 'text level', 'text')
def division_parent(run, text, level):
    return standards.division_cut(text, level)


@function('code_name', 'list text', 'text')
def code_name(run, codes, text):
    code = codes.find(text, run.as_of)
    return code.name_zh or None if code else None


@function('code_valid', 'list text date', 'boolean')
def code_valid(run, codes, text, date):
    return codes.find(text, as_date(date)) is not None


@function('code_value', 'list text column', 'text')
def code_value(run, codes, text, column):
    code = codes.find(text, run.as_of)
    return code.columns.get(column) or None if code else None


# --- similarity ------------------------------------------------------------------------------------------------------


def trigrams(text):
    """pg_trgm: words of letters and digits in lower case, two blanks before and one behind each."""
    words = ''.join(char if char.isalnum() else ' ' for char in lower(None, text)).split(' ')
    return {padded[i : i + 3] for word in words if word for padded in [f'  {word} '] for i in range(len(padded) - 2)}


@function('similarity', 'text text', 'numeric')
def similarity(run, a, b):
    first, second = trigrams(a), trigrams(b)
    if not first | second:
        return values.divide(num(0), num(1))
    return values.divide(num(len(first & second)), num(len(first | second)))


@function('pinyin', 'text', 'text')
def pinyin(run, text):
    raise ProfileError('pinyin is an optional part that the reference does not have')
