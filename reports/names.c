#include "reports/render.h"

const char *hz_outcome_name(hz_outcome outcome)
{
    static const char *const names[] = {"passed", "failed", "not_applicable", "undetermined", "skipped", "error"};
    return outcome < HZ_OUTCOME_COUNT ? names[outcome] : "";
}

const char *hz_gate_state_name(hz_gate_state state)
{
    static const char *const names[] = {"passed", "failed", "not_run"};
    return state <= HZ_GATE_NOT_RUN ? names[state] : "";
}

static const char *const formats[HZ_FORMAT_COUNT] = {"text", "json"};

const char *hz_format_name(hz_format format)
{
    return format < HZ_FORMAT_COUNT ? formats[format] : "";
}

hz_format hz_format_of(hz_slice name)
{
    size_t format = 0;
    while (format < HZ_FORMAT_COUNT && !hz_slice_is(name, formats[format]))
        format++;
    return (hz_format)format;
}
