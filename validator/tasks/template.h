/* template.h: a small profile to begin with. */
#ifndef HZ_TASKS_TEMPLATE_H
#define HZ_TASKS_TEMPLATE_H
#include "base/buf.h"

/* Two tables, fields of each common type, rules of each common kind with examples. Lint has nothing to say of it, and
 * its examples hold. HZ_E_USAGE: id is no dotted id. Errors of memory are sticky in out. */
HZ_NODISCARD hz_status hz_template_put(hz_buf *out, hz_slice id, hz_error *err);
#endif
