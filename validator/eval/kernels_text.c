/* kernels_text.c: text. Parts of a text are slices of it; new text is made in kept memory, once for each row that
 * really changes. A text of n bytes has at most n characters, and exactly n when it is ASCII, so most counting is one
 * scan of 8 bytes at a time. */
#include "base/utf8.h"
#include "validator/eval/kernels_int.h"

/* PostgreSQL's largest value; what would be longer is an error there and NULL here. */
enum { TEXT_BYTES_MAX = 0x3fffffff };

size_t hz_text_chars(hz_slice text)
{
    return hz_ascii(text.ptr, text.len) ? text.len : hz_utf8_length(text);
}

size_t hz_text_offset(hz_slice text, uint64_t count)
{
    if (count >= text.len)
        return text.len;
    return hz_ascii(text.ptr, (size_t)count) ? (size_t)count : hz_utf8_offset(text, (size_t)count);
}

static hz_slice first_chars(hz_slice text, uint64_t count)
{
    return (hz_slice){text.ptr, hz_text_offset(text, count)};
}

static hz_slice without_first(hz_slice text, uint64_t count)
{
    return hz_slice_sub(text, hz_text_offset(text, count), text.len);
}

static hz_slice last_chars(hz_slice text, uint64_t count)
{
    if (count >= text.len)
        return text;
    if (hz_ascii(text.ptr + text.len - count, (size_t)count))
        return hz_slice_sub(text, text.len - (size_t)count, text.len);
    size_t chars = hz_text_chars(text);
    return without_first(text, chars > count ? chars - count : 0);
}

static hz_slice without_last(hz_slice text, uint64_t count)
{
    size_t chars = hz_text_chars(text);
    return first_chars(text, chars > count ? chars - count : 0);
}

static uint64_t size_of(int64_t n)
{
    return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

static hz_vec *strict_out(hz_run *run, const hz_ins *ins, hz_type type)
{
    hz_vec *out = hz_run_out(run, ins, type);
    if (!out)
        return NULL;
    hz_strict_1(run, out, hz_arg_reg(run, ins, 0));
    for (uint32_t k = 1; k < ins->args_count; k++)
        hz_strict_also(run, out, hz_arg_reg(run, ins, k));
    if (type == HZ_TYPE_BOOLEAN)
        memset(out->as.bits, 0, run->words_count * sizeof *out->as.bits);
    return out;
}

static hz_slice text_at(const hz_run *run, const hz_ins *ins, uint32_t index, size_t i)
{
    const hz_reg *reg = hz_arg_reg(run, ins, index);
    return reg->vec.as.text[i * reg->step];
}

hz_status hz_kernel_length(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_INTEGER);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.i64[i] = (int64_t)hz_text_chars(text_at(run, ins, 0, i));
    return HZ_OK;
}

/* Bytes before the first character that the mapping changes. */
static size_t unchanged_prefix(hz_slice text, bool upper)
{
    size_t at = 0;
    while (at < text.len) {
        size_t next = at;
        uint32_t c = (unsigned char)text.ptr[at];
        if (c < 0x80)
            next++;
        else
            c = hz_utf8_next(text, &next);
        if ((upper ? hz_utf8_upper(c) : hz_utf8_lower(c)) != c)
            return at;
        at = next;
    }
    return at;
}

static size_t encode(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static hz_status map_case(hz_run *run, hz_slice *out, hz_slice text, bool upper)
{
    size_t at = unchanged_prefix(text, upper);
    *out = text;
    if (at == text.len)
        return HZ_OK;
    /* A mapping never triples a character's bytes: the widest is two to three. */
    size_t room = at + 2 * (text.len - at) + 4, len = at;
    char *bytes = hz_run_keep(run, room);
    if (!bytes)
        return HZ_E_NOMEM;
    memcpy(bytes, text.ptr, at);
    while (at < text.len) {
        size_t from = at;
        uint32_t c = hz_utf8_next(text, &at), mapped = upper ? hz_utf8_upper(c) : hz_utf8_lower(c);
        if (mapped != c) {
            len += encode(bytes + len, mapped);
        } else {
            memcpy(bytes + len, text.ptr + from, at - from);
            len += at - from;
        }
    }
    hz_run_keep_trim(run, bytes, room, len);
    *out = (hz_slice){bytes, len};
    return HZ_OK;
}

hz_status hz_kernel_case_map(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        HZ_TRY(map_case(run, &out->as.text[i], text_at(run, ins, 0, i), ins->k != 0));
    return HZ_OK;
}

hz_status hz_kernel_trim(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_slice text = text_at(run, ins, 0, i);
        size_t from = 0, to = text.len;
        while (from < to && text.ptr[from] == ' ')
            from++;
        while (to > from && text.ptr[to - 1] == ' ')
            to--;
        out->as.text[i] = hz_slice_sub(text, from, to);
    }
    return HZ_OK;
}

hz_status hz_kernel_left(hz_run *run, const hz_ins *ins)
{
    const hz_reg *count = hz_arg_reg(run, ins, 1);
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t n;
        hz_slice text = text_at(run, ins, 0, i);
        if (!hz_whole_at(&n, count, i))
            hz_bits_unset(out->valid, i);
        else
            out->as.text[i] = n < 0 ? without_last(text, size_of(n)) : first_chars(text, size_of(n));
    }
    return HZ_OK;
}

hz_status hz_kernel_right(hz_run *run, const hz_ins *ins)
{
    const hz_reg *count = hz_arg_reg(run, ins, 1);
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t n;
        hz_slice text = text_at(run, ins, 0, i);
        if (!hz_whole_at(&n, count, i))
            hz_bits_unset(out->valid, i);
        else
            out->as.text[i] = n < 0 ? without_first(text, size_of(n)) : last_chars(text, size_of(n));
    }
    return HZ_OK;
}

/* Characters [from, to) counted from 0. */
static hz_slice chars_between(hz_slice text, uint64_t from, uint64_t to)
{
    if (to <= from)
        return hz_slice_sub(text, 0, 0);
    if (to <= text.len && hz_ascii(text.ptr, (size_t)to))
        return hz_slice_sub(text, (size_t)from, (size_t)to);
    hz_slice rest = without_first(text, from);
    return first_chars(rest, to - from);
}

/* SQL's from and count as a half-open range from 0; false for a negative count. */
static bool substr_range(uint64_t *from, uint64_t *to, int64_t start, int64_t count)
{
    int64_t end;
    if (count < 0)
        return false;
    if (__builtin_add_overflow(start, count, &end))
        end = INT64_MAX;
    *from = start > 1 ? (uint64_t)start - 1 : 0;
    *to = end > 1 ? (uint64_t)end - 1 : 0;
    return true;
}

hz_status hz_kernel_substr(hz_run *run, const hz_ins *ins)
{
    const hz_reg *start = hz_arg_reg(run, ins, 1), *count = ins->args_count > 2 ? hz_arg_reg(run, ins, 2) : NULL;
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        int64_t at = 0, n = INT64_MAX;
        uint64_t from = 0, to = 0;
        if (hz_whole_at(&at, start, i) && (!count || hz_whole_at(&n, count, i)) && substr_range(&from, &to, at, n))
            out->as.text[i] = chars_between(text_at(run, ins, 0, i), from, count ? to : UINT64_MAX);
        else
            hz_bits_unset(out->valid, i);
    }
    return HZ_OK;
}

hz_status hz_kernel_left_k(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.text[i] = first_chars(text_at(run, ins, 0, i), (uint64_t)ins->k);
    return HZ_OK;
}

hz_status hz_kernel_right_k(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.text[i] = last_chars(text_at(run, ins, 0, i), (uint64_t)ins->k);
    return HZ_OK;
}

hz_status hz_kernel_substr_k(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.text[i] = chars_between(text_at(run, ins, 0, i), (uint64_t)ins->k, (uint64_t)ins->k2);
    return HZ_OK;
}

static const char *find(hz_slice text, hz_slice part)
{
    return text.len < part.len ? NULL : memmem(text.ptr, text.len, part.ptr, part.len);
}

/* HZ_END: the result would be too long. */
static hz_status replace_all(hz_run *run, hz_slice *out, hz_slice text, hz_slice from, hz_slice to)
{
    size_t found = 0;
    *out = text;
    hz_slice rest = text;
    for (const char *at; from.len && (at = find(rest, from)); found++)
        rest = hz_slice_sub(rest, (size_t)(at - rest.ptr) + from.len, rest.len);
    if (!found)
        return HZ_OK;
    size_t total = text.len - found * from.len, added;
    if (__builtin_mul_overflow(found, to.len, &added) || added > TEXT_BYTES_MAX || (total += added) > TEXT_BYTES_MAX)
        return HZ_END;
    char *bytes = hz_run_keep(run, total), *put = bytes;
    if (!bytes)
        return HZ_E_NOMEM;
    rest = text;
    for (const char *at; (at = find(rest, from));) {
        size_t before = (size_t)(at - rest.ptr);
        memcpy(put, rest.ptr, before);
        put += before;
        if (to.len)
            memcpy(put, to.ptr, to.len);
        put += to.len;
        rest = hz_slice_sub(rest, before + from.len, rest.len);
    }
    if (rest.len)
        memcpy(put, rest.ptr, rest.len);
    *out = (hz_slice){bytes, total};
    return HZ_OK;
}

hz_status hz_kernel_replace(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_status st = replace_all(run, &out->as.text[i], text_at(run, ins, 0, i), text_at(run, ins, 1, i),
                                   text_at(run, ins, 2, i));
        if (st == HZ_END)
            hz_bits_unset(out->valid, i);
        else if (st != HZ_OK)
            return st;
    }
    return HZ_OK;
}

hz_status hz_kernel_concat(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_TEXT);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_slice a = text_at(run, ins, 0, i), b = text_at(run, ins, 1, i);
        if (a.len + b.len > TEXT_BYTES_MAX) {
            hz_bits_unset(out->valid, i);
            continue;
        }
        if (!a.len || !b.len) {
            out->as.text[i] = a.len ? a : b;
            continue;
        }
        char *bytes = hz_run_keep(run, a.len + b.len);
        if (!bytes)
            return HZ_E_NOMEM;
        memcpy(bytes, a.ptr, a.len);
        memcpy(bytes + a.len, b.ptr, b.len);
        out->as.text[i] = (hz_slice){bytes, a.len + b.len};
    }
    return HZ_OK;
}

/* The general matcher. On a mismatch the last % takes one character more; earlier ones need never change. */
static bool like(hz_slice text, hz_slice pattern)
{
    size_t t = 0, p = 0, star_t = 0, star_p = SIZE_MAX;
    while (t < text.len) {
        char c = p < pattern.len ? pattern.ptr[p] : '\0';
        if (p < pattern.len && c == '%') {
            star_p = ++p;
            star_t = t;
            continue;
        }
        if (p < pattern.len && c == '_') {
            p++;
            hz_utf8_next(text, &t);
            continue;
        }
        size_t escaped = p < pattern.len && c == '\\';
        if (p + escaped < pattern.len && pattern.ptr[p + escaped] == text.ptr[t]) {
            p += escaped + 1;
            t++;
            continue;
        }
        if (star_p == SIZE_MAX)
            return false;
        hz_utf8_next(text, &star_t);
        t = star_t;
        p = star_p;
    }
    while (p < pattern.len && pattern.ptr[p] == '%')
        p++;
    return p == pattern.len;
}

static bool lone_escape(hz_slice pattern)
{
    size_t run = 0;
    while (run < pattern.len && pattern.ptr[pattern.len - 1 - run] == '\\')
        run++;
    return run & 1;
}

hz_status hz_kernel_like(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        hz_slice pattern = text_at(run, ins, 1, i);
        if (lone_escape(pattern))
            hz_bits_unset(out->valid, i);
        else
            out->as.bits[w_] |= (uint64_t)(like(text_at(run, ins, 0, i), pattern) != ins->negated) << (i & 63);
    }
    return HZ_OK;
}

static bool like_shape(const hz_like *shape, hz_slice text)
{
    hz_slice part = shape->text;
    switch (shape->shape) {
    case HZ_LIKE_EXACT:
        return hz_text_eq(text, part);
    case HZ_LIKE_PREFIX:
        return text.len >= part.len && hz_bytes_eq(text.ptr, part.ptr, part.len);
    case HZ_LIKE_SUFFIX:
        return text.len >= part.len && hz_bytes_eq(text.ptr + text.len - part.len, part.ptr, part.len);
    case HZ_LIKE_INFIX:
        return part.len == 0 || find(text, part) != NULL;
    default:
        return like(text, part);
    }
}

hz_status hz_kernel_like_k(hz_run *run, const hz_ins *ins)
{
    const hz_like *shape = ins->aux;
    hz_vec *out = strict_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    if (shape->shape == HZ_LIKE_BAD) {
        memset(out->valid, 0, run->words_count * sizeof *out->valid);
        return HZ_OK;
    }
    HZ_ROWS(i, out->valid, run->words_count)
        out->as.bits[w_] |= (uint64_t)(like_shape(shape, text_at(run, ins, 0, i)) != ins->negated) << (i & 63);
    return HZ_OK;
}

hz_status hz_kernel_matches(hz_run *run, const hz_ins *ins)
{
    hz_vec *out = strict_out(run, ins, HZ_TYPE_BOOLEAN);
    if (!out)
        return HZ_E_NOMEM;
    HZ_ROWS(i, out->valid, run->words_count) {
        bool matches = false;
        HZ_TRY(hz_pattern_match(&matches, ins->aux, &run->eval->pattern_scratch, text_at(run, ins, 0, i), run->err));
        out->as.bits[w_] |= (uint64_t)(matches != ins->negated) << (i & 63);
    }
    return HZ_OK;
}
