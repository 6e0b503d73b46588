/* words.h: rules and expressions as sentences in zh and en, made from their trees with the titles of what they read.
 * For explain and doc. Text is plain: who writes HTML or Markdown escapes it. Errors are sticky in out. */
#ifndef HZ_REPORTS_WORDS_H
#define HZ_REPORTS_WORDS_H
#include "base/buf.h"
#include "profiles/profile.h"

/* A rule as one sentence. */
void hz_words_rule(hz_buf *out, const hz_profile *profile, const hz_rule *rule, hz_lang lang);
/* A condition ("exit year is given and …") or a value ("the number of …"). Nothing for NULL. */
void hz_words_expr(hz_buf *out, const hz_profile *profile, const hz_node *root, hz_lang lang);
#endif
