"""One household with everything in order, over two periods and with every department, is free of findings.

    python3 -m tests.registry.clean [--binary BINARY] [--write FOLDER]

The submission is written three times, with the profile's names, with Chinese titles and with the national system's columns as headers, and read by the
reference evaluator without a mapping: no rule of the poverty registry may fail, in any of them. Status 0 when all holds. With --binary
the program reads the same folders: it must find nothing either, and pass the rules that the reference passes. With --write the folders stay.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import yaml

from tests.reference import load, result
from tests.reference.run import Run
from tests.reference.similar import needs_sound
from tests.reference.standards import mod_11_2

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
PROFILE = os.path.join(ROOT, 'profiles/cn/poverty-registry/profile.yaml')
VILLAGE = '520102016001'
YEAR = 2021
HEADERS = ('names', 'titles', 'national')


def number(birth, sequence):
    digits = '520102' + birth + sequence
    return digits + mod_11_2(digits)


def household(year):
    return {
        **{'household_id': '1', 'year': year, 'village_code': VILLAGE, 'village_name': '纪念塔社区'},
        **{'province_code': '520000000000', 'prefecture_code': '520100000000', 'county_code': '520102000000'},
        **{'township_code': '520102016000', 'head_name': '王大山', 'head_id_no': number('19800101', '001')},
        **{'head_member_id': '1', 'family_size': '4', 'phone': '13800000000', 'identification_standard': '国家标准'},
        **{'household_attribute': '低保贫困户', 'main_cause': '因病', 'other_causes': '03', 'exit_flag': '1'},
        **{'exit_year': '2018', 'identified_year': '2014', 'valid_flag': '1', 'farmland_mu': '4.00'},
        **{'irrigated_mu': '2', 'forest_mu': '6', 'returned_forest_mu': '2', 'orchard_mu': '1', 'pasture_mu': '0'},
        **{'water_mu': '0', 'coop_member': '是', 'road_distance_km': '0.5', 'house_area_m2': '80'},
        **{'entry_road_type': '水泥路', 'sanitary_toilet': '有', 'fuel_type': '清洁能源', 'updated_at': f'{year}1001'},
        **dict.fromkeys('production_power household_power broadcast_tv safe_water_solved entry_road_hardened'.split(), '1'),
        **dict.fromkeys('military_martyr_family one_child_family two_daughter_family key_object'.split(), '0'),
        **dict.fromkeys('lead_enterprise lead_person dangerous_house'.split(), '0'),
    }


def members(year):
    every = {
        **{'household_id': '1', 'year': year, 'village_code': VILLAGE, 'ethnic_group': '苗族', 'political_status': '群众'},
        **{'member_state': '1', 'dibao': '1', 'resident_medical_insurance': '1', 'serious_illness_insurance': '1'},
        **dict.fromkeys('employee_medical_insurance commercial_medical_insurance destitute_support'.split(), '0'),
        **dict.fromkeys('active_military employee_pension accident_insurance_subsidy'.split(), '0'),
        'speaks_mandarin': '1',
    }

    def one(key, name, sex, birth, sequence, relation, **more):
        own = {'member_id': key, 'name': name, 'sex': sex, 'id_no': number(birth, sequence), 'birth_date': birth}
        return {**every, **own, 'relation_to_head': relation, **more}

    certificate = number('19500101', '003') + '43'
    return [
        one(
            *('1', '王大山', '男', '19800101', '001', '户主'),
            **{'education': '初中', 'health_status': '长期慢性病', 'labour_skill': '普通劳动力', 'resident_pension': '1'},
            **{'work_region': '省外务工', 'work_months': '6', 'monthly_wage': '3000', 'member_phone': '13800000001'},
        ),
        one(
            *('2', '李小花', '女', '19820101', '002', '配偶'),
            **{'education': '小学', 'health_status': '健康', 'labour_skill': '普通劳动力', 'resident_pension': '1'},
        ),
        one(
            *('3', '王小明', '男', '20080101', '001', '之子'),
            **{'student_status': '七年级' if year == str(YEAR) else '小学', 'health_status': '健康'},
            **{'labour_skill': '无劳动力', 'resident_pension': '0'},
        ),
        one(
            *('4', '王老汉', '男', '19500101', '003', '之父'),
            **{'education': '文盲或半文盲', 'health_status': '残疾,长期慢性病', 'labour_skill': '无劳动力'},
            **{'resident_pension': '1', 'disability_no': certificate, 'disability_type': '4', 'disability_grade': '3'},
        ),
    ]


def income(year):
    wages = 18000 if year == str(YEAR) else 16000
    amounts = {
        **{'wage_income': wages, 'business_income': 6000, 'property_income': 200, 'asset_dividend': 200},
        **{'other_property': 0, 'transfer_income': 4500, 'family_planning_grant': 0, 'dibao_amount': 3000},
        **{'destitute_amount': 0, 'pension_amount': 1200, 'eco_compensation': 300, 'other_transfer': 0},
        **{'gross_income': wages + 10700, 'business_expense': 2000, 'net_income': wages + 8700},
    }
    amounts['per_capita_net'] = f'{(wages + 8700) / 4:.2f}'
    return {'household_id': '1', 'year': year, 'village_code': VILLAGE, **{name: str(it) for name, it in amounts.items()}}


def help_and_measures(year):
    helper = {
        **{'helper_id': '9', 'name': '张三丰', 'sex': '1', 'id_no': number('19850101', '001'), 'rank': '科员级'},
        **{'political_status': '中共党员', 'org_name': '某县某局', 'org_type': '国家机关', 'org_affiliation': '县'},
        **{'org_uscc': '11520000MB0000000T', 'first_secretary': '1', 'team_leader': '0', 'team_member': '0'},
        **{'phone': '13800000009', 'village_code': VILLAGE},
    }
    measure = {'household_id': '1', 'year': year, 'begin_date': f'{year}0101'}
    support = {'measure_id': '1', 'measure_category': '综合保障', 'measure_item': '低保', 'amount': '0', 'state': '尚未实施'}
    work = {'measure_id': '2', 'measure_category': '就业帮扶', 'measure_item': '外出务工补贴', 'amount': '500'}
    job = {'member_id': '1', 'year': year, 'begin_month': f'{year}03', 'end_month': f'{year}09', 'working': '0'}
    aid = {
        **{'member_id': '3', 'student_no': 'G' + number('20080101', '001'), 'school_name': '某中学', 'stage': '七年级'},
        **{'grade': '七年级', 'term': f'{year}2', 'aid_item': '生活补助', 'amount': '625', 'paid_date': f'{year}1101'},
    }
    return {
        'helper': [helper],
        'helper_household': [{'helper_id': '9', 'household_id': '1', 'help_from': '20180101', 'valid_flag': '1'}],
        'measure': [{**measure, **support}, {**measure, **work, 'state': '已实施', 'project_name': '外出务工补贴'}],
        'work_record': [{**job, 'monthly_wage': '3000'}],
        'education_aid': [aid],
        'relocation': [],
        'member_change': [],
    }


def totals(profile, year):
    counters = {
        field.name: '0'
        for field in profile.tables['village'].fields.values()
        if set(field.types) & {'integer', 'decimal'} and field.name != 'village_exit_year'
    }
    village = {
        **counters,
        **{'village_code': VILLAGE, 'village_name': '纪念塔社区', 'year': year, 'village_type': '贫困村'},
        **{'village_exited': '1', 'village_exit_year': '2018', 'households_total': '300', 'population_total': '1000'},
        **{'poor_households': '1', 'poor_population': '4', 'dibao_population': '20', 'farmland_mu': '100'},
        **{'irrigated_mu': '50', 'forest_mu': '100', 'returned_forest_mu': '10', 'orchard_mu': '5'},
        **{'collective_income': '5.5', 'per_capita_income': '9000', 'work_team': '驻村队', 'first_secretary_id': '9'},
        **dict.fromkeys('road_to_township bus_service broadband information_officer'.split(), '1'),
    }
    area = {'year': year, 'poor_households': '1', 'poor_population': '4', 'rural_population': '1000', 'poverty_rate': '0.004'}
    cover = {'encoding': 'utf-8', 'delivered_at': f'{year}1220', 'deadline': f'{year}1231'}
    return {
        'village': [village],
        'area_total': [{**area, 'area_code': VILLAGE}, {**area, 'area_code': VILLAGE[:9]}],
        'cover_sheet': [
            {**cover, 'table_name': 'household', 'rows': '1'},
            {**cover, 'table_name': 'member', 'rows': '4'},
        ],
    }


def departments(profile, year):
    people = [{'id_no': one['id_no'], 'person_name': one['name']} for one in members(year)]
    old = members(year)[3]
    found = {name: [] for name, table in profile.tables.items() if table.external}
    found['police_register'] = [{**one, 'household_no': '77'} for one in people]
    found['school_register'] = [people[2]]
    found['disabled_federation'] = [
        {**people[3], 'certificate_no': old['disability_no'], 'disability_type': '4', 'disability_grade': '3'}
    ]
    found['civil_affairs'] = [{**one, 'kind': '低保'} for one in people]
    found['medical_insurance'] = [{**one, 'year': year, 'kind': '居民'} for one in people]
    found['pension_insurance'] = [
        {**people[at], 'year': year, 'kind': '居民', 'paid': '1200' if at == 3 else '0'} for at in (0, 1, 3)
    ]
    return found


def period(profile, year):
    forms = {'household': [household(year)], 'member': members(year), 'income': [income(year)]}
    if year != str(YEAR):
        return forms
    return {**forms, **help_and_measures(year), **totals(profile, year), **departments(profile, year)}


def header(field, node, how):
    """The header of a column: the field's name, its Chinese title, or its column in the national system (else the title)."""
    if how == 'names':
        return field.name
    aliases = load.texts(node.get('aliases', []))
    national = [alias for alias in aliases if alias.startswith(('AA', 'AC'))] if how == 'national' else []
    return (national or [node['title']['zh']])[0]


def write(profile, document, folder, year, how):
    os.makedirs(folder)
    for name, rows in period(profile, year).items():
        fields = profile.tables[name].fields
        nodes = document['tables'][name]['fields']
        pattern = profile.tables[name].files[0]
        path = os.path.join(folder, pattern.replace('*.*', '.csv').replace('.*', '.csv'))
        with open(path, 'w', encoding='utf-8', newline='') as file:
            out = csv.writer(file)
            out.writerow([header(field, nodes[field.name], how) for field in fields.values()])
            for row in rows:
                unknown = set(row) - set(fields)
                assert not unknown, f'{name}: {unknown}'
                out.writerow([row.get(column, '') for column in fields])


def check(profile, folder):
    run = Run(profile, {}, load.day(f'{YEAR}-12-31'))
    run.load([os.path.join(folder, 'now')], (), [os.path.join(folder, 'before')])
    return result.report(run)


def check_with(binary, folder):
    command = [binary, 'check', '-q', '-p', PROFILE, '--as-of', f'{YEAR}-12-31', '--previous', os.path.join(folder, 'before')]
    command += ['--report', 'json:-', os.path.join(folder, 'now')]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8')
    return json.loads(done.stdout)


def outcomes(report, word):
    return {rule['id'] for rule in report['rules'] if rule['outcome'] == word}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('--binary')
    parser.add_argument('--write', metavar='FOLDER')
    options = parser.parse_args()
    profile = load.load(PROFILE)
    with open(PROFILE, encoding='utf-8') as file:
        document = yaml.load(file, Loader=load.Strict)
    by_sound = {rule.id for rule in profile.rules if needs_sound(rule)}  # the program's alone
    bad = 0
    with tempfile.TemporaryDirectory() as temporary:
        top = options.write or temporary
        for how in HEADERS:
            folder = os.path.join(top, how)
            write(profile, document, os.path.join(folder, 'now'), str(YEAR), how)
            write(profile, document, os.path.join(folder, 'before'), str(YEAR - 1), how)
            report = check(profile, folder)
            failed = [rule for rule in report['rules'] if rule['failed'] or rule['outcome'] == 'error']
            passed = sum(rule['outcome'] == 'passed' for rule in report['rules'])
            for rule in failed:
                print(f'{how}: {rule["id"]} fails {rule["failed"]} of {rule["evaluated"]}: {rule["failing"]}')
            bad += len(failed) + (not passed)
            print(f'{how}: {passed} of {len(report["rules"])} rules passed, {len(failed)} failed')
            if options.binary:
                theirs = check_with(options.binary, os.path.join(top, how))
                wrong = [
                    f'{word}: {rule}'
                    for word in ('passed', 'failed', 'error')
                    for rule in sorted((outcomes(theirs, word) ^ outcomes(report, word)) - by_sound)
                ]
                print(''.join(f'{how}: {line} in one of reference and program\n' for line in wrong), end='')
                bad += len(wrong)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
