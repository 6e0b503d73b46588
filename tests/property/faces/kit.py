"""docs/ci."""

import json
import os
import re
import subprocess
from collections import Counter

import yaml

from tests.property.faces.common import ROOT, CASES, Wrong, same, all_rules, safe, run


def check_kit(binary, formats, folder):
    """The pipelines are well-formed and use options that there are; the problem matcher finds what `gcc` writes."""
    kit = os.path.join(ROOT, 'docs', 'ci')
    told = subprocess.run([binary, 'check', '--help'], capture_output=True, text=True, check=True).stdout
    for name in ('github-actions.yml', 'gitlab-ci.yml', 'Jenkinsfile'):
        with open(os.path.join(kit, name), encoding='utf-8') as file:
            text = file.read()
        if name.endswith('.yml'):
            yaml.safe_load(text)
        command = re.search(r'hezhun check (.*?)"\$DATA"', text, re.S).group(1)
        for option in re.findall(r'(?<=\s)--[a-z-]+', command):
            if f'{option} ' not in told:
                raise Wrong(f'{name}: there is no option {option}')
        for face in re.findall(r'--(?:report|annotations) (\w+)', command):
            if face not in formats:
                raise Wrong(f'{name}: there is no format {face}')
    with open(os.path.join(kit, 'problem-matcher.json'), encoding='utf-8') as file:
        pattern = json.load(file)['problemMatcher'][0]['pattern'][0]
    case = os.path.join(CASES, 'faces_hostile')
    faces = run(binary, formats, os.path.join(folder, 'kit'), 'en', ['-p', os.path.join(case, 'profile.yaml'), os.path.join(case, 'item.csv')])
    report = json.loads(faces['json'])
    found = [re.search(pattern['regexp'], line) for line in faces['gcc'].decode().split('\n')]
    got = Counter((one[pattern['code']], int(one[pattern['line']]), one[pattern['message']]) for one in found if one)
    wanted = Counter((rule['id'], finding['line'], safe(finding['message'])) for rule in all_rules(report) for finding in rule['examples'])
    same(got, wanted, 'problem matcher')
    return 1
