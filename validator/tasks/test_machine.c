/* test_machine.c: what came of the tests, for machines. JUnit (junit-10.xsd of Jenkins' xUnit plug-in): a suite a
 * profile, a case an example or folder, coverage as properties. TAP version 14: a point an example or folder, what went
 * wrong as a YAML block, coverage as comments. */
#include "base/utf8.h"
#include "validator/tasks/test_int.h"

/* ---- JUnit ---- */

static void put_attribute(hz_buf *out, const char *name, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, text); /* no control character reaches the file */
    hz_buf_printf(out, " %s=\"", name);
    hz_put_markup(out, hz_buf_slice(&safe));
    hz_buf_putc(out, '"');
    hz_buf_clear(&safe);
}

static void put_property(hz_buf *out, const char *name, hz_slice value)
{
    hz_buf_puts(out, "      <property");
    put_attribute(out, "name", hz_slice_of(name));
    put_attribute(out, "value", value);
    hz_buf_puts(out, "/>\n");
}

/* "profile.yaml:12:3: ": the schema has no place for it but the text. */
static void put_place(hz_buf *out, hz_span span)
{
    if (!span.text)
        return;
    hz_position at = hz_text_position(span.text, span.offset);
    hz_utf8_put_safe(out, span.text->path);
    hz_buf_printf(out, ":%llu:%llu: ", (unsigned long long)at.line, (unsigned long long)at.column);
}

/* "fail 2": the name of an example within its rule. */
static void put_name(hz_buf *out, const hz_tried *tried)
{
    static const char *const words[] = {"pass", "fail", "undetermined"};
    hz_buf_printf(out, "%s %u", words[tried->test->expected], tried->number);
}

static void put_case(hz_buf *out, const hz_tried *tried, hz_lang lang)
{
    hz_buf name = HZ_BUF_INIT, text = HZ_BUF_INIT;
    put_name(&name, tried);
    hz_buf_puts(out, "    <testcase");
    put_attribute(out, "classname", tried->subject->id);
    put_attribute(out, "name", hz_buf_slice(&name));
    if (tried->held) {
        hz_buf_puts(out, "/>\n");
    } else {
        const char *tag = tried->came == HZ_CAME_ERROR ? "error" : "failure";
        hz_buf_printf(out, ">\n      <%s", tag);
        hz_tried_put(&text, tried, lang);
        put_attribute(out, "message", hz_buf_slice(&text));
        put_attribute(out, "type", hz_slice_of(hz_came_name(tried->came)));
        hz_buf_putc(out, '>');
        hz_buf_reset(&text);
        put_place(&text, tried->test->span);
        hz_tried_why_put(&text, tried, lang);
        hz_put_markup(out, hz_buf_slice(&text));
        hz_buf_printf(out, "</%s>\n    </testcase>\n", tag);
    }
    hz_buf_clear(&name);
    hz_buf_clear(&text);
}

static void put_folder_case(hz_buf *out, const hz_tried_folder *folder, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(out, "    <testcase classname=\"tests\"");
    put_attribute(out, "name", folder->name);
    if (!folder->wrong_count) {
        hz_buf_puts(out, "/>\n");
        return;
    }
    hz_said_put(&text, &(hz_said){HZ_MSG_TEST_FOLDER, 1, {folder->name}}, lang);
    hz_buf_puts(out, ">\n      <failure");
    put_attribute(out, "message", hz_buf_slice(&text));
    hz_buf_puts(out, " type=\"folder\">");
    for (size_t i = 0; i < folder->wrong_count; i++) {
        hz_buf_reset(&text);
        hz_said_put(&text, &folder->wrong[i], lang);
        hz_buf_puts(out, i ? "\n" : "");
        hz_put_markup(out, hz_buf_slice(&text));
    }
    hz_buf_puts(out, "</failure>\n    </testcase>\n");
    hz_buf_clear(&text);
}

static void put_suite(hz_buf *out, const hz_tests *tests, hz_lang lang)
{
    size_t errors = 0, failures = tests->folders_count - tests->folders_held;
    hz_buf value = HZ_BUF_INIT;
    for (size_t i = 0; i < tests->tried_count; i++) {
        bool broke = !tests->tried[i].held && tests->tried[i].came == HZ_CAME_ERROR;
        errors += broke;
        failures += !tests->tried[i].held && !broke;
    }
    hz_buf_puts(out, "  <testsuite");
    put_attribute(out, "name", tests->profile->id);
    hz_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n",
                  tests->tried_count + tests->folders_count, failures, errors);
    hz_buf_puts(out, "    <properties>\n");
    put_property(out, "version", tests->profile->version);
    for (size_t i = 0; i < tests->subjects_count; i++) {
        const hz_subject *subject = &tests->subjects[i];
        hz_buf_reset(&value);
        hz_buf_puts(&value, "coverage.");
        hz_buf_put(&value, subject->id);
        hz_buf_puts(out, "      <property");
        put_attribute(out, "name", hz_buf_slice(&value));
        hz_buf_puts(out, " value=\"");
        bool any = false;
        for (hz_came came = HZ_CAME_PASS; came < HZ_CAME_SKIPPED; came++) {
            if (subject->seen[came])
                hz_buf_printf(out, "%s%s", any ? " " : "", hz_came_name(came));
            any = any || subject->seen[came];
        }
        hz_buf_puts(out, "\"/>\n");
    }
    hz_buf_puts(out, "    </properties>\n");
    for (size_t i = 0; i < tests->tried_count; i++)
        put_case(out, &tests->tried[i], lang);
    for (size_t i = 0; i < tests->folders_count; i++)
        put_folder_case(out, &tests->folders[i], lang);
    hz_buf_puts(out, "  </testsuite>\n");
    hz_buf_clear(&value);
}

void hz_tests_junit(hz_buf *out, const hz_tests *const *tests, size_t count, hz_lang lang)
{
    hz_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (size_t i = 0; i < count; i++)
        put_suite(out, tests[i], lang);
    hz_buf_puts(out, "</testsuites>\n");
}

/* ---- TAP ---- */

/* '#' and '\' mean something in a description. */
static void put_description(hz_buf *out, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, text);
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.ptr[i] == '#' || safe.ptr[i] == '\\')
            hz_buf_putc(out, '\\');
        hz_buf_putc(out, safe.ptr[i]);
    }
    hz_buf_clear(&safe);
}

/* A YAML scalar between single quotes. */
static void put_yaml(hz_buf *out, const char *key, hz_slice text)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, text);
    hz_buf_printf(out, "  %s: '", key);
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.ptr[i] == '\'')
            hz_buf_putc(out, '\'');
        hz_buf_putc(out, safe.ptr[i]);
    }
    hz_buf_puts(out, "'\n");
    hz_buf_clear(&safe);
}

static void put_point(hz_buf *out, const hz_tried *tried, size_t number, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put(&text, tried->subject->id);
    hz_buf_putc(&text, ' ');
    put_name(&text, tried);
    hz_buf_printf(out, "%s %zu - ", tried->held ? "ok" : "not ok", number);
    put_description(out, hz_buf_slice(&text));
    hz_buf_putc(out, '\n');
    if (!tried->held) {
        hz_buf_puts(out, "  ---\n");
        hz_buf_reset(&text);
        hz_tried_put(&text, tried, lang);
        put_yaml(out, "message", hz_buf_slice(&text));
        hz_buf_reset(&text);
        hz_tried_why_put(&text, tried, lang);
        put_yaml(out, "why", hz_buf_slice(&text));
        put_yaml(out, "came", hz_slice_of(hz_came_name(tried->came)));
        if (tried->test->span.text) {
            hz_position at = hz_text_position(tried->test->span.text, tried->test->span.offset);
            put_yaml(out, "file", tried->test->span.text->path);
            hz_buf_printf(out, "  line: %llu\n", (unsigned long long)at.line);
        }
        hz_buf_puts(out, "  ...\n");
    }
    hz_buf_clear(&text);
}

static void put_folder_point(hz_buf *out, const hz_tried_folder *folder, size_t number, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_printf(out, "%s %zu - tests/", folder->wrong_count ? "not ok" : "ok", number);
    put_description(out, folder->name);
    hz_buf_putc(out, '\n');
    hz_buf_puts(out, folder->wrong_count ? "  ---\n" : "");
    for (size_t i = 0; i < folder->wrong_count; i++) {
        hz_buf_reset(&text);
        hz_said_put(&text, &folder->wrong[i], lang);
        hz_buf_puts(out, i ? "" : "  wrong:\n");
        hz_buf_puts(out, "  ");
        put_yaml(out, "- message", hz_buf_slice(&text));
    }
    hz_buf_puts(out, folder->wrong_count ? "  ...\n" : "");
    hz_buf_clear(&text);
}

void hz_tests_tap(hz_buf *out, const hz_tests *const *tests, size_t count, hz_lang lang)
{
    size_t all = 0, number = 0;
    for (size_t i = 0; i < count; i++)
        all += tests[i]->tried_count + tests[i]->folders_count;
    hz_buf_printf(out, "TAP version 14\n1..%zu\n", all);
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, "# ");
        hz_utf8_put_safe(out, tests[i]->profile->id);
        hz_buf_putc(out, ' ');
        hz_utf8_put_safe(out, tests[i]->profile->version);
        hz_buf_putc(out, '\n');
        for (size_t k = 0; k < tests[i]->tried_count; k++)
            put_point(out, &tests[i]->tried[k], ++number, lang);
        for (size_t k = 0; k < tests[i]->folders_count; k++)
            put_folder_point(out, &tests[i]->folders[k], ++number, lang);
        for (size_t k = 0; k < tests[i]->subjects_count; k++) {
            const hz_subject *subject = &tests[i]->subjects[k];
            hz_buf_puts(out, "# coverage ");
            hz_utf8_put_safe(out, subject->id);
            hz_buf_putc(out, ':');
            for (hz_came came = HZ_CAME_PASS; came < HZ_CAME_SKIPPED; came++)
                if (subject->seen[came])
                    hz_buf_printf(out, " %s", hz_came_name(came));
            hz_buf_putc(out, '\n');
        }
    }
}
