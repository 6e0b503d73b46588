/* explain_rule.h: a rule in words, with what it reads and costs, its clause, history and examples, as text. */
#ifndef HZ_TASKS_EXPLAIN_RULE_H
#define HZ_TASKS_EXPLAIN_RULE_H
#include "base/buf.h"
#include "profiles/profile.h"

/* id "": every rule, a blank line between two. HZ_E_USAGE: no rule has the id; names the nearest. Other errors are
 * sticky in out. */
HZ_NODISCARD hz_status hz_explain_rules(hz_buf *out, const hz_profile *profile, hz_slice id, hz_lang lang,
                                        hz_error *err);
#endif
