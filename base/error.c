#include "base/error.h"

#include <inttypes.h>
#include <stdio.h>

static const char ellipsis[] = "\xE2\x80\xA6";
enum { ELLIPSIS_BYTES = 3 };

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The largest cut <= len that splits no UTF-8 character of text, which goes on behind len. */
static size_t cut_before(const char *text, size_t len)
{
    size_t cut = len;
    while (cut && len - cut < 3 && is_continuation(text[cut]))
        cut--;
    return is_continuation(text[cut]) ? len : cut;
}

/* The smallest cut >= from that splits no character. */
static size_t cut_after(hz_slice text, size_t from)
{
    size_t cut = from;
    while (cut < text.len && cut - from < 3 && is_continuation(text.ptr[cut]))
        cut++;
    return cut;
}

static size_t put_cut(char *into, size_t room, hz_slice text)
{
    if (text.len <= room) {
        if (text.len)
            memcpy(into, text.ptr, text.len);
        return text.len;
    }
    if (room < ELLIPSIS_BYTES)
        return 0;
    size_t kept = cut_before(text.ptr, room - ELLIPSIS_BYTES);
    memcpy(into, text.ptr, kept);
    memcpy(into + kept, ellipsis, ELLIPSIS_BYTES);
    return kept + ELLIPSIS_BYTES;
}

/* The bytes that each text may take of `room`: short ones are kept whole, long ones share what is left, so that one
 * endless value does not push the others out. */
static size_t fair_share(const hz_slice *texts, size_t count, size_t room)
{
    size_t share = count ? room / count : room;
    for (size_t pass = 0; pass < count; pass++) {
        size_t settled = 0, used = 0;
        for (size_t i = 0; i < count; i++)
            if (texts[i].len <= share) {
                settled++;
                used += texts[i].len;
            }
        if (settled == count)
            break;
        share = (room - used) / (count - settled);
    }
    return share;
}

/* The argument's text; a number is written into digits. */
static hz_slice arg_text(const hz_arg *arg, char digits[24])
{
    int len = 0;
    switch (arg->kind) {
    case HZ_ARG_TEXT:
        return arg->text;
    case HZ_ARG_SIGNED:
        len = snprintf(digits, 24, "%" PRId64, arg->i);
        break;
    case HZ_ARG_UNSIGNED:
        len = snprintf(digits, 24, "%" PRIu64, arg->u);
        break;
    case HZ_ARG_MESSAGE:
        return hz_slice_of(hz_msg_name(arg->message));
    }
    return (hz_slice){digits, len > 0 ? (size_t)len : 0};
}

hz_status hz_error_set(hz_error *err, hz_status status, const hz_arg *args, size_t args_count)
{
    if (!err || err->status != HZ_OK)
        return status;
    hz_error_clear(err);
    err->status = status;
    if (args_count && args[0].kind == HZ_ARG_MESSAGE) {
        err->message = args[0].message;
        args++;
        args_count--;
    }
    if (args_count > HZ_MSG_ARGS_MAX)
        args_count = HZ_MSG_ARGS_MAX;
    char digits[HZ_MSG_ARGS_MAX][24];
    hz_slice texts[HZ_MSG_ARGS_MAX];
    for (size_t i = 0; i < args_count; i++)
        texts[i] = arg_text(&args[i], digits[i]);
    size_t share = fair_share(texts, args_count, sizeof err->text), used = 0;
    for (size_t i = 0; i < args_count; i++) {
        size_t room = sizeof err->text - used;
        size_t len = put_cut(err->text + used, room < share ? room : share, texts[i]);
        err->args[i].offset = (uint16_t)used;
        err->args[i].len = (uint16_t)len;
        used += len;
    }
    err->args_count = (uint32_t)args_count;
    err->text_len = (uint16_t)used;
    return status;
}

void hz_error_clear(hz_error *err)
{
    if (!err)
        return;
    err->status = HZ_OK;
    err->message = HZ_MSG_NONE;
    err->hint = HZ_MSG_NONE;
    err->args_count = 0;
    err->text_len = 0;
    err->file[0] = '\0';
    err->line = err->column = err->offset_bytes = 0;
    err->has_offset = false;
}

void hz_error_at(hz_error *err, hz_slice file, uint64_t line, uint64_t column)
{
    if (!err)
        return;
    size_t room = sizeof err->file - 1, len = 0;
    if (file.len <= room) {
        len = put_cut(err->file, room, file);
    } else {
        size_t from = cut_after(file, file.len - (room - ELLIPSIS_BYTES));
        memcpy(err->file, ellipsis, ELLIPSIS_BYTES);
        memcpy(err->file + ELLIPSIS_BYTES, file.ptr + from, file.len - from);
        len = ELLIPSIS_BYTES + file.len - from;
    }
    err->file[len] = '\0';
    err->line = line;
    err->column = column;
}

void hz_error_at_byte(hz_error *err, uint64_t offset_bytes)
{
    if (!err)
        return;
    err->offset_bytes = offset_bytes;
    err->has_offset = true;
}

void hz_error_hint(hz_error *err, hz_msg_id hint)
{
    if (err)
        err->hint = hint;
}

size_t hz_error_args(const hz_error *err, hz_slice out[HZ_MSG_ARGS_MAX])
{
    if (!err)
        return 0;
    for (size_t i = 0; i < err->args_count; i++)
        out[i] = (hz_slice){err->text + err->args[i].offset, err->args[i].len};
    return err->args_count;
}
