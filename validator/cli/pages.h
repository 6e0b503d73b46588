/* pages.h: the manual page and the completion of shells, made from the tables of verbs and options. */
#ifndef HZ_CLI_PAGES_H
#define HZ_CLI_PAGES_H
#include "validator/cli/verbs.h"

extern const char *const hz_shell_words[]; /* bash, zsh, fish; NULL behind them */

/* The script that teaches a shell (one of hz_shell_words) the verbs, their options and the words these take. */
void hz_put_completion(hz_buf *out, const char *shell, hz_lang lang);
/* The page hezhun(1) with all verbs, or hezhun-VERB(1), as man(7) has it. */
void hz_put_man(hz_buf *out, const hz_verb *verb, hz_lang lang);
#endif
