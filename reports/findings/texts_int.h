/* texts_int.h: what forms that are no lines share. */
#ifndef HZ_REPORTS_FINDINGS_TEXTS_INT_H
#define HZ_REPORTS_FINDINGS_TEXTS_INT_H
#include "reports/findings/form_int.h"
#include "reports/place.h"

/* The system's words for what a library could not write: a full disk as it is told everywhere. */
hz_status hz_form_failed(hz_error *err, const char *path, int error_number, const char *words);
#endif
