#include "base/error.h"

#include "base/buf.h"
#include "base/cancel.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "tests/unit/base/unit.h"

static const char *rendered(hz_buf *buf, const hz_error *err, hz_lang lang)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(err, args);
    hz_buf_reset(buf);
    hz_msg_render(buf, err->message, args, count, lang);
    return buf->ptr;
}

START_TEST(test_error__words_and_arguments)
{
    hz_error err = {.status = HZ_OK};
    hz_buf buf = HZ_BUF_INIT;
    ck_assert_int_eq(hz_fail(&err, HZ_E_IO, HZ_M(FILE_OPEN), HZ_Z("数据.csv"), HZ_S(HZ_SLICE_LIT("why"))), HZ_E_IO);
    ck_assert_str_eq(rendered(&buf, &err, HZ_LANG_ZH), "无法打开 数据.csv：why");
    ck_assert_str_eq(rendered(&buf, &err, HZ_LANG_EN), "cannot open 数据.csv: why");
    hz_error_clear(&err);
    ck_assert_int_eq(hz_fail(&err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_I(-5), HZ_U(UINT64_MAX)), HZ_E_LIMIT);
    ck_assert_str_eq(rendered(&buf, &err, HZ_LANG_EN), "limit -5 passed (at most 18446744073709551615)");
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_error__the_first_one_stays)
{
    hz_error err = {.status = HZ_OK};
    ck_assert_int_eq(hz_fail(&err, HZ_E_IO, HZ_M(CANCELLED)), HZ_E_IO);
    ck_assert_int_eq(hz_fail(&err, HZ_E_NOMEM, HZ_M(INTERNAL), HZ_Z("x")), HZ_E_NOMEM);
    ck_assert_int_eq(err.status, HZ_E_IO);
    ck_assert_int_eq(err.message, HZ_MSG_CANCELLED);
    ck_assert_uint_eq(err.args_count, 0);
    ck_assert_int_eq(hz_fail(NULL, HZ_E_IO, HZ_M(CANCELLED)), HZ_E_IO);
    hz_error_clear(NULL);
    hz_error_at(NULL, HZ_SLICE_NONE, 1, 1);
    hz_error_at_byte(NULL, 1);
    hz_error_hint(NULL, HZ_MSG_NONE);
}
END_TEST

/* An endless argument is cut at a character and leaves the others whole, wherever it stands. */
START_TEST(test_error__long_arguments_are_cut)
{
    hz_buf longest = HZ_BUF_INIT;
    for (int i = 0; i < 2000; i++)
        hz_buf_puts(&longest, i == _i % 3 ? "a" : "中");
    for (int place = 0; place < 3; place++) {
        hz_error err = {.status = HZ_OK};
        hz_slice args[HZ_MSG_ARGS_MAX],
            texts[3] = {HZ_SLICE_LIT("first"), HZ_SLICE_LIT("second"), HZ_SLICE_LIT("third")};
        texts[place] = hz_buf_slice(&longest);
        hz_fail(&err, HZ_E_IO, HZ_M(INTERNAL), HZ_S(texts[0]), HZ_S(texts[1]), HZ_S(texts[2]));
        ck_assert_uint_eq(hz_error_args(&err, args), 3);
        for (int i = 0; i < 3; i++) {
            ck_assert(hz_utf8_valid(args[i]));
            if (i != place)
                ck_assert(hz_slice_eq(args[i], texts[i]));
        }
        ck_assert_uint_gt(args[place].len, HZ_ERROR_TEXT_BYTES - 30);
        ck_assert_str_eq(hz_slice_is(hz_slice_sub(args[place], args[place].len - 3, args[place].len), "…") ? "…" : "",
                         "…");
        ck_assert_uint_le(err.text_len, HZ_ERROR_TEXT_BYTES);
    }
    hz_buf_clear(&longest);
}
END_TEST

START_TEST(test_error__eight_long_arguments_share)
{
    char text[1000];
    memset(text, 'x', sizeof text);
    hz_slice t = {text, sizeof text}, args[HZ_MSG_ARGS_MAX];
    hz_error err = {.status = HZ_OK};
    hz_fail(&err, HZ_E_IO, HZ_M(INTERNAL), HZ_S(t), HZ_S(t), HZ_S(t), HZ_S(t), HZ_S(t), HZ_S(t), HZ_S(t), HZ_S(t),
            HZ_S(t));
    ck_assert_uint_eq(hz_error_args(&err, args), HZ_MSG_ARGS_MAX);
    for (int i = 0; i < HZ_MSG_ARGS_MAX; i++)
        ck_assert_uint_eq(args[i].len, HZ_ERROR_TEXT_BYTES / HZ_MSG_ARGS_MAX);
}
END_TEST

START_TEST(test_error__place)
{
    hz_error err = {.status = HZ_OK};
    hz_fail(&err, HZ_E_PROFILE, HZ_M(INTERNAL), HZ_Z("x"));
    hz_error_at(&err, HZ_SLICE_LIT("a/b.yaml"), 12, 9);
    hz_error_at_byte(&err, 0);
    ck_assert_str_eq(err.file, "a/b.yaml");
    ck_assert(err.line == 12 && err.column == 9 && err.has_offset && err.offset_bytes == 0);
    hz_buf path = HZ_BUF_INIT;
    for (int i = 0; i < 300; i++)
        hz_buf_puts(&path, "文");
    hz_buf_puts(&path, "/end.yaml");
    hz_error_at(&err, hz_buf_slice(&path), 1, 1);
    ck_assert_uint_lt(strlen(err.file), HZ_ERROR_FILE_BYTES);
    ck_assert(hz_utf8_valid(hz_slice_of(err.file)));
    ck_assert(strncmp(err.file, "…文", 6) == 0 && strcmp(err.file + strlen(err.file) - 9, "/end.yaml") == 0);
    hz_buf_clear(&path);
}
END_TEST

/* Both languages of a message use the same placeholders, from {0} on without a gap, and no brace is left over. */
START_TEST(test_catalog__languages_agree)
{
    for (int id = 1; id < HZ_MSG_COUNT; id++) {
        unsigned used[2] = {0, 0};
        for (int lang = 0; lang < 2; lang++) {
            const char *text = hz_msg_text((hz_msg_id)id, (hz_lang)lang);
            ck_assert_msg(*text, "%s is empty", hz_msg_name((hz_msg_id)id));
            ck_assert(hz_utf8_valid(hz_slice_of(text)));
            for (const char *at = text; *at; at++) {
                if (*at != '{' && *at != '}')
                    continue;
                if (at[1] == at[0]) {
                    at++;
                    continue;
                }
                ck_assert_msg(at[0] == '{' && at[1] >= '0' && at[1] < '8' && at[2] == '}', "%s: %s",
                              hz_msg_name((hz_msg_id)id), text);
                used[lang] |= 1u << (at[1] - '0');
                at += 2;
            }
        }
        ck_assert_msg(used[0] == used[1], "%s: placeholders differ", hz_msg_name((hz_msg_id)id));
    }
    ck_assert_str_eq(hz_msg_text(HZ_MSG_NONE, HZ_LANG_ZH), "");
    ck_assert_str_eq(hz_msg_text(HZ_MSG_COUNT, HZ_LANG_ZH), "");
    ck_assert_str_eq(hz_msg_name(HZ_MSG_FILE_OPEN), "FILE_OPEN");
}
END_TEST

START_TEST(test_catalog__render_and_pick)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_slice one[] = {HZ_SLICE_LIT("{1}")};
    hz_msg_render(&buf, HZ_MSG_FILE_OPEN, one, 1, HZ_LANG_EN);
    ck_assert_str_eq(buf.ptr, "cannot open {1}: ?");
    hz_text2 both = {HZ_SLICE_LIT("中"), HZ_SLICE_LIT("en")}, zh = {HZ_SLICE_LIT("中"), HZ_SLICE_NONE};
    hz_slice id = HZ_SLICE_LIT("id");
    ck_assert(hz_slice_is(hz_text2_pick(both, HZ_LANG_EN, id), "en") &&
              hz_slice_is(hz_text2_pick(both, HZ_LANG_ZH, id), "中"));
    ck_assert(hz_slice_is(hz_text2_pick(zh, HZ_LANG_EN, id), "中"));
    ck_assert(hz_slice_is(hz_text2_pick((hz_text2){HZ_SLICE_NONE, HZ_SLICE_NONE}, HZ_LANG_EN, id), "id"));
    hz_buf_clear(&buf);
}
END_TEST

/* Each limit: the value stands, one past it does not, and the message carries the name. */
START_TEST(test_limits__on_the_limit_and_one_past)
{
    hz_limits limits;
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_limits_init(&limits);
    for (int i = 0; i < HZ_LIMIT_COUNT; i++) {
        hz_limit_id id = (hz_limit_id)i;
        uint64_t value = limits.value[i], most = hz_limit_ceiling(id);
        hz_error err = {.status = HZ_OK};
        ck_assert(value > 0 && value <= most);
        ck_assert_uint_eq(hz_limits_default()->value[i], value);
        ck_assert_int_eq(hz_limit_check(&limits, id, value, NULL), HZ_OK);
        ck_assert_int_eq(hz_limit_check(&limits, id, value + 1, &err), HZ_E_LIMIT);
        ck_assert_uint_eq(hz_error_args(&err, args), 2);
        ck_assert(hz_slice_is(args[0], hz_limit_name(id)));
        ck_assert_int_eq(hz_limits_set(&limits, hz_slice_of(hz_limit_name(id)), most, NULL), HZ_OK);
        ck_assert_int_eq(hz_limit_check(&limits, id, most, NULL), HZ_OK);
        ck_assert_int_eq(hz_limits_set(&limits, hz_slice_of(hz_limit_name(id)), most + 1, NULL), HZ_E_USAGE);
        ck_assert_uint_eq(limits.value[i], most);
    }
}
END_TEST

START_TEST(test_limits__unknown_names_the_nearest)
{
    hz_limits limits;
    hz_error err = {.status = HZ_OK};
    hz_buf buf = HZ_BUF_INIT;
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_limits_init(&limits);
    ck_assert_int_eq(hz_limits_set(&limits, HZ_SLICE_LIT("recrod_bytes"), 5, &err), HZ_E_USAGE);
    ck_assert_str_eq(rendered(&buf, &err, HZ_LANG_EN), "there is no limit named recrod_bytes");
    size_t count = hz_error_args(&err, args);
    hz_buf_reset(&buf);
    hz_msg_render(&buf, err.hint, args, count, HZ_LANG_ZH);
    ck_assert_str_eq(buf.ptr, "是否想写 record_bytes？");
    hz_error_clear(&err);
    ck_assert_int_eq(hz_limits_set(&limits, HZ_SLICE_LIT("no such thing"), 5, &err), HZ_E_USAGE);
    ck_assert_int_eq(err.hint, HZ_MSG_NONE);
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_cancel__raised)
{
    hz_cancel cancel = {0};
    ck_assert_int_eq(hz_cancel_check(&cancel, NULL), HZ_OK);
    ck_assert_int_eq(hz_cancel_check(NULL, NULL), HZ_OK);
    cancel.raised = 1;
    ck_assert_int_eq(hz_cancel_check(&cancel, NULL), HZ_E_CANCELLED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.error");
    TCase *error = unit_case(suite, "error"), *catalog = unit_case(suite, "catalog"),
          *limits = unit_case(suite, "limits");
    tcase_add_test(error, test_error__words_and_arguments);
    tcase_add_test(error, test_error__the_first_one_stays);
    tcase_add_loop_test(error, test_error__long_arguments_are_cut, 0, 3);
    tcase_add_test(error, test_error__eight_long_arguments_share);
    tcase_add_test(error, test_error__place);
    tcase_add_test(catalog, test_catalog__languages_agree);
    tcase_add_test(catalog, test_catalog__render_and_pick);
    tcase_add_test(limits, test_limits__on_the_limit_and_one_past);
    tcase_add_test(limits, test_limits__unknown_names_the_nearest);
    tcase_add_test(unit_case(suite, "cancel"), test_cancel__raised);
    return unit_run(suite);
}
