"""A submission that shows all that the page can: hostile texts, personal values, many findings, measures, a draft, what could not be checked."""
import os

PROFILE = r'''hezhun: 1
profile: test.page
version: 1.0.0
status: published
title: {zh: "页面<测试> &规范", en: "Page <test> & profile"}
as_of: required
tables:
  household:
    title: {zh: 户, en: Household}
    key: [household_id]
    region: village_code
    fields:
      household_id: {type: text, title: {zh: 户编号, en: Number}}
      head_name: {type: text, sensitivity: personal, title: {zh: 户主, en: Head}}
      head_id: {type: resident_id, title: {zh: 证件号, en: Document}}
      village_code: {type: text, pattern: '[0-9]{12}'}
      size: {type: integer, min: 1, max: 12, title: {zh: 人口, en: Size}}
      income: {type: 'decimal(12,2)', title: {zh: 收入, en: Income}}
      built: {type: date, title: {zh: 建房日期, en: Built}}
      state: {codes: {'1': {zh: 未脱贫, en: Poor}, '2': {zh: 已脱贫, en: Lifted}}, title: {zh: 状态, en: State}}
      note: {type: text, title: {zh: 备注, en: Note}}
      idle: {type: text}
  member:
    title: {zh: 成员, en: Member}
    key: [member_id]
    fields:
      member_id: {type: text}
      household_id: {type: text, references: household.household_id}
  vehicle:
    title: {zh: 车辆, en: Vehicle}
    external: true
    fields:
      owner: {type: text, required: true}
rules:
  HH-001:
    on: household
    title: {zh: 备注为“好”, en: The note is 好}
    assert: note = '好'
    message: {zh: '备注为 {note}', en: 'the note is {note}'}
    severity: warning
    clause: {standard: GB/T 36344-2018, section: '6.4'}
  HH-002:
    on: household
    title: {zh: 收入不为负, en: Income is not negative}
    assert: income >= 0
    severity: fatal
    known_issues: {zh: "2016 年导出<有误>", en: "negative in <2016> exports"}
  HH-003:
    on: household
    title: {zh: 姓名与证件, en: Name and document}
    assert: length(head_name) > 2
    message: {zh: '{head_name} 的证件为 {head_id}', en: '{head_id} belongs to {head_name}'}
  HH-DRAFT:
    on: household
    status: draft
    title: {zh: 人口少于五, en: Fewer than five}
    assert: size < 5
measures:
  M-SIZE:
    on: household
    title: {zh: 已脱贫占比, en: Share lifted}
    value: count(* where state = '2') / count(*)
    unit: percent
    expect: value >= 0.5
    severity: warning
  M-COUNT:
    on: household
    title: {zh: 户数, en: Households}
    value: count(*)
grading:
  grades:
    - {grade: A, title: {zh: 优秀, en: Excellent}, min_score: 98, max: {fatal: 0, error_rate: 0.001}}
    - {grade: B, title: {zh: 良好, en: Good}, min_score: 90, max: {fatal: 0}}
    - {grade: C, title: {zh: 不合格, en: Unqualified}}
'''

HOSTILE = ['</script><script>window.broken = 1</script>', '<!-- <script>', '<img src=x onerror="window.broken = 2">', 'a\u202eb\u200bc', "'\"&amp;@{data}", 'tab\there \\u{1}', '<']
SECRETS = ['520102199003071234', '张三丰', '199003071234']
VILLAGES = ['520102001001', '520102001002', '520102002001', '520103001001', '520321001001', '522701001001', '522701001002', '530102001001']


def write(folder, rows):
    """Writes profile and tables; returns the arguments of `hezhun check`."""
    os.makedirs(os.path.join(folder, 'data'))
    with open(os.path.join(folder, 'profile.yaml'), 'w', encoding='utf-8') as file:
        file.write(PROFILE)
    lines = ['household_id,head_name,head_id,village_code,size,income,built,state,note,idle,extra']
    for i in range(rows):
        note = HOSTILE[i] if i < len(HOSTILE) else f'第{i}户'
        quoted = '"' + note.replace('"', '""') + '"'
        income = '-12.50' if i % 1000 == 7 else f'{i * 37 % 90000}.50'
        head = '张三丰' if i % 500 else '李四'
        built = f'{1960 + i % 60}-03-0{1 + i % 9}' if i % 700 != 3 else '2001-02-30'
        state = '2' if i % 3 else ('9' if i % 90 == 0 else '1')
        lines.append(f'H{i:06d},{head},{SECRETS[0] if i % 400 == 1 else "520102199003072339"},{VILLAGES[i % len(VILLAGES)]},{1 + i % 12},{income},{built},{state},{quoted},,x')
    lines.append('H999999,one field too few')
    members = ['member_id,household_id'] + [f'M{i:06d},H{i if i % 50 else 900000 + i:06d}' for i in range(min(rows, 2000))] + ['M000007,H000001']
    for name, text in (('household.csv', lines), ('member.csv', members), ('readme.txt', ['not a table'])):
        with open(os.path.join(folder, 'data', name), 'w', encoding='utf-8', newline='') as file:
            file.write('\n'.join(text) + '\n')
    return ['-p', os.path.join(folder, 'profile.yaml'), '--as-of', '2021-01-01', os.path.join(folder, 'data')]
