#!/usr/bin/env python3
"""The schema that `hezhun export xsd` writes, held to xmllint: what the profile takes, the schema takes too, and it
refuses what it says that it refuses; and `hezhun check --xsd` finds what xmllint does. xsd.py BINARY.
Exit status 77: no xmllint."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROFILE = HERE / 'cases/export_xsd/profile.yaml'
SHIPPED = HERE.parent.parent / 'profiles/cn'
HOUSE = '<household><id>{}</id><kind>01</kind>{}</household>'
MEMBER = '<member><id_no>{}</id_no><household>{}</household>{}</member>'
ID = '11010519491231002X'
GOOD = [
    '',
    HOUSE.format('001', ''),
    HOUSE.format('001', '<size>30</size><income>1234.50</income>'),
    HOUSE.format('001', '<size/><income></income>'),  # an empty element is a missing value
    HOUSE.format('001', '') + HOUSE.format('002', ''),
    MEMBER.format(ID, '001', '<born>2019年3月5日</born><mark>AB-7</mark><loose>anything</loose>') + HOUSE.format('001', ''),
]
BAD = [
    HOUSE.format('01', ''),
    HOUSE.format('001', '<size>31</size>'),
    HOUSE.format('001', '<size>x</size>'),
    HOUSE.format('001', '<income>1.505</income>'),
    '<household><id>001</id><kind>03</kind></household>',
    '<household><id>001</id></household>',
    HOUSE.format('001', '<other/>'),
    HOUSE.format('001', '') * 2,
    MEMBER.format(ID, '001', ''),
    MEMBER.format('110105', '001', '') + HOUSE.format('001', ''),
    MEMBER.format(ID, '001', '<born>2019/3/5</born>') + HOUSE.format('001', ''),
    MEMBER.format(ID, '001', '<mark>ab</mark>') + HOUSE.format('001', ''),
]


def export(binary, profile, folder):
    schema = folder / 'profile.xsd'
    schema.write_bytes(subprocess.run([binary, 'export', 'xsd', profile], check=True, stdout=subprocess.PIPE).stdout)
    return schema


def takes(schema, records, folder):
    data = folder / 'data.xml'
    data.write_text(f'<data>{records}</data>', 'utf-8')
    done = subprocess.run(['xmllint', '--noout', '--schema', schema, data], stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(f'the schema itself: {done.stderr}')
    return done.returncode == 0


def fits(binary, schema, records, folder):
    """Whether `check --xsd` finds no record that does not fit."""
    (folder / 'data.xml').write_text(f'<data>{records}</data>', 'utf-8')
    done = subprocess.run([binary, 'check', '-p', PROFILE, '--xsd', schema, '--table', f'household={folder / "data.xml"}', '--report',
                           'json'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in (0, 1):
        raise SystemExit(f'check --xsd: {done.returncode} {done.stderr.decode()}')
    return all(not rule.get('failed') for rule in json.loads(done.stdout)['rules'] if rule['id'].endswith('.rows'))


def main():
    if not shutil.which('xmllint'):
        return 77
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        schema = export(sys.argv[1], PROFILE, folder)
        wrong += [f'refused: {records}' for records in GOOD if not takes(schema, records, folder)]
        wrong += [f'taken: {records}' for records in BAD if takes(schema, records, folder)]
        wrong += [f'no finding: {records}' for records in BAD if fits(sys.argv[1], schema, records, folder)]
        wrong += [f'a finding: {records}' for records in GOOD if records and not fits(sys.argv[1], schema, records, folder)]
        for profile in sorted(SHIPPED.glob('*/profile.yaml')):
            if not takes(export(sys.argv[1], profile, folder), '', folder):
                wrong.append(f'{profile}: refuses an empty file')
    print(*wrong, sep='\n')
    print(f'{len(GOOD)} good, {len(BAD)} bad, {len(wrong)} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
