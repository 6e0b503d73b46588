/* cancel.h: a flag that a signal handler or another thread raises and long work looks at (once per block or batch). */
#ifndef HZ_BASE_CANCEL_H
#define HZ_BASE_CANCEL_H
#include <signal.h>
#include "base/error.h"

typedef struct hz_cancel {
    volatile sig_atomic_t raised;
} hz_cancel;

static inline hz_status hz_cancel_check(const hz_cancel *cancel, hz_error *err)
{
    return cancel && cancel->raised ? hz_fail(err, HZ_E_CANCELLED, HZ_M(CANCELLED)) : HZ_OK;
}
#endif
