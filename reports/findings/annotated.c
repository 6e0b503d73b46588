/* annotated.c: --annotate (made of libxlsxwriter). */
#include "reports/findings/form_int.h"

const hz_form hz_form_annotated = {.suffix = ".xlsx", .part = "libxlsxwriter", .built_in = false};
