/* render_int.h: the renderers, a file each. */
#ifndef HZ_REPORTS_RENDER_INT_H
#define HZ_REPORTS_RENDER_INT_H
#include "reports/render.h"

HZ_NODISCARD hz_status hz_render_json(hz_buf *out, const hz_result *result, const hz_render_options *options,
                                      hz_error *err);
HZ_NODISCARD hz_status hz_render_text(hz_buf *out, const hz_result *result, const hz_render_options *options,
                                      hz_error *err);
#endif
