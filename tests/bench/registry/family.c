#include "tests/bench/registry/family.h"

#include <string.h>

enum { PER_COUNTY = 365 * 500 }; /* numbers of one sex and the other that a county code has in a year */

const char *const table_names[TABLES] = {"household",   "member", "village_summary", "vehicle",
                                         "work_record", "aid",    "payment",         "cover"};

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "吴", "赵", "周",
                                       "徐", "孙", "马", "朱", "胡", "林", "何", "郭", "罗", "高",
                                       "梁", "郑", "谢", "宋", "唐", "许", "邓", "冯", "韩", "曹",
                                       "曾", "彭", "萧", "蔡", "潘", "田", "董", "袁", "于", "余"};
static const char *const given[] = {"伟", "芳", "娜", "秀", "英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳",
                                    "杰", "娟", "涛", "明", "超", "兰", "霞", "平", "刚", "桂", "文", "华", "建", "国",
                                    "玉", "梅", "春", "红", "志", "德", "成", "贵", "山", "林", "云", "燕"};

void id_finish(char *id)
{
    static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        sum += weight[i] * (id[i] - '0');
    }
    id[17] = "10X98765432"[sum % 11];
    id[18] = 0;
}

void put_digits(char *to, uint64_t value, int count)
{
    while (count-- > 0) {
        to[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

int day_of_year(int year, int day)
{
    static const int length[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = 0;
    while (day >= length[month]) {
        day -= length[month++];
    }
    return year * 10000 + (month + 1) * 100 + day + 1;
}

/* Number and birth date of the member that is the index-th of its county; no two get the same. */
static void member_identify(const struct world *w, const struct family *f, struct member *m, uint64_t index, bool extra)
{
    uint64_t round = index / PER_COUNTY, at = (index % PER_COUNTY * 7919 + 4711) % PER_COUNTY;
    const char *county = f->village->code;
    if (extra) {
        county = w->pool[(uint64_t)w->pool_count - 1 - round];
    } else if (round > 0) {
        county = w->pool[(round - 1) * 128 + (uint64_t)f->village->county];
    }
    m->birth = day_of_year(YEAR - m->age, (int)(at % 365));
    memcpy(m->id_no, county, 6);
    put_digits(m->id_no + 6, (uint64_t)m->birth, 8);
    put_digits(m->id_no + 14, at / 365 * 2 + (m->sex == 1), 3);
    id_finish(m->id_no);
}

static void member_name(struct member *m, uint64_t *c, int surname)
{
    const int count = (int)(sizeof given / sizeof *given);
    bool two = below(c, 4) != 0;
    memcpy(m->name, surnames[surname], 3); /* three bytes a character */
    memcpy(m->name + 3, given[below(c, count)], 3);
    memcpy(m->name + 6, given[below(c, count)], 3);
    m->name[two ? 9 : 6] = 0;
}

/* Relation, sex and age of each; a child is 18 years younger than its parents, a parent as much older. */
static void family_roles(struct family *f, uint64_t *c)
{
    int head = 25 + below(c, 51), youngest = head, at = 1;
    struct member *m = f->member;
    m[0].relation = 1;
    m[0].sex = below(c, 5) ? 1 : 2;
    m[0].age = head;
    if (f->size > 1 && below(c, 5)) {
        m[1].relation = 2;
        m[1].sex = 3 - m[0].sex;
        m[1].age = head - 4 + below(c, 9);
        youngest = m[1].age < head ? m[1].age : head;
        at = 2;
    }
    int parents = 0;
    for (; at < f->size; at++) {
        int way = below(c, 10);
        if (way < 2 && parents < 2 && head < 70) {
            m[at].relation = 11 + parents;
            m[at].sex = 1 + parents++;
            m[at].age = head + 18 + below(c, 12);
        } else {
            bool grandchild = way == 2 && head >= 50;
            int most = grandchild ? head - 40 : youngest - 18;
            m[at].sex = 1 + below(c, 2);
            m[at].relation = (grandchild ? 6 : 2) + m[at].sex;
            m[at].age = most < 1 ? 0 : most - below(c, most < 15 ? most : 15);
        }
    }
}

static void member_work(struct member *m, uint64_t *c)
{
    m->months = 1 + below(c, 11);
    m->works = m->months > 3 && below(c, 4) == 0 ? 2 : 1;
    int first = m->works == 2 ? m->months / 2 : m->months;
    int free = 12 - m->months, begin = 1 + below(c, m->works == 2 ? 1 : free + 1);
    m->work[0] = (struct work){YEAR * 100 + begin, YEAR * 100 + begin + first};
    if (m->works == 2) {
        begin += first + free;
        m->work[1] = (struct work){YEAR * 100 + begin, 0};
    }
    struct work *last = &m->work[m->works - 1];
    if (last->end == YEAR * 100 + 13) {
        last->end = 0;
    }
}

static void member_make(struct member *m, uint64_t *c, int insured_of)
{
    int age = m->age, health = below(c, 100);
    m->ethnic = below(c, 3) ? 1 : 6;
    m->health = health < 85 ? 0 : health < 93 ? 1 : health < 97 ? 2 : health < 99 ? 3 : 4;
    m->student = age < 3 ? 0 : age < 6 ? 2 : age < 12 ? 3 : age < 15 ? age - 8 : age < 18 && below(c, 5) ? age - 8 : 0;
    m->education = age < 6 || m->student ? 0 : age > 70 ? 1 : 1 + below(c, 4);
    m->labour = age < 16 || age > 75 ? 4 : below(c, 8) == 0 ? 3 : below(c, 8) ? 1 : 2;
    m->insured = below(c, insured_of) != 0;
    m->months = -1;
    if (m->labour < 3 && age > 16 && age < 65 && !m->student && below(c, 5) < 2) {
        member_work(m, c);
    }
    if (m->health >= 3) {
        memcpy(m->disability, m->id_no, 18);
        m->disability[18] = (char)('1' + below(c, 7));
        m->disability[19] = (char)('1' + below(c, 4));
    }
}

static void family_money(struct family *f, uint64_t *c, int period)
{
    int months = 0;
    for (int i = 0; i < f->members; i++) {
        months += f->member[i].months > 0 ? f->member[i].months : 0;
    }
    f->wage = (int64_t)months * (200000 + below(c, 250000));
    f->business = below(c, 2000000);
    f->property = below(c, 50000);
    f->transfer = below(c, 600000);
    f->expense = f->business ? below(c, (int)(f->business / 2) + 1) : 0;
    f->net = f->wage + f->business + f->property + f->transfer - f->expense;
    int64_t floor = (f->flag == 1 || f->flag == 4 ? 500000 : 210000) * (int64_t)f->size;
    if (f->net < floor) {
        f->transfer += floor - f->net;
        f->net = floor;
    }
    if (period > 0) { /* a tenth less of what is left after expenses */
        int64_t less = f->transfer / 10;
        f->transfer -= less;
        f->net -= less;
    }
}

static void family_facts(struct family *f, uint64_t *c)
{
    static const int causes[] = {1, 2, 3, 7, 8, 9, 11}, others[] = {0, 0, 4, 5, 10};
    int way = below(c, 100);
    bool disabled = false;
    for (int i = 0; i < f->members; i++) {
        disabled |= f->member[i].health >= 3;
    }
    f->attribute = way < 60 ? 1 : way < 85 ? 4 : way < 90 ? 6 : 5;
    f->cause = causes[below(c, 7)];
    f->cause = f->cause == 2 && !disabled ? 7 : f->attribute == 5 && below(c, 2) ? 0 : f->cause;
    f->other = others[below(c, 5)];
    way = below(c, 100);
    f->flag = way < 60 ? 1 : way < 85 ? 4 : way < 97 ? 0 : 3;
    f->identified = (2013 + below(c, 2)) * 100 + 10 + below(c, 3);
    f->exit = f->flag == 1 || f->flag == 4 ? day_of_year(2015 + below(c, 6), below(c, 365)) : 0;
    f->phone = 13000000000u + (uint64_t)below(c, 2000000000) * 3;
    for (int i = 0; i < f->members && f->attribute == 4; i++) {
        f->member[i].insured = true;
    }
    if (below(c, 20) == 0) {
        f->cars = 1;
        f->car_owner = below(c, 3) ? 0 : below(c, f->members);
        f->car_price = 8000 + below(c, 80000);
        f->car_day = day_of_year(2008 + below(c, 13), below(c, 365));
    }
    if (below(c, 10) == 0) {
        f->aids = 1 + below(c, 2);
        for (int i = 0; i < f->aids; i++) {
            f->aid += f->aid_cents[i] = 10000 + below(c, 300000);
        }
    }
}

/* Sizes of three households that share ten members, and where the third's number among them begins. */
int family_size(const struct world *w, uint64_t number, int *before)
{
    static const int sizes[8][3] = {{1, 4, 5}, {2, 3, 5}, {3, 3, 4}, {2, 4, 4},
                                    {1, 3, 6}, {2, 2, 6}, {3, 4, 3}, {1, 2, 7}};
    uint64_t h = mix(w->seed * 31 + number / 3 + 0x5bd1e995);
    const int *row = sizes[h & 7];
    int turn = (int)(h >> 8) % 3 + 3, mine = (int)(number % 3);
    *before = 0;
    for (int i = 0; i < mine; i++) {
        *before += row[(turn + i) % 3];
    }
    return row[(turn + mine) % 3];
}

/* Household `number`; from w->households on, one that only the earlier period (1) has, of village v. */
void family_make(const struct world *w, struct family *f, uint64_t number, int v, int period)
{
    bool extra = number >= w->households;
    uint64_t c = mix(w->seed + number * 0x9e3779b97f4a7c15u);
    int before = 0;
    memset(f, 0, sizeof *f);
    f->number = number;
    f->village = &w->village[v];
    f->size = f->members = family_size(w, number, &before);
    f->is_new = !extra && below(&c, 100) == 0;
    f->kind = -1;
    memcpy(f->id, f->village->code, 12);
    put_digits(f->id + 12, extra ? 900000 + (number - w->households) % 100000 : number - f->village->first + 1, 6);
    family_roles(f, &c);
    int surname = below(&c, 40);
    uint64_t start = extra ? w->households / 3 * 10 + 10 : f->village->county_first / 3 * 10;
    uint64_t serial = (extra ? start + (number - w->households) * 10 : number / 3 * 10) + (uint64_t)before;
    for (int i = 0; i < f->members; i++) {
        struct member *m = &f->member[i];
        m->number = serial + (uint64_t)i + 1;
        memcpy(m->household, f->id, sizeof f->id);
        member_identify(w, f, m, serial + (uint64_t)i - start, extra);
        member_name(m, &c, m->relation == 2 || m->relation == 12 ? below(&c, 40) : surname);
        member_make(m, &c, w->error_rate > 0 && f->village->county == 3 ? 8 : 40); /* one county falls behind */
    }
    family_facts(f, &c);
    family_money(f, &c, period);
    memcpy(f->head_id, f->member[0].id_no, sizeof f->head_id);
    memcpy(f->head_name, f->member[0].name, sizeof f->head_name);
    f->removal = extra ? "01" : "";
    f->chance = next(&c);
    f->copies = 1;
    f->pay_time = "09";
    f->pay_status = "1";
    f->pay_year = YEAR;
    if (chance(&c, w->error_rate * 13.0 / 3)) {
        if (period == 0) {
            family_plant(f);
        } else if (extra) {
            f->removal = "";
        }
    }
}
