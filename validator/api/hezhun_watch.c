/* hezhun_watch.c: a folder watched. One submission after the other, in this order, so that nothing is lost wherever the
 * process ends:
 *
 *   1. it is checked against the unit's last result; reports and the result are written
 *   2. the post is put into the outbox
 *   3. it is recorded as dealt with, and its result becomes the unit's last
 *
 * Ended before 3, it is checked again against the same result, and gives the same post under the same id. Posts are
 * sent between checks. */
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/folder.h"
#include "base/utf8.h"
#include "reports/notice.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/arrivals.h"
#include "validator/tasks/outbox.h"
#include "validator/tasks/watch_state.h"
#include "validator/tasks/webhook.h"

enum { SLICE_MS = 500, LATER_MS = 30 * 1000 };

typedef struct watcher {
    const hezhun_profile *profile;
    const hezhun_watch_options *options;
    hezhun_check_options check;
    hezhun_render_options render;
    hezhun_watched counts;
    hezhun_error *problem; /* of checks and posts */
    hz_arrivals *arrivals;
    hz_watch_state state;
    hz_outbox *outbox;
    hz_webhook *webhook;
    hz_buf out, path, body, text;
    hz_error *err;
} watcher;

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_stopped(const watcher *w)
{
    return w->options->cancel && w->options->cancel->flag.raised;
}

/* ---- telling ---- */

static void tell(watcher *w, hezhun_watch_kind kind, hz_slice name, const char *id)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, hz_buf_slice(&w->text));
    hezhun_watch_event event = {kind, text_of(name), id, text_of(hz_buf_slice(&safe))};
    if (w->options->event && safe.status == HZ_OK)
        w->options->event(&event, w->options->payload);
    hz_buf_clear(&safe);
}

static void put_problem(watcher *w, const hz_error *error)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(error, args);
    hz_msg_render(&w->text, error->message, args, count, w->profile->context->lang);
}

/* A message with a name, what went wrong, and a number. */
static void tell_problem(watcher *w, hezhun_watch_kind kind, hz_msg_id message, hz_slice name, const char *id,
                         uint64_t number)
{
    char digits[24];
    hz_slice args[3] = {name, HZ_SLICE_NONE, {digits, 0}};
    hz_buf said = HZ_BUF_INIT;
    hz_buf_reset(&w->text);
    put_problem(w, &w->problem->error);
    said = w->text; /* moved */
    w->text = HZ_BUF_INIT;
    args[1] = hz_buf_slice(&said);
    hz_buf number_text = HZ_BUF_INIT;
    hz_buf_put_u64(&number_text, number);
    args[2] = hz_buf_slice(&number_text);
    hz_msg_render(&w->text, message, args, 3, w->profile->context->lang);
    tell(w, kind, name, id);
    hz_buf_clear(&number_text);
    hz_buf_clear(&said);
}

static void tell_checked(watcher *w, const hz_arrival *arrival, const hezhun_result *result, uint64_t fresh)
{
    hz_lang lang = w->profile->context->lang;
    hz_msg_id verdict = !hezhun_result_complete(result)    ? HZ_MSG_WATCH_INCOMPLETE
                        : hezhun_result_conformant(result) ? HZ_MSG_WATCH_CONFORMANT
                                                           : HZ_MSG_WATCH_NOT_CONFORMANT;
    hz_slice score =
        hz_slice_of(hezhun_result_score(result)); /* six decimals; rounded down, so that 97.99… is not 98 */
    hezhun_text grade = hezhun_result_grade(result);
    hz_buf number = HZ_BUF_INIT;
    hz_buf_put_u64(&number, fresh);
    const hz_slice args[] = {arrival->name, hz_slice_of(hz_msg_text(verdict, lang)),
                             score.len > 4 ? hz_slice_sub(score, 0, score.len - 4) : HZ_SLICE_LIT("–"),
                             grade.len ? (hz_slice){grade.ptr, grade.len} : HZ_SLICE_LIT("–"), hz_buf_slice(&number)};
    hz_buf_reset(&w->text);
    hz_msg_render(&w->text, HZ_MSG_WATCH_CHECKED, args, sizeof args / sizeof *args, lang);
    tell(w, HEZHUN_WATCH_CHECKED, arrival->name, arrival->id);
    hz_buf_clear(&number);
}

/* ---- posts ---- */

static hz_status put_post(watcher *w, const hz_arrival *arrival, const hz_result *result, const hz_error *error)
{
    const hz_limits *limits = &w->profile->context->limits;
    hz_notice notice = {.id = arrival->id,
                        .name = arrival->name,
                        .unit = arrival->unit,
                        .profile = w->profile->profile,
                        .result = result,
                        .error = error,
                        .lang = w->render.lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH,
                        .findings_max = (size_t)limits->value[HZ_LIMIT_NOTICE_FINDINGS],
                        .bytes_max = (size_t)limits->value[HZ_LIMIT_NOTICE_BYTES]};
    if (!w->webhook || (result && !w->options->post_all && !hz_notice_new(result)))
        return HZ_OK;
    hz_buf_reset(&w->body);
    HZ_TRY(hz_notice_put(&w->body, &notice, w->err));
    return hz_outbox_put(w->outbox, arrival->id, hz_buf_slice(&w->body), w->err);
}

static hz_status send_one(watcher *w, hz_outbox_item *item)
{
    bool answered = false;
    char id[sizeof item->id];
    hz_error *problem = inner(w->problem);
    memcpy(id, item->id, sizeof id);
    hz_status st = hz_outbox_read(&w->body, w->outbox, item, problem);
    if (st == HZ_OK)
        st = hz_webhook_post(&answered, w->webhook, id, hz_buf_slice(&w->body), (int64_t)time(NULL), problem);
    if (st == HZ_E_CANCELLED)
        return st;
    if (st != HZ_OK) {
        uint64_t wait_ms = hz_outbox_failed(w->outbox, item, answered || st != HZ_E_IO, now_ms());
        tell_problem(w, HEZHUN_WATCH_UNSENT, HZ_MSG_WATCH_UNSENT, HZ_SLICE_NONE, id, wait_ms / 1000);
        return HZ_OK;
    }
    HZ_TRY(hz_outbox_sent(w->outbox, item, w->err));
    const hz_slice args[] = {hz_slice_of(id), hz_slice_of(hz_webhook_shown(w->webhook))};
    hz_buf_reset(&w->text);
    hz_msg_render(&w->text, HZ_MSG_WATCH_POSTED, args, 2, w->profile->context->lang);
    tell(w, HEZHUN_WATCH_POSTED, HZ_SLICE_NONE, id);
    return HZ_OK;
}

static hz_status send_due(watcher *w)
{
    hz_outbox_item *item;
    while (w->webhook && !is_stopped(w) && (item = hz_outbox_next(w->outbox, now_ms())) != NULL)
        HZ_TRY(send_one(w, item));
    return HZ_OK;
}

/* ---- one submission ---- */

static hz_status record(watcher *w, const hz_arrival *arrival, const char *result)
{
    hz_watch_done done = {.name = arrival->name, .unit = arrival->unit, .profile = w->profile->profile->id};
    memcpy(done.stamp, arrival->stamp, sizeof done.stamp);
    memcpy(done.result, result, strlen(result) + 1);
    HZ_TRY(hz_watch_record(&w->state, &done, w->err));
    return hz_arrivals_done(w->arrivals, arrival->name, arrival->stamp, w->err);
}

/* The machine failed, not the submission or the words. */
static bool is_machine(hz_status st)
{
    return st == HZ_E_IO || st == HZ_E_NOMEM || st == HZ_E_INTERNAL || st == HZ_E_CHANGED;
}

static hz_status later(watcher *w, const hz_arrival *arrival)
{
    hz_arrivals_later(w->arrivals, arrival->name, now_ms() + LATER_MS);
    tell_problem(w, HEZHUN_WATCH_LATER, HZ_MSG_WATCH_LATER, arrival->name, arrival->id, LATER_MS / 1000);
    return HZ_OK;
}

/* What went wrong in writing is told, and tried again. */
static hz_status unless_machine(watcher *w, const hz_arrival *arrival, hz_status st)
{
    if (!is_machine(st))
        return st;
    if (w->err && w->err->status != HZ_OK)
        w->problem->error = *w->err;
    hz_error_clear(w->err);
    return later(w, arrival);
}

static hz_status unreadable(watcher *w, const hz_arrival *arrival)
{
    hz_status st = put_post(w, arrival, NULL, &w->problem->error);
    if (st == HZ_OK)
        st = record(w, arrival, "");
    if (st != HZ_OK)
        return unless_machine(w, arrival, st);
    w->counts.unreadable++;
    tell_problem(w, HEZHUN_WATCH_UNREADABLE, HZ_MSG_WATCH_UNREADABLE, arrival->name, arrival->id, 0);
    return HZ_OK;
}

/* Formats that share a suffix must not share a file. */
static const char *stem_of(const char *format)
{
    static const char *const own[] = {"junit", "github", "gcc"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(format, own[i]) == 0)
            return own[i];
    return "report";
}

/* OUT/NAME/report.FORMAT for each, and the result, all whole before one is in place. */
static hz_status write_reports(watcher *w, const hz_arrival *arrival, const hezhun_result *result)
{
    size_t count = w->options->formats_count + 2;
    hezhun_report *reports = hz_mem_zalloc(count, sizeof *reports);
    hz_arena *arena = hz_arena_new();
    const char *kept;
    hz_slice folder, path;
    hz_status st = reports && arena ? HZ_OK : hz_nomem(w->err, count * sizeof *reports);
    if (st == HZ_OK)
        st = hz_folder_path(&w->path, w->out.ptr, arrival->name, w->err);
    if (st == HZ_OK)
        st = hz_folder_make(w->path.ptr, false, w->err);
    if (st == HZ_OK)
        st = hz_arena_copy(&folder, arena, hz_buf_slice(&w->path));
    if (st == HZ_OK)
        st = hz_watch_result_path(&kept, &w->state, arrival->id, w->err);
    if (st == HZ_OK)
        st = hz_arena_copy(&path, arena, hz_slice_of(kept));
    for (size_t i = 0; st == HZ_OK && i < count; i++) {
        const char *format = i < 2 ? "json" : w->options->formats[i - 2];
        reports[i] = (hezhun_report){format, i ? NULL : path.ptr, &w->render};
        if (!i)
            continue;
        hz_buf_reset(&w->path);
        hz_buf_printf(&w->path, "%s/%s%s", folder.ptr, stem_of(format),
                      hz_format_suffix(hz_format_of(hz_slice_of(format))));
        hz_slice one;
        st = hz_arena_copy(&one, arena, hz_buf_slice(&w->path));
        reports[i].path = st == HZ_OK ? one.ptr : NULL;
    }
    if (st == HZ_OK)
        st = (hz_status)hezhun_render_files(reports, count, result, w->problem);
    hz_mem_free(reports);
    hz_arena_free(arena);
    return st;
}

static hz_status take_result(watcher *w, const hz_arrival *arrival, const hezhun_result *result)
{
    hz_status st = write_reports(w, arrival, result);
    if (st == HZ_OK)
        st = put_post(w, arrival, result->result, NULL);
    if (st == HZ_OK)
        st = record(w, arrival, arrival->id);
    if (st != HZ_OK)
        return unless_machine(w, arrival, st);
    w->counts.checked++;
    w->counts.incomplete += !hezhun_result_complete(result);
    w->counts.not_conformant += !hezhun_result_conformant(result);
    tell_checked(w, arrival, result, hz_notice_new(result->result));
    return HZ_OK;
}

/* *path: the result to compare with, in w->text; NULL: none. One that was taken away is none. */
static hz_status find_baseline(const char **path, watcher *w, const hz_arrival *arrival)
{
    const char *last, *file;
    *path = NULL;
    HZ_TRY(hz_watch_last(&last, &w->state, arrival->unit, w->profile->profile->id, w->err));
    if (!*last)
        return HZ_OK;
    HZ_TRY(hz_watch_result_path(&file, &w->state, last, w->err));
    if (access(file, F_OK) != 0)
        return HZ_OK;
    hz_buf_reset(&w->text);
    hz_buf_puts(&w->text, file);
    *path = w->text.ptr;
    return hz_buf_status(&w->text, w->err);
}

static hz_status refuse(watcher *w, const hz_arrival *arrival)
{
    hz_arg args[] = {HZ_M(NONE), HZ_S(arrival->name)};
    args[0].message = arrival->refused;
    (void)hz_error_set(inner(w->problem), HZ_E_SOURCE, args, 2);
    return unreadable(w, arrival);
}

static hz_status check_one(watcher *w, const hz_arrival *arrival)
{
    hezhun_result *result = NULL;
    hezhun_check_options how = w->check;
    hezhun_input input = {NULL, NULL};
    hz_slice path;
    hz_arena *arena = hz_arena_new();
    hz_status st = arena ? hz_folder_path(&w->path, w->options->folder, arrival->name, w->err) : hz_nomem(w->err, 0);
    if (st == HZ_OK && hz_arena_copy(&path, arena, hz_buf_slice(&w->path)) != HZ_OK)
        st = hz_nomem(w->err, w->path.len);
    if (st == HZ_OK)
        st = find_baseline(&how.baseline, w, arrival);
    if (st == HZ_OK) {
        input.path = path.ptr;
        how.inputs = &input;
        how.inputs_count = 1;
        st = (hz_status)hezhun_check(&result, w->profile, &how, w->problem);
        if (st == HZ_OK)
            st = take_result(w, arrival, result);
        else if (is_machine(st))
            st = later(w, arrival);
        else if (st == HZ_E_SOURCE || st == HZ_E_LIMIT)
            st = unreadable(w, arrival);
        else if (w->err) /* the words, or the profile: no submission can be checked */
            *w->err = w->problem->error;
    }
    hezhun_result_free(result);
    hz_arena_free(arena);
    return st;
}

/* A post that is in the outbox has its reports and result written. */
static hz_status take(watcher *w, const hz_arrival *arrival)
{
    const char *path;
    HZ_TRY(hz_watch_result_path(&path, &w->state, arrival->id, w->err));
    if (w->outbox && hz_outbox_has(w->outbox, arrival->id) && access(path, F_OK) == 0)
        return record(w, arrival, arrival->id);
    return arrival->refused != HZ_MSG_NONE ? refuse(w, arrival) : check_one(w, arrival);
}

/* ---- the watch ---- */

static bool is_there(void *ctx, hz_slice name)
{
    const watcher *w = ctx;
    return hz_arrivals_exists(w->arrivals, name);
}

static hz_status look(watcher *w)
{
    const hz_arrival *arrival;
    HZ_TRY(hz_arrivals_look(w->arrivals, now_ms(), w->err));
    while (!is_stopped(w) && (arrival = hz_arrivals_next(w->arrivals, now_ms())) != NULL) {
        HZ_TRY(take(w, arrival));
        HZ_TRY(send_due(w));
    }
    return HZ_OK;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Until there may be something to do. */
static void rest(watcher *w)
{
    uint64_t now = now_ms();
    uint64_t due = least(hz_arrivals_due_ms(w->arrivals, now), w->webhook ? hz_outbox_due_ms(w->outbox) : UINT64_MAX);
    while (!is_stopped(w) && (now = now_ms()) < due)
        if (hz_arrivals_wait(w->arrivals, least(due - now, SLICE_MS)))
            return;
}

static hz_status go(watcher *w)
{
    HZ_TRY(hz_arrivals_look(w->arrivals, now_ms(), w->err));
    if (hz_arrivals_waiting(w->arrivals) || w->state.done_count)
        HZ_TRY(hz_watch_state_tidy(&w->state, is_there, w, w->err));
    for (;;) {
        HZ_TRY(look(w));
        HZ_TRY(send_due(w));
        if (w->options->once || is_stopped(w))
            return HZ_OK;
        rest(w);
    }
}

static hz_status open_out(watcher *w)
{
    struct stat in, out;
    hz_slice folder = hz_slice_of(w->options->folder);
    while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
        folder.len--;
    if (w->options->out) {
        hz_buf_puts(&w->out, w->options->out);
    } else {
        hz_buf_put(&w->out, folder);
        hz_buf_puts(&w->out, ".reports");
    }
    HZ_TRY(hz_buf_status(&w->out, w->err));
    if (stat(w->options->folder, &in) == 0 && stat(w->out.ptr, &out) == 0 && in.st_ino == out.st_ino &&
        in.st_dev == out.st_dev)
        return hz_fail(w->err, HZ_E_USAGE, HZ_M(WATCH_OUT_IS_FOLDER), HZ_Z(w->options->folder));
    return HZ_OK;
}

static hz_status open_webhook(watcher *w)
{
    const hezhun_watch_options *options = w->options;
    hz_webhook_options how = {options->webhook, options->webhook_secret, options->webhook_authorities,
                              options->cancel ? &options->cancel->flag : NULL};
    return options->webhook ? hz_webhook_new(&w->webhook, &how, w->err) : HZ_OK;
}

static hz_status open_all(watcher *w)
{
    const hz_limits *limits = &w->profile->context->limits;
    HZ_TRY(open_webhook(w));
    HZ_TRY(open_out(w));
    hz_arrivals_options how = {w->options->folder, w->out.ptr, (uint64_t)w->options->quiet_seconds * 1000,
                               w->options->marked_only, limits};
    HZ_TRY(hz_arrivals_open(&w->arrivals, &how, w->err));
    HZ_TRY(hz_watch_state_open(&w->state, w->out.ptr, limits, w->err));
    for (size_t i = 0; i < w->state.done_count; i++)
        HZ_TRY(hz_arrivals_done(w->arrivals, w->state.done[i].name, w->state.done[i].stamp, w->err));
    HZ_TRY(hz_folder_path(&w->path, w->state.folder.ptr, HZ_SLICE_LIT("outbox"), w->err));
    return hz_outbox_open(&w->outbox, w->path.ptr, w->err);
}

static hz_status formats_known(const hezhun_watch_options *options, hz_error *err)
{
    for (size_t i = 0; i < options->formats_count; i++) {
        const char *name = options->formats[i] ? options->formats[i] : "";
        hz_format format = hz_format_of(hz_slice_of(name));
        if (format == HZ_FORMAT_COUNT || format == HZ_FORMAT_JSON)
            return hz_fail(err, HZ_E_USAGE, HZ_M(WATCH_FORMAT), HZ_Z(name));
        for (size_t k = 0; k < i; k++)
            if (strcmp(options->formats[k], name) == 0)
                return hz_fail(err, HZ_E_USAGE, HZ_M(WATCH_FORMAT), HZ_Z(name));
    }
    return HZ_OK;
}

static hz_status watch(watcher *w)
{
    static const hezhun_check_options usual_check = HEZHUN_CHECK_OPTIONS_INIT;
    static const hezhun_render_options usual_render = HEZHUN_RENDER_OPTIONS_INIT;
    const hezhun_watch_options *options = w->options;
    HZ_TRY(version_known(options->version, w->err));
    HZ_TRY(wanted(options->folder, "folder", w->err));
    HZ_TRY(formats_known(options, w->err));
    w->check = options->check ? *options->check : usual_check;
    w->render = options->render ? *options->render : usual_render;
    w->render.reveal = false;
    w->render.color = false;
    w->check.findings = NULL;
    w->check.acknowledge = NULL;
    w->check.cancel = options->cancel;
    hz_status st = open_all(w);
    if (st == HZ_OK)
        st = go(w);
    w->counts.waiting = w->arrivals ? hz_arrivals_waiting(w->arrivals) : 0;
    w->counts.unsent = w->outbox ? hz_outbox_count(w->outbox) : 0;
    return st == HZ_E_CANCELLED ? HZ_OK : st;
}

hezhun_status hezhun_watch(hezhun_watched *out_counts, const hezhun_profile *profile,
                           const hezhun_watch_options *options, hezhun_error *err)
{
    watcher w = {.profile = profile, .options = options, .state = {.lock = -1}, .err = inner(err)};
    if (out_counts)
        *out_counts = (hezhun_watched){0};
    if (wanted(profile, "profile", w.err) != HZ_OK || wanted(options, "options", w.err) != HZ_OK)
        return HEZHUN_E_USAGE;
    w.out = w.path = w.body = w.text = HZ_BUF_INIT;
    w.problem = hezhun_error_new();
    hz_status st = w.problem ? watch(&w) : hz_nomem(w.err, sizeof *w.problem);
    if (out_counts)
        *out_counts = w.counts;
    hz_webhook_free(w.webhook);
    hz_outbox_free(w.outbox);
    hz_arrivals_free(w.arrivals);
    hz_watch_state_close(&w.state);
    hezhun_error_free(w.problem);
    hz_buf_clear(&w.out);
    hz_buf_clear(&w.path);
    hz_buf_clear(&w.body);
    hz_buf_clear(&w.text);
    if (st == HZ_E_CANCELLED)
        hz_error_clear(w.err);
    return outer(st == HZ_E_CANCELLED ? HZ_OK : st);
}
