/* One household with all that hangs on it, made from the seed and its number. */
#ifndef HZ_BENCH_REGISTRY_FAMILY_H
#define HZ_BENCH_REGISTRY_FAMILY_H

#include "tests/bench/registry/world.h"

enum { MEMBERS_MAX = 12 };

enum h_column {
    H_ID,
    H_VILLAGE,
    H_HEAD_ID,
    H_HEAD_NAME,
    H_PHONE,
    H_ATTRIBUTE,
    H_SIZE,
    H_CAUSE,
    H_OTHER,
    H_IDENTIFIED,
    H_FLAG,
    H_EXIT,
    H_WAGE,
    H_BUSINESS,
    H_PROPERTY,
    H_TRANSFER,
    H_EXPENSE,
    H_NET,
    H_REMOVAL,
    H_COLUMNS
};
enum m_column {
    M_ID,
    M_HOUSEHOLD,
    M_ID_NO,
    M_NAME,
    M_SEX,
    M_BIRTH,
    M_RELATION,
    M_ETHNIC,
    M_EDUCATION,
    M_STUDENT,
    M_HEALTH,
    M_DISABILITY,
    M_LABOUR,
    M_MONTHS,
    M_INSURED,
    M_COLUMNS
};
enum table { HOUSEHOLD, MEMBER, VILLAGE, VEHICLE, WORK, AID, PAYMENT, COVER, TABLES };

struct work {
    int begin, end; /* yyyymm; end 0: still at work */
};

struct member {
    uint64_t number;
    char household[19], id_no[19], name[40];
    const char *over[M_COLUMNS]; /* the text to write instead of the value */
    char disability[23];
    int sex, age, birth, relation, ethnic, education, student, health, labour, months, works;
    bool insured;
    struct work work[3];
};

struct family {
    uint64_t number, chance;
    const struct village *village;
    char id[19], head_id[19], head_name[40];
    const char *over[H_COLUMNS];
    uint64_t phone;
    int attribute, size, cause, other, identified, flag, exit, members, copies;
    int64_t wage, business, property, transfer, expense, net;
    const char *removal;
    int car_owner, car_price, car_day, cars;
    int aid_cents[2], aids; /* payments of the family's aid */
    int64_t aid;
    bool is_new, unknown_aid, unknown_worker, same_payment;
    const char *pay_time, *pay_status;
    int pay_year;
    struct member member[MEMBERS_MAX];
    int kind, slot; /* the defect, or -1, and the record of its table */
};

extern const char *const table_names[TABLES];

/* Household number `number`, of village v; from w->households on, one that only the earlier period has. period 1 is the
 * earlier. */
void family_make(const struct world *w, struct family *f, uint64_t number, int v, int period);
/* How many members household `number` has, and how many of its three households' ten come before them. */
int family_size(const struct world *w, uint64_t number, int *before);
/* Makes one thing wrong with the family: f->kind and f->slot say what and where. */
void family_plant(struct family *f);
/* The rule that a kind of defect breaks, and the table of the record that breaks it. */
const char *plant_rule(int kind);
enum table plant_table(int kind);
/* The last digit of an identity number of 18, from the 17 before it. */
void id_finish(char *id);
/* value in count digits, no end behind them. */
void put_digits(char *to, uint64_t value, int count);
/* yyyymmdd of the day-th day of a common year, from 0. */
int day_of_year(int year, int day);

#endif
