/* progress.c: see progress.h. */
#include "validator/cli/progress.h"
#include "base/utf8.h"
#include "reports/render.h"
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static const double LINE_SECONDS = 0.1, JSON_SECONDS = 0.5;

static double since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

void hz_progress_begin(hz_progress_show *show, const char *how, hz_lang lang)
{
    const char *term = getenv("TERM");
    *show = (hz_progress_show){.how = HZ_PROGRESS_NONE, .lang = lang};
    if (how && strcmp(how, "json") == 0)
        show->how = HZ_PROGRESS_JSON;
    else if ((!how || strcmp(how, "auto") == 0) && hz_terminal_is(STDERR_FILENO) && term && strcmp(term, "dumb") != 0)
        show->how = HZ_PROGRESS_LINE;
    clock_gettime(CLOCK_MONOTONIC, &show->began);
    show->shown_at = show->began;
}

/* 1234567 as 1,234,567 */
static void put_grouped(hz_buf *out, uint64_t n)
{
    char digits[32];
    size_t count = 0;
    do {
        if (count % 4 == 3)
            digits[sizeof digits - ++count] = ',';
        digits[sizeof digits - ++count] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    hz_buf_put(out, (hz_slice){digits + sizeof digits - count, count});
}

static void put_left(hz_buf *out, double seconds, hz_lang lang)
{
    uint64_t whole = (uint64_t)(seconds + 0.5);
    hz_buf time = HZ_BUF_INIT;
    if (whole >= 3600)
        hz_buf_printf(&time, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60, whole % 60);
    else
        hz_buf_printf(&time, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
    const hz_slice arg = hz_buf_slice(&time);
    hz_msg_render(out, HZ_MSG_CLI_PROGRESS_LEFT, &arg, 1, lang);
    hz_buf_clear(&time);
}

static void put_text(hz_buf *out, const hz_progress_show *show, hz_slice table, double seconds)
{
    hz_buf parts[4] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT};
    double share = show->bytes_total ? (double)show->bytes / (double)show->bytes_total : 0;
    hz_slice args[4];
    hz_utf8_put_safe(&parts[0], table);
    put_grouped(&parts[1], show->rows);
    hz_buf_printf(&parts[2], "%.1f", seconds > 0 ? (double)show->bytes / 1e6 / seconds : 0.0);
    hz_buf_printf(&parts[3], "%.0f", share * 100);
    for (size_t i = 0; i < 4; i++)
        args[i] = hz_buf_slice(&parts[i]);
    hz_msg_render(out, HZ_MSG_CLI_PROGRESS, args, 4, show->lang);
    if (share > 0.01 && seconds > 1)
        put_left(out, seconds / share - seconds, show->lang);
    for (size_t i = 0; i < 4; i++)
        hz_buf_clear(&parts[i]);
}

/* As much of the text as one line of the terminal holds. */
static hz_slice cut_to_line(hz_slice text)
{
    unsigned width = hz_terminal_width(STDERR_FILENO);
    size_t used = 0, at = 0;
    while (at < text.len) {
        size_t from = at;
        used += (size_t)hz_utf8_cell_width(hz_utf8_next(text, &at));
        if (width && used >= width)
            return hz_slice_sub(text, 0, from);
    }
    return text;
}

static void show_line(hz_progress_show *show, hz_slice table, double seconds)
{
    hz_buf text = HZ_BUF_INIT, out = HZ_BUF_INIT;
    put_text(&text, show, table, seconds);
    hz_buf_putc(&out, '\r');
    hz_buf_put(&out, cut_to_line(hz_buf_slice(&text)));
    hz_buf_puts(&out, "\033[K");
    hz_say(hz_buf_slice(&out));
    show->shown = true;
    hz_buf_clear(&text);
    hz_buf_clear(&out);
}

static void show_json(const hz_progress_show *show, const char *event, hz_slice table, double seconds)
{
    hz_buf out = HZ_BUF_INIT;
    hz_buf_printf(&out, "{\"event\": \"%s\"", event);
    if (table.len) {
        hz_buf_puts(&out, ", \"table\": ");
        hz_put_json(&out, table);
    }
    hz_buf_printf(&out,
                  ", \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"bytes_total\": %" PRIu64 ", \"seconds\": %.1f}\n",
                  show->rows, show->bytes, show->bytes_total, seconds);
    hz_say(hz_buf_slice(&out));
    hz_buf_clear(&out);
}

void hz_progress_tell(const hezhun_progress *progress, void *payload)
{
    hz_progress_show *show = payload;
    show->rows = progress->rows;
    show->bytes_total = progress->bytes_total;
    show->bytes = progress->bytes_done < progress->bytes_total ? progress->bytes_done : progress->bytes_total;
    if (show->how == HZ_PROGRESS_NONE ||
        since(&show->shown_at) < (show->how == HZ_PROGRESS_LINE ? LINE_SECONDS : JSON_SECONDS))
        return;
    clock_gettime(CLOCK_MONOTONIC, &show->shown_at);
    hz_slice table = {progress->table.ptr, progress->table.len};
    if (show->how == HZ_PROGRESS_LINE)
        show_line(show, table, since(&show->began));
    else
        show_json(show, "progress", table, since(&show->began));
}

void hz_progress_end(hz_progress_show *show)
{
    if (show->how == HZ_PROGRESS_JSON)
        show_json(show, "end", HZ_SLICE_NONE, since(&show->began));
    else if (show->shown)
        hz_say(HZ_SLICE_LIT("\r\033[K"));
    show->how = HZ_PROGRESS_NONE;
}
