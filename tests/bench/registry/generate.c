/* A poverty registry's submission, made up: households, members, work, aid, vehicles, reported totals, of any size.
 *
 *     generate -o FOLDER [--lists FOLDER] [--households N] [--seed N] [--error-rate R] [--previous] [--shuffle]
 * [--planted FILE]
 *
 * Everything is a function of the seed and a household's number. So any household can be made again at any time: the
 * earlier period is the same households a little poorer, and members can be written in random order, without keeping
 * anything. Village and county codes are real (standards/data); persons are not: the numbers have the right form.
 *
 * Three households share ten members. A person's number is unique without a table of numbers given out: the member's
 * number within the county picks day and sequence number, and a county with more than 182,500 members lends codes of
 * other counties, as those who married into it have.
 *
 * Defects: a household gets one kind of defect or none; --planted names rule, table and record of each. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/bench/registry/family.h"
#include "tests/bench/registry/out.h"

static const char *const healths[] = {"01", "02", "03", "04", "\"02,04\""};

static void planted(const struct world *w, const struct family *f, enum table table, uint64_t record)
{
    if (w->planted) {
        fprintf(w->planted, "%s\t%s\t%llu\n", plant_rule(f->kind), table_names[table], (unsigned long long)record);
    }
}

static void household_cell(struct out *o, const struct family *f, enum h_column column)
{
    switch (column) {
    case H_ID:
        put_bytes(o, f->id, 18);
        break;
    case H_VILLAGE:
        put_bytes(o, f->village->code, 12);
        break;
    case H_HEAD_ID:
        put_bytes(o, f->head_id, 18);
        break;
    case H_HEAD_NAME:
        put(o, f->head_name);
        break;
    case H_PHONE:
        put_number(o, f->phone, 11);
        break;
    case H_ATTRIBUTE:
        put_code(o, f->attribute, 2);
        break;
    case H_SIZE:
        put_code(o, f->size, 1);
        break;
    case H_CAUSE:
        put_code(o, f->cause, 2);
        break;
    case H_OTHER:
        put_code(o, f->other, 2);
        break;
    case H_IDENTIFIED:
        put_code(o, f->identified, 6);
        break;
    case H_FLAG:
        put_number(o, (uint64_t)f->flag, 1);
        break;
    case H_EXIT:
        if (f->exit) {
            put_day(o, f->exit, true);
        }
        break;
    case H_WAGE:
        put_money(o, f->wage);
        break;
    case H_BUSINESS:
        put_money(o, f->business);
        break;
    case H_PROPERTY:
        put_money(o, f->property);
        break;
    case H_TRANSFER:
        put_money(o, f->transfer);
        break;
    case H_EXPENSE:
        put_money(o, f->expense);
        break;
    case H_NET:
        put_money(o, f->net);
        break;
    case H_REMOVAL:
        put(o, f->removal);
        break;
    case H_COLUMNS:
        break;
    }
}

static void member_cell(struct out *o, const struct member *m, enum m_column column)
{
    switch (column) {
    case M_ID:
        put_number(o, m->number, 12);
        break;
    case M_HOUSEHOLD:
        put_bytes(o, m->household, 18);
        break;
    case M_ID_NO:
        put(o, m->id_no);
        break;
    case M_NAME:
        put(o, m->name);
        break;
    case M_SEX:
        put_code(o, m->sex, 1);
        break;
    case M_BIRTH:
        put_day(o, m->birth, false);
        break;
    case M_RELATION:
        put_code(o, m->relation, 2);
        break;
    case M_ETHNIC:
        put_code(o, m->ethnic, 2);
        break;
    case M_EDUCATION:
        put_code(o, m->education, 2);
        break;
    case M_STUDENT:
        put_code(o, m->student, 2);
        break;
    case M_HEALTH:
        put(o, healths[m->health]);
        break;
    case M_DISABILITY:
        put(o, m->disability);
        break;
    case M_LABOUR:
        put_code(o, m->labour, 2);
        break;
    case M_MONTHS:
        put_code(o, m->months > 0 ? m->months : 0, 1);
        break;
    case M_INSURED:
        put_char(o, m->insured ? '1' : '0');
        break;
    case M_COLUMNS:
        break;
    }
}

static void household_write(struct out *o, const struct family *f)
{
    for (int column = 0; column < H_COLUMNS; column++) {
        if (column) {
            put_char(o, ',');
        }
        if (f->over[column]) {
            put(o, f->over[column]);
        } else {
            household_cell(o, f, (enum h_column)column);
        }
    }
    end_row(o);
}

static void member_write(struct out *o, const struct member *m)
{
    for (int column = 0; column < M_COLUMNS; column++) {
        if (column) {
            put_char(o, ',');
        }
        if (m->over[column]) {
            put(o, m->over[column]);
        } else {
            member_cell(o, m, (enum m_column)column);
        }
    }
    end_row(o);
}

static void works_write(struct out *o, const struct family *f)
{
    for (int i = 0; i < f->members; i++) {
        const struct member *m = &f->member[i];
        for (int k = 0; k < m->works; k++) {
            put_number(o, f->unknown_worker && k == 0 ? 999999999999u : m->number, 12);
            put_char(o, ',');
            put_number(o, (uint64_t)m->work[k].begin, 6);
            put_char(o, ',');
            put_code(o, m->work[k].end, 6);
            put_char(o, ',');
            put_code(o, 1 + (int)((m->number + (uint64_t)k) % 4), 2);
            end_row(o);
        }
    }
}

static void car_write(struct out *o, const char *owner, uint64_t number, int price, int day)
{
    put(o, "贵");
    put_char(o, (char)('A' + number % 8));
    put_number(o, mix(number) % 100000, 5);
    put_char(o, ',');
    put(o, owner);
    put_char(o, ',');
    put_char(o, (char)('1' + number % 3));
    put_char(o, ',');
    put_number(o, (uint64_t)price, 1);
    put_char(o, ',');
    put_day(o, day, true);
    end_row(o);
}

/* The family's vehicles, and now and then one of somebody whom the registry does not know. */
static void cars_write(struct out *o, const struct family *f)
{
    for (int i = 0; i < f->cars; i++) {
        car_write(o, f->member[f->car_owner].id_no, f->number * 3 + (uint64_t)i, f->car_price, f->car_day);
    }
    if (f->chance % 40 == 0) {
        char owner[19];
        memcpy(owner, f->village->code, 6);
        put_digits(
            owner + 6,
            (uint64_t)day_of_year(1900 + (int)(f->chance >> 8 & 0xff) % 10, (int)(f->chance >> 20 & 0xffff) % 365), 8);
        put_digits(owner + 14, f->chance >> 32, 3);
        id_finish(owner);
        car_write(o, owner, f->number * 3 + 7, 150000 + (int)(f->chance >> 40 & 0xfffff) % 200000, 20190304);
    }
}

static void aid_key(struct out *o, const struct family *f, int category)
{
    put_bytes(o, f->id, 18);
    put_char(o, ',');
    put_number(o, YEAR, 4);
    put(o, ",N");
    put_number(o, (uint64_t)category, 2);
    put_char(o, ',');
}

static void aid_write(struct out *aid, struct out *payment, const struct family *f)
{
    if (f->aids == 0) {
        return;
    }
    int category = 1 + (int)(f->chance >> 16 & 0xffff) % 12;
    aid_key(aid, f, category);
    put_money(aid, f->aid);
    put(aid, ",N01");
    end_row(aid);
    for (int i = 0; i < f->aids; i++) {
        int day = day_of_year(f->pay_year, (int)(f->chance >> 24 & 0xffff) % 200 + i * 60);
        aid_key(payment, f, f->unknown_aid && i == 0 ? 13 : category);
        put_number(payment, f->same_payment ? 1 : (uint64_t)i + 1, 1);
        put_char(payment, ',');
        put_money(payment, f->aid_cents[i]);
        put_char(payment, ',');
        put_day(payment, day, true);
        put_char(payment, ',');
        put(payment, f->pay_time);
        put_char(payment, ':');
        put_number(payment, f->chance % 60, 2);
        put(payment, ":00,");
        put_day(payment, day, true);
        put(payment, " 18:30:00,");
        put(payment, f->pay_status);
        end_row(payment);
    }
}

struct totals {
    uint64_t households, members, poor;
    int64_t income;
};

static const char *const headers[TABLES] = {
    ("household_id,village_code,head_id,head_name,phone,attribute,family_size,cause,other_causes,identified_month,exit_"
     "flag,exit_date,wage_income,"
     "business_income,property_income,transfer_income,business_expense,net_income,removal_reason\n"),
    ("member_id,household_id,id_no,name,sex,birth_date,relation,ethnic,education,student_status,health,disability_no,"
     "labour_skill,work_months,insured\n"),
    "village_code,village_name,households,members,poor_households,income_total\n",
    "plate,owner_id,class,price,first_registered\n",
    "member_id,begin_month,end_month,region\n",
    "household_id,year,category,amount,state\n",
    "household_id,year,category,number,amount,paid_on,paid_time,batch_at,status\n",
    "table_name,rows\n",
};

static void outs_open(const struct world *w, struct out *outs, int period)
{
    char path[4096];
    int count = period == 0 ? TABLES : VILLAGE;
    snprintf(path, sizeof path, "%s%s", w->folder, period ? "/previous" : "");
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        fail("make", path);
    }
    for (int t = 0; t < count; t++) {
        snprintf(path, sizeof path, "%s/%s%s.csv", w->folder, period ? "previous/" : "", table_names[t]);
        outs[t] = (struct out){.file = fopen(path, "wb"), .data = malloc(OUT_BUFFER + OUT_ROW_MAX)};
        if (!outs[t].file || !outs[t].data) {
            fail("open", path);
        }
        put(&outs[t], headers[t]);
    }
}

static void outs_close(const struct world *w, struct out *outs, int period)
{
    for (int t = 0; t < TABLES && period == 0; t++) {
        if (t == VEHICLE || t == COVER) {
            continue; /* another department's, and the cover sheet itself */
        }
        put(&outs[COVER], table_names[t]);
        put_char(&outs[COVER], ',');
        put_number(&outs[COVER], outs[t].rows + (w->error_rate > 0 && t == PAYMENT), 1);
        end_row(&outs[COVER]);
    }
    for (int t = 0; t < (period == 0 ? TABLES : VILLAGE); t++) {
        out_flush(&outs[t]);
        if (fclose(outs[t].file) != 0) {
            fail("close", table_names[t]);
        }
        free(outs[t].data);
    }
}

static uint64_t work_rows_before(const struct family *f, int slot)
{
    uint64_t rows = 0;
    for (int i = 0; i < slot; i++) {
        rows += (uint64_t)f->member[i].works;
    }
    return rows;
}

static void family_write(const struct world *w, struct out *outs, const struct family *f, int period)
{
    if (f->kind >= 0) {
        enum table table = plant_table(f->kind);
        uint64_t at = table == WORK ? work_rows_before(f, f->slot) : (uint64_t)f->slot;
        if (!w->shuffle || table != MEMBER) {
            planted(w, f, table, outs[table].rows + at);
        }
    }
    for (int i = 0; i < f->copies; i++) {
        household_write(&outs[HOUSEHOLD], f);
    }
    for (int i = 0; i < f->members && !w->shuffle; i++) {
        member_write(&outs[MEMBER], &f->member[i]);
    }
    if (period == 0) {
        works_write(&outs[WORK], f);
        cars_write(&outs[VEHICLE], f);
        aid_write(&outs[AID], &outs[PAYMENT], f);
    }
}

/* A village's reported totals, now and then one of them wrong. */
static void village_write(const struct world *w, struct out *outs, int v, struct totals t)
{
    static const char *const rules[] = {"VL-201", "VL-202", "VL-203", "VL-204", "VL-205"};
    struct out *o = &outs[VILLAGE];
    uint64_t c = mix(w->seed + 0xabcdefu + (uint64_t)v);
    if (chance(&c, w->error_rate * 5)) {
        int way = below(&c, 5);
        t.households += way == 0 ? 100 : 0;
        t.members += way == 1 ? 1000 : 0;
        t.poor += way == 2 ? 50 : way == 4 ? 5000 : 0;
        t.income += way == 3;
        if (w->planted) {
            fprintf(w->planted, "%s\tvillage_summary\t%llu\n", rules[way], (unsigned long long)o->rows);
        }
    }
    put(o, w->village[v].code);
    put_char(o, ',');
    put(o, w->village[v].name);
    put_char(o, ',');
    put_number(o, t.households, 1);
    put_char(o, ',');
    put_number(o, t.members, 1);
    put_char(o, ',');
    put_number(o, t.poor, 1);
    put_char(o, ',');
    put_money(o, t.income);
    end_row(o);
}

/* A permutation of 0 … 2^bits - 1: four rounds of Feistel. */
static uint64_t shuffled(uint64_t x, int bits, uint64_t key)
{
    int half = bits / 2;
    uint64_t mask = ((uint64_t)1 << half) - 1, left = x >> half, right = x & mask;
    for (uint64_t round = 0; round < 4; round++) {
        uint64_t swapped = left ^ (mix(right + key + round) & mask);
        left = right;
        right = swapped;
    }
    return left << half | right;
}

/* Member rows in random order: each place of each three households is visited once; the household is made anew. */
static void members_shuffled(const struct world *w, struct out *outs, int period)
{
    struct family f;
    uint64_t slots = (w->households + 2) / 3 * 10;
    int bits = 2;
    while (((uint64_t)1 << bits) < slots) {
        bits += 2;
    }
    for (uint64_t i = 0; i < (uint64_t)1 << bits; i++) {
        uint64_t slot = shuffled(i, bits, w->seed), number = slot / 10 * 3;
        int place = (int)(slot % 10), before, size = 0;
        while (number < w->households && number < slot / 10 * 3 + 3 &&
               place >= (size = family_size(w, number, &before))) {
            place -= size;
            number++;
        }
        if (slot >= slots || number >= w->households) {
            continue;
        }
        family_make(w, &f, number, world_village_of(w, number), period);
        if (period == 1 && f.is_new) {
            continue;
        }
        member_write(&outs[MEMBER], &f.member[place]);
        for (int more = size; place == size - 1 && more < f.members; more++) {
            member_write(&outs[MEMBER], &f.member[more]);
        }
    }
}

static void families_write(const struct world *w, struct out *outs, int v, int period)
{
    struct family f;
    struct totals t = {0};
    for (uint64_t i = w->village[v].first; i < w->village[v + 1].first; i++) {
        family_make(w, &f, i, v, period);
        if (period == 0 || !f.is_new) {
            family_write(w, outs, &f, period);
        }
        t.households++;
        t.members += (uint64_t)f.members;
        t.poor += f.flag == 0 || f.flag == 3;
        t.income += f.net;
    }
    uint64_t first = (uint64_t)v * w->extra / (uint64_t)w->villages,
             end = ((uint64_t)v + 1) * w->extra / (uint64_t)w->villages;
    for (uint64_t i = first; i < end && period == 1; i++) {
        family_make(w, &f, w->households + i, v, period);
        family_write(w, outs, &f, period);
        for (int k = 0; k < f.members && w->shuffle; k++) {
            member_write(&outs[MEMBER], &f.member[k]);
        }
        if (w->planted && !*f.removal) {
            fprintf(w->planted, "HP-301\thousehold@previous\t%llu\n", (unsigned long long)outs[HOUSEHOLD].rows - 1);
        }
    }
    if (period == 0) {
        village_write(w, outs, v, t);
    }
}

static void period_write(const struct world *w, int period)
{
    struct out outs[TABLES];
    outs_open(w, outs, period);
    for (int v = 0; v < w->villages; v++) {
        families_write(w, outs, v, period);
    }
    if (w->shuffle) {
        members_shuffled(w, outs, period);
    }
    outs_close(w, outs, period);
}

static const char *value_of(int argc, char **argv, int *at)
{
    if (*at + 1 >= argc) {
        fail("no value after", argv[*at]);
    }
    return argv[++*at];
}

static void options_read(struct world *w, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0) {
            w->folder = value_of(argc, argv, &i);
        } else if (strcmp(argv[i], "--lists") == 0) {
            w->lists = value_of(argc, argv, &i);
        } else if (strcmp(argv[i], "--households") == 0) {
            w->households = strtoull(value_of(argc, argv, &i), NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0) {
            w->seed = strtoull(value_of(argc, argv, &i), NULL, 10);
        } else if (strcmp(argv[i], "--error-rate") == 0) {
            w->error_rate = strtod(value_of(argc, argv, &i), NULL);
        } else if (strcmp(argv[i], "--planted") == 0) {
            w->planted_name = value_of(argc, argv, &i);
        } else if (strcmp(argv[i], "--previous") == 0) {
            w->previous = true;
        } else if (strcmp(argv[i], "--shuffle") == 0) {
            w->shuffle = true;
        } else {
            fail("unknown option", argv[i]);
        }
    }
}

int main(int argc, char **argv)
{
    static struct world w = {.lists = "standards/data", .households = 3000000, .seed = 1, .error_rate = 0.002};
    options_read(&w, argc, argv);
    if (!w.folder || w.households < 20 || w.households > 100000000) {
        fail("usage:", "generate -o FOLDER [--households 20..100000000] …");
    }
    world_read(&w);
    if (mkdir(w.folder, 0777) != 0 && errno != EEXIST) {
        fail("make", w.folder);
    }
    if (w.planted_name && !(w.planted = fopen(w.planted_name, "w"))) {
        fail("open", w.planted_name);
    }
    period_write(&w, 0);
    if (w.previous) {
        period_write(&w, 1);
    }
    if (w.planted && fclose(w.planted) != 0) {
        fail("close", w.planted_name);
    }
    return 0;
}
