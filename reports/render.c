#include "reports/render_int.h"

static const struct face {
    const char *name, *suffix;
    bool binary;
    hz_status (*render)(hz_buf *out, const hz_result *result, const hz_render_options *options, hz_error *err);
} faces[HZ_FORMAT_COUNT] = {
#define HZ_FORMAT(id, name, renderer, suffix, binary) {name, suffix, binary, renderer},
#include "reports/formats.def"
#undef HZ_FORMAT
};

const char *hz_format_name(hz_format format)
{
    return format < HZ_FORMAT_COUNT ? faces[format].name : "";
}

const char *hz_format_suffix(hz_format format)
{
    return format < HZ_FORMAT_COUNT ? faces[format].suffix : "";
}

bool hz_format_is_binary(hz_format format)
{
    return format < HZ_FORMAT_COUNT && faces[format].binary;
}

hz_format hz_format_of(hz_slice name)
{
    size_t format = 0;
    while (format < HZ_FORMAT_COUNT && !hz_slice_is(name, faces[format].name))
        format++;
    return (hz_format)format;
}

hz_status hz_render(hz_buf *out, hz_format format, const hz_result *result, const hz_render_options *options,
                    hz_error *err)
{
    if (format < HZ_FORMAT_COUNT)
        return faces[format].render(out, result, options, err);
    return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("report format"));
}

hz_status hz_render_to(hz_buf_sink *sink, hz_format format, const hz_result *result, const hz_render_options *options,
                       hz_error *err)
{
    hz_buf out = HZ_BUF_INIT;
    sink->err = err;
    out.sink = sink;
    hz_status st = hz_render(&out, format, result, options, err);
    if (st == HZ_OK) {
        hz_buf_drain(&out);
        st = hz_buf_status(&out, err);
    }
    hz_buf_clear(&out);
    return st;
}
