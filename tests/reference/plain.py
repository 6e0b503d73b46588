"""Which characters of a value are not plain (base/plain.h), by Unicode's own tables where it has them."""

import re

ODD_BLANKS = set('\u00a0\u1680\u2028\u2029\u202f\u205f\u3000') | {chr(code) for code in range(0x2000, 0x200B)}
INVISIBLE = re.compile(
    '[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]'
)
WIDTH = re.compile('[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]')
TWINS = set('ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοЅІЈАВЕКМНОРСТУХаеорсухѕіј')
STRETCH = re.compile('[!-~\u0370-\u052f]+')


def is_odd(char):
    code = ord(char)
    return (
        code < 0x20
        or 0x7F <= code <= 0x9F
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
        or char in ODD_BLANKS
        or INVISIBLE.match(char)
        or WIDTH.match(char)
        or 0x2F00 <= code <= 0x2FD5
        or 0xE000 <= code <= 0xF8FF
        or code >= 0xF0000
        or code == 0xFFFD
    )


def find(text):
    """The place of the first such character, None when there is none."""
    places = [at for at, char in enumerate(text) if is_odd(char)]
    if text.startswith(' '):
        places.append(0)
    if text.endswith(' '):
        places.append(len(text.rstrip(' ')))
    for stretch in STRETCH.finditer(text):
        letters = [char for char in stretch.group() if char > '~']
        if letters and re.search('[0-9A-Za-z]', stretch.group()) and all(char in TWINS for char in letters):
            places.append(text.index(letters[0], stretch.start()))
    return min(places, default=None)
