#include "reports/render.h"

const char *hz_outcome_name(hz_outcome outcome)
{
    static const char *const names[] = {"passed", "failed", "not_applicable", "undetermined", "skipped", "error"};
    return outcome < HZ_OUTCOME_COUNT ? names[outcome] : "";
}

const char *hz_ack_state_name(hz_ack_state state)
{
    static const char *const names[] = {"taken", "bare", "same", "mend", "lapsed", "unused"};
    return state < HZ_ACK_STATES ? names[state] : "";
}

const char *hz_waiver_state_name(hz_waiver_state state)
{
    static const char *const names[] = {"used", "unused", "expired", "overdrawn", "not_run"};
    return state < HZ_WAIVER_STATES ? names[state] : "";
}

const char *hz_gate_state_name(hz_gate_state state)
{
    static const char *const names[] = {"passed", "failed", "not_run"};
    return state <= HZ_GATE_NOT_RUN ? names[state] : "";
}
