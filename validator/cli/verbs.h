/* verbs.h: the verbs, a file each. A verb reads its options, works through hezhun.h, and returns the exit status. */
#ifndef HZ_CLI_VERBS_H
#define HZ_CLI_VERBS_H
#include "validator/cli/opt.h"
#include "validator/cli/reports.h"
#include "validator/cli/terminal.h"

extern const hz_verb hz_verb_check, hz_verb_lint, hz_verb_test, hz_verb_doc, hz_verb_generate, hz_verb_codes;
extern const hz_verb hz_verb_export, hz_verb_map, hz_verb_manifest;
extern const hz_verb hz_verb_pilot, hz_verb_infer, hz_verb_keygen, hz_verb_certify, hz_verb_verify, hz_verb_render,
    hz_verb_merge, hz_verb_watch;
extern const hz_verb hz_verb_explain, hz_verb_diff, hz_verb_new, hz_verb_help_;

/* All verbs, in the order of the help. */
const hz_verb *const *hz_verbs(size_t *count);
const hz_verb *hz_verb_named(const char *name); /* NULL: there is none */
/* Help of the program. */
void hz_main_help(hz_buf *out, hz_lang lang);
/* Neither verb nor topic: tells the nearest. */
int hz_say_unknown_verb(const char *word, hz_lang lang);
/* Topics of `help`: names (NULL past the last), one with its text, all with their titles. */
const char *hz_topic(size_t index);
void hz_topic_put(hz_buf *out, size_t index, hz_lang lang);
void hz_topics_put(hz_buf *out, hz_lang lang);

/* Raised by SIGINT and SIGTERM once hz_interrupt_watch was called; a second signal ends the program at once. NULL when
 * there is no memory. */
hezhun_cancel *hz_interrupt_watch(void);

/* Seconds since 1970-01-01 UTC: $SOURCE_DATE_EPOCH where it is set (reproducible runs), else the clock. */
int64_t hz_now(void);

/* A usage error, with the advice where to find help. */
int hz_say_usage(const hz_error *err, const hz_verb *verb, hz_lang lang);

/* The folder that installed profiles are in is HZ_PROFILES_DIR. A path for `name`, owned (hz_buf_clear): an existing
 * file or folder (its profile.yaml); else NAME/profile.yaml, NAME.yaml or NAME in the folders of $HEZHUN_PROFILES
 * (separated by ':'), in HZ_PROFILES_DIR, in ./profiles. HZ_E_PROFILE, naming where it looked. */
HZ_NODISCARD hz_status hz_profile_find(hz_buf *path, const char *name, hz_error *err);

/* Loads a profile, the first from a path, the other by what hz_profile_find makes of a name; its mistakes are told. The
 * exit status. Owned: hezhun_profile_free. */
/* The same of a mapping. */
int hz_load_mapping(hezhun_mapping **out, const hezhun_profile *profile, const char *path, hezhun_error *problem,
                    hz_lang lang);
/* A diagnostic of a profile or of waivers, to standard error when it is an error. */
void hz_say_mistake(const hezhun_diagnostic *said, void *payload);
int hz_load_found(hezhun_profile **out, hezhun_context *context, const char *path, hezhun_error *problem, hz_lang lang);
int hz_load_profile(hezhun_profile **out, hezhun_context *context, const char *name, hezhun_error *problem,
                    hz_lang lang);

/* The context from the values of --lists, --profiles (id 0: the verb has none) and --limit. On a mistake: told, *out
 * NULL. The exit status. Owned: hezhun_context_close. */
int hz_context_of(hezhun_context **out, const hz_opts *opts, int lists_id, int profiles_id, int limit_id,
                  hz_arena *arena, hezhun_error *problem, hz_lang lang);
#endif
