"""No personal value of the data stands in any face."""

import hashlib
import json
import os
import re

from tests.property.faces.common import Wrong, same, run, unpacked, every_finding

PRIVATE = '''hezhun: 1
profile: test.private
version: 1.0.0
status: published
title: {zh: 个人信息, en: Personal data}
as_of: 2020-12-31
tables:
  person:
    key: [id_no]
    region: town
    echo: [remark, phone, name]
    fields:
      id_no: {type: resident_id}
      name: {type: text, sensitivity: personal, max_length: 2, pattern: '[a-z]*'}
      born: {type: date, sensitivity: personal, max: 1990-01-01}
      phone: {type: mobile, unique: true}
      card: {type: bank_card, required: true}
      income: {type: integer, sensitivity: personal, max: 1000}
      town: {type: text}
  visit:
    fields:
      id_no: {type: resident_id, references: person.id_no}
      visitor: {sensitivity: personal, required: true, codes: {A: 甲}}
rules:
  P-1: {on: person, assert: id_birth(id_no) = born, message: {zh: "{name} {born} {id_no} {income}", en: "{name} {born} {id_no} {income}"}}
  P-2: {on: person, each: name, assert: count(*) = 2, blame: records}
  P-3: {on: person, each: [phone, name], assert: 'sum(*, income) < 0'}
  P-4: {on: person, unique: [card, name]}
  P-5: {on: person, assert: "name || '/' || phone = 'x'"}
  P-6: {on: person, assert: income + 1 < 0, status: draft}
'''


def private_data(folder):
    """Files, and what must not be read in any face: the part of each value that a mask hides."""
    rare, secrets = '龘靐齉爨麤', []
    with open(os.path.join(folder, 'person.csv'), 'w', encoding='utf-8') as out:
        out.write('id_no,name,born,phone,card,income,town,remark\n')
        for i in range(40):
            stem = f'52012319{60 + i % 40:02d}{i % 12 + 1:02d}{i % 28 + 1:02d}{700 + i}'
            weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
            check = '10X98765432'[sum(int(c) * w for c, w in zip(stem, weights)) % 11]
            id_no = stem + (check if i % 3 else ('0' if check != '0' else '1'))
            name = '王' + rare[i % 5] + rare[i // 5 % 5]
            phone = f'1398517{i % 30:04d}'
            born = f'19{50 + i % 40}-{i % 11 + 2:02d}-{i % 17 + 11:02d}'
            card = f'62220213060078{i:05d}'
            income = 7310000 + i
            remark = f'秘{rare[i % 5]}'
            out.write(f'{id_no},{name},{born},{phone},{card if i % 4 else ""},{income},520123,{remark}\n')
            secrets += [id_no[6:], id_no, name, name[1:], phone, phone[3:], born, card[6:], str(income), remark]
    with open(os.path.join(folder, 'visit.csv'), 'w', encoding='utf-8') as out:
        out.write('id_no,visitor\n')
        for i in [*range(10), *range(10)]:  # twice: causes have personal values too
            out.write(f'520123198501017{i:02d}X,李{rare[i % 5]}{i}\n')
            secrets += [f'198501017{i:02d}X', f'{rare[i % 5]}{i}']
    return secrets + list(rare)


KEY = bytes(range(7, 47))


def hmac_of(digest, text):
    """HMAC by its definition, over what OpenSSL has for the digest."""
    pad = KEY.ljust(64, b'\0')
    inner = hashlib.new(digest, bytes(byte ^ 0x36 for byte in pad) + text).digest()
    return hashlib.new(digest, bytes(byte ^ 0x5C for byte in pad) + inner).hexdigest()


def check_pseudonyms(named, masked, secrets, digest):
    """No value and nothing of the key is shown, and each pseudonym is what docs/report.md says; else the report is the masked one."""
    report = json.loads(named['json'])
    same(report['hezhun']['pseudonyms'], digest, 'pseudonyms')
    known = {}
    for kind in ('id', 'name', 'date', 'other'):
        for secret in secrets:
            known[hmac_of(digest, kind.encode() + b'\x1e' + secret.encode())[:16]] = secret
    told = set(re.findall('~([0-9a-f]{16})', named['json'].decode()))
    if not told or len(told & set(known)) < 20:
        raise Wrong(f'pseudonyms: {len(told & set(known))} of {len(told)} are known')
    bare = re.sub('~[0-9a-f]{16}', '', named['json'].decode()).replace(f', "pseudonyms": "{digest}"', '')
    same(bare, masked['json'].decode(), 'pseudonyms: the rest of the report')
    for name, face in named.items():
        face = unpacked(face) if name == 'xlsx' else face
        for secret in [*secrets, KEY.hex(), hashlib.sha256(KEY).hexdigest()]:
            if secret.encode() in face:
                raise Wrong(f'{name} shows {secret} beside pseudonyms')


def check_privacy(binary, formats, folder):
    data = os.path.join(folder, 'private')
    os.makedirs(data)
    profile = os.path.join(folder, 'private.yaml')
    with open(profile, 'w', encoding='utf-8') as out:
        out.write(PRIVATE)
    secrets = sorted({secret for secret in private_data(data) if secret})
    for lang in ('zh', 'en'):
        words = ['-p', profile, data]
        faces = run(binary, formats, os.path.join(folder, f'private-{lang}'), lang, words)
        if faces is None:
            raise Wrong('the personal submission cannot be checked')
        if b'P-1' not in faces['csv'] or '王**'.encode() not in faces['csv'] or faces['csv'].count(b'\ncause,') < 10:
            raise Wrong('the personal submission finds nothing')
        every = every_finding(binary, os.path.join(folder, f'every-{lang}'), [*words, '--lang', lang])
        for name, face in {**faces, **every}.items():
            face = unpacked(face) if name == 'xlsx' else face
            for secret in secrets:
                if secret.encode() in face or secret.encode('unicode_escape').lower() in face.lower():
                    raise Wrong(f'{name} shows {secret}')
        key = os.path.join(folder, 'key')
        for digest in ('sha256', 'sm3'):
            with open(key, 'wb') as out:
                out.write(KEY)
            named = run(binary, formats, os.path.join(folder, f'named-{lang}'), lang, words, ['--pseudonym-key', key, '--pseudonym-digest', digest])
            check_pseudonyms(named, faces, secrets, digest)
        open_faces = run(binary, formats, os.path.join(folder, f'open-{lang}'), lang, words, ['--reveal'])
        for name in formats:
            face = unpacked(open_faces[name]) if name == 'xlsx' else open_faces[name]
            if name != 'html' and '龘'.encode() not in face:
                raise Wrong(f'{name} shows nothing with --reveal: the search itself could not fail')
    return 2
