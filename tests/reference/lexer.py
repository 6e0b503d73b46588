"""Cuts an expression into tokens: (kind, text, position). Kinds: name, quoted, string, number, op, end.

A keyword is a `name` token whose lower-case text is in KEYWORDS and which was not quoted."""

from .values import ProfileError, parse_number

KEYWORDS = set(
    (
        'and or not is null true false between in like matches case when then else end '
        'distinct from where array any all as_of'
    ).split()
)
OPERATORS = ['<>', '!=', '<=', '>=', '||', '<@', '=', '<', '>', '+', '-', '*', '/', '(', ')', '[', ']', ',', '.', ':']
CJK = [(0x3007, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]


def is_name_start(char):
    code = ord(char)
    return char == '_' or 'a' <= char <= 'z' or 'A' <= char <= 'Z' or any(low <= code <= high for low, high in CJK)


def is_digit(char):
    return '0' <= char <= '9'


def is_name_part(char):
    return is_name_start(char) or is_digit(char)


def quoted(text, at, mark):
    """The text between two marks, a doubled mark standing for one, and the position behind."""
    out, start = '', at
    at += 1
    while True:
        end = text.find(mark, at)
        if end < 0:
            raise ProfileError(f'no closing {mark} for the one at {start} in {text!r}')
        out += text[at:end]
        if text[end + 1 : end + 2] != mark:
            return out, end + 1
        out += mark
        at = end + 2


def number_end(text, at):
    while at < len(text) and is_digit(text[at]):
        at += 1
    if at < len(text) and text[at] == '.':
        at += 1
        while at < len(text) and is_digit(text[at]):
            at += 1
    return at


def tokens(text):
    out, at = [], 0
    while at < len(text):
        char = text[at]
        if char in ' \t\r\n\f\v':
            at += 1
        elif text.startswith('--', at):
            end = text.find('\n', at)
            at = len(text) if end < 0 else end + 1
        elif is_name_start(char):
            end = at
            while end < len(text) and is_name_part(text[end]):
                end += 1
            out.append(('name', text[at:end], at))
            at = end
        elif is_digit(char) or (char == '.' and at + 1 < len(text) and is_digit(text[at + 1])):
            end = number_end(text, at)
            if end < len(text) and is_name_part(text[end]):
                raise ProfileError(f'a name runs into the number at {at} in {text!r}')
            if parse_number(text[at:end], literal=True) is None:
                raise ProfileError(f'number of more than 38 digits at {at} in {text!r}')
            out.append(('number', text[at:end], at))
            at = end
        elif char in '\'"':
            value, end = quoted(text, at, char)
            if char == '"' and value == '':
                raise ProfileError(f'empty quoted name at {at} in {text!r}')
            out.append(('string' if char == "'" else 'quoted', value, at))
            at = end
        else:
            for op in OPERATORS:
                if text.startswith(op, at):
                    out.append(('op', op, at))
                    at += len(op)
                    break
            else:
                raise ProfileError(f'unexpected {char!r} at {at} in {text!r}')
    out.append(('end', '', len(text)))
    return out
