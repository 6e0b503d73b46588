/* suggest.c: see suggest.h. Each file is read once, up to its first rows; then every table is tried for it. */
#include "base/folder.h"
#include "profiles/dotted.h"
#include "validator/engine/parts.h"
#include "validator/tasks/suggest_int.h"
#include <stdlib.h>
#include <sys/stat.h>

/* ---- samples ---- */

static hz_slice trimmed(hz_slice text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = hz_slice_sub(text, 1, text.len);
    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* At most so many bytes, and no half character. */
static hz_slice cut(hz_slice text)
{
    if (text.len <= SUGGEST_CELL_BYTES)
        return text;
    size_t len = SUGGEST_CELL_BYTES;
    while (len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return hz_slice_sub(text, 0, len);
}

static hz_status take_header(suggest_job *job, suggest_file *file, const hz_source *source)
{
    const hz_slice *names;
    size_t count = hz_source_columns(source, &names);
    count = count < SUGGEST_COLUMNS ? count : SUGGEST_COLUMNS;
    file->columns = HZ_ARENA_ARRAY(job->arena, suggest_column, count + 1);
    if (!file->columns)
        return hz_nomem(job->err, count * sizeof *file->columns);
    for (size_t c = 0; c < count; c++) {
        suggest_column *column = &file->columns[file->columns_count++];
        column->cells = HZ_ARENA_ARRAY(job->arena, hz_slice, HZ_SUGGEST_ROWS);
        if (!column->cells || hz_arena_copy(&column->header, job->arena, names[c]) != HZ_OK)
            return hz_nomem(job->err, names[c].len);
    }
    return HZ_OK;
}

static hz_status take_rows(suggest_job *job, suggest_file *file, hz_source *source)
{
    hz_batch batch = {0};
    hz_status st = HZ_OK;
    while (st == HZ_OK && file->rows < HZ_SUGGEST_ROWS) {
        st = hz_source_next(&batch, source, job->err);
        for (uint32_t r = 0; st == HZ_OK && r < batch.rows_count && file->rows < HZ_SUGGEST_ROWS; r++, file->rows++)
            for (size_t c = 0; c < file->columns_count; c++)
                if (hz_arena_copy(&file->columns[c].cells[file->rows], job->arena,
                                  cut(trimmed(batch.columns[c].cells[r]))) != HZ_OK)
                    return hz_nomem(job->err, SUGGEST_CELL_BYTES);
    }
    hz_source_give_back(&batch, source);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status sample(suggest_job *job, suggest_file *file, hz_spool *spool)
{
    const hz_source_options how = {.path = file->path,
                                   .shown_path = hz_slice_of(file->path),
                                   .spool = spool,
                                   .limits = job->options->limits,
                                   .cancel = job->options->cancel};
    hz_source *source = NULL;
    HZ_TRY(hz_source_open(&source, &how, job->err));
    hz_status st = take_header(job, file, source);
    if (st == HZ_OK && file->columns_count)
        st = take_rows(job, file, source);
    hz_source_close(source);
    return st;
}

/* ---- files ---- */

static hz_status new_file(suggest_file **out, suggest_job *job, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!HZ_GROW(job->files, job->files_capacity, job->files_count + 1))
        return hz_nomem(job->err, sizeof *job->files);
    HZ_TRY(hz_limit_check(job->options->limits, HZ_LIMIT_SOURCES, job->files_count + 1, job->err));
    *out = &job->files[job->files_count++];
    **out = (suggest_file){.path = path, .base = hz_slice_of(slash ? slash + 1 : path)};
    return HZ_OK;
}

/* A file of another format: the one table that it was taken for, as with infer. */
static hz_status read_spooled(suggest_job *job, suggest_file *file, hz_form form)
{
    const hz_source_options how = {.path = file->path,
                                   .shown_path = hz_slice_of(file->path),
                                   .limits = job->options->limits,
                                   .cancel = job->options->cancel};
    hz_slice stem = hz_name_unpacked(file->base);
    hz_part part = {.names = &stem, .names_count = 1, .parent = SIZE_MAX};
    HZ_TRY(hz_parts_read(&part, 1, &how, job->options->temp, job->err));
    hz_status st = sample(job, file, part.spool);
    if (st == HZ_OK && form == HZ_FORM_XLSX && hz_spool_part(part.spool).len)
        st = hz_arena_copy(&file->sheet, job->arena, hz_spool_part(part.spool));
    hz_spool_free(part.spool);
    return st;
}

static hz_status take_file(suggest_job *job, const char *path)
{
    suggest_file *file = NULL;
    HZ_TRY(new_file(&file, job, path));
    hz_form form = hz_form_of(file->base);
    return form == HZ_FORM_CSV || form == HZ_FORM_NONE ? sample(job, file, NULL) : read_spooled(job, file, form);
}

static hz_status take_folder(suggest_job *job, const char *folder)
{
    hz_slice *names;
    size_t count;
    HZ_TRY(hz_folder_list(&names, &count, job->arena, folder, job->options->limits->value[HZ_LIMIT_SOURCES],
                          hz_limit_name(HZ_LIMIT_SOURCES), job->err));
    for (size_t i = 0; i < count; i++) {
        hz_buf path = HZ_BUF_INIT;
        hz_slice kept;
        struct stat info;
        hz_status st = hz_folder_path(&path, folder, names[i], job->err);
        if (st == HZ_OK && hz_arena_copy(&kept, job->arena, hz_buf_slice(&path)) != HZ_OK)
            st = hz_nomem(job->err, path.len);
        hz_buf_clear(&path);
        HZ_TRY(st);
        bool data = names[i].ptr[0] != '.' && hz_form_of(names[i]) != HZ_FORM_NONE;
        if (data && stat(kept.ptr, &info) == 0 && S_ISREG(info.st_mode))
            HZ_TRY(take_file(job, kept.ptr));
    }
    return HZ_OK;
}

static hz_status take_paths(suggest_job *job)
{
    for (size_t i = 0; i < job->options->paths_count; i++) {
        const char *path = job->options->paths[i];
        struct stat info;
        bool folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        HZ_TRY(folder ? take_folder(job, path) : take_file(job, path));
    }
    return job->files_count ? HZ_OK : hz_fail(job->err, HZ_E_SOURCE, HZ_M(SUGGEST_NO_DATA));
}

/* The table that most of a file's columns are sure of; none when nothing is. */
static hz_status find_table(suggest_job *job, suggest_file *file)
{
    const hz_profile *profile = job->options->profile;
    unsigned most = 0;
    for (size_t t = 0; t < profile->tables_count && file->columns_count; t++) {
        const hz_table *table = &profile->tables[t];
        suggest_match *matches;
        size_t count;
        unsigned score;
        if (!hz_table_takes_files(table) || !table->fields_count)
            continue;
        HZ_TRY(hz_suggest_match(&matches, &count, &score, job, file, table));
        if (score <= most)
            continue;
        most = score;
        file->table = table;
        file->matches = matches;
        file->matches_count = count;
    }
    return HZ_OK;
}

hz_status hz_suggest(hz_buf *out, const hz_suggest_options *options, hz_error *err)
{
    hz_error own = {0};
    suggest_job job = {.options = options, .arena = hz_arena_new(), .err = err ? err : &own};
    hz_status st = job.arena ? HZ_OK : hz_nomem(err, sizeof(void *));
    if (st == HZ_OK && options->id && !hz_is_dotted_id(hz_slice_of(options->id)))
        st = hz_fail(job.err, HZ_E_USAGE, HZ_M(SUGGEST_ID), HZ_Z(options->id));
    if (st == HZ_OK)
        st = hz_semtypes_open(&job.semtypes, options->lists, job.err);
    if (st == HZ_OK)
        st = take_paths(&job);
    for (size_t i = 0; st == HZ_OK && i < job.files_count; i++)
        st = find_table(&job, &job.files[i]);
    if (st == HZ_OK)
        st = hz_suggest_write(out, &job);
    hz_pattern_scratch_free(job.scratch);
    hz_semtypes_close(job.semtypes);
    hz_mem_free(job.files);
    hz_arena_free(job.arena);
    return st == HZ_E_NOMEM ? hz_nomem(err, 0) : st;
}
