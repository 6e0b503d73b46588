"""Every face of one run, held to the JSON report of the same run: counts are read back out of each and compared, each is
judged by a validator of somebody else's, rendering twice gives the same bytes, and no personal value of the data stands in
any of them. Each face has its module in tests/property/faces.

    python3 tests/property/check_faces.py --binary PATH [--cases N] [--seed S]

Exit status 0 when all agree, 1 when not, 77 (skipped) without jsonschema, PyYAML or xmllint.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from decimal import Decimal

try:
    import jsonschema  # noqa: F401
    import yaml  # noqa: F401
except ImportError:
    sys.exit(77)

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from tests.cli import formats as made  # noqa: E402
from tests.property import gen  # noqa: E402
from tests.property.faces.causes import check_causes  # noqa: E402
from tests.property.faces.cells import check_csv, check_xlsx  # noqa: E402
from tests.property.faces.common import CASES, ROOT, Wrong, formats_of, run, same  # noqa: E402
from tests.property.faces.gaps import check_gaps, check_json  # noqa: E402
from tests.property.faces.kit import check_kit  # noqa: E402
from tests.property.faces.lines import check_gcc, check_github, check_md, check_text  # noqa: E402
from tests.property.faces.markup import check_junit, check_xml  # noqa: E402
from tests.property.faces.page import check_html  # noqa: E402
from tests.property.faces.privacy import check_privacy  # noqa: E402
from tests.property.faces.sarif import check_sarif  # noqa: E402
from tests.property.run import arguments_of, write_case  # noqa: E402

JUDGES = {'json': check_json, 'html': check_html, 'xml': check_xml, 'junit': check_junit, 'sarif': check_sarif, 'md': check_md, 'csv': check_csv, 'xlsx': check_xlsx,
          'github': check_github, 'gcc': check_gcc, 'text': check_text}


def judge(binary, formats, folder, lang, words, more=()):
    faces = run(binary, formats, os.path.join(folder, 'one'), lang, words, more)
    if faces is None:
        return False
    same(run(binary, formats, os.path.join(folder, 'two'), lang, words, more), faces, 'a second run')
    report = json.loads(faces['json'], parse_float=Decimal)
    for name, check in JUDGES.items():
        check(faces[name], report, lang)
    check_gaps(faces, report, lang)
    judge_the_judges(faces, report, lang)
    return True


def judge_the_judges(faces, report, lang):
    """With one failure more in the JSON no other face agrees."""
    failing = [rule for rule in report['rules'] if rule['failed'] and rule['outcome'] == 'failed']
    if not failing or failing[0]['id'] not in faces['text'].decode():
        return
    blind = {'json'} if failing[0]['shown'] else {'json', 'csv'}  # says the count beside a finding
    if failing[0]['failed'] > failing[0]['shown']:
        blind |= {'github', 'gcc'}  # say that there are more, in words that are not read here
    failing[0]['failed'] += 1
    for name, check in JUDGES.items():
        try:
            check(faces[name], report, lang)
        except Wrong:
            continue
        if name not in blind:
            raise Wrong(f'{name}: a wrong count was not seen')
    failing[0]['failed'] -= 1


def submissions(options, folder):
    """(name, words, more options)"""
    yield 'sample', ['-p', 'profiles/cn/division-codes/profile.yaml', '--as-of', '2023-06-30', '--param', 'villages_of=52',
                     'samples/division-codes'], []
    chain = os.path.join(folder, 'case-chain')
    shutil.copytree(os.path.join(CASES, 'chain_tightened'), chain)
    yield 'chain', ['-p', f'{chain}/province.yaml', '--profiles', f'{chain}/std', f'{chain}/household.csv'], []
    for name in ('faces_hostile', 'rule_personal', 'rule_measures', 'rule_groups', 'rule_skipped', 'rule_life', 'source_ragged', 'source_bad_bytes'):
        case = os.path.join(CASES, name)
        copy = os.path.join(folder, f'case-{name}')
        shutil.copytree(case, copy)
        profile = os.path.join(copy, 'profile.yaml')
        if not os.path.exists(profile):
            shutil.copy(os.path.join(ROOT, 'tests', 'cli', 'shared', 'household.yaml'), profile)
        data = [os.path.join(copy, one) for one in sorted(os.listdir(copy)) if one.endswith('.csv')]
        for more in ([], ['--max-examples', '0'], ['--max-examples', '1', '--reveal']):
            yield f'{name} {more}', ['-p', profile, *data], more
    for number, (name, _, files) in enumerate(made.formats()):
        place = os.path.join(folder, f'format-{number}')
        os.makedirs(os.path.join(place, 'data'))
        with open(os.path.join(place, 'profile.yaml'), 'w', encoding='utf-8') as out:
            out.write(made.PROFILE)
        for path, content in files.items():
            with open(os.path.join(place, 'data', path), 'wb') as out:
                out.write(content)
        yield name, ['-p', os.path.join(place, 'profile.yaml'), os.path.join(place, 'data')], []
    for seed in range(options.seed, options.seed + options.cases):
        case, place = gen.make(seed, 'scalar'), os.path.join(folder, f'seed-{seed}')
        write_case(case, place)
        yield f'seed {seed}', ['-p', os.path.join(place, 'profile', 'profile.yaml'), *arguments_of(case, place)], []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--binary', required=True)
    parser.add_argument('--cases', type=int, default=30)
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    if not shutil.which('xmllint'):
        return 77
    binary = os.path.abspath(options.binary)
    formats = formats_of(binary)
    judged = wrong = 0
    with tempfile.TemporaryDirectory(prefix='hezhun-faces-') as folder:
        for index, (name, words, more) in enumerate(submissions(options, folder)):
            try:
                judged += judge(binary, formats, os.path.join(folder, str(index)), 'en' if index % 2 else 'zh', words, more)
            except Wrong as problem:
                print(f'{name}: {problem}')
                wrong += 1
        for name, check in (('privacy', check_privacy), ('causes', check_causes), ('docs/ci', check_kit)):
            try:
                judged += check(binary, formats, folder)
            except Wrong as problem:
                print(f'{name}: {problem}')
                wrong += 1
    print(f'{judged} runs in {len(formats)} faces ({" ".join(formats)}), {wrong} wrong')
    return 1 if wrong or judged < 10 else 0


if __name__ == '__main__':
    sys.exit(main())
