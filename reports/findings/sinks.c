/* sinks.c: see sink.h. Every file is a target: of a form of lines the lines go straight to it; another form is told its
 * temporary name and writes there. With --split-by a target is many files (split.c). */
#include "base/alloc.h"
#include "reports/book.h"
#include "reports/findings/split_int.h"

enum { FORMS_MAX = 8, KNOWN_BYTES = 128 };

static const hz_form *const forms[] = {
#define HZ_FORM(name) &hz_form_##name,
#include "reports/findings/forms.def"
#undef HZ_FORM
};
enum { FORMS_COUNT = sizeof forms / sizeof *forms };
_Static_assert((int)FORMS_COUNT <= (int)FORMS_MAX, "room for every form");

typedef struct target {
    const hz_form *form;
    const char *path;
    hz_outfile *out;
    hz_form_file *file; /* of a form that is not lines, from begin on */
    hz_split_files *split;
} target;

struct hz_sinks {
    hz_sinks_options options;
    hz_form_given given;
    target *targets;
    size_t count;
};

/* ---- forms ---- */

static bool ends_with(hz_slice text, hz_slice end)
{
    return text.len > end.len && hz_slice_eq(hz_slice_sub(text, text.len - end.len, text.len), end);
}

static const hz_form *form_of(const char *path)
{
    hz_slice name = hz_slice_of(path);
    for (size_t i = 0; i < FORMS_COUNT; i++)
        if (ends_with(name, hz_slice_of(forms[i]->suffix)))
            return forms[i];
    return NULL;
}

static hz_status is_built_in(const hz_form *form, const char *path, hz_error *err)
{
    if (form->built_in)
        return HZ_OK;
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(FINDINGS_NOT_BUILT_IN), HZ_Z(path), HZ_Z(form->part));
    hz_error_hint(err, HZ_MSG_FINDINGS_NOT_BUILT_IN_HINT);
    return st;
}

hz_status hz_sinks_path_known(const char *path, hz_error *err)
{
    const hz_form *form = form_of(path);
    char known[KNOWN_BYTES] = "";
    size_t used = 0;
    if (form)
        return is_built_in(form, path, err);
    for (size_t i = 0; i < FORMS_COUNT; i++) {
        size_t len = strlen(forms[i]->suffix);
        if (used + len + 2 > sizeof known)
            break;
        if (used)
            known[used++] = ' ';
        memcpy(known + used, forms[i]->suffix, len + 1);
        used += len;
    }
    return hz_fail(err, HZ_E_USAGE, HZ_M(FINDINGS_SUFFIX), HZ_Z(path), HZ_Z(known));
}

hz_status hz_sinks_annotate_known(const char *path, hz_error *err)
{
    if (!ends_with(hz_slice_of(path), hz_slice_of(hz_form_annotated.suffix)))
        return hz_fail(err, HZ_E_USAGE, HZ_M(FINDINGS_SUFFIX), HZ_Z(path), HZ_Z(hz_form_annotated.suffix));
    return HZ_OK;
}

/* ---- open, close ---- */

static hz_status open_target(target *t, const hz_form *form, const char *path, hz_sinks *sinks, hz_error *err)
{
    t->form = form;
    t->path = path;
    HZ_TRY(is_built_in(form, path, err));
    if (sinks->options.split != HZ_SPLIT_NONE && form != &hz_form_annotated)
        return hz_split_files_open(&t->split, form, path, &sinks->options, &sinks->given, err);
    return hz_outfile_open(&t->out, path, err);
}

static hz_status open_all(hz_sinks *sinks, hz_error *err)
{
    const hz_sinks_options *options = &sinks->options;
    for (size_t i = 0; i < options->paths_count; i++) {
        HZ_TRY(hz_sinks_path_known(options->paths[i], err));
        HZ_TRY(open_target(&sinks->targets[sinks->count++], form_of(options->paths[i]), options->paths[i], sinks, err));
    }
    if (options->annotate)
        HZ_TRY(open_target(&sinks->targets[sinks->count++], &hz_form_annotated, options->annotate, sinks, err));
    return HZ_OK;
}

hz_status hz_sinks_open(hz_sinks **out, const hz_sinks_options *options, hz_error *err)
{
    *out = NULL;
    hz_sinks *sinks = hz_mem_zalloc(1, sizeof *sinks);
    if (!sinks)
        return hz_nomem(err, sizeof *sinks);
    sinks->options = *options;
    sinks->given = (hz_form_given){.options = {.lang = options->lang, .reveal = options->reveal},
                                   .temp = options->temp,
                                   .annotate_all = options->annotate_all};
    sinks->targets = hz_mem_zalloc(options->paths_count + 2, sizeof *sinks->targets);
    hz_status st = sinks->targets ? open_all(sinks, err) : hz_nomem(err, sizeof *sinks->targets);
    if (st == HZ_OK)
        *out = sinks;
    else
        hz_sinks_close(sinks);
    return st;
}

void hz_sinks_close(hz_sinks *sinks)
{
    if (!sinks)
        return;
    for (size_t i = 0; i < sinks->count; i++) {
        target *t = &sinks->targets[i];
        if (t->file)
            t->form->abandon(t->file);
        hz_split_files_close(t->split);
        hz_outfile_abandon(t->out);
    }
    hz_mem_free(sinks->targets);
    hz_mem_free(sinks);
}

/* ---- begin ---- */

static hz_status write_head(const target *t, const hz_form_given *given, hz_error *err)
{
    hz_buf head = HZ_BUF_INIT;
    if (t->form->head)
        t->form->head(&head, given);
    hz_status st = hz_buf_status(&head, err);
    if (st == HZ_OK)
        st = hz_outfile_write(t->out, hz_buf_slice(&head), err);
    hz_buf_clear(&head);
    return st;
}

hz_status hz_sinks_begin(hz_sinks *sinks, const hz_result *result, hz_error *err)
{
    sinks->given.result = result;
    for (size_t i = 0; i < sinks->count; i++) {
        target *t = &sinks->targets[i];
        if (t->split)
            continue;
        if (t->form->open)
            HZ_TRY(t->form->open(&t->file, t->out, t->path, &sinks->given, err));
        else
            HZ_TRY(write_head(t, &sinks->given, err));
    }
    return HZ_OK;
}

bool hz_sinks_want_rows(const hz_sinks *sinks)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->targets[i].form->row)
            return true;
    return false;
}

bool hz_sinks_want_related(const hz_sinks *sinks)
{
    return sinks->options.paths_count > 0; /* --annotate shows a row's own cells; a tap asks for none */
}

bool hz_sinks_want_all_rows(const hz_sinks *sinks, const hz_result_table *table)
{
    return sinks->options.annotate && sinks->options.annotate_all && table->rows <= HZ_BOOK_ROWS;
}

static bool takes_findings(const target *t)
{
    return t->split || !t->form->line;
}

bool hz_sinks_want_findings(const hz_sinks *sinks)
{
    if (sinks->options.tap)
        return true;
    for (size_t i = 0; i < sinks->count; i++)
        if (takes_findings(&sinks->targets[i]))
            return true;
    return false;
}

/* ---- lines ---- */

struct hz_lines {
    const hz_sinks *sinks;
    hz_buf *of_target; /* those of forms that are not lines stay empty */
    hz_buf scratch;
    uint64_t count;
    uint32_t table; /* whose findings they are: of one at a time */
};

hz_status hz_lines_new(hz_lines **out, const hz_sinks *sinks, hz_error *err)
{
    *out = NULL;
    hz_lines *lines = hz_mem_zalloc(1, sizeof *lines);
    if (lines)
        lines->of_target = hz_mem_zalloc(sinks->count + 1, sizeof *lines->of_target);
    if (!lines || !lines->of_target) {
        hz_mem_free(lines);
        return hz_nomem(err, sinks->count * sizeof(hz_buf));
    }
    lines->sinks = sinks;
    *out = lines;
    return HZ_OK;
}

void hz_lines_free(hz_lines *lines)
{
    if (!lines)
        return;
    for (size_t i = 0; i < lines->sinks->count; i++)
        hz_buf_clear(&lines->of_target[i]);
    hz_buf_clear(&lines->scratch);
    hz_mem_free(lines->of_target);
    hz_mem_free(lines);
}

/* A finding with the submitter's reason. */
typedef struct explained {
    hz_found found;
    hz_finding finding; /* a copy, where there is a reason */
} explained;

static hz_status explain(explained *out, const hz_sinks *sinks, const hz_found *found, hz_buf *scratch, hz_error *err)
{
    hz_slice reason = HZ_SLICE_NONE;
    out->found = *found;
    if (sinks->options.reason)
        HZ_TRY(sinks->options.reason(&reason, sinks->options.reason_ctx, sinks->given.result, found->finding, scratch,
                                     err));
    if (!reason.len)
        return HZ_OK;
    out->finding = *found->finding;
    out->finding.acknowledged = reason;
    out->found.finding = &out->finding;
    return HZ_OK;
}

hz_status hz_lines_add(hz_lines *lines, const hz_found *found, hz_error *err)
{
    const hz_sinks *sinks = lines->sinks;
    explained with;
    lines->table = found->finding->at.table;
    lines->count++;
    HZ_TRY(explain(&with, sinks, found, &lines->scratch, err));
    for (size_t i = 0; i < sinks->count; i++) {
        if (takes_findings(&sinks->targets[i]))
            continue;
        sinks->targets[i].form->line(&lines->of_target[i], &lines->scratch, &sinks->given, &with.found);
        HZ_TRY(hz_buf_status(&lines->of_target[i], err));
    }
    return HZ_OK;
}

size_t hz_lines_bytes(const hz_lines *lines)
{
    size_t bytes = 0;
    for (size_t i = 0; i < lines->sinks->count; i++)
        bytes += lines->of_target[i].len;
    return bytes;
}

/* ---- hand over ---- */

hz_status hz_sinks_lines(hz_sinks *sinks, hz_lines *lines, hz_error *err)
{
    for (size_t i = 0; i < sinks->count; i++) {
        const target *t = &sinks->targets[i];
        if (!lines->of_target[i].len)
            continue;
        const hz_lines_of made = {hz_buf_slice(&lines->of_target[i]), lines->count, lines->table};
        HZ_TRY(t->file ? t->form->lines(t->file, &made, err) : hz_outfile_write(t->out, made.text, err));
        hz_buf_reset(&lines->of_target[i]);
    }
    lines->count = 0;
    return HZ_OK;
}

hz_status hz_sinks_put(hz_sinks *sinks, const hz_found *found, hz_error *err)
{
    if (sinks->options.tap)
        HZ_TRY(sinks->options.tap(sinks->options.tap_ctx, sinks->given.result, found, err));
    if (!sinks->count)
        return HZ_OK;
    explained with;
    hz_buf scratch = HZ_BUF_INIT;
    hz_status st = explain(&with, sinks, found, &scratch, err);
    hz_buf_clear(&scratch);
    for (size_t i = 0; i < sinks->count && st == HZ_OK; i++) {
        target *t = &sinks->targets[i];
        if (t->split)
            st = hz_split_files_put(t->split, &with.found, err);
        else if (!t->form->line)
            st = t->form->put(t->file, &with.found, err);
    }
    return st;
}

hz_status hz_sinks_row(hz_sinks *sinks, const hz_found_row *row, hz_error *err)
{
    for (size_t i = 0; i < sinks->count; i++)
        if (sinks->targets[i].form->row)
            HZ_TRY(sinks->targets[i].form->row(sinks->targets[i].file, row, err));
    return HZ_OK;
}

/* ---- the end ---- */

static hz_status finish_target(target *t, hz_error *err)
{
    if (t->split)
        return hz_split_files_finish(t->split, err);
    if (t->file) {
        hz_form_file *file = t->file;
        t->file = NULL; /* close frees it either way */
        HZ_TRY(t->form->close(file, err));
    }
    hz_outfile *out = t->out;
    t->out = NULL; /* so does rest, on failure */
    HZ_TRY(hz_outfile_rest(out, err));
    t->out = out;
    return HZ_OK;
}

hz_status hz_sinks_finish(hz_sinks *sinks, hz_error *err)
{
    for (size_t i = 0; i < sinks->count; i++)
        HZ_TRY(finish_target(&sinks->targets[i], err));
    return HZ_OK;
}

hz_status hz_sinks_commit(hz_sinks *sinks, hz_error *err)
{
    for (size_t i = 0; i < sinks->count; i++) {
        target *t = &sinks->targets[i];
        if (t->split) {
            HZ_TRY(hz_split_files_commit(t->split, err));
            continue;
        }
        hz_outfile *out = t->out;
        t->out = NULL;
        HZ_TRY(hz_outfile_commit(out, err));
    }
    return HZ_OK;
}
