/* render_int.h: the renderers, a file each. */
#ifndef HZ_REPORTS_RENDER_INT_H
#define HZ_REPORTS_RENDER_INT_H
#include "reports/render.h"

/* Every renderer of formats.def: hz_render_json, … */
#define HZ_FORMAT(id, name, renderer, suffix, binary)                                                                  \
    HZ_NODISCARD hz_status renderer(hz_buf *out, const hz_result *result, const hz_render_options *options,            \
                                    hz_error *err);
#include "reports/formats.def"
#undef HZ_FORMAT
#endif
