/* Suite expr.lex: bytes to tokens. */
#include <check.h>

#include "profiles/expr/lex.h"

/* Kinds of tokens as letters, so that a case is one line: w word, q "name", k keyword, s 'text', n number, p :param, c
 * comparison, ! bad, and signs as they are. */
static char letter(const hz_token *token)
{
    static const char letters[] = {
        [HZ_TOKEN_END] = '.',         [HZ_TOKEN_WORD] = 'w',         [HZ_TOKEN_QUOTED] = 'q', [HZ_TOKEN_KEYWORD] = 'k',
        [HZ_TOKEN_STRING] = 's',      [HZ_TOKEN_NUMBER] = 'n',       [HZ_TOKEN_PARAM] = 'p',  [HZ_TOKEN_COMPARE] = 'c',
        [HZ_TOKEN_PLUS] = '+',        [HZ_TOKEN_MINUS] = '-',        [HZ_TOKEN_STAR] = '*',   [HZ_TOKEN_SLASH] = '/',
        [HZ_TOKEN_CONCAT] = '|',      [HZ_TOKEN_CONTAINED] = '@',    [HZ_TOKEN_OPEN] = '(',   [HZ_TOKEN_CLOSE] = ')',
        [HZ_TOKEN_OPEN_SQUARE] = '[', [HZ_TOKEN_CLOSE_SQUARE] = ']', [HZ_TOKEN_COMMA] = ',',  [HZ_TOKEN_DOT] = 'd',
        [HZ_TOKEN_BAD] = '!',
    };
    return letters[token->kind];
}

static const struct {
    const char *text, *letters;
} kinds[] = {
    {"", "."},
    {" \t\r\n\f\v ", "."},
    {"-- 只有注释", "."},
    {"a--b\n+c", "w+w."},
    {"a-b", "w-w."},
    {"a - -1", "w--n."},
    {"a -- 注释 'x\nb", "ww."},
    {"户主姓名 _x a1 〇一 𠀀", "wwwww."},
    {"\"a b\" \"\"\"\" \"end\"", "qqq."},
    {"and OR Not null TRUE As_Of matches WHERE", "kkkkkkkk."},
    {"date timestamp time interval this list count length", "wwwwwwww."},
    {"andy _and and1", "www."},
    {"'' 'a' 'it''s' '中文''' '--no'", "sssss."},
    {"1 12.50 .5 5. 007", "nnnnn."},
    {"1.2.3", "nn."},
    {"a.b .c", "wdwdw."},
    {"12abc", "!."},
    {"1e5", "!."},
    {"5.x", "!."},
    {":p :参数 :\"a b\" :x.y", "ppppdw."},
    {": p", "!w."},
    {":1", "!n."},
    {"= <> != < <= > >= <@ || + - * / ( ) [ ] ,", "ccccccc@|+-*/()[],."},
    {"a<-1", "wc-n."},
    {"a<@b", "w@w."},
    {"==", "!."},
    {"&& !", "!!."},
    {"=> =<", "!!."},
    {"| & % ^ ~ ; { } # $ ? @ \\ `", "!!!!!!!!!!!!!!."},
    {"（a，b）＝“x”", "!w!w!!!w!."},
    {"é", "!."},
    {"\"", "!."},
    {"\"\"", "!."},
    {"'", "!."},
    {"'a''", "!ws."},
};

START_TEST(kinds_are_told_apart)
{
    hz_lexer lexer = {hz_slice_of(kinds[_i].text), 0};
    char got[64];
    size_t count = 0;
    hz_token token;
    do {
        token = hz_lex_next(&lexer);
        ck_assert_uint_lt(count, sizeof got - 1);
        ck_assert_uint_le(token.offset + token.len, lexer.text.len);
        got[count++] = letter(&token);
    } while (token.kind != HZ_TOKEN_END);
    got[count] = '\0';
    ck_assert_str_eq(got, kinds[_i].letters);
}
END_TEST

START_TEST(end_is_given_again_and_again)
{
    hz_lexer lexer = {HZ_SLICE_LIT("a "), 0};
    hz_lex_next(&lexer);
    for (int i = 0; i < 3; i++) {
        hz_token token = hz_lex_next(&lexer);
        ck_assert_int_eq(token.kind, HZ_TOKEN_END);
        ck_assert_uint_eq(token.offset, 2);
        ck_assert_uint_eq(token.len, 0);
    }
}
END_TEST

START_TEST(open_quote_is_where_error_points)
{
    hz_lexer lexer = {HZ_SLICE_LIT("户主 = '张三 and x"), 0};
    hz_lex_next(&lexer);
    hz_lex_next(&lexer);
    hz_token token = hz_lex_next(&lexer);
    ck_assert_int_eq(token.kind, HZ_TOKEN_BAD);
    ck_assert_int_eq(token.problem, HZ_LEX_OPEN_STRING);
    ck_assert_uint_eq(token.offset, 9);
    ck_assert_uint_eq(token.len, 1);
}
END_TEST

START_TEST(doubled_quotes_are_made_single)
{
    hz_arena *arena = hz_arena_new();
    hz_lexer lexer = {HZ_SLICE_LIT("'it''s ''''' \"a\"\"b\""), 0};
    hz_slice text;
    hz_token token = hz_lex_next(&lexer);
    ck_assert(token.doubled);
    ck_assert_int_eq(hz_token_decode(&text, &token, arena), HZ_OK);
    ck_assert(hz_slice_is(text, "it's ''"));
    token = hz_lex_next(&lexer);
    ck_assert_int_eq(hz_token_decode(&text, &token, arena), HZ_OK);
    ck_assert(hz_slice_is(text, "a\"b"));
    hz_arena_free(arena);
}
END_TEST

START_TEST(text_without_doubled_quotes_is_not_copied)
{
    hz_lexer lexer = {HZ_SLICE_LIT("'abc'"), 0};
    hz_slice text;
    hz_token token = hz_lex_next(&lexer);
    ck_assert_int_eq(hz_token_decode(&text, &token, NULL), HZ_OK);
    ck_assert_ptr_eq(text.ptr, lexer.text.ptr + 1);
}
END_TEST

static const struct {
    const char *name;
    bool plain;
} plain_names[] = {
    {"a", true},      {"_", true},   {"姓名1", true}, {"A_b", true},  {"date", true}, {"this", true},
    {"", false},      {"1a", false}, {"a b", false},  {"a-b", false}, {"and", false}, {"AND", false},
    {"as_of", false}, {"é", false},  {"a.b", false},  {"a\"", false},
};

START_TEST(plain_names_need_no_quotes)
{
    ck_assert_int_eq(hz_lex_is_plain_name(hz_slice_of(plain_names[_i].name)), plain_names[_i].plain);
}
END_TEST

START_TEST(full_width_sign_has_its_half_width_twin)
{
    static const struct {
        const char *wide, *half;
    } signs[] = {{"＝", "="}, {"（", "("}, {"，", ","}, {"。", "."}, {"‘", "'"},
                 {"”", "'"},  {"　", " "}, {"≤", "<="}, {"Ａ", "A"}, {"～", "~"}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        hz_lexer lexer = {hz_slice_of(signs[i].wide), 0};
        hz_token token = hz_lex_next(&lexer);
        ck_assert_int_eq(token.problem, HZ_LEX_WIDE);
        ck_assert_msg(hz_slice_is(token.half, signs[i].half), "%s", signs[i].wide);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr.lex");
    TCase *tcase = tcase_create("tokens");
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, kinds_are_told_apart, 0, (int)(sizeof kinds / sizeof kinds[0]));
    tcase_add_test(tcase, end_is_given_again_and_again);
    tcase_add_test(tcase, open_quote_is_where_error_points);
    tcase_add_test(tcase, doubled_quotes_are_made_single);
    tcase_add_test(tcase, text_without_doubled_quotes_is_not_copied);
    tcase_add_loop_test(tcase, plain_names_need_no_quotes, 0, (int)(sizeof plain_names / sizeof plain_names[0]));
    tcase_add_test(tcase, full_width_sign_has_its_half_width_twin);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
