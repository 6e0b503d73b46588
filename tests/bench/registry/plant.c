/* Defects: a function each, which makes one thing wrong and returns the record of its table that is wrong, or -1 when
 * the family does not lend itself to it. The table names the rule that the defect breaks; it may break others too. */

#include <stdio.h>
#include <string.h>

#include "tests/bench/registry/family.h"

typedef int planter(struct family *f);

/* A member between two ages, or -1. */
static int aged(const struct family *f, int least, int most)
{
    for (int i = 0; i < f->members; i++) {
        if (f->member[i].age >= least && f->member[i].age <= most) {
            return i;
        }
    }
    return -1;
}

static int any(const struct family *f)
{
    return (int)(f->chance % (uint64_t)f->members);
}

static int cell_h(struct family *f, enum h_column column, const char *text)
{
    f->over[column] = text;
    return 0;
}

static int cell_m(struct family *f, int at, enum m_column column, const char *text)
{
    if (at >= 0) {
        f->member[at].over[column] = text;
    }
    return at;
}

static int worker(const struct family *f, int works)
{
    for (int i = 0; i < f->members; i++) {
        if (f->member[i].works >= works) {
            return i;
        }
    }
    return -1;
}

static int h_pattern(struct family *f)
{
    return cell_h(f, H_ID, "52010201600100000A");
}
static int h_village(struct family *f)
{
    return cell_h(f, H_VILLAGE, "529999999999");
}
static int h_head(struct family *f)
{
    return cell_h(f, H_HEAD_ID, "520102198001010000");
}
static int h_name(struct family *f)
{
    return cell_h(f, H_HEAD_NAME, "");
}
static int h_phone(struct family *f)
{
    return cell_h(f, H_PHONE, "0851123");
}
static int h_many_phones(struct family *f)
{
    return cell_h(f, H_PHONE, "13800000000");
}
static int h_attribute(struct family *f)
{
    return cell_h(f, H_ATTRIBUTE, "77");
}
static int h_size(struct family *f)
{
    return cell_h(f, H_SIZE, "31");
}
static int h_cause(struct family *f)
{
    return f->attribute == 5 ? -1 : cell_h(f, H_CAUSE, "");
}
static int h_items(struct family *f)
{
    return cell_h(f, H_OTHER, "\"04,04\"");
}
static int h_exit(struct family *f)
{
    return cell_h(f, H_EXIT, "2019-02-30");
}
static int h_no_exit(struct family *f)
{
    return f->exit ? cell_h(f, H_EXIT, "") : -1;
}
static int h_net(struct family *f)
{
    return cell_h(f, H_NET, "1.234");
}
static int h_sum(struct family *f)
{
    f->net += 1;
    return 0;
}
static int h_early(struct family *f)
{
    f->identified = 201612;
    f->exit = 20150630;
    return f->flag == 1 || f->flag == 4 ? 0 : -1;
}
static int h_twice(struct family *f)
{
    f->other = f->cause;
    return f->cause ? 0 : -1;
}
static int h_not_yet(struct family *f)
{
    f->flag = 0;
    f->exit = 20190630;
    return 0;
}
static int h_count(struct family *f)
{
    f->size++;
    return 0;
}
static int h_other_head(struct family *f)
{
    memcpy(f->head_id, f->member[f->members - 1].id_no, 19);
    return f->members > 1 ? 0 : -1;
}
static int h_other_name(struct family *f)
{
    strncpy(f->head_name, "欧阳春", 20);
    return 0;
}
static int h_uninsured(struct family *f)
{
    f->attribute = 4;
    f->member[any(f)].insured = false;
    return 0;
}
static int h_idle(struct family *f)
{
    f->net -= f->wage;
    f->wage = 0;
    return worker(f, 1) < 0 ? -1 : 0;
}
static int h_disabled(struct family *f)
{
    f->cause = 2;
    for (int i = 0; i < f->members; i++) {
        f->member[i].health = 0;
        f->member[i].disability[0] = 0;
    }
    return 0;
}
static int h_copy(struct family *f)
{
    f->copies = 2;
    return 1;
}
static int h_poor(struct family *f)
{
    f->transfer -= f->net - 100;
    f->net = 100;
    return f->flag == 1 ? 0 : -1;
}
static int h_identified(struct family *f)
{
    f->identified = 201502;
    return f->is_new || (f->exit && f->exit < 20150301) ? -1 : 0;
}
static int h_car(struct family *f)
{
    f->cars = 1;
    f->car_owner = 0;
    f->car_price = 250000;
    f->car_day = 20200615;
    return 0;
}
static int h_cars(struct family *f)
{
    f->cars = 3;
    f->car_owner = 0;
    f->car_price = 9000;
    f->car_day = 20120615;
    return any(f);
}
static int h_rich(struct family *f)
{
    h_car(f);
    f->car_price = 450000;
    return 0;
}

static int h_two_heads(struct family *f)
{
    return f->attribute == 5 || f->member[1].relation != 2 ? -1 : (f->member[1].relation = 1, 0);
}

static int h_young_head(struct family *f)
{
    struct member *m = &f->member[0];
    put_digits(m->id_no + 6, 2010, 4);
    m->birth = m->birth % 10000 + 20100000;
    id_finish(m->id_no);
    memcpy(f->head_id, m->id_no, 19);
    return m->health < 3 ? 0 : -1;
}

static int h_latin(struct family *f)
{
    return cell_h(f, H_HEAD_NAME, "Li Wei");
}
static int h_test(struct family *f)
{
    return cell_h(f, H_HEAD_NAME, "测试一");
}
static int h_richer(struct family *f)
{
    f->transfer += 4 * f->net + 100;
    f->net += 4 * f->net + 100;
    return f->is_new ? -1 : 0;
}
static int h_negative(struct family *f)
{
    return cell_h(f, H_WAGE, "-1.00");
}

static int h_same_number(struct family *f)
{
    memcpy(f->member[f->members - 1].id_no, f->member[0].id_no, 19);
    return f->members > 1 ? 0 : -1;
}

static int m_ethnic(struct family *f)
{
    for (int i = 0; i < f->members; i++) {
        f->member[i].ethnic = 1 + i;
    }
    return f->members > 3 ? 0 : -1;
}

static int m_disability(struct family *f)
{
    return cell_m(f, any(f), M_DISABILITY, "52010219800101000121");
}
static int m_unknown_ethnic(struct family *f)
{
    return cell_m(f, any(f), M_ETHNIC, "77");
}
static int m_check(struct family *f)
{
    return cell_m(f, any(f), M_ID_NO, "520102198001010000");
}
static int m_birth(struct family *f)
{
    return cell_m(f, any(f), M_BIRTH, "19801301");
}
static int m_name(struct family *f)
{
    return cell_m(f, any(f), M_NAME, "李");
}
static int m_blank(struct family *f)
{
    return cell_m(f, any(f), M_NAME, "李春华 ");
}
static int m_sex(struct family *f)
{
    return cell_m(f, any(f), M_SEX, "3");
}
static int m_relation(struct family *f)
{
    return cell_m(f, any(f), M_RELATION, "55");
}
static int m_household(struct family *f)
{
    return cell_m(f, any(f), M_HOUSEHOLD, "529999999999000001");
}
static int m_health(struct family *f)
{
    return cell_m(f, any(f), M_HEALTH, "\"01,02\"");
}
static int m_insured(struct family *f)
{
    return cell_m(f, any(f), M_INSURED, "是");
}
static int m_baby(struct family *f)
{
    return cell_m(f, aged(f, 0, 2), M_STUDENT, "02");
}
static int m_labour(struct family *f)
{
    return cell_m(f, aged(f, 0, 15), M_LABOUR, "01");
}
static int m_education(struct family *f)
{
    return cell_m(f, aged(f, 19, 120), M_EDUCATION, "");
}
static int m_no_number(struct family *f)
{
    int at = any(f);
    f->member[at].health = 3;
    f->member[at].disability[0] = 0;
    return at;
}
static int m_day(struct family *f)
{
    int at = any(f);
    f->member[at].birth += f->member[at].birth % 100 < 28 ? 1 : -1;
    return at;
}
static int m_other_sex(struct family *f)
{
    int at = any(f);
    f->member[at].sex = 3 - f->member[at].sex;
    return at;
}
static int m_months(struct family *f)
{
    int at = worker(f, 1);
    if (at >= 0) {
        f->member[at].months++;
    }
    return at;
}

static int m_county(struct family *f)
{
    struct member *m = &f->member[any(f)];
    memcpy(m->id_no, "529999", 6);
    id_finish(m->id_no);
    return (int)(m - f->member);
}

static int m_role(struct family *f)
{
    int at = aged(f, 0, 17);
    if (at >= 0) {
        f->member[at].relation = f->member[at].sex == 1 ? 4 : 3;
    }
    return at;
}

static int m_certificate(struct family *f)
{
    int at = any(f);
    f->member[at].health = 3;
    memcpy(f->member[at].disability, f->member[at ? 0 : f->members - 1].id_no, 18);
    memcpy(f->member[at].disability + 18, "21", 3);
    return f->members > 1 ? at : -1;
}

/* One person twice, the second time by the 15 digits of the old number. */
static int m_old_number(struct family *f)
{
    struct member *m = &f->member[f->members];
    *m = f->member[f->members - 1];
    char old[19];
    snprintf(old, sizeof old, "%.6s%.9s", m->id_no, m->id_no + 8);
    m->number += 900000000000u;
    m->works = 0;
    m->months = -1;
    m->disability[0] = 0;
    m->health = 0;
    bool of_last_century = memcmp(m->id_no + 6, "19", 2) == 0 && m->relation != 1;
    memcpy(m->id_no, old, sizeof old);
    if (!of_last_century) {
        return -1;
    }
    f->size++;
    return f->members++;
}

static int m_parent(struct family *f)
{
    int at = -1;
    for (int i = 1; i < f->members; i++) {
        at = f->member[i].relation == 3 || f->member[i].relation == 4 ? i : at;
    }
    if (at >= 0) {
        f->member[at].birth = f->member[0].birth + 50000;
    }
    return at;
}

static int w_child(struct family *f)
{
    int at = aged(f, 0, 13);
    if (at >= 0) {
        f->member[at].work[f->member[at].works++] = (struct work){YEAR * 100 + 2, YEAR * 100 + 5};
    }
    return at;
}

static int w_overlap(struct family *f)
{
    int at = worker(f, 1);
    if (at >= 0 && f->member[at].works < 3) {
        f->member[at].work[f->member[at].works++] = f->member[at].work[0];
    }
    return at;
}

static int w_reversed(struct family *f)
{
    int at = worker(f, 1);
    if (at >= 0) {
        f->member[at].work[0].end = f->member[at].work[0].begin - 1;
    }
    return at >= 0 && f->member[at].work[0].end % 100 ? at : -1;
}

static int w_unknown(struct family *f)
{
    f->unknown_worker = true;
    return worker(f, 1);
}
static int a_sum(struct family *f)
{
    f->aid += 1000;
    return f->aids ? 0 : -1;
}
static int a_much(struct family *f)
{
    f->aid += 3000000;
    f->aid_cents[0] += 3000000;
    return f->aids ? 0 : -1;
}
static int a_last_year(struct family *f)
{
    f->pay_year--;
    return f->aids ? 0 : -1;
}
static int p_night(struct family *f)
{
    f->pay_time = "22";
    return f->aids ? 0 : -1;
}
static int p_same(struct family *f)
{
    f->same_payment = true;
    return f->aids == 2 ? 0 : -1;
}
static int p_status(struct family *f)
{
    f->pay_status = "9";
    return f->aids ? 0 : -1;
}
static int p_unknown(struct family *f)
{
    f->unknown_aid = true;
    return f->aids ? 0 : -1;
}

struct kind {
    const char *rule;
    enum table table;
    planter *make;
};

static const struct kind kinds[] = {
    {"household.household_id.pattern", HOUSEHOLD, h_pattern},
    {"household.village_code.type", HOUSEHOLD, h_village},
    {"household.head_id.type", HOUSEHOLD, h_head},
    {"household.head_name.required", HOUSEHOLD, h_name},
    {"household.phone.type", HOUSEHOLD, h_phone},
    {"household.attribute.codes", HOUSEHOLD, h_attribute},
    {"household.family_size.range", HOUSEHOLD, h_size},
    {"household.cause.required", HOUSEHOLD, h_cause},
    {"household.other_causes.items", HOUSEHOLD, h_items},
    {"household.exit_date.type", HOUSEHOLD, h_exit},
    {"household.exit_date.required", HOUSEHOLD, h_no_exit},
    {"household.net_income.type", HOUSEHOLD, h_net},
    {"household.key", HOUSEHOLD, h_copy},
    {"HH-101", HOUSEHOLD, h_sum},
    {"HH-102", HOUSEHOLD, h_early},
    {"HH-103", HOUSEHOLD, h_twice},
    {"HH-105", HOUSEHOLD, h_not_yet},
    {"HH-201", HOUSEHOLD, h_count},
    {"HH-202", HOUSEHOLD, h_two_heads},
    {"HH-203", HOUSEHOLD, h_poor},
    {"HH-204", HOUSEHOLD, h_other_head},
    {"HH-205", HOUSEHOLD, h_other_name},
    {"HH-206", HOUSEHOLD, h_young_head},
    {"HH-207", HOUSEHOLD, h_uninsured},
    {"HH-210", HOUSEHOLD, h_idle},
    {"HH-212", HOUSEHOLD, h_car},
    {"HH-214", HOUSEHOLD, h_disabled},
    {"HH-216", HOUSEHOLD, h_many_phones},
    {"HH-301", HOUSEHOLD, h_identified},
    {"member.id_no.type", MEMBER, m_check},
    {"member.birth_date.type", MEMBER, m_birth},
    {"member.name.length", MEMBER, m_name},
    {"member.sex.codes", MEMBER, m_sex},
    {"member.relation.codes", MEMBER, m_relation},
    {"member.household_id.references", MEMBER, m_household},
    {"member.education.required", MEMBER, m_education},
    {"member.disability_no.required", MEMBER, m_no_number},
    {"member.insured.type", MEMBER, m_insured},
    {"MB-101", MEMBER, m_day},
    {"MB-102", MEMBER, m_other_sex},
    {"MB-103", MEMBER, m_county},
    {"MB-104", MEMBER, m_role},
    {"MB-105", MEMBER, m_baby},
    {"MB-106", MEMBER, m_labour},
    {"MB-107", MEMBER, m_health},
    {"MB-108", MEMBER, m_certificate},
    {"MB-109", MEMBER, m_blank},
    {"MB-201", MEMBER, m_old_number},
    {"MB-205", MEMBER, h_cars},
    {"MB-206", MEMBER, m_parent},
    {"MB-208", MEMBER, m_months},
    {"MB-306", MEMBER, h_rich},
    {"WK-101", WORK, w_reversed},
    {"WK-201", WORK, w_overlap},
    {"WK-203", WORK, w_child},
    {"work_record.member_id.references", WORK, w_unknown},
    {"AD-201", AID, a_sum},
    {"AD-202", AID, a_last_year},
    {"HH-213", HOUSEHOLD, a_much},
    {"PY-101", PAYMENT, p_night},
    {"PY-201", PAYMENT, p_unknown},
    {"PY-203", PAYMENT, p_same},
    {"payment.status.codes", PAYMENT, p_status},
    {"HH-106", HOUSEHOLD, h_latin},
    {"HH-107", HOUSEHOLD, h_test},
    {"HH-208", HOUSEHOLD, h_same_number},
    {"HH-302", HOUSEHOLD, h_richer},
    {"household.wage_income.range", HOUSEHOLD, h_negative},
    {"MB-301", MEMBER, m_ethnic},
    {"member.disability_no.type", MEMBER, m_disability},
    {"member.ethnic.codes", MEMBER, m_unknown_ethnic},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* The first kind from a random one on that suits; a kind that does not suit leaves a family that is made anew. */
void family_plant(struct family *f)
{
    uint64_t first = mix(f->chance) % KINDS;
    for (uint64_t i = 0; i < KINDS; i++) {
        struct family tried = *f;
        tried.kind = (int)((first + i) % KINDS);
        tried.slot = kinds[tried.kind].make(&tried);
        if (tried.slot >= 0) {
            *f = tried;
            return;
        }
    }
}

const char *plant_rule(int kind)
{
    return kinds[kind].rule;
}

enum table plant_table(int kind)
{
    return kinds[kind].table;
}
