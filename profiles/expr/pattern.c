#define PCRE2_CODE_UNIT_WIDTH 8
#include "profiles/expr/pattern.h"

#include <pcre2.h>

#include "base/alloc.h"

static void *pattern_alloc(size_t size_bytes, void *data)
{
    (void)data;
    return hz_mem_alloc(size_bytes);
}

static void pattern_free(void *ptr, void *data)
{
    (void)data;
    hz_mem_free(ptr);
}

/* PCRE2 speaks English; the mistakes that people make have words of ours. */
static hz_msg_id message_of(int code)
{
    switch (code) {
    case PCRE2_ERROR_END_BACKSLASH:
        return HZ_MSG_EXPR_PATTERN_BACKSLASH;
    case PCRE2_ERROR_UNKNOWN_ESCAPE:
        return HZ_MSG_EXPR_PATTERN_ESCAPE;
    case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER:
        return HZ_MSG_EXPR_PATTERN_QUANTIFIER_ORDER;
    case PCRE2_ERROR_QUANTIFIER_TOO_BIG:
        return HZ_MSG_EXPR_PATTERN_QUANTIFIER_BIG;
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
        return HZ_MSG_EXPR_PATTERN_CLASS_OPEN;
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
        return HZ_MSG_EXPR_PATTERN_CLASS_ORDER;
    case PCRE2_ERROR_QUANTIFIER_INVALID:
        return HZ_MSG_EXPR_PATTERN_QUANTIFIER;
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
        return HZ_MSG_EXPR_PATTERN_BRACKET_OPEN;
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
        return HZ_MSG_EXPR_PATTERN_BRACKET_CLOSE;
    case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
        return HZ_MSG_EXPR_PATTERN_REFERENCE;
    default:
        return HZ_MSG_EXPR_PATTERN;
    }
}

/* PCRE2 stops behind what is wrong; at the end of the pattern that is its last character, unless it is the end that is
 * wrong. */
static size_t offset_of(hz_slice pattern, size_t offset, int code)
{
    if (offset < pattern.len)
        return offset;
    if (code == PCRE2_ERROR_MISSING_SQUARE_BRACKET || code == PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS || !pattern.len)
        return pattern.len;
    offset = pattern.len - 1;
    while (offset && ((unsigned char)pattern.ptr[offset] & 0xc0) == 0x80)
        offset--;
    return offset;
}

hz_status hz_pattern_compile(void **out, hz_slice pattern, hz_pattern_mistake *mistake, hz_error *err)
{
    *out = NULL;
    pcre2_general_context *general = pcre2_general_context_create(pattern_alloc, pattern_free, NULL);
    pcre2_compile_context *context = general ? pcre2_compile_context_create(general) : NULL;
    pcre2_general_context_free(general);
    if (!context)
        return hz_nomem(err, 0);
    int code = 0;
    PCRE2_SIZE offset = 0;
    uint32_t options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C;
    *out = pcre2_compile((PCRE2_SPTR)(pattern.ptr ? pattern.ptr : ""), pattern.len, options, &code, &offset, context);
    pcre2_compile_context_free(context);
    if (*out)
        return HZ_OK;
    if (code == PCRE2_ERROR_HEAP_FAILED || code == PCRE2_ERROR_NOMEMORY)
        return hz_nomem(err, 0);
    mistake->offset = offset_of(pattern, offset, code);
    mistake->message = message_of(code);
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)mistake->text, sizeof mistake->text) < 0)
        mistake->text[sizeof mistake->text - 1] = '\0';
    return HZ_OK;
}

bool hz_pattern_refers_back(const void *pattern)
{
    uint32_t highest = 0;
    return pcre2_pattern_info(pattern, PCRE2_INFO_BACKREFMAX, &highest) == 0 && highest > 0;
}
