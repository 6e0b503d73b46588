#include "base/catalog.h"

#include "base/buf.h"

static const struct {
    const char *name, *text[2];
} messages[HZ_MSG_COUNT] = {
    [HZ_MSG_NONE] = {"NONE", {"", ""}},
#define HZ_MESSAGE(id, zh, en) [HZ_MSG_##id] = {#id, {[HZ_LANG_ZH] = zh, [HZ_LANG_EN] = en}},
#include "base/messages.def"
#undef HZ_MESSAGE
};

static bool known(hz_msg_id id)
{
    return (unsigned)id < HZ_MSG_COUNT;
}

const char *hz_msg_text(hz_msg_id id, hz_lang lang)
{
    return known(id) ? messages[id].text[lang == HZ_LANG_EN ? HZ_LANG_EN : HZ_LANG_ZH] : "";
}

const char *hz_msg_name(hz_msg_id id)
{
    return known(id) ? messages[id].name : "";
}

void hz_msg_render(hz_buf *out, hz_msg_id id, const hz_slice *args, size_t args_count, hz_lang lang)
{
    const char *at = hz_msg_text(id, lang);
    while (*at) {
        size_t plain = strcspn(at, "{}");
        hz_buf_put(out, (hz_slice){at, plain});
        at += plain;
        if (!*at)
            break;
        if (at[0] == '{' && at[1] >= '0' && at[1] < '0' + HZ_MSG_ARGS_MAX && at[2] == '}') {
            size_t arg = (size_t)(at[1] - '0');
            hz_buf_put(out, arg < args_count ? args[arg] : HZ_SLICE_LIT("?"));
            at += 3;
        } else {
            hz_buf_putc(out, *at);
            at += at[1] == at[0] ? 2 : 1;
        }
    }
}

hz_slice hz_text2_pick(hz_text2 text, hz_lang lang, hz_slice fallback)
{
    hz_slice first = lang == HZ_LANG_EN ? text.en : text.zh, second = lang == HZ_LANG_EN ? text.zh : text.en;
    return first.len ? first : second.len ? second : fallback;
}
