/* template.c: the text of `hezhun new`. Data, in both languages: whoever begins a profile changes it. */
#include "validator/tasks/template.h"

#include "profiles/load.h"

static const char text[] =
    "version: 0.1.0\n"
    "status: draft\n"
    "title: {zh: 新的数据规范, en: A new data standard}\n"
    "as_of: optional\n"
    "x-examples: {as_of: 2025-12-31}\n"
    "\n"
    "tables:\n"
    "  household:\n"
    "    title: {zh: 户, en: Household}\n"
    "    key: [household_id]\n"
    "    fields:\n"
    "      household_id: {type: text, pattern: 'H[0-9]{6}', title: {zh: 户编号, en: Household number}}\n"
    "      kind:         {codes: {\"1\": {zh: 农村, en: rural}, \"2\": {zh: 城镇, en: urban}}, required: true, title: "
    "{zh: 户类型, en: Kind}}\n"
    "      size:         {type: integer, min: 1, max: 30, required: true, title: {zh: 人数, en: Size}}\n"
    "      income:       {type: \"decimal(12,2)\", unit: yuan, title: {zh: 年收入, en: Income of the year}}\n"
    "      moved_in:     {type: date, max: as_of, title: {zh: 入住日期, en: Moved in on}}\n"
    "      moved_out:    {type: date, title: {zh: 迁出日期, en: Moved out on}}\n"
    "    relations:\n"
    "      members: {many: member, on: household_id, inverse: household}\n"
    "  member:\n"
    "    title: {zh: 成员, en: Member}\n"
    "    key: [member_id]\n"
    "    fields:\n"
    "      member_id:    {type: text, max_length: 20, title: {zh: 成员编号, en: Member number}}\n"
    "      household_id: {type: text, required: true, references: household.household_id, title: {zh: 户编号, en: "
    "Household number}}\n"
    "      name:         {type: text, max_length: 50, required: true, sensitivity: personal, title: {zh: 姓名, en: "
    "Name}}\n"
    "      birth_date:   {type: date, max: as_of, required: true, sensitivity: personal, title: {zh: 出生日期, en: "
    "Birth date}}\n"
    "\n"
    "rules:\n"
    "  # A rule is a condition (when) and what must hold there (assert), as in SQL's WHERE. A row fails where assert "
    "is false.\n"
    "  HH-001:\n"
    "    on: household\n"
    "    title: {zh: 迁出不早于入住, en: Nobody moves out before moving in}\n"
    "    assert: moved_in <= moved_out\n"
    "    message: {zh: \"{moved_in} 入住，{moved_out} 迁出\", en: \"moved in on {moved_in}, out on {moved_out}\"}\n"
    "    tests:\n"
    "      pass: [{household: {moved_in: 2020-01-01, moved_out: 2021-01-01}}]\n"
    "      fail: [{household: {moved_in: 2021-01-01, moved_out: 2020-01-01}}]\n"
    "      undetermined: [{household: {moved_in: 2021-01-01}}]\n"
    "  HH-002:\n"
    "    on: household\n"
    "    title: {zh: 人数与成员数一致, en: The size is the number of members}\n"
    "    assert: size = count(members)\n"
    "    message: {zh: \"登记 {size} 人，成员 {count(members)} 人\", en: \"size {size}, members {count(members)}\"}\n"
    "    tests:\n"
    "      pass: [{household: {household_id: H000001, size: 1}, member: {member_id: 1, household_id: H000001}}]\n"
    "      fail: [{household: {household_id: H000001, size: 2}, member: {member_id: 1, household_id: H000001}}]\n"
    "  HH-003:\n"
    "    on: household\n"
    "    title: {zh: 农村户的收入, en: Income of rural households}\n"
    "    when: kind = '1'\n"
    "    assert: income is not null\n"
    "    severity: warning\n"
    "    dimension: completeness\n"
    "    tests:\n"
    "      pass: [{household: {kind: 1, income: 3000}}, {household: {kind: 2}}]\n"
    "      fail: [{household: {kind: 1}}]\n"
    "  MB-001:\n"
    "    on: member\n"
    "    title: {zh: 同户同名同生日, en: Members of one name and birth date}\n"
    "    unique: [household_id, name, birth_date]\n"
    "    severity: warning\n"
    "    tests:\n"
    "      pass: [{member: [{member_id: 1, household_id: H000001, name: 甲, birth_date: 2000-01-01}, {member_id: 2, "
    "household_id: H000001, name: 乙, birth_date: 2000-01-01}]}]\n"
    "      fail: [{member: [{member_id: 1, household_id: H000001, name: 甲, birth_date: 2000-01-01}, {member_id: 2, "
    "household_id: H000001, name: 甲, birth_date: 2000-01-01}]}]\n";

hz_status hz_template_put(hz_buf *out, hz_slice id, hz_error *err)
{
    if (!hz_load_is_dotted_id(id)) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(TEMPLATE_ID), HZ_S(id));
        hz_error_hint(err, HZ_MSG_TEMPLATE_ID_HINT);
        return st;
    }
    hz_buf_puts(out, "hezhun: 1\nprofile: ");
    hz_buf_put(out, id);
    hz_buf_putc(out, '\n');
    hz_buf_puts(out, text);
    return HZ_OK;
}
