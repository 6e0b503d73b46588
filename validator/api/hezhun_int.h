/* hezhun_int.h: what the files of the public interface share: the objects behind its handles, and how errors, texts and
 * versions pass the border. */
#ifndef HZ_API_HEZHUN_INT_H
#define HZ_API_HEZHUN_INT_H
#include "base/cancel.h"
#include "profiles/load.h"
#include "profiles/manifest.h"
#include "profiles/mapping.h"
#include "profiles/waivers.h"
#include "reports/grade.h"
#include "validator/api/hezhun.h"
#include "validator/tasks/stored.h"

enum { OPTIONS_VERSION = 1 };

struct hezhun_error {
    hz_error error;
};

struct hezhun_cancel {
    hz_cancel flag;
};

struct hezhun_context {
    hz_lists *lists;
    hz_limits limits;
    char *profiles_dir; /* NULL: none */
    hz_lang lang;
};

struct hezhun_profile {
    hz_profile *profile;
    hezhun_context *context; /* borrowed */
};

struct hezhun_mapping {
    hz_mapping *mapping;
};

struct hezhun_result {
    hz_result *result;
    hz_limits limits;   /* the run's */
    hz_fail_on fail_on; /* grade is borrowed from the profile */
    char score[48];
    hz_stored *stored; /* of a report read back: owned, and what result borrows from; NULL: a run's own */
    bool revealed;     /* its values are not masked */
    bool no_run;       /* it has no block of the run */
};

static inline hz_error *inner(hezhun_error *err)
{
    if (!err)
        return NULL;
    hz_error_clear(&err->error);
    return &err->error;
}

static inline hezhun_status outer(hz_status st)
{
    return (hezhun_status)(st == HZ_END ? HZ_OK : st);
}

static inline hezhun_text text_of(hz_slice slice)
{
    return (hezhun_text){slice.ptr, slice.len};
}

static inline hz_status wanted(const void *argument, const char *name, hz_error *err)
{
    return argument ? HZ_OK : hz_fail(err, HZ_E_USAGE, HZ_M(API_ARGUMENT), HZ_Z(name));
}

static inline hz_status version_known(unsigned version, hz_error *err)
{
    return version >= 1 && version <= OPTIONS_VERSION
               ? HZ_OK
               : hz_fail(err, HZ_E_USAGE, HZ_M(API_VERSION), HZ_U(version), HZ_U(OPTIONS_VERSION));
}

/* What makes the exit status 1, by a word or NULL; HZ_E_USAGE for a word or a grade that is not known. */
HZ_NODISCARD hz_status hz_api_fail_on(hz_fail_on *out, const char *text, const hz_profile *profile, hz_error *err);
/* Hands diagnostics over in the context's language. */
HZ_NODISCARD hz_status hz_api_tell(const hz_diags *diags, hz_lang lang, const hezhun_load_options *options,
                                   hz_error *err);
/* The text that hezhun_result_score gives. */
HZ_NODISCARD hz_status hz_api_keep_score(hezhun_result *result, hz_error *err);
/* YYYY-MM-DD; HZ_E_USAGE. */
HZ_NODISCARD hz_status hz_api_day(int32_t *day, const char *text, hz_error *err);
/* hezhun_waivers.c: what options.waivers hold; zero it before. */
typedef struct hz_api_waivers {
    hz_waiver_file *files; /* as options.waivers */
    size_t files_count;
    hz_waiver *all; /* of all of them */
    size_t count;
} hz_api_waivers;
HZ_NODISCARD hz_status hz_api_waivers_take(hz_api_waivers *in, const hezhun_profile *profile,
                                           const hezhun_check_options *options, hz_error *err);
void hz_api_waivers_clear(hz_api_waivers *in);
/* hezhun_manifest.c: the manifest of a check; *out NULL: it has none. Owned. A wrong one is HZ_E_SOURCE. */
HZ_NODISCARD hz_status hz_api_manifest_take(hz_manifest **out, const hezhun_profile *profile,
                                            const hezhun_check_options *options, hz_error *err);
#endif
