/* stored.h: verbs that make a result of stored reports and write it: merge and render. They share their options, their
 * order of work and what is released at the end; each adds its own words and how the result is made. */
#ifndef HZ_CLI_STORED_H
#define HZ_CLI_STORED_H
#include "validator/cli/verbs.h"

enum {
    HZ_STORED_PROFILE = 1,
    HZ_STORED_REPORT,
    HZ_STORED_FAIL_ON,
    HZ_STORED_TREND,
    HZ_STORED_COLOR,
    HZ_STORED_LISTS,
    HZ_STORED_PROFILES,
    HZ_STORED_LIMIT,
    HZ_STORED_OWN /* the verb's own options begin here */
};
#define HZ_STORED_OPTION_PROFILE                                                                                       \
    {                                                                                                                  \
        HZ_STORED_PROFILE, "profile", 'p', false, HZ_MSG_OPT_V_PROFILE, NULL, HZ_MSG_OPT_RENDER_PROFILE, NULL          \
    }
#define HZ_STORED_OPTIONS_REPORT                                                                                       \
    {HZ_STORED_TREND, "trend", 0, true, HZ_MSG_OPT_V_FILE, NULL, HZ_MSG_OPT_TREND, NULL},                              \
        {HZ_STORED_REPORT, "report", 0, true, HZ_MSG_OPT_V_REPORT, NULL, HZ_MSG_OPT_REPORT, hezhun_format},            \
    {                                                                                                                  \
        HZ_STORED_FAIL_ON, "fail-on", 0, false, HZ_MSG_OPT_V_FAIL_ON, NULL, HZ_MSG_OPT_FAIL_ON, NULL                   \
    }
#define HZ_STORED_OPTIONS_REST                                                                                         \
    {HZ_STORED_COLOR, "color", 0, false, HZ_MSG_OPT_V_WHEN, hz_color_words, HZ_MSG_OPT_COLOR, NULL},                   \
        {HZ_STORED_LISTS, "lists", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_LISTS, NULL},                       \
        {HZ_STORED_PROFILES, "profiles", 0, false, HZ_MSG_OPT_V_FOLDER, NULL, HZ_MSG_OPT_PROFILES, NULL},              \
        {HZ_STORED_LIMIT, "limit", 0, true, HZ_MSG_OPT_V_LIMIT, NULL, HZ_MSG_OPT_LIMIT, NULL}, HZ_OPTIONS_OF_ALL

/* 0 to 5. */
extern const struct hz_verb_status hz_stored_statuses[6];

typedef struct hz_stored_job {
    const hz_opts *opts;
    hz_lang lang; /* of the terminal */
    hz_arena *arena;
    hezhun_error *problem;
    hz_error err;
    const char *profile_name;
    hezhun_stored_options how;
    int64_t max_examples;
    const char *const *trend; /* earlier results */
    size_t trend_count;
    hezhun_render_options face;
    hz_lang spoken; /* by text on a terminal */
    hz_reports reports;
    hezhun_context *context;
    hezhun_profile *profile;
    hezhun_result *result;
} hz_stored_job;

typedef struct hz_stored_verb {
    hz_status (*read)(hz_stored_job *job);     /* its words: profile_name, how, max_examples */
    hezhun_status (*open)(hz_stored_job *job); /* the result, and what is of its face */
} hz_stored_verb;
/* The exit status. */
int hz_stored_run(const hz_stored_verb *verb, const hz_opts *opts, hz_lang lang);
#endif
