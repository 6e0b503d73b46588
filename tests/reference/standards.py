"""Code lists (standards/data/*.tsv) and the semantic types: form, date and check digit that a standard fixes.

Every check gives None when the text is good, else the first failing of length characters date division future check."""

import datetime
import os
import re
from dataclasses import dataclass, field

from .times import make_date
from .values import ProfileError, is_digits

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'standards', 'data')
LEVELS = {'province': 1, 'prefecture': 2, 'county': 3, 'township': 4, 'village': 5}
LEVEL_DIGITS = {1: 2, 2: 4, 3: 6, 4: 9, 5: 12}
DIGITS_LEVEL = {digits: level for level, digits in LEVEL_DIGITS.items()}


def level_by_name(name):
    if name not in LEVELS:
        raise ProfileError(f'no level {name!r}')
    return LEVELS[name]


# --- code lists ------------------------------------------------------------------------------------------------------


@dataclass
class Code:
    code: str
    name_zh: str = ''
    name_en: str = ''
    valid_from: datetime.date = None  # first day it holds; None: open
    valid_to: datetime.date = None  # first day it no longer holds
    columns: dict = field(default_factory=dict)

    def valid(self, day):
        """day None: whenever."""
        return day is None or (
            (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day < self.valid_to)
        )


class CodeList:
    def __init__(self, list_id, codes, properties=None, columns=()):
        self.id = list_id
        self.codes = codes
        self.properties = properties or {}
        self.columns = list(columns) or ['code', 'name_zh', 'name_en']
        self.by_code = {}
        for code in codes:
            self.by_code.setdefault(code.code, []).append(code)

    def find(self, code, day):
        """The last row of this code that is valid on the day."""
        good = [row for row in self.by_code.get(code, []) if row.valid(day)]
        return good[-1] if good else None

    def find_name(self, name, day):
        """The code that has this name, when exactly one has."""
        found = {row.code for row in self.codes if name and name in (row.name_zh, row.name_en) and row.valid(day)}
        return found.pop() if len(found) == 1 else None


def day_of(text):
    if text == '':
        return None
    parts = [int(part) for part in text.split('-')]
    return datetime.date(*(parts + [1, 1])[:3])


def parse_list(text, list_id=''):
    properties, header, codes = {}, None, []
    for line in text.split('\n'):
        if header is None and line.startswith('#'):
            key, _, value = line[1:].partition(':')
            properties[key.strip()] = value.strip()
        elif line == '':
            continue
        elif header is None:
            header = line.split('\t')
        else:
            cells = dict(zip(header, line.split('\t')))
            codes.append(
                Code(
                    cells['code'],
                    cells.get('name_zh', ''),
                    cells.get('name_en', ''),
                    day_of(cells.get('valid_from', '')),
                    day_of(cells.get('valid_to', '')),
                    cells,
                )
            )
    return CodeList(properties.get('id', list_id), codes, properties, header or ())


class Lists:
    """The lists of a folder by id and alias, read when first wanted."""

    def __init__(self, folder=DATA):
        self.paths, self.parsed, self.standards = {}, {}, None
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith('.tsv'):
                path = os.path.join(folder, name)
                for list_id in self.names_of(path):
                    self.paths.setdefault(list_id, path)

    @staticmethod
    def names_of(path):
        names = []
        with open(path, encoding='utf-8') as lines:
            for line in lines:
                if not line.startswith('#'):
                    break
                key, _, value = line[1:].partition(':')
                if key.strip() == 'id':
                    names.append(value.strip())
                elif key.strip() == 'aliases':
                    names.extend(part.strip() for part in value.split(','))
        return names

    def find(self, list_id):
        path = self.paths.get(list_id)
        if path is None:
            return None
        if path not in self.parsed:
            with open(path, encoding='utf-8') as file:
                self.parsed[path] = parse_list(file.read())
        return self.parsed[path]


# --- resident numbers, GB 11643 --------------------------------------------------------------------------------------


def mod_11_2(digits):
    total = sum(int(digit) * (2 ** (17 - i) % 11) for i, digit in enumerate(digits[:17]))
    return '10X98765432'[total % 11]


def birth_reason(digits, as_of):
    birth = make_date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    if birth is None:
        return 'date'
    return 'future' if as_of is not None and birth > as_of else None


def id_form(text):
    """17 digits and a digit or X, or 15 digits."""
    return re.fullmatch('[0-9]{17}[0-9X]|[0-9]{15}', text) is not None


def with_century(text):
    """The 17 digits of a 15-digit number: century 19, but 18 for the sequences 996 to 999."""
    century = '18' if text[12:] in ('996', '997', '998', '999') else '19'
    return text[:6] + century + text[6:]


def resident_id(text, as_of, accept_15=False):
    lengths = (15, 18) if accept_15 else (18,)
    if len(text) not in lengths:
        return 'length'
    if not id_form(text):
        return 'characters'
    if len(text) == 15:
        return birth_reason(with_century(text)[6:14], as_of)
    return birth_reason(text[6:14], as_of) or (None if mod_11_2(text) == text[17] else 'check')


def id_birth(text):
    if not id_form(text):
        return None
    digits = (with_century(text) if len(text) == 15 else text)[6:14]
    return make_date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def id_sex(text):
    if not id_form(text):
        return None
    return '1' if int(text[14 if len(text) == 15 else 16]) % 2 else '2'


def id_normal(text):
    """`normalize: resident_id`: the 18-digit form; a final x is X; anything without the form stays as it is."""
    if re.fullmatch('[0-9]{15}', text):
        digits = with_century(text)
        return digits + mod_11_2(digits)
    if re.fullmatch('[0-9]{17}x', text):
        return text[:17] + 'X'
    return text


# --- the other types -------------------------------------------------------------------------------------------------


def organization_check(body):
    values = [int(char, 36) for char in body]
    check = 11 - sum(value * weight for value, weight in zip(values, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return {10: 'X', 11: '0'}.get(check, str(check))


def organization_code(text):
    plain = text[:-2] + text[-1] if text[-2:-1] == '-' else text
    if len(plain) != 9:
        return 'length'
    if not re.fullmatch('[0-9A-Z]{8}[0-9X]', plain):
        return 'characters'
    return None if organization_check(plain[:8]) == plain[8] else 'check'


USCC_CHARACTERS = '0123456789ABCDEFGHJKLMNPQRTUWXY'


def uscc(text):
    if len(text) != 18:
        return 'length'
    if any(char not in USCC_CHARACTERS for char in text) or not is_digits(text[2:8]):
        return 'characters'
    total = sum(USCC_CHARACTERS.index(char) * pow(3, i, 31) for i, char in enumerate(text[:17]))
    good = USCC_CHARACTERS[-total % 31] == text[17] and organization_check(text[8:16]) == text[16]
    return None if good else 'check'


def luhn(text):
    if len(text) < 2 or not is_digits(text):
        return False
    total = 0
    for i, char in enumerate(reversed(text)):
        digit = int(char) * (2 if i % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def bank_card(text):
    if not 16 <= len(text) <= 19:
        return 'length'
    if not is_digits(text):
        return 'characters'
    return None if luhn(text) else 'check'


def mobile(text):
    if len(text) != 11:
        return 'length'
    return None if re.fullmatch('1[3-9][0-9]{9}', text) else 'characters'


def phone(text):
    if not text.startswith('0'):
        return mobile(text)
    area, hyphen, rest = text.partition('-')
    if hyphen:
        right_length = len(area) in (3, 4) and len(rest) in (7, 8)
    else:
        right_length = 10 <= len(text) <= 12
    if not right_length:
        return 'length'
    return None if is_digits(area + rest) else 'characters'


def disability_certificate(text, as_of):
    """Resident number, type 1 to 7, grade 1 to 4; a reissued one has B and a digit behind."""
    if len(text) not in (20, 22):
        return 'length'
    if not re.fullmatch('.{18}[1-7][1-4](B[0-9])?', text, re.DOTALL):
        return 'characters'
    return resident_id(text[:18], as_of)


TRAVEL_DOCUMENTS = [
    'E[0-9]{8}',
    'E[A-HJ-NP-Z][0-9]{7}',
    'G[0-9]{8}',
    '1[45][0-9]{7}',
    '[DSP]E[0-9]{7}',
    '[DSP][0-9]{7,8}',
    '[HM][0-9]{8}',
    '[HM][0-9]{10}',
    '[0-9]{8}',
    r'[0-9]{10}\([A-Z]\)',
    '[CW][0-9A-Z]{8}',
    '[A-Z]{3}[0-9]{12}',
]
PERMANENT_CARD = '9[0-9]{16}[0-9X]'


def travel_document(text, as_of):
    if any(re.fullmatch(pattern, text) for pattern in TRAVEL_DOCUMENTS):
        return None
    if re.fullmatch(PERMANENT_CARD, text):
        return birth_reason(text[6:14], as_of) or (None if mod_11_2(text) == text[17] else 'check')
    return 'length' if len(text) not in (8, 9, 10, 11, 13, 15, 18) else 'characters'


# --- divisions -------------------------------------------------------------------------------------------------------


def region_code(text):
    """The code that reports roll up by, or ''. Only 6-digit codes lose zeros at the end, in pairs, down to the
    province's two."""
    if not is_digits(text) or len(text) not in DIGITS_LEVEL:
        return ''
    code = text
    if len(text) == 6:
        while len(code) > 2 and code.endswith('00'):
            code = code[:-2]
    return code


def region_prefixes(code):
    """The code itself and what it rolls up to, from the province down."""
    return [code[:digits] for digits in DIGITS_LEVEL if digits <= len(code)] if code else ['']


def division_level(code):
    short = region_code(code)
    return DIGITS_LEVEL.get(len(short))


def division_cut(code, level):
    short = region_code(code)
    return short[: LEVEL_DIGITS[level]] if short and len(short) >= LEVEL_DIGITS[level] else None


class Standards:
    """What needs the lists: divisions."""

    @staticmethod
    def of(lists):
        """One for each store of lists."""
        if lists.standards is None:
            lists.standards = Standards(lists)
        return lists.standards

    def __init__(self, lists):
        self.lists = lists
        self.counties = lists.find('GB/T 2260')
        self.below = {4: lists.find('division.township'), 5: lists.find('division.village')}
        self.prefixes = {
            level: {row.code[: LEVEL_DIGITS[level - 1]] for row in codes.codes}
            for level, codes in self.below.items()
            if codes
        }

    def division(self, text, day, level=None):
        """None when the code exists on the day (None: ever) and is of the level; else length, characters or
        division."""
        if len(text) not in DIGITS_LEVEL:
            return 'length'
        if not is_digits(text):
            return 'characters'
        own = division_level(text)
        return None if (level is None or own == level) and self.exists(region_code(text), own, day) else 'division'

    def exists(self, code, level, day):
        if level <= 3:
            return self.in_2260(code, day)
        if not self.in_2260(code[:6], day):
            return False
        for below in (4, 5):
            if below <= level and self.speaks_for(below, code[: LEVEL_DIGITS[below - 1]]):
                if self.below[below].find(code[: LEVEL_DIGITS[below]], day) is None:
                    return False
            else:
                return True
        return True

    def in_2260(self, code, day):
        """To the county. Four digits without a row (1101, 4290) stand as long as one of their counties does."""
        padded = code.ljust(6, '0')
        if len(code) == 4 and padded not in self.counties.by_code:
            return any(row.code.startswith(code) and row.valid(day) for row in self.counties.codes)
        return self.counties.find(padded, day) is not None

    def speaks_for(self, level, prefix):
        """A list below the county speaks for what lies under a prefix of its `covers` of which it has a row."""
        codes = self.below[level]
        if codes is None:
            return False
        covers = [part.strip() for part in codes.properties.get('covers', '').split(',')]
        return any(part and prefix.startswith(part) for part in covers) and prefix in self.prefixes[level]

    def name(self, code, day):
        """The Chinese name of a region, None when the code itself is unknown."""
        level = DIGITS_LEVEL.get(len(code))
        if level is None:
            return None
        codes = self.counties if level <= 3 else self.below[level]
        row = codes.find(code.ljust(6, '0'), day) if codes else None
        return row.name_zh if row else None


def semantic_reason(kind, text, field, as_of, standards):
    """The reason why a text is not of a semantic type, or None."""
    if kind == 'resident_id':
        return resident_id(text, as_of, field.accept_15)
    if kind == 'division':
        return standards.division(text, None if field.valid_ever else as_of, field.level)
    if kind in ('disability_certificate', 'travel_document'):
        return {'disability_certificate': disability_certificate, 'travel_document': travel_document}[kind](text, as_of)
    return {
        'uscc': uscc,
        'organization_code': organization_code,
        'bank_card': bank_card,
        'mobile': mobile,
        'phone': phone,
    }[kind](text)


SEMANTIC_TYPES = (
    'resident_id',
    'uscc',
    'organization_code',
    'bank_card',
    'mobile',
    'phone',
    'disability_certificate',
    'travel_document',
    'division',
)
