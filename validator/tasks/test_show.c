/* test_show.c: what came of the tests, as text: what did not hold, with its place and a caret; then what the rules were
 * seen to do; then one line of counts. */
#include "base/utf8.h"
#include "validator/tasks/test_int.h"

enum { NEVER_CELLS = 96, COLUMN_CELLS = 4 };

hz_msg_id hz_came_message(hz_came came)
{
    static const hz_msg_id ids[] = {HZ_MSG_TEST_PASS,           HZ_MSG_TEST_FAIL,    HZ_MSG_TEST_UNDETERMINED,
                                    HZ_MSG_TEST_NOT_APPLICABLE, HZ_MSG_TEST_SKIPPED, HZ_MSG_TEST_ERROR};
    return came < HZ_CAME_COUNT ? ids[came] : HZ_MSG_NONE;
}

hz_msg_id hz_expected_message(const hz_test *test)
{
    return hz_came_message(test->expected == HZ_TEST_PASS   ? HZ_CAME_PASS
                           : test->expected == HZ_TEST_FAIL ? HZ_CAME_FAIL
                                                            : HZ_CAME_UNDETERMINED);
}

void hz_said_put(hz_buf *out, const hz_said *said, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, said->message, said->args, said->args_count, lang);
    hz_utf8_put_safe(out, hz_buf_slice(&text));
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
}

/* A message whose arguments are numbers. */
static void put_numbers(hz_buf *out, hz_msg_id message, const uint64_t *numbers, size_t count, hz_slice first,
                        hz_lang lang)
{
    hz_buf texts[HZ_MSG_ARGS_MAX];
    hz_said said = {.message = message};
    if (first.ptr)
        said.args[said.args_count++] = first;
    for (size_t i = 0; i < count; i++) {
        texts[i] = HZ_BUF_INIT;
        hz_buf_put_u64(&texts[i], numbers[i]);
        said.args[said.args_count++] = hz_buf_slice(&texts[i]);
    }
    hz_said_put(out, &said, lang);
    for (size_t i = 0; i < count; i++)
        hz_buf_clear(&texts[i]);
}

void hz_tried_put(hz_buf *out, const hz_tried *tried, hz_lang lang)
{
    hz_buf number = HZ_BUF_INIT;
    hz_buf_put_u64(&number, tried->number);
    hz_said said = {HZ_MSG_TEST_CAME,
                    4,
                    {tried->subject->id, hz_slice_of(hz_msg_text(hz_expected_message(tried->test), lang)),
                     hz_buf_slice(&number), hz_slice_of(hz_msg_text(hz_came_message(tried->came), lang))}};
    hz_said_put(out, &said, lang);
    hz_buf_clear(&number);
}

void hz_tried_why_put(hz_buf *out, const hz_tried *tried, hz_lang lang)
{
    if (tried->came >= HZ_CAME_SKIPPED) {
        hz_said_put(out, &tried->why, lang);
        return;
    }
    const uint64_t rows[] = {tried->passed, tried->failed, tried->undetermined, tried->not_applicable};
    put_numbers(out, HZ_MSG_TEST_CAME_ROWS, rows, 4, HZ_SLICE_NONE, lang);
}

/* ---- what did not hold ---- */

/* As the loader shows a mistake; the message is put together here, so it goes in whole as an argument. */
static void put_tried(hz_buf *out, const hz_tried *tried, hz_lang lang)
{
    hz_buf message = HZ_BUF_INIT, why = HZ_BUF_INIT;
    hz_tried_put(&message, tried, lang);
    hz_tried_why_put(&why, tried, lang);
    hz_diag diag = {.level = HZ_DIAG_ERROR,
                    .span = tried->test->span,
                    .message = HZ_MSG_TEST_SHOWN,
                    .hint = HZ_MSG_TEST_SHOWN_WHY,
                    .args_count = 2,
                    .args = {hz_buf_slice(&message), hz_buf_slice(&why)}};
    hz_diag_render(out, &diag, lang);
    hz_buf_clear(&message);
    hz_buf_clear(&why);
}

static void put_folder(hz_buf *out, const hz_tried_folder *folder, hz_lang lang)
{
    hz_utf8_put_safe(out, folder->path);
    hz_buf_puts(out, ": ");
    hz_buf_puts(out, hz_msg_text(HZ_MSG_DIAG_ERROR, lang));
    hz_said_put(out, &(hz_said){HZ_MSG_TEST_FOLDER, 1, {folder->name}}, lang);
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < folder->wrong_count; i++) {
        hz_buf_puts(out, "      = ");
        hz_said_put(out, &folder->wrong[i], lang);
        hz_buf_putc(out, '\n');
    }
}

/* ---- coverage ---- */

static void pad(hz_buf *out, size_t cells, size_t used)
{
    for (; used < cells; used++)
        hz_buf_putc(out, ' ');
}

static void put_coverage(hz_buf *out, const hz_tests *tests, hz_lang lang)
{
    size_t widest = hz_utf8_width(hz_slice_of(hz_msg_text(HZ_MSG_TEST_HEAD, lang)));
    for (size_t i = 0; i < tests->subjects_count; i++)
        if (hz_utf8_width(tests->subjects[i].id) > widest)
            widest = hz_utf8_width(tests->subjects[i].id);
    hz_slice head = hz_slice_of(hz_msg_text(HZ_MSG_TEST_HEAD, lang));
    hz_buf_put(out, head);
    pad(out, widest, hz_utf8_width(head));
    hz_buf_puts(out, "  ");
    hz_buf_puts(out, hz_msg_text(HZ_MSG_TEST_HEAD_EXAMPLES, lang));
    for (hz_came came = HZ_CAME_PASS; came < HZ_CAME_SKIPPED; came++) {
        hz_buf_puts(out, "  ");
        hz_buf_puts(out, hz_msg_text(hz_came_message(came), lang));
    }
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < tests->subjects_count; i++) {
        const hz_subject *subject = &tests->subjects[i];
        hz_buf number = HZ_BUF_INIT;
        hz_buf_put_u64(&number, subject->tests_count);
        hz_utf8_put_safe(out, subject->id);
        pad(out, widest + 2, hz_utf8_width(subject->id));
        pad(out, hz_utf8_width(hz_slice_of(hz_msg_text(HZ_MSG_TEST_HEAD_EXAMPLES, lang))), number.len);
        hz_buf_put(out, hz_buf_slice(&number));
        hz_buf_clear(&number);
        for (hz_came came = HZ_CAME_PASS; came < HZ_CAME_SKIPPED; came++) {
            pad(out, 2 + hz_utf8_width(hz_slice_of(hz_msg_text(hz_came_message(came), lang))), 1);
            hz_buf_putc(out, subject->seen[came] ? 'x' : '-');
        }
        hz_buf_putc(out, '\n');
    }
}

static void put_never(hz_buf *out, const hz_tests *tests, hz_came came, hz_lang lang)
{
    size_t cells = 0;
    for (size_t i = 0; i < tests->subjects_count; i++) {
        const hz_subject *subject = &tests->subjects[i];
        if (subject->seen[came])
            continue;
        if (!cells) {
            hz_said_put(out, &(hz_said){HZ_MSG_TEST_NEVER, 1, {hz_slice_of(hz_msg_text(hz_came_message(came), lang))}},
                        lang);
            hz_buf_puts(out, "\n ");
            cells = 1;
        }
        size_t width = hz_utf8_width(subject->id) + 1;
        if (cells > 1 && cells + width > NEVER_CELLS) {
            hz_buf_puts(out, "\n ");
            cells = 1;
        }
        hz_buf_putc(out, ' ');
        hz_utf8_put_safe(out, subject->id);
        cells += width;
    }
    if (cells)
        hz_buf_putc(out, '\n');
}

static void put_totals(hz_buf *out, const hz_tests *tests, hz_lang lang)
{
    uint64_t numbers[6] = {tests->subjects_count, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < tests->subjects_count; i++) {
        for (hz_came came = HZ_CAME_PASS; came < HZ_CAME_SKIPPED; came++)
            numbers[1 + came] += tests->subjects[i].seen[came];
        numbers[5] += tests->subjects[i].tests_count == 0;
    }
    put_numbers(out, HZ_MSG_TEST_COVERAGE, numbers, 6, HZ_SLICE_NONE, lang);
    hz_buf_putc(out, '\n');
}

static void put_line(hz_buf *out, const hz_tests *tests, hz_lang lang)
{
    const uint64_t numbers[] = {tests->tried_count, tests->held_count, tests->tried_count - tests->held_count,
                                tests->folders_count, tests->folders_count - tests->folders_held};
    hz_buf name = HZ_BUF_INIT;
    hz_buf_put(&name, tests->profile->id);
    hz_buf_putc(&name, ' ');
    hz_buf_put(&name, tests->profile->version);
    put_numbers(out, HZ_MSG_TEST_LINE, numbers, 5, hz_buf_slice(&name), lang);
    hz_buf_putc(out, '\n');
    hz_buf_clear(&name);
}

static void put_text(hz_buf *out, const hz_tests *tests, const hz_tests_show *show)
{
    for (size_t i = 0; i < tests->tried_count; i++)
        if (!tests->tried[i].held)
            put_tried(out, &tests->tried[i], show->lang);
    for (size_t i = 0; i < tests->folders_count; i++)
        if (tests->folders[i].wrong_count)
            put_folder(out, &tests->folders[i], show->lang);
    if (show->quiet)
        return;
    if (show->coverage) {
        put_coverage(out, tests, show->lang);
    } else {
        put_never(out, tests, HZ_CAME_PASS, show->lang);
        put_never(out, tests, HZ_CAME_FAIL, show->lang);
    }
    put_totals(out, tests, show->lang);
    put_line(out, tests, show->lang);
}

void hz_tests_render(hz_buf *out, hz_tests_format format, const hz_tests *const *tests, size_t count,
                     const hz_tests_show *show)
{
    switch (format) {
    case HZ_TESTS_JUNIT:
        hz_tests_junit(out, tests, count, show->lang);
        return;
    case HZ_TESTS_TAP:
        hz_tests_tap(out, tests, count, show->lang);
        return;
    default:
        for (size_t i = 0; i < count; i++)
            put_text(out, tests[i], show);
    }
}
