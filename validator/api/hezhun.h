/* hezhun.h: all that is public of libhezhun. A profile (a data standard in machine-readable form) is loaded, a
 * submission is checked against it, the result is rendered.
 *
 *     hezhun_error *err = hezhun_error_new();
 *     hezhun_context *context = NULL;
 *     hezhun_profile *profile = NULL;
 *     hezhun_result *result = NULL;
 *     hezhun_bytes report = HEZHUN_BYTES_INIT;
 *     hezhun_check_options options = HEZHUN_CHECK_OPTIONS_INIT;
 *     hezhun_input input = {NULL, "data"};
 *     options.inputs = &input;
 *     options.inputs_count = 1;
 *     if (hezhun_context_open(&context, NULL, err) == HEZHUN_OK &&
 *         hezhun_profile_load(&profile, context, "profile.yaml", NULL, err) == HEZHUN_OK &&
 *         hezhun_check(&result, profile, &options, err) == HEZHUN_OK &&
 *         hezhun_render(&report, result, "json", NULL, err) == HEZHUN_OK)
 *         fwrite(report.ptr, 1, report.len, stdout);
 *     hezhun_bytes_free(&report);
 *     hezhun_result_free(result);
 *     hezhun_profile_free(profile);
 *     hezhun_context_close(context);
 *     hezhun_error_free(err);
 *
 * Conventions. Out parameters come first and are set to NULL or empty before anything else; a pointer to a pointer is
 * owned by the caller and freed by the function named beside it, which takes NULL; any other returned pointer is
 * borrowed from its parent and lives as long as it. Text is UTF-8. `err` comes last, belongs to the caller and may be
 * NULL; each call that can fail clears it first. Option structures begin with `version` and are made by their _INIT;
 * NULL stands for the _INIT; members are only ever added at the end, under a new version.
 *
 * Lifetimes: error, cancel: any. A context outlives its profiles, a profile its results.
 * Threads: a context and a profile may be used by several at once; a result and an error by one at a time. Nothing here
 * prints, exits or sets a signal handler, and no state is kept between calls but in these objects. */
#ifndef HEZHUN_H
#define HEZHUN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HZ_API         __attribute__((visibility("default")))
#define HZ_API_CHECKED __attribute__((visibility("default"), warn_unused_result))
#else
#define HZ_API
#define HZ_API_CHECKED
#endif

/* "1.2.3". Static storage. */
HZ_API const char *hezhun_version(void);
/* The name of an optional part and whether this build has it; NULL past the last. Static storage. */
HZ_API const char *hezhun_part(size_t index, bool *built_in);
/* Report formats: "text", "json", "md" …; NULL past the last. Static storage. */
HZ_API const char *hezhun_format(size_t index);
/* Whether a format is no text, and nothing for a terminal. */
HZ_API bool hezhun_format_is_binary(const char *format);

typedef enum hezhun_status {
    HEZHUN_OK = 0,
    HEZHUN_E_USAGE = -1,   /* the caller's words: a name, date or value that is not known */
    HEZHUN_E_PROFILE = -2, /* a profile or code list is wrong or cannot be read */
    HEZHUN_E_SOURCE = -3,  /* no data, or data that cannot be opened */
    HEZHUN_E_IO = -4,      /* a file or device failed during the work */
    HEZHUN_E_NOMEM = -5,
    HEZHUN_E_LIMIT = -6, /* the message carries the limit's name */
    HEZHUN_E_CANCELLED = -7,
    HEZHUN_E_CHANGED = -8, /* an input changed while it was read */
    HEZHUN_E_INTERNAL = -9
} hezhun_status;

typedef enum hezhun_lang { HEZHUN_ZH = 0, HEZHUN_EN = 1 } hezhun_lang;

/* Borrowed text, not NUL-terminated. */
typedef struct hezhun_text {
    const char *ptr;
    size_t len;
} hezhun_text;

/* Owned bytes, with a NUL behind them. */
typedef struct hezhun_bytes {
    char *ptr;
    size_t len;
} hezhun_bytes;
#define HEZHUN_BYTES_INIT                                                                                              \
    {                                                                                                                  \
        NULL, 0                                                                                                        \
    }
HZ_API void hezhun_bytes_free(hezhun_bytes *bytes); /* ready for use again */

/* ---- errors ---- */

typedef struct hezhun_error hezhun_error;
HZ_API hezhun_error *hezhun_error_new(void); /* NULL: no memory, and an error of NULL does no harm */
HZ_API void hezhun_error_free(hezhun_error *err);
HZ_API hezhun_status hezhun_error_status(const hezhun_error *err);
/* The message's stable name, "FILE_OPEN"; "NONE" without an error. Static storage. */
HZ_API const char *hezhun_error_id(const hezhun_error *err);
/* Writes message or hint as snprintf does: at most room - 1 bytes and a NUL (nothing when room is 0), cut at a
 * character; returns the length of the whole. Characters that must not reach a terminal are escaped. The hint may be
 * empty. */
HZ_API size_t hezhun_error_message(char *into, size_t room, const hezhun_error *err, hezhun_lang lang);
HZ_API size_t hezhun_error_hint(char *into, size_t room, const hezhun_error *err, hezhun_lang lang);
/* Where: borrowed file name, "" when unknown; line and column from 1 (column in characters), 0 when unknown. line and
 * column may be NULL. */
HZ_API const char *hezhun_error_place(const hezhun_error *err, uint64_t *line, uint64_t *column);

/* ---- cancelling ---- */

typedef struct hezhun_cancel hezhun_cancel;
HZ_API hezhun_cancel *hezhun_cancel_new(void); /* NULL: no memory */
HZ_API void hezhun_cancel_free(hezhun_cancel *cancel);
/* Ends a running check soon with HEZHUN_E_CANCELLED. May be called from another thread or a signal handler. Takes NULL.
 */
HZ_API void hezhun_cancel_raise(hezhun_cancel *cancel);

/* ---- context: code lists, limits, language ---- */

typedef struct hezhun_context hezhun_context;

typedef struct hezhun_limit {
    const char *name; /* as docs and error messages have it: "record_bytes" */
    uint64_t value;   /* up to the limit's ceiling */
} hezhun_limit;

typedef struct hezhun_context_options {
    unsigned version;
    hezhun_lang lang;      /* of diagnostics */
    const char *lists_dir; /* code lists here override the built-in ones; NULL: none */
    const hezhun_limit *limits;
    size_t limits_count;
    const char *profiles_dir; /* what a profile extends is looked for here before those that ship; NULL: none */
} hezhun_context_options;
#define HEZHUN_CONTEXT_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        1, HEZHUN_ZH, NULL, NULL, 0, NULL                                                                              \
    }

/* HEZHUN_E_USAGE for a limit that is unknown or past its ceiling, HEZHUN_E_PROFILE or HEZHUN_E_IO for lists_dir. Owned:
 * hezhun_context_close. */
HZ_API_CHECKED hezhun_status hezhun_context_open(hezhun_context **out, const hezhun_context_options *options,
                                                 hezhun_error *err);
HZ_API void hezhun_context_close(hezhun_context *context);

/* ---- profiles ---- */

typedef struct hezhun_profile hezhun_profile;
typedef enum hezhun_level { HEZHUN_LEVEL_ERROR, HEZHUN_LEVEL_WARNING, HEZHUN_LEVEL_HINT } hezhun_level;

/* One thing about a profile. All of it is borrowed for the time of the call. */
typedef struct hezhun_diagnostic {
    hezhun_level level;
    const char *id;        /* the message's stable name */
    hezhun_text path;      /* empty when the place is unknown */
    uint64_t line, column; /* from 1, column in characters; 0: the file as a whole */
    hezhun_text text;      /* rendered: message, source line, caret, hint; ends in a line feed; safe for a terminal */
} hezhun_diagnostic;

typedef struct hezhun_load_options {
    unsigned version;
    void (*diagnostic)(const hezhun_diagnostic *diagnostic, void *payload); /* by position; may be NULL */
    void *payload;
} hezhun_load_options;
#define HEZHUN_LOAD_OPTIONS_INIT                                                                                       \
    {                                                                                                                  \
        1, NULL, NULL                                                                                                  \
    }

/* Loads a profile from a file, and those that it extends, handing over what there is to say about it, errors or not.
 * HEZHUN_E_PROFILE when it has mistakes or cannot be read. Owned: hezhun_profile_free. */
HZ_API_CHECKED hezhun_status hezhun_profile_load(hezhun_profile **out, hezhun_context *context, const char *path,
                                                 const hezhun_load_options *options, hezhun_error *err);
HZ_API void hezhun_profile_free(hezhun_profile *profile);
HZ_API hezhun_text hezhun_profile_id(const hezhun_profile *profile);
HZ_API hezhun_text hezhun_profile_version(const hezhun_profile *profile);

/* ---- mappings ---- */

/* How one system's columns and codes become a profile's (docs/mappings.md). */
typedef struct hezhun_mapping hezhun_mapping;
/* Loads a mapping and holds it to the profile, which must outlive it; as hezhun_profile_load otherwise. A result lives
 * no longer than the mapping of its check. Owned: hezhun_mapping_free. */
HZ_API_CHECKED hezhun_status hezhun_mapping_load(hezhun_mapping **out, const hezhun_profile *profile, const char *path,
                                                 const hezhun_load_options *options, hezhun_error *err);
HZ_API void hezhun_mapping_free(hezhun_mapping *mapping);
/* Whether a file is a mapping, and what profile it says that it is for (as hezhun_error_message writes; "" when it says
 * nothing). HEZHUN_E_PROFILE: it cannot be read. */
HZ_API_CHECKED hezhun_status hezhun_mapping_is(bool *out, char *profile, size_t room, hezhun_context *context,
                                               const char *path, hezhun_error *err);

typedef struct hezhun_suggest_options {
    unsigned version;
    const char *const *paths; /* data files, and folders of them */
    size_t paths_count;
    const char *id; /* of the mapping; NULL: draft.mapping */
    const char *temp;
    hezhun_lang lang;            /* of comments */
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_suggest_options;
#define HEZHUN_SUGGEST_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        1, NULL, 0, NULL, NULL, HEZHUN_ZH, NULL                                                                        \
    }
/* A mapping proposed from data, as YAML. HEZHUN_E_SOURCE: data that cannot be read. HEZHUN_E_USAGE: an id that is none.
 * Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_mapping_suggest(hezhun_bytes *out, const hezhun_profile *profile,
                                                    const hezhun_suggest_options *options, hezhun_error *err);

/* ---- manifests ---- */

/* Whether a file is the manifest of a submission (docs/manifest.md), as hezhun_mapping_is. */
HZ_API_CHECKED hezhun_status hezhun_manifest_is(bool *out, char *profile, size_t room, hezhun_context *context,
                                                const char *path, hezhun_error *err);
typedef struct hezhun_manifest_options {
    unsigned version;
    const char *folder;
    const hezhun_profile *profile; /* NULL: files and digests only */
    const hezhun_mapping *mapping; /* whose patterns and names hold too; may be NULL */
    const char *id;                /* NULL: draft.submission */
    const char *unit, *period;     /* NULL: not said */
    bool sm3;                      /* in place of SHA-256 */
    const char *temp;
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_manifest_options;
#define HEZHUN_MANIFEST_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        1, NULL, NULL, NULL, NULL, NULL, NULL, false, NULL, NULL                                                       \
    }
/* A manifest of a folder's files, as YAML. HEZHUN_E_SOURCE: it cannot be read, or holds no file. HEZHUN_E_USAGE: an id
 * or period that is none. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_manifest_make(hezhun_bytes *out, hezhun_context *context,
                                                  const hezhun_manifest_options *options, hezhun_error *err);

/* ---- checking ---- */

typedef struct hezhun_input {
    const char *table; /* the table that this file is; NULL: a file or folder that the profile's patterns decide on */
    const char *path;
} hezhun_input;

typedef struct hezhun_param {
    const char *name, *value; /* the value as text, in the form of the parameter's type */
} hezhun_param;

typedef struct hezhun_progress {
    unsigned version;
    hezhun_text table; /* being read */
    uint64_t bytes_done, bytes_total;
    uint64_t rows; /* of all tables so far */
} hezhun_progress;

/* Where every finding of a check goes. The form of a file goes by its suffix: .ndjson, .csv, .xlsx, .sqlite. Files are
 * put in place when the check has ended well, all of them; otherwise none is made or changed. */
typedef struct hezhun_findings {
    unsigned version;
    const char *const *paths;
    size_t paths_count;
    const char *split_by; /* a file for each region (province, prefecture, county, township, village) or reporting unit
                             (unit); NULL: one for all */
    const char *annotate; /* an .xlsx: the records with findings, cells marked and commented; NULL: none */
    bool annotate_all;    /* all records, of tables that fit a sheet */
    hezhun_lang lang;
    bool reveal;
} hezhun_findings;
#define HEZHUN_FINDINGS_INIT                                                                                           \
    {                                                                                                                  \
        1, NULL, 0, NULL, NULL, false, HEZHUN_ZH, false                                                                \
    }

typedef struct hezhun_check_options {
    unsigned version;
    const hezhun_input *inputs;
    size_t inputs_count;
    const hezhun_param *params;
    size_t params_count;
    const char *as_of;    /* the day that the data speaks for, YYYY-MM-DD; NULL: none */
    const char *fail_on;  /* what makes the exit status 1: fatal, error, warning, new, grade:X; NULL: error */
    int64_t max_examples; /* findings kept for each rule; -1: the limit max_examples */
    unsigned threads;     /* 0: the machine's */
    void (*progress)(const hezhun_progress *progress, void *payload); /* one call at a time, from any thread;
                                                                         may be NULL */
    void *payload;
    const hezhun_cancel *cancel; /* may be NULL */
    const char *const *previous; /* submissions of earlier periods, the last one first; at most two */
    size_t previous_count;
    uint64_t memory_bytes; /* for rows that meet by key; the rest goes to files; 0: a quarter of the machine's */
    const char *temp;      /* folder of those; NULL: TMPDIR, else /tmp */
    const char *encoding;  /* of all delimited text: utf-8 gb18030 gbk big5 utf-16le utf-16be; NULL: found out */
    bool explain;          /* for hezhun_explain */
    const hezhun_findings *findings; /* NULL: none are written */
    const char *pseudonym_key;       /* a file of 32 bytes and more: personal values get pseudonyms by it; NULL: none */
    const char *pseudonym_digest;    /* "sha256" or "sm3"; NULL: sha256 */
    const char *baseline;    /* a JSON report of an earlier submission to compare with, by fingerprint; NULL: none */
    const char *acknowledge; /* a findings file with reasons (docs/report.md, Acknowledgements); NULL: none */
    const char *key_digests; /* where keyed digests of the keys of unique rules go (docs/merge.md); NULL: none */
    const char *key_salt;    /* the secret file that keys them: 32 bytes and more */
    const hezhun_mapping *mapping; /* of the submission's columns; NULL: they have the profile's names */
    const char *const *waivers;    /* files of waivers (docs/language.md, Waivers), besides those of the profile */
    size_t waivers_count;
    void (*diagnostic)(const hezhun_diagnostic *diagnostic, void *payload); /* of those files and of a manifest; may be
                                                                               NULL */
    void *diagnostic_payload;
    const char *xsd; /* a file: the XML Schema that XML has to fit too (docs/inputs.md); NULL: none */
    const char *manifest; /* of the submission (docs/manifest.md); NULL: the one that lies in a folder of `inputs` */
    bool no_manifest;     /* not even that */
} hezhun_check_options;
#define HEZHUN_CHECK_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        1, NULL, 0, NULL, 0, NULL, NULL, -1, 0, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, false, NULL, NULL, NULL,     \
            NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, false                                       \
    }

/* What can be told without a profile: HEZHUN_E_USAGE for an as_of, fail_on, max_examples or form of findings that
 * cannot be. hezhun_check does this too. */
HZ_API_CHECKED hezhun_status hezhun_check_options_test(const hezhun_check_options *options, hezhun_error *err);

typedef struct hezhun_result hezhun_result;
/* Checks a submission. Data that breaks rules is no error: HEZHUN_OK, and the result says what. HEZHUN_E_USAGE: a
 * table, parameter, date or grade that the profile does not know, or one that it wants. HEZHUN_E_SOURCE: no data, or a
 * source that cannot be opened. HEZHUN_E_PROFILE: a file of waivers is wrong. HEZHUN_E_IO: findings that cannot be
 * written, too. Owned: hezhun_result_free. */
HZ_API_CHECKED hezhun_status hezhun_check(hezhun_result **out, const hezhun_profile *profile,
                                          const hezhun_check_options *options, hezhun_error *err);
HZ_API void hezhun_result_free(hezhun_result *result);

HZ_API bool hezhun_result_conformant(const hezhun_result *result);
/* False when a rule ended in error or a limit was hit. */
HZ_API bool hezhun_result_complete(const hezhun_result *result);
/* The grade's name. */
HZ_API hezhun_text hezhun_result_grade(const hezhun_result *result);
/* "96.512345", a decimal text with 6 digits after the point; "" when no rule was evaluated. */
HZ_API const char *hezhun_result_score(const hezhun_result *result);
/* As `hezhun check` has it: 0 conformant, 1 not (by fail_on), 5 not complete. */
HZ_API int hezhun_result_exit_status(const hezhun_result *result);
/* Records of the submission, bad rows included, and those of them with an error. Either may be NULL. */
HZ_API void hezhun_result_records(const hezhun_result *result, uint64_t *records, uint64_t *with_errors);

/* ---- reports ---- */

typedef struct hezhun_render_options {
    unsigned version;
    hezhun_lang lang;
    bool reveal;       /* personal data is not masked; the report says so */
    bool color;        /* text only */
    bool reproducible; /* without the run block: same input, same bytes */
    unsigned width;    /* of text, in terminal cells; 0: 100 */
} hezhun_render_options;
#define HEZHUN_RENDER_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        1, HEZHUN_ZH, false, false, false, 0                                                                           \
    }

/* The whole report. HEZHUN_E_USAGE for an unknown format. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_render(hezhun_bytes *out, const hezhun_result *result, const char *format,
                                           const hezhun_render_options *options, hezhun_error *err);

/* How the run went, as text: stages, keys, columns carried, rows, bytes, times, the slowest rules. HEZHUN_E_USAGE: the
 * check was not asked to note it. reproducible: only what is the same in every run. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_explain(hezhun_bytes *out, const hezhun_result *result, hezhun_lang lang,
                                            bool reproducible, hezhun_error *err);

/* The same in pieces, little of it in memory at once. `write` gives back false when it cannot go on: HEZHUN_E_IO. */
typedef bool hezhun_write(void *payload, hezhun_text bytes);
HZ_API_CHECKED hezhun_status hezhun_render_to(hezhun_write *write, void *payload, const hezhun_result *result,
                                              const char *format, const hezhun_render_options *options,
                                              hezhun_error *err);

typedef struct hezhun_report {
    const char *format, *path;
    const hezhun_render_options *options; /* NULL: the usual */
} hezhun_report;
/* Reports to files, as hezhun_write_files writes them and in pieces as hezhun_render_to. */
HZ_API_CHECKED hezhun_status hezhun_render_files(const hezhun_report *reports, size_t count,
                                                 const hezhun_result *result, hezhun_error *err);

typedef struct hezhun_file {
    const char *path;
    hezhun_text bytes;
} hezhun_file;
/* Writes files so that there is never half a file: each to a temporary name beside it; when all are written, each is
 * synchronised and renamed. On an error no target that was not yet renamed is touched and no temporary file stays. */
HZ_API_CHECKED hezhun_status hezhun_write_files(const hezhun_file *files, size_t count, hezhun_error *err);

/* ---- a profile's own tests ---- */

typedef struct hezhun_test_options {
    unsigned version;
    const hezhun_param *params;
    size_t params_count;
    const char *as_of;           /* YYYY-MM-DD; NULL: `as_of` of `x-examples` in the profile, else the profile's */
    unsigned threads;            /* 0: the machine's */
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_test_options;
#define HEZHUN_TEST_OPTIONS_INIT                                                                                       \
    {                                                                                                                  \
        1, NULL, 0, NULL, 0, NULL                                                                                      \
    }

typedef struct hezhun_tests hezhun_tests;
/* Tries the examples of every rule and measure, and the folders tests/NAME beside the profile (docs/language.md, Tests
 * of a profile). HEZHUN_OK whether they hold or not. HEZHUN_E_USAGE: a day or parameter is missing, unknown or wrong.
 * HEZHUN_E_PROFILE: an expected.yaml or x-examples is. Owned: hezhun_tests_free; the profile must outlive it. */
HZ_API_CHECKED hezhun_status hezhun_test(hezhun_tests **out, const hezhun_profile *profile,
                                         const hezhun_test_options *options, hezhun_error *err);
HZ_API void hezhun_tests_free(hezhun_tests *tests);
/* Whether all held. examples: of them all; held: of them. Either may be NULL; folders count as one example each. */
HZ_API bool hezhun_tests_held(const hezhun_tests *tests, uint64_t *examples, uint64_t *held);
/* "text", "junit", "tap"; NULL past the last. Static storage. */
HZ_API const char *hezhun_tests_format(size_t index);

typedef struct hezhun_tests_render_options {
    unsigned version;
    hezhun_lang lang;
    bool quiet;    /* text: only what did not hold */
    bool coverage; /* text: a line a rule with what it was seen to do */
} hezhun_tests_render_options;
#define HEZHUN_TESTS_RENDER_OPTIONS_INIT                                                                               \
    {                                                                                                                  \
        1, HEZHUN_ZH, false, false                                                                                     \
    }
/* The tests of one or more profiles in one document. HEZHUN_E_USAGE for an unknown format. Free with
 * hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_tests_render(hezhun_bytes *out, const hezhun_tests *const *tests, size_t count,
                                                 const char *format, const hezhun_tests_render_options *options,
                                                 hezhun_error *err);

/* ---- data from a profile ---- */

typedef struct hezhun_defect {
    const char *rule;
    uint64_t count;
} hezhun_defect;

typedef struct hezhun_generate_options {
    unsigned version;
    const char *table; /* whose rows are counted; NULL: the profile's first */
    uint64_t rows;     /* of it */
    uint64_t seed;
    const char *defects_rate;     /* defects a row, "0.01", rules in turns; NULL: none */
    const hezhun_defect *defects; /* these rules, so often; then the rate says nothing */
    size_t defects_count;
    const hezhun_param *params;
    size_t params_count;
    const char *as_of;           /* YYYY-MM-DD; NULL: the profile's, or `as_of` of its `x-examples` */
    const char *region;          /* division code that all lies below; NULL: anywhere */
    unsigned periods;            /* 1 to 3: earlier ones go to folder/previous and folder/previous2 */
    const char *folder;          /* where to; made when it is not there */
    const char *answers;         /* a CSV with the planted defects; NULL: none */
    unsigned threads;            /* 0: the machine's */
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_generate_options;
#define HEZHUN_GENERATE_OPTIONS_INIT                                                                                   \
    {                                                                                                                  \
        1, NULL, 1000, 1, NULL, NULL, 0, NULL, 0, NULL, NULL, 1, NULL, NULL, 0, NULL                                   \
    }

typedef struct hezhun_generated hezhun_generated;
/* Writes a plausible submission that breaks no rule of severity error but where defects are asked for: a CSV a table
 * (docs/generate.md). The same profile, options and seed give the same bytes. HEZHUN_E_USAGE: a table, rule, day,
 * parameter or region is unknown or missing. HEZHUN_E_LIMIT: the rules could not be satisfied; the notes say which.
 * Owned, also after an error (NULL when there was no memory): hezhun_generated_free; the profile must outlive it. */
HZ_API_CHECKED hezhun_status hezhun_generate(hezhun_generated **out, const hezhun_profile *profile,
                                             const hezhun_generate_options *options, hezhun_error *err);
HZ_API void hezhun_generated_free(hezhun_generated *generated);

typedef struct hezhun_generated_count {
    hezhun_text table;                  /* whose rows were counted; borrowed from the profile */
    uint64_t counted_rows, rows, bytes; /* of it; of all tables and periods */
    uint64_t defects;                   /* planted */
    bool short_of_defects;              /* some that were asked for could not be planted */
} hezhun_generated_count;
HZ_API void hezhun_generated_counts(const hezhun_generated *generated, hezhun_generated_count *out);
/* What could not be done, a line each; NULL past the last. Borrowed until the next call. */
HZ_API const char *hezhun_generated_note(hezhun_generated *generated, size_t index, hezhun_lang lang);

/* ---- a draft tried out ---- */

typedef struct hezhun_pilot_options {
    unsigned version;
    const char *const *submissions; /* files or folders, each a submission of its own */
    size_t submissions_count;
    const hezhun_param *params; /* go to the profile that has them */
    size_t params_count;
    const char *as_of; /* YYYY-MM-DD; NULL: none */
    unsigned threads;  /* 0: the machine's */
    uint64_t memory_bytes;
    const char *temp; /* as of a check */
    uint64_t sample;  /* fresh findings drawn for review; 0: none */
    uint64_t seed;
    const char *reviewed; /* a sheet that was filled in; NULL: none */
    const char *vendors;  /* a CSV with columns name and vendor; NULL: none */
    const char *changes;  /* a CSV of every finding that is fresh or gone; NULL: none */
    hezhun_lang lang;     /* of sheet and changes */
    bool reveal;
    void (*progress)(const hezhun_progress *progress, void *payload); /* may be NULL */
    void *payload;
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_pilot_options;
#define HEZHUN_PILOT_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        1, NULL, 0, NULL, 0, NULL, 0, 0, NULL, 0, 1, NULL, NULL, NULL, HEZHUN_ZH, false, NULL, NULL, NULL              \
    }
typedef struct hezhun_pilot hezhun_pilot;
/* Judges each submission by both profiles (docs/pilot.md): the baseline as it is in force, the draft with its draft and
 * pilot rules in force. A submission that cannot be read is part of the result; HEZHUN_E_SOURCE when none can.
 * HEZHUN_E_USAGE: a day or parameter is missing or wrong. Both profiles must outlive it. Owned: hezhun_pilot_free. */
HZ_API_CHECKED hezhun_status hezhun_pilot_run(hezhun_pilot **out, const hezhun_profile *baseline,
                                              const hezhun_profile *draft, const hezhun_pilot_options *options,
                                              hezhun_error *err);
HZ_API void hezhun_pilot_free(hezhun_pilot *pilot);
/* Submissions that could not be read. */
HZ_API uint64_t hezhun_pilot_unread(const hezhun_pilot *pilot);
/* The sheet for review, a CSV to be filled in. Borrowed. */
HZ_API hezhun_text hezhun_pilot_sheet(const hezhun_pilot *pilot);
/* "text", "json", "html"; NULL past the last. Static storage. */
HZ_API const char *hezhun_pilot_format(size_t index);
HZ_API_CHECKED hezhun_status hezhun_pilot_render(hezhun_bytes *out, const hezhun_pilot *pilot, const char *format,
                                                 hezhun_lang lang, hezhun_error *err);

/* ---- a profile from data ---- */

typedef struct hezhun_infer_options {
    unsigned version;
    const char *const *paths; /* data files, a table each */
    size_t paths_count;
    const char *id; /* of the profile; NULL: draft.inferred */
    unsigned threads;
    uint64_t memory_bytes; /* 0: 256 MiB */
    const char *temp;
    hezhun_lang lang;            /* of comments */
    const hezhun_cancel *cancel; /* may be NULL */
} hezhun_infer_options;
#define HEZHUN_INFER_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        1, NULL, 0, NULL, 0, 0, NULL, HEZHUN_ZH, NULL                                                                  \
    }
/* A first draft of a profile, as YAML (docs/infer.md). HEZHUN_E_SOURCE: data that cannot be read. Free with
 * hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_infer(hezhun_bytes *out, hezhun_context *context,
                                          const hezhun_infer_options *options, hezhun_error *err);

/* ---- what there is to say about a profile ---- */

typedef struct hezhun_lint hezhun_lint;
/* Loads a profile and looks for more than mistakes: rules that are dead, doubled or untested, what nothing reads, what
 * has no title, what costs (docs/lint.md). HEZHUN_OK whatever there is to say, a profile with mistakes too.
 * HEZHUN_E_PROFILE: the file cannot be read. Owned: hezhun_lint_free. */
HZ_API_CHECKED hezhun_status hezhun_lint_run(hezhun_lint **out, hezhun_context *context, const char *path,
                                             hezhun_error *err);
/* The same, and what can be proved of the rules (docs/lint.md, --deep): contradictions, rules that follow from others,
 * that never apply or never fail, each with a record that shows it. seconds: for the proofs of all rules.
 * HEZHUN_E_USAGE in a build without Z3, HEZHUN_E_CANCELLED. */
HZ_API_CHECKED hezhun_status hezhun_lint_deep(hezhun_lint **out, hezhun_context *context, const char *path,
                                              uint64_t seconds, const hezhun_cancel *cancel, hezhun_error *err);
/* False when the seconds were over before all was asked. */
HZ_API bool hezhun_lint_complete(const hezhun_lint *lint);
/* The same of a mapping or a manifest, held to a profile. */
HZ_API_CHECKED hezhun_status hezhun_lint_mapping(hezhun_lint **out, const hezhun_profile *profile, const char *path,
                                                 hezhun_error *err);
HZ_API void hezhun_lint_free(hezhun_lint *lint);
/* How much there is to say at this level. */
HZ_API uint64_t hezhun_lint_count(const hezhun_lint *lint, hezhun_level level);
/* Whether the profile loads. */
HZ_API bool hezhun_lint_loads(const hezhun_lint *lint);
/* "text", "json", "sarif"; NULL past the last. Static storage. */
HZ_API const char *hezhun_lint_format(size_t index);
/* What there is to say about one or more profiles in one document. quiet: text, errors only. HEZHUN_E_USAGE for an
 * unknown format. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_lint_render(hezhun_bytes *out, const hezhun_lint *const *lints, size_t count,
                                                const char *format, hezhun_lang lang, bool quiet, hezhun_error *err);

/* ---- a profile for people ---- */

/* "md"; NULL past the last. Static storage. */
HZ_API const char *hezhun_doc_format(size_t index);
/* One or more profiles written down in one document: so far the head of each, the table of its rules and that of its
 * measures. lang is that of the headings; titles stand in both languages. HEZHUN_E_USAGE for an unknown format. Free
 * with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_doc(hezhun_bytes *out, const hezhun_profile *const *profiles, size_t count,
                                        const char *format, hezhun_lang lang, hezhun_error *err);

/* "xsd"; NULL past the last. Static storage. */
HZ_API const char *hezhun_export_format(size_t index);
/* The profile in a form that other tools read: "xsd", an XML Schema of its tables. HEZHUN_E_USAGE for an unknown
 * format. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_export(hezhun_bytes *out, const hezhun_profile *profile, const char *format,
                                           hezhun_error *err);

/* One rule of a profile in words, as text: what it says, reads and costs, where it comes from, its history and
 * examples; rule NULL: every rule. HEZHUN_E_USAGE: there is no such rule. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_explain_rule(hezhun_bytes *out, const hezhun_profile *profile, const char *rule,
                                                 hezhun_lang lang, hezhun_error *err);

/* One finding of a JSON report, evaluated again on the submission (inputs, previous and mapping of options): the
 * record's values, then each part of the rule's condition and assertion with its value. Day and parameters are the
 * report's where options give none. Personal values are masked unless reveal. HEZHUN_E_USAGE: the report shows no
 * finding with this fingerprint, the profile no such rule, or the submission no such finding any more. Free with
 * hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_explain_finding(hezhun_bytes *out, const hezhun_profile *profile,
                                                    const char *report, const char *fingerprint,
                                                    const hezhun_check_options *options, bool reveal, hezhun_lang lang,
                                                    hezhun_error *err);

/* The text of a small profile to begin with: it lints clean and its examples hold. HEZHUN_E_USAGE: no dotted id. Free
 * with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_template(hezhun_bytes *out, const char *id, hezhun_error *err);

/* ---- two versions of a profile ---- */

typedef struct hezhun_diff hezhun_diff;
/* What changed from before to after, each change classed as breaking, loosening, undetermined, tightening or editorial.
 * Both profiles are borrowed. Owned: hezhun_diff_free. */
HZ_API_CHECKED hezhun_status hezhun_diff_run(hezhun_diff **out, const hezhun_profile *before,
                                             const hezhun_profile *after, hezhun_error *err);
/* The same; conditions and assertions of which neither is shown are compared by Z3, too. HEZHUN_E_USAGE in a build
 * without it. */
HZ_API_CHECKED hezhun_status hezhun_diff_deep(hezhun_diff **out, const hezhun_profile *before,
                                              const hezhun_profile *after, hezhun_error *err);
HZ_API void hezhun_diff_free(hezhun_diff *diff);
HZ_API uint64_t hezhun_diff_count(const hezhun_diff *diff);
/* "text", "json", "md"; NULL past the last. Static storage. */
HZ_API const char *hezhun_diff_format(size_t index);
/* HEZHUN_E_USAGE for an unknown format. Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_diff_render(hezhun_bytes *out, const hezhun_diff *diff, const char *format,
                                                hezhun_lang lang, hezhun_error *err);

/* ---- stored results ---- */

typedef struct hezhun_stored_options {
    unsigned version;
    bool regrade;        /* the profile is another one: grade anew by its grading */
    const char *fail_on; /* as of a check */
    /* of a merge only */
    const char *const *key_digests; /* files that checks of the parts wrote, in any order: keys across parts */
    size_t key_digests_count;
    const char *collisions; /* a folder: a CSV for each part, of its records whose keys other parts have; NULL: none */
} hezhun_stored_options;
#define HEZHUN_STORED_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        1, false, NULL, NULL, 0, NULL                                                                                  \
    }
/* A JSON report becomes a result again: every format can be made of it (docs/report.md, Stored reports, says what does
 * not come back). HEZHUN_E_SOURCE: no report. HEZHUN_E_USAGE: the profile is not the one of the run. */
HZ_API_CHECKED hezhun_status hezhun_result_open(hezhun_result **out, const hezhun_profile *profile, const char *path,
                                                const hezhun_stored_options *options, hezhun_error *err);
/* Results of parts (counties), as JSON reports of runs by this profile, become one: counts add up, regions are united,
 * verdict and grade made anew; what cannot be merged is not checked and said so (docs/report.md, Merged reports).
 * max_examples: findings kept for each rule, -1: the limit. HEZHUN_E_USAGE: parts that do not go together,
 * or key digests that are not theirs. */
HZ_API_CHECKED hezhun_status hezhun_merge(hezhun_result **out, const hezhun_profile *profile, const char *const *paths,
                                          size_t count, int64_t max_examples, const hezhun_stored_options *options,
                                          hezhun_error *err);
/* Earlier results of the same profile (by id) go into a result, for its trend: JSON reports, or folders of them. Call
 * it once, before rendering. HEZHUN_E_USAGE: a result of another profile. HEZHUN_E_SOURCE: no report. */
HZ_API_CHECKED hezhun_status hezhun_result_trend(hezhun_result *result, const char *const *paths, size_t count,
                                                 hezhun_error *err);
/* The language of its messages. */
HZ_API hezhun_lang hezhun_result_lang(const hezhun_result *result);

/* ---- watching a folder ---- */

typedef enum hezhun_watch_kind {
    HEZHUN_WATCH_CHECKED,    /* reports are written, and what is to be posted waits for it */
    HEZHUN_WATCH_UNREADABLE, /* it could not be checked, and will not be until it changes */
    HEZHUN_WATCH_LATER,      /* disk or memory failed: it is tried again */
    HEZHUN_WATCH_POSTED,
    HEZHUN_WATCH_UNSENT /* a post failed: it is tried again */
} hezhun_watch_kind;

/* All of it is borrowed for the time of the call. */
typedef struct hezhun_watch_event {
    hezhun_watch_kind kind;
    hezhun_text name; /* of the submission; empty: of a post */
    const char *id;   /* of submission and post, 32 hex digits */
    hezhun_text text; /* for people, without a line end; safe for a terminal */
} hezhun_watch_event;

typedef struct hezhun_watch_options {
    unsigned version;
    const char *folder;                /* where submissions arrive */
    const char *out;                   /* where reports go: a folder for each submission; NULL: FOLDER.reports */
    const hezhun_check_options *check; /* of every check, but inputs, baseline, findings and acknowledge; NULL */
    const char *const *formats;        /* reports besides JSON */
    size_t formats_count;
    const hezhun_render_options *render; /* NULL: the usual; never reveals */
    unsigned quiet_seconds;              /* a submission that has not changed so long is whole */
    bool marked_only;                    /* only one with a marker is whole */
    bool once;                           /* what is whole now, then end */
    const char *webhook;                 /* http or https address; NULL: nothing is posted */
    const char *webhook_secret;          /* file */
    const char *webhook_authorities;     /* PEM file of those who vouch for the receiver; NULL: the system's */
    bool post_all;                       /* post results without new errors too */
    void (*event)(const hezhun_watch_event *event, void *payload); /* may be NULL */
    void *payload;
    const hezhun_cancel *cancel; /* ends the watch; may be NULL */
} hezhun_watch_options;
#define HEZHUN_WATCH_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        1, NULL, NULL, NULL, NULL, 0, NULL, 10, false, false, NULL, NULL, NULL, false, NULL, NULL, NULL                \
    }

typedef struct hezhun_watched {
    uint64_t checked, not_conformant, incomplete, unreadable; /* submissions */
    uint64_t waiting;                                         /* submissions that are not whole or had to wait */
    uint64_t unsent;                                          /* posts */
} hezhun_watched;

/* Checks each submission that arrives in a folder and posts its new errors (docs/watch.md), until cancelled: then
 * HEZHUN_OK. What was under way when the process ends, however, is done by the next watch on the same `out`.
 * HEZHUN_E_USAGE: options that cannot be, another watch runs there, or the profile wants a parameter or day.
 * HEZHUN_E_SOURCE: no folder. HEZHUN_E_IO: the folder, or what lies in `out`, cannot be read. `out_counts` may be NULL.
 */
HZ_API_CHECKED hezhun_status hezhun_watch(hezhun_watched *out_counts, const hezhun_profile *profile,
                                          const hezhun_watch_options *options, hezhun_error *err);

/* ---- certification ---- */

typedef struct hezhun_keygen_options {
    unsigned version;
    const char *algorithm;                /* "ed25519" or "sm2"; NULL: ed25519 */
    const char *name;                     /* whose key it is; NULL: none */
    const char *valid_from, *valid_until; /* YYYY-MM-DD; NULL: today, three years later */
    const char *passphrase_file;          /* its first line protects the secret key; NULL: none */
    int64_t now;                          /* seconds since 1970-01-01 UTC */
} hezhun_keygen_options;
#define HEZHUN_KEYGEN_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        1, NULL, NULL, NULL, NULL, NULL, 0                                                                             \
    }
/* Makes PATH.key (mode 0600) and PATH.pub, which a verifier needs; id: its 32 hex digits and a NUL, may be NULL.
 * HEZHUN_E_USAGE when one of them is there already, or for a word that is not known. */
HZ_API_CHECKED hezhun_status hezhun_keygen(char id[33], const char *path, const hezhun_keygen_options *options,
                                           hezhun_error *err);

typedef struct hezhun_certify_options {
    unsigned version;
    const char *result;          /* a JSON report */
    const char *key;             /* a secret key */
    const char *passphrase_file; /* NULL: none */
    const char *previous;        /* a certificate of the last submission, to name one that is unchanged; NULL: none */
    int64_t now;                 /* the time of issue, seconds since 1970-01-01 UTC */
} hezhun_certify_options;
#define HEZHUN_CERTIFY_OPTIONS_INIT                                                                                    \
    {                                                                                                                  \
        1, NULL, NULL, NULL, NULL, 0                                                                                   \
    }
typedef struct hezhun_certificate hezhun_certificate;
/* Signs a stored result. HEZHUN_OK whether it may be certified or not: see hezhun_certificate_refusals. HEZHUN_E_USAGE:
 * a key that cannot be used. HEZHUN_E_SOURCE: no report. Owned: hezhun_certificate_free. */
HZ_API_CHECKED hezhun_status hezhun_certify(hezhun_certificate **out, hezhun_context *context,
                                            const hezhun_certify_options *options, hezhun_error *err);
HZ_API void hezhun_certificate_free(hezhun_certificate *certificate);
/* Reasons against it; 0: it is signed. */
HZ_API size_t hezhun_certificate_refusals(const hezhun_certificate *certificate);
/* The reason at index, or what to do about it, written as hezhun_error_message does. */
HZ_API size_t hezhun_certificate_refusal(char *into, size_t room, const hezhun_certificate *certificate, size_t index,
                                         bool advice, hezhun_lang lang);
/* "json", the certificate itself, or "html", one A4 page. HEZHUN_E_USAGE for another word, or when it is not signed.
 * Free with hezhun_bytes_free. */
HZ_API_CHECKED hezhun_status hezhun_certificate_render(hezhun_bytes *out, const hezhun_certificate *certificate,
                                                       const char *format, hezhun_lang lang, hezhun_error *err);

typedef struct hezhun_verify_options {
    unsigned version;
    const char *const *certificates; /* files, or folders of .json files */
    size_t certificates_count;
    const char *const *keys; /* public keys, or folders of .pub files */
    size_t keys_count;
    const char *result; /* held against the one certificate; NULL: not asked */
    const char *data;   /* the folder of its data, likewise */
} hezhun_verify_options;
#define HEZHUN_VERIFY_OPTIONS_INIT                                                                                     \
    {                                                                                                                  \
        1, NULL, 0, NULL, 0, NULL, NULL                                                                                \
    }
typedef enum hezhun_proof {
    HEZHUN_PROOF_HOLDS,     /* all of it is as it was signed, by a key that was given */
    HEZHUN_PROOF_FAILS,     /* something was changed or is missing, or the key does not count */
    HEZHUN_PROOF_OPEN,      /* no key was given that could tell */
    HEZHUN_PROOF_UNREADABLE /* no certificate */
} hezhun_proof;
typedef struct hezhun_proofs hezhun_proofs;
/* HEZHUN_OK whatever is found. Owned: hezhun_proofs_free. */
HZ_API_CHECKED hezhun_status hezhun_verify(hezhun_proofs **out, hezhun_context *context,
                                           const hezhun_verify_options *options, hezhun_error *err);
HZ_API void hezhun_proofs_free(hezhun_proofs *proofs);
/* The worst of them: fails, unreadable, open, holds. */
HZ_API hezhun_proof hezhun_proofs_state(const hezhun_proofs *proofs);
/* "text", "json"; NULL past the last. Static storage. */
HZ_API const char *hezhun_proofs_format(size_t index);
HZ_API_CHECKED hezhun_status hezhun_proofs_render(hezhun_bytes *out, const hezhun_proofs *proofs, const char *format,
                                                  hezhun_lang lang, hezhun_error *err);

/* ---- code lists ---- */

typedef struct hezhun_list hezhun_list;
/* Ids in bytewise order; empty past the last. */
HZ_API hezhun_text hezhun_list_id(hezhun_context *context, size_t index);
/* By id or alias. HEZHUN_E_USAGE when there is none (the hint names the nearest), HEZHUN_E_PROFILE when it cannot be
 * read. *out is borrowed from context. */
HZ_API_CHECKED hezhun_status hezhun_list_find(const hezhun_list **out, hezhun_context *context, const char *id,
                                              hezhun_error *err);
/* In lang, else in the other language, else the id. */
HZ_API hezhun_text hezhun_list_title(const hezhun_list *list, hezhun_lang lang);
HZ_API size_t hezhun_list_count(const hezhun_list *list); /* rows; a code may stand on several */

typedef struct hezhun_code {
    hezhun_text code, name_zh, name_en, parent; /* borrowed from the list; empty when there is none */
    int32_t valid_from, valid_to; /* days since 1970-01-01: valid when from <= day < to; INT32_MIN, INT32_MAX: open */
} hezhun_code;
/* The row at index < hezhun_list_count. */
HZ_API void hezhun_list_code(hezhun_code *out, const hezhun_list *list, size_t index);

#ifdef __cplusplus
}
#endif
#endif
