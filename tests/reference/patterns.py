"""Regular expressions: PCRE2 over the whole value, for which Python's `re` stands in. Profiles of the tests keep to
what both read alike; classes such as \\d and \\w are ASCII in both."""

import re

from .values import ProfileError

HAN = (
    '\u2e80-\u2e99\u2e9b-\u2ef3\u2f00-\u2fd5\u3005\u3007\u3021-\u3029\u3038-\u303b'
    '\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufa6d\ufa70-\ufad9'
    '\U00020000-\U000323af'
)


def compile(pattern):
    """`\\p{Han}` outside a class is the one property that `re` lacks and tests want."""
    try:
        return re.compile(pattern.replace('\\p{Han}', f'[{HAN}]'), re.ASCII)
    except re.error as error:
        raise ProfileError(f'bad pattern {pattern!r}: {error}') from None


def matches(compiled, text):
    return compiled.fullmatch(text) is not None


def like(text, pattern):
    """SQL's like; None (NULL) when the pattern ends in a lone backslash."""
    regex, at = '', 0
    while at < len(pattern):
        char = pattern[at]
        if char == '\\':
            at += 1
            if at == len(pattern):
                return None
            regex += re.escape(pattern[at])
        elif char == '%':
            regex += '.*'
        elif char == '_':
            regex += '.'
        else:
            regex += re.escape(char)
        at += 1
    return re.compile(regex, re.DOTALL).fullmatch(text) is not None
