/* Repairs: what is certain, what is a hint, what nobody knows. */
#include "tests/unit/eval/field_kit.h"
#include "validator/eval/repair.h"

static const struct {
    const char *spec, *text;
    hz_repair found;
    const char *meant;
} rows[] = {
    {"type=resident_id", "５２０１２３１９８００１０１１２３７", HZ_REPAIR_CERTAIN, "520123198001011237"},
    {"type=resident_id", " 520123 19800101 1237", HZ_REPAIR_CERTAIN, "520123198001011237"},
    {"type=resident_id", "'520123198001011237", HZ_REPAIR_CERTAIN, "520123198001011237"},
    {"type=resident_id", "11010519491231002x", HZ_REPAIR_CERTAIN, "11010519491231002X"},
    {"type=resident_id", "11010519491231002×", HZ_REPAIR_CERTAIN, "11010519491231002X"},
    {"type=resident_id", "110105491231002", HZ_REPAIR_CERTAIN, "11010519491231002X"},
    /* a wrong check digit tells that a digit is wrong, and not which */
    {"type=resident_id", "110105194912310021", HZ_REPAIR_NONE, ""},
    {"type=resident_id", "110105194913310021", HZ_REPAIR_NONE, ""},
    {"type=resident_id", "11010519491231002", HZ_REPAIR_NONE, ""},
    {"type=integer", "１２", HZ_REPAIR_CERTAIN, "12"},
    {"type=integer", "12.00", HZ_REPAIR_CERTAIN, "12"},
    {"type=integer", "12.50", HZ_REPAIR_NONE, ""},
    {"type=integer", "1,234", HZ_REPAIR_NONE, ""},
    {"type=decimal(5,2)", "12.5000", HZ_REPAIR_CERTAIN, "12.50"},
    {"type=decimal(5,2)", "12.501", HZ_REPAIR_NONE, ""},
    {"type=date", "2019/3/5", HZ_REPAIR_CERTAIN, "2019-03-05"},
    {"type=date", "2019.03.05", HZ_REPAIR_CERTAIN, "2019-03-05"},
    {"type=date", "20190305", HZ_REPAIR_CERTAIN, "2019-03-05"},
    {"type=date", "2019年3月5日", HZ_REPAIR_CERTAIN, "2019-03-05"},
    {"type=date", "2019-03-05 00:00:00", HZ_REPAIR_CERTAIN, "2019-03-05"},
    {"type=date", "2019-03-05 08:00:00", HZ_REPAIR_NONE, ""},
    {"type=date formats=YYYY/M/D", "2019-03-05", HZ_REPAIR_CERTAIN, "2019/3/5"},
    {"type=date", "2019-13-05", HZ_REPAIR_SWAPPED, "2019-05-13"},
    {"type=date", "20191305", HZ_REPAIR_SWAPPED, "2019-05-13"},
    {"type=date", "05/03/2019", HZ_REPAIR_NONE, ""},
    {"type=date", "2019-02-30", HZ_REPAIR_NONE, ""},
    {"type=date max=2019-01-01", "2019/3/5", HZ_REPAIR_NONE, ""},
    {"type=month", "201903", HZ_REPAIR_CERTAIN, "2019-03"},
    {"type=text plain", "张三\xE3\x80\x80", HZ_REPAIR_CERTAIN, "张三"},
    {"type=text plain", "张\t三", HZ_REPAIR_NONE, ""},
    {"type=text max_length=2", " ab ", HZ_REPAIR_CERTAIN, "ab"},
    {"type=text max_length=2", "abc", HZ_REPAIR_NONE, ""},
};

START_TEST(test_repair__rows)
{
    kit k;
    hz_repairer *repairer = NULL;
    hz_repair found;
    hz_slice meant;
    kit_open(&k);
    kit_field(&k, hz_slice_of(rows[_i].spec));
    ck_assert_int_eq(hz_repairer_new(&repairer, &k.field, &k.env, NULL), HZ_OK);
    for (int again = 0; again < 2; again++) { /* what was found before changes nothing */
        ck_assert_int_eq(hz_repairer_find(&found, &meant, repairer, hz_slice_of(rows[_i].text), NULL), HZ_OK);
        ck_assert_msg(found == rows[_i].found && hz_slice_is(meant, rows[_i].meant), "%s: %s: got %d %.*s",
                      rows[_i].spec, rows[_i].text, (int)found, HZ_SLICE_FMT(meant));
    }
    hz_repairer_free(repairer);
    kit_close(&k);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("eval.repair");
    TCase *tcase = kit_case(suite, "repair");
    tcase_add_loop_test(tcase, test_repair__rows, 0, (int)(sizeof rows / sizeof *rows));
    int result = kit_run(suite);
    kit_teardown();
    return result;
}
