#include "reports/render_int.h"

hz_status hz_render(hz_buf *out, hz_format format, const hz_result *result, const hz_render_options *options,
                    hz_error *err)
{
    switch (format) {
    case HZ_FORMAT_TEXT:
        return hz_render_text(out, result, options, err);
    case HZ_FORMAT_JSON:
        return hz_render_json(out, result, options, err);
    case HZ_FORMAT_COUNT:
        break;
    }
    return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("report format"));
}
