#!/usr/bin/env python3
"""The registry's rules in pandas, as far as they come naturally there: pandas_check.py FOLDER LISTS OUT. Writes failures by rule as JSON.

Required fields, codes, patterns, keys, references, sums, counts and joins. Not: check characters of identity numbers and what reads them, periods
that overlap, an earlier period, measures by region, the history of lists. So identity numbers are taken as they are where the profile takes an invalid
one as unknown; only rules that this does not change are given."""

import json
import sys
import time
from pathlib import Path

import pandas as pd


def read(folder, name):
    return pd.read_csv(Path(folder) / f'{name}.csv', dtype='string', keep_default_na=False, na_values=[''])


def money(column):
    return pd.to_numeric(column.where(column.str.fullmatch(r'[+-]?[0-9]{1,10}(\.[0-9]{1,2})?')).astype('float64')).mul(100).round().astype('Int64')


def failures(holds):
    """Rows where a condition is false; unknown is not."""
    return int((~holds.astype('boolean')).fillna(False).sum())


def either(a, b):
    return int((a.astype('boolean') & b.astype('boolean')).fillna(False).sum())


def households(h, rules):
    codes = {'attribute': ['01', '02', '03', '04', '05', '06', 'N01', 'N02', 'N03', 'N04'], 'exit_flag': list('01234')}
    codes['cause'] = [f'{n:02}' for n in range(1, 14)] + ['99']
    for name, good in codes.items():
        known = h[name].isin(good)
        rules[f'household.{name}.codes'] = either(h[name].notna(), ~known)
        h[name] = h[name].where(known)
    for name in ('household_id', 'village_code', 'head_id', 'head_name', 'family_size', 'wage_income', 'net_income'):
        rules[f'household.{name}.required'] = int(h[name].isna().sum())
    rules['household.household_id.pattern'] = failures(h.household_id.str.fullmatch('[0-9]{18}'))
    rules['household.head_name.length'] = failures(h.head_name.str.len().between(2, 20).where(h.head_name.notna()))
    rules['household.phone.type'] = failures(h.phone.str.fullmatch('1[3-9][0-9]{9}'))
    h['size'] = pd.to_numeric(h.family_size, errors='coerce').astype('Int64')
    rules['household.family_size.range'] = failures(h['size'].between(1, 30))
    for name in ('wage', 'business', 'property', 'transfer', 'net'):
        h[name] = money(h[f'{name}_income'])
        rules[f'household.{name}_income.type'] = either(h[f'{name}_income'].notna(), h[name].isna())
    h['expense'] = money(h.business_expense)
    rules['household.key'] = int((h.household_id.duplicated(keep=False) & h.household_id.notna()).sum())
    rules['HH-101'] = failures(h.net == h.wage + h.business + h['property'] + h.transfer - h.expense)
    rules['HH-105'] = either(h.exit_flag == '0', pd.to_datetime(h.exit_date, errors='coerce').notna())
    rules['HH-106'] = failures(h.head_name.str.fullmatch('[一-鿿·]+'))
    phones = h.phone.where(h.phone.str.fullmatch('1[3-9][0-9]{9}').fillna(False)).dropna()
    rules['HH-216'] = int((phones.map(phones.value_counts()) > 3).sum())


def members(m, rules):
    relations = [f'{n:02}' for n in range(1, 21)] + ['99'] + [f'N{n:02}' for n in range(1, 8)]
    for name, good in {'sex': ['1', '2'], 'relation': relations, 'labour_skill': ['01', '02', '03', '04', 'N01']}.items():
        known = m[name].isin(good)
        rules[f'member.{name}.codes'] = either(m[name].notna(), ~known)
        rules[f'member.{name}.required'] = int(m[name].isna().sum())
        m[name] = m[name].where(known)
    for name in ('member_id', 'household_id', 'id_no', 'name', 'birth_date', 'health', 'insured'):
        rules[f'member.{name}.required'] = int(m[name].isna().sum())
    rules['member.key'] = int((m.member_id.duplicated(keep=False) & m.member_id.notna()).sum())
    rules['member.member_id.pattern'] = failures(m.member_id.str.fullmatch('[0-9]{12}'))
    trimmed = m.name.str.strip()
    rules['member.name.length'] = failures(trimmed.str.len().between(2, 20).where(m.name.notna()))
    rules['MB-109'] = failures(trimmed == m.name)
    m['name'] = trimmed
    rules['MB-107'] = either(m.health.str.contains('01'), m.health.str.len() > 2)
    m['birth'] = pd.to_datetime(m.birth_date, format='%Y%m%d', errors='coerce')
    rules['member.birth_date.type'] = either(m.birth_date.notna(), m.birth.isna())
    m['age'] = 2021 - m.birth.dt.year  # the day is the last of its year
    rules['MB-106'] = either(m.age < 16, (m.labour_skill != '04').fillna(False) | (pd.to_numeric(m.work_months).fillna(0) != 0))
    rules['member.disability_no.required'] = either(m.health.str.contains('04'), m.disability_no.isna())


def together(h, m, rules):
    heads = m[(m.relation == '01').fillna(False)]
    family = m.groupby('household_id').agg(members=('member_id', 'size'), oldest=('birth', 'min'))
    family['heads'] = heads.groupby('household_id').size()
    family['disabled'] = m[m.health.str.contains('04').fillna(False)].groupby('household_id').size()
    family['uninsured'] = m[(m.insured == '0').fillna(False)].groupby('household_id').size()
    one = heads[~heads.household_id.duplicated(keep=False)].set_index('household_id')
    family['told_name'], family['head_age'] = one['name'], one['age']
    seen = h.join(family, on='household_id')
    counted = {name: seen[name].fillna(0) for name in ('members', 'heads', 'disabled', 'uninsured')}
    rules['HH-201'] = either(seen['size'].notna(), seen['size'] != counted['members'])
    rules['HH-202'] = either(seen.attribute != '05', counted['heads'] != 1)
    rules['HH-205'] = either(seen.told_name.notna(), seen.told_name != seen.head_name)
    rules['HH-206'] = either(seen.head_age.notna(), seen.head_age < 16)
    rules['HH-209'] = either(seen.oldest.notna(), 2021 - seen.oldest.dt.year < 16)
    rules['HH-207'] = either(seen.attribute == '04', counted['uninsured'] > 0)
    rules['HH-214'] = either(seen.cause == '02', counted['disabled'] == 0)
    rules['member.household_id.references'] = either(m.household_id.notna(), ~m.household_id.isin(h.household_id))
    single = h[~h.household_id.duplicated(keep=False)].set_index('household_id')
    named = heads.join(single[['head_name']], on='household_id')
    rules['MB-203'] = failures((named.name == named.head_name).where(named.name.notna() & named.head_name.notna()))


def rest(folder, h, m, rules):
    w, aid, payment = read(folder, 'work_record'), read(folder, 'aid'), read(folder, 'payment')
    begin, end = (pd.to_numeric(w[name]).astype('Int64') for name in ('begin_month', 'end_month'))
    rules['WK-101'] = failures(begin < end)
    rules['work_record.member_id.references'] = either(w.member_id.notna(), ~w.member_id.isin(m.member_id))
    month = (lambda x: x // 100 * 12 + x % 100)
    w['months'] = month(end.fillna(202201)) - month(begin)
    months = pd.to_numeric(m.work_months).astype('Int64')
    worked = m.member_id.map(w.groupby('member_id').months.sum()).astype('Int64')
    rules['MB-208'] = either(months > 0, (months != worked) & worked.notna())
    key = ['household_id', 'year', 'category']
    aid['cents'], payment['cents'] = money(aid.amount), money(payment.amount)
    joined = aid.merge(payment.groupby(key).cents.sum().rename('paid').reset_index(), on=key, how='left')
    rules['AD-201'] = either(joined.state == 'N01', (joined.cents != joined.paid) & joined.paid.notna())
    found = payment.merge(aid[key].drop_duplicates(), on=key, how='left', indicator=True)
    rules['PY-201'] = either(found.status == '1', found._merge == 'left_only')
    rules['PY-203'] = int(payment.duplicated([*key, 'number'], keep=False).sum())


def main():
    folder, _, out = sys.argv[1:]
    started = time.perf_counter()
    rules = {}
    h, m = read(folder, 'household'), read(folder, 'member')
    households(h, rules)
    members(m, rules)
    together(h, m, rules)
    rest(folder, h, m, rules)
    with open(out, 'w', encoding='utf-8') as file:
        json.dump({'rules': rules, 'version': pd.__version__, 'seconds': {'all': time.perf_counter() - started}}, file)


main()
