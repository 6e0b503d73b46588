/* suggest_fit.c: how well texts fit a field, and a column's name a field's. Names are alike by equality, by one holding
 * the other, by characters they share, and by a short list of words that are used for the parts of English names. */
#include "base/utf8.h"
#include "validator/tasks/suggest_int.h"

const char *const hz_suggest_forms[SUGGEST_FORMS] = {"YYYYMMDD",     "YYYY-M-D",  "YYYY/M/D", "YYYY.M.D",
                                                     "YYYY年M月D日", "YYYYMM",    "YYYY-MM",  "YYYY/M",
                                                     "YYYY.M",       "YYYY年M月", NULL,       NULL};
enum { MONTH_FORMS = 5 }; /* those before are of days */

/* ---- names ---- */

static const struct {
    const char *part, *words; /* apart by one blank */
} words[] = {{"household", "户"},
             {"id", "编号 号 编码 标识"},
             {"code", "代码 编码 码"},
             {"name", "姓名 名称 名"},
             {"sex", "性别"},
             {"gender", "性别"},
             {"birth", "出生 生日"},
             {"date", "日期 时间 日"},
             {"phone", "电话 手机"},
             {"mobile", "手机 电话"},
             {"address", "地址 住址"},
             {"income", "收入"},
             {"net", "纯 净"},
             {"year", "年"},
             {"month", "月"},
             {"village", "村"},
             {"town", "乡 镇"},
             {"township", "乡 镇"},
             {"county", "县 区"},
             {"city", "市"},
             {"province", "省"},
             {"attribute", "属性"},
             {"causes", "原因"},
             {"cause", "原因"},
             {"reason", "原因"},
             {"exit", "退出"},
             {"employed", "就业"},
             {"employment", "就业"},
             {"relation", "关系"},
             {"ethnic", "民族"},
             {"education", "学历 文化"},
             {"health", "健康"},
             {"size", "人口 人数"},
             {"count", "数"},
             {"amount", "金额"},
             {"area", "面积"},
             {"bank", "银行"},
             {"card", "卡"},
             {"status", "状态"},
             {"type", "类型 类别"},
             {"work", "务工 工作"},
             {"school", "学校"},
             {"grade", "年级"},
             {"level", "等级 级别"}};

static bool is_letter_or_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c & 0x80);
}

/* Small letters, digits and what is no ASCII. */
static hz_slice plain(char room[SUGGEST_CELL_BYTES], hz_slice text)
{
    size_t len = 0;
    for (size_t i = 0; i < text.len && len < SUGGEST_CELL_BYTES; i++) {
        char c = text.ptr[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (is_letter_or_digit(c))
            room[len++] = c;
    }
    return (hz_slice){room, len};
}

static bool holds(hz_slice text, hz_slice part)
{
    return part.len && part.len <= text.len && memmem(text.ptr, text.len, part.ptr, part.len) != NULL;
}

/* Characters of a that b has too, of 100. */
static unsigned shared(hz_slice a, hz_slice b)
{
    size_t both = 0, all = 0;
    for (size_t at = 0, from = 0; at < a.len; from = at) {
        (void)hz_utf8_next(a, &at);
        both += holds(b, hz_slice_sub(a, from, at));
        all++;
    }
    return all ? (unsigned)(both * 100 / all) : 0;
}

static unsigned alike(bool *own, hz_slice header, hz_slice name)
{
    char one[SUGGEST_CELL_BYTES], two[SUGGEST_CELL_BYTES];
    *own = *own || (name.len && hz_slice_eq(header, name));
    hz_slice a = plain(one, header), b = plain(two, name);
    if (!a.len || !b.len)
        return 0;
    if (hz_slice_eq(a, b))
        return 95;
    size_t shorter = a.len < b.len ? a.len : b.len;
    if (shorter >= 4 && (holds(a, b) || holds(b, a))) /* two Chinese characters, or four letters */
        return 80;
    bool letters = !(a.ptr[0] & 0x80) || !(b.ptr[0] & 0x80);
    unsigned left = shared(a, b), right = shared(b, a), both = left < right ? left : right;
    return letters ? 0 : both * 7 / 10;
}

/* Whether the header has one of the words for a part of an English name. */
static bool speaks_of(hz_slice header, hz_slice part)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!hz_slice_is(part, words[i].part))
            continue;
        hz_slice rest = hz_slice_of(words[i].words);
        while (rest.len) {
            const char *blank = memchr(rest.ptr, ' ', rest.len);
            size_t len = blank ? (size_t)(blank - rest.ptr) : rest.len;
            if (holds(header, hz_slice_sub(rest, 0, len)))
                return true;
            rest = hz_slice_sub(rest, blank ? len + 1 : len, rest.len);
        }
    }
    return false;
}

static unsigned by_words(hz_slice header, hz_slice name)
{
    unsigned parts = 0, hits = 0;
    for (size_t at = 0, from = 0; at <= name.len; at++) {
        if (at < name.len && name.ptr[at] != '_')
            continue;
        parts++;
        hits += speaks_of(header, hz_slice_sub(name, from, at));
        from = at + 1;
    }
    return hits ? 50 + 40 * hits / parts : 0;
}

unsigned hz_suggest_name(bool *own, hz_slice header, const hz_field *field)
{
    unsigned best, one;
    *own = false;
    best = alike(own, header, field->name);
    one = alike(own, header, field->title.zh);
    best = one > best ? one : best;
    one = alike(own, header, field->title.en);
    best = one > best ? one : best;
    for (size_t i = 0; i < field->aliases_count; i++) {
        one = alike(own, header, field->aliases[i]);
        best = one > best ? one : best;
    }
    one = by_words(header, field->name);
    best = one > best ? one : best;
    return *own ? 100 : best;
}

/* ---- values ---- */

bool hz_suggest_is_null(hz_slice text)
{
    static const char *const nulls[] = {"-", "--", "—", "/", "无", "不详", "NULL", "null", "N/A", "n/a", "NA"};
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (hz_slice_is(text, nulls[i]))
            return true;
    return false;
}

bool hz_suggest_item(hz_slice *item, size_t *at, hz_slice text, hz_slice separator)
{
    if (*at > text.len)
        return false;
    hz_slice rest = hz_slice_sub(text, *at, text.len);
    const char *next = separator.len && rest.len ? memmem(rest.ptr, rest.len, separator.ptr, separator.len) : NULL;
    size_t len = next ? (size_t)(next - rest.ptr) : rest.len;
    *item = hz_slice_sub(rest, 0, len);
    *at += len + (next ? separator.len : 1);
    return true;
}

/* The one code whose name holds the text, or is held by it. */
static bool code_by_name(hz_slice *code, const hz_codelist *list, hz_slice text)
{
    enum { LOOKED_AT = 500 };
    size_t hits = 0, count = hz_codelist_count(list);
    uint32_t row = hz_codelist_find_name(list, text, HZ_DAY_EVER);
    if (row != HZ_HTAB_NONE) {
        *code = hz_codelist_at(list, row).code;
        return true;
    }
    for (size_t i = 0; i < count && count <= LOOKED_AT; i++) {
        hz_code one = hz_codelist_at(list, i);
        if (!holds(one.name.zh, text) && !holds(text, one.name.zh))
            continue;
        *code = one.code;
        hits++;
    }
    return hits == 1;
}

bool hz_suggest_code(hz_slice *code, const hz_field *field, hz_slice text)
{
    *code = text;
    if (!field->codes || !text.len)
        return false;
    return hz_codelist_find(field->codes, text, HZ_DAY_EVER) != HZ_HTAB_NONE || code_by_name(code, field->codes, text);
}

static bool among(const hz_slice *texts, size_t count, hz_slice text)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(texts[i], text))
            return true;
    return false;
}

bool hz_suggest_truth(hz_slice *code, const hz_field *field, hz_slice text)
{
    static const char *const yes[] = {"是", "有", "Y", "y", "yes", "Yes", "YES", "true", "TRUE", "1", "√"},
                             *const no[] = {"否", "无", "N", "n", "no", "No", "NO", "false", "FALSE", "0", "×"};
    *code = text;
    if (among(field->true_texts, field->true_count, text) || among(field->false_texts, field->false_count, text))
        return true;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        if (hz_slice_is(text, yes[i]) || hz_slice_is(text, no[i])) {
            *code = hz_slice_is(text, yes[i]) ? field->true_texts[0] : field->false_texts[0];
            return true;
        }
    }
    return false;
}

static bool is_time(suggest_fit *fit, const hz_field *field, hz_slice text)
{
    static const hz_time_kind kinds[] = {
        [HZ_FIELD_DATE] = HZ_TIME_DATE, [HZ_FIELD_MONTH] = HZ_TIME_MONTH, [HZ_FIELD_DATETIME] = HZ_TIME_DATETIME};
    bool month = field->type == HZ_FIELD_MONTH;
    int64_t value;
    for (size_t i = 0; i < field->formats_count; i++)
        if (hz_time_parse(&value, &field->formats[i], text))
            return true;
    for (size_t i = month ? MONTH_FORMS : 0; i < SUGGEST_FORMS && hz_suggest_forms[i]; i++) {
        hz_time_format form;
        if ((!month && i >= MONTH_FORMS) || (field->type != HZ_FIELD_DATE && !month))
            return false;
        if (hz_time_format_compile(&form, kinds[field->type], hz_slice_of(hz_suggest_forms[i]), NULL) == HZ_OK &&
            hz_time_parse(&value, &form, text)) {
            fit->forms |= 1U << i;
            return true;
        }
    }
    return false;
}

static bool is_number(suggest_fit *fit, const hz_field *field, hz_slice text)
{
    hz_decimal value;
    hz_number_form form;
    hz_buf made = HZ_BUF_INIT;
    if (hz_decimal_parse(&value, text))
        return field->type == HZ_FIELD_DECIMAL || value.scale == 0;
    bool good = hz_number_form_of(&form, HZ_SLICE_LIT("1,234.5")) && hz_number_form_read(&made, &form, text);
    hz_buf_clear(&made);
    fit->grouped = fit->grouped || good;
    return good;
}

static bool is_semantic(const suggest_job *job, const hz_field *field, hz_slice text)
{
    const hz_semtype_options how = {
        .as_of = HZ_DAY_EVER, .accept_15 = field->accept_15, .level = field->level, .valid_ever = true};
    for (size_t i = 0; i < field->semtypes_count; i++)
        if (hz_semtype_check(job->semtypes, field->semtypes[i], &how, text) == HZ_REASON_NONE)
            return true;
    return false;
}

static bool item_fits(suggest_fit *fit, const suggest_job *job, const hz_field *field, hz_slice text)
{
    hz_slice code;
    switch (field->type) {
    case HZ_FIELD_CODES:
        return hz_suggest_code(&code, field, text);
    case HZ_FIELD_BOOLEAN:
        return hz_suggest_truth(&code, field, text);
    case HZ_FIELD_INTEGER:
    case HZ_FIELD_DECIMAL:
        return is_number(fit, field, text);
    case HZ_FIELD_SEMANTIC:
        return is_semantic(job, field, text);
    case HZ_FIELD_TEXT:
        return true;
    default:
        return is_time(fit, field, text);
    }
}

static hz_status count_fits(suggest_fit *fit, suggest_job *job, const hz_field *field, const hz_pattern *pattern,
                            const hz_slice *texts, size_t rows)
{
    for (size_t r = 0; r < rows; r++) {
        hz_slice item;
        size_t at = 0;
        bool all = true;
        if (!texts[r].len || hz_suggest_is_null(texts[r]))
            continue;
        while (all && hz_suggest_item(&item, &at, texts[r], fit->separator)) {
            all = item_fits(fit, job, field, item);
            if (all && pattern)
                HZ_TRY(hz_pattern_match(&all, pattern, &job->scratch, item, job->err));
        }
        fit->of++;
        fit->fits += all;
    }
    return HZ_OK;
}

hz_status hz_suggest_fit(suggest_fit *out, suggest_job *job, const hz_field *field, const hz_slice *texts, size_t rows)
{
    static const hz_slice separators[] = {{"、", 3}, {"，", 3}, {",", 1}, {"；", 3}, {";", 1}, {"/", 1}, {"|", 1}};
    hz_pattern *pattern = NULL;
    suggest_fit best = {.separator = field->many};
    hz_status st = HZ_OK;
    if (field->pattern)
        HZ_TRY(hz_pattern_new(&pattern, field->pattern_text, field->pattern, job->options->limits, false, job->err));
    HZ_GO(count_fits(&best, job, field, pattern, texts, rows));
    for (size_t i = 0; field->many.len && i < sizeof separators / sizeof *separators; i++) {
        suggest_fit one = {.separator = separators[i]};
        HZ_GO(count_fits(&one, job, field, pattern, texts, rows));
        if (one.fits > best.fits)
            best = one;
    }
    best.number = field->type == HZ_FIELD_INTEGER || field->type == HZ_FIELD_DECIMAL || field->type == HZ_FIELD_BOOLEAN;
    best.strong = !best.number && (field->type != HZ_FIELD_TEXT || pattern);
    *out = best;
out:
    hz_pattern_free(pattern);
    return st;
}

unsigned hz_suggest_percent(unsigned name, const suggest_fit *fit)
{
    unsigned share = fit->of ? (unsigned)(fit->fits * 100 / fit->of) : 0;
    if (!fit->of || (!fit->strong && !fit->number))
        return name;
    if (share < 50)
        return name / 2;
    if (!fit->strong)
        return name >= 40 && share >= 90 ? (name > 70 ? name : 70) : name > 45 ? name : 45;
    if (share < 90)
        return name < 60 ? 60 : name < 80 ? name : 80;
    return name > 75 ? name : 75;
}
