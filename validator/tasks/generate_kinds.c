/* generate_kinds.c: what a field holds, from its type, its constraints, its part in keys and relations, and, for plain
 * text, from words in its title. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

static bool has(hz_slice text, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.ptr + i, word, len) == 0)
            return true;
    return false;
}

static bool ends(hz_slice text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.ptr + text.len - len, word, len) == 0;
}

/* Words of titles; the first that fits decides. */
static const struct {
    const char *word;
    bool at_end;
    hz_gen_kind kind;
} hints[] = {
    {"电话", false, HZ_GEN_PHONE},        {"手机", false, HZ_GEN_PHONE},       {"phone", false, HZ_GEN_PHONE},
    {"证件号码", false, HZ_GEN_RESIDENT}, {"身份证", false, HZ_GEN_RESIDENT},  {"姓名", false, HZ_GEN_NAME},
    {"所有人", true, HZ_GEN_NAME},        {"权利人", true, HZ_GEN_NAME},       {"收款人", true, HZ_GEN_NAME},
    {"采集人", true, HZ_GEN_NAME},        {"户主", true, HZ_GEN_NAME},         {"银行账号", false, HZ_GEN_BANK},
    {"账号", true, HZ_GEN_BANK},          {"村名称", true, HZ_GEN_PLACE_NAME}, {"村", true, HZ_GEN_PLACE_NAME},
};

static bool hinted(hz_gen_kind *kind, const hz_field *field)
{
    static const char *const person[] = {"name", "person_name", "head_name", "payee_name"};
    hz_slice title = field->title.zh.len ? field->title.zh : field->name;
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (hints[i].at_end ? ends(title, hints[i].word) : has(title, hints[i].word)) {
            *kind = hints[i].kind;
            return true;
        }
    for (size_t i = 0; !field->title.zh.len && i < sizeof person / sizeof *person; i++)
        if (hz_slice_is(field->name, person[i])) {
            *kind = HZ_GEN_NAME;
            return true;
        }
    return false;
}

static hz_gen_kind kind_of_semtype(hz_semtype type)
{
    switch (type) {
    case HZ_SEMTYPE_RESIDENT_ID:
        return HZ_GEN_RESIDENT;
    case HZ_SEMTYPE_USCC:
        return HZ_GEN_USCC;
    case HZ_SEMTYPE_BANK_CARD:
        return HZ_GEN_BANK;
    case HZ_SEMTYPE_MOBILE:
    case HZ_SEMTYPE_PHONE:
        return HZ_GEN_PHONE;
    case HZ_SEMTYPE_DISABILITY_CERTIFICATE:
        return HZ_GEN_CERTIFICATE;
    default:
        return HZ_GEN_WORDS;
    }
}

static bool in_key(const hz_field *field)
{
    for (size_t i = 0; i < field->table->key_count; i++)
        if (field->table->key[i] == field)
            return true;
    return false;
}

static bool is_region(const hz_field *field)
{
    const hz_node *root = field->table->region.root;
    return root && root->kind == HZ_NODE_FIELD && root->field == field;
}

/* A plain field that some relation or reference looks up, or looks others up by. */
static bool ties(const hz_field *field)
{
    const hz_table *table = field->table;
    if (field->references)
        return true;
    for (size_t r = 0; r < table->relations_count; r++)
        for (size_t i = 0; i < table->relations[r]->on_count; i++) {
            const hz_node *root = table->relations[r]->on_from[i].root;
            if (root && root->kind == HZ_NODE_FIELD && root->field == field)
                return true;
        }
    return false;
}

static bool may_come_from(const hz_gen_plan *plan, const hz_field *field, const hz_node *mine, const hz_node *theirs)
{
    const hz_table *table = field->table;
    if (!mine || !theirs || mine->kind != HZ_NODE_FIELD || theirs->kind != HZ_NODE_FIELD || mine->field != field)
        return false;
    const hz_table *other = theirs->field->table;
    hz_gen_role role = plan->tables[other->index].role;
    if (other == table || role == HZ_GEN_NONE || role == HZ_GEN_INCLUDED || !other->key_count ||
        other->key[0] != theirs->field)
        return false;
    return !(table->key_count && table->key[0] == field && plan->tables[other->index].parent == table->index);
}

/* The key field of another table that this one's values come from. */
static const hz_field *source_of(const hz_gen_plan *plan, const hz_field *field)
{
    if (field->references && field->references->table != field->table)
        return field->references;
    for (size_t t = 0; t < plan->profile->tables_count; t++)
        for (size_t r = 0; r < plan->profile->tables[t].relations_count; r++) {
            const hz_relation *rel = plan->profile->tables[t].relations[r];
            if (rel->to_period || rel->from_period)
                continue;
            for (size_t i = 0; i < rel->on_count; i++) {
                const hz_node *from = rel->on_from[i].root, *to = rel->on_to[i].root;
                if (rel->from == field->table && may_come_from(plan, field, from, to))
                    return to->field;
                if (rel->to == field->table && may_come_from(plan, field, to, from))
                    return from->field;
            }
        }
    return NULL;
}

static bool text_fits(const hz_gen_field *known, hz_slice text)
{
    const hz_field *field = known->field;
    int64_t length = (int64_t)hz_utf8_length(text);
    bool matches = true;
    if ((field->max_length >= 0 && length > field->max_length) || length < field->min_length)
        return false;
    hz_pattern_scratch *scratch = NULL;
    if (known->pattern && hz_pattern_match(&matches, known->pattern, &scratch, text, NULL) != HZ_OK)
        matches = false;
    hz_pattern_scratch_free(scratch);
    return matches;
}

/* How many digits a key has: as many as make it distinct, if the field allows. */
static uint32_t digits_of(const hz_gen_field *known)
{
    static const uint8_t lengths[] = {14, 16, 12, 18, 20, 11, 10, 9, 8, 15, 13, 17, 19, 7, 6, 5, 4, 3, 2};
    for (size_t i = 0; i < sizeof lengths; i++)
        if (text_fits(known, (hz_slice){"10203040506070809010", lengths[i]}))
            return lengths[i];
    return 0;
}

static hz_gen_kind kind_of_text(hz_gen_field *known)
{
    const hz_field *field = known->field;
    hz_slice title = field->title.zh;
    hz_gen_kind kind;
    if (hinted(&kind, field) && !(kind == HZ_GEN_PLACE_NAME && in_key(field)))
        return kind;
    bool numbered = in_key(field) || ties(field) || known->source || ends(title, "编号") || ends(title, "学籍号");
    known->key_length = digits_of(known);
    if (numbered && known->key_length)
        return HZ_GEN_KEY;
    known->key_length = 0;
    return known->pattern ? HZ_GEN_PATTERN : HZ_GEN_WORDS;
}

static hz_gen_kind kind_of(const hz_gen_plan *plan, hz_gen_field *known)
{
    const hz_field *field = known->field;
    known->source = source_of(plan, field);
    switch (field->type) {
    case HZ_FIELD_TEXT:
        return kind_of_text(known);
    case HZ_FIELD_INTEGER:
    case HZ_FIELD_DECIMAL:
        return HZ_GEN_NUMBER;
    case HZ_FIELD_BOOLEAN:
        return HZ_GEN_BOOLEAN;
    case HZ_FIELD_CODES:
        return HZ_GEN_CODES;
    case HZ_FIELD_SEMANTIC:
        if (field->semtypes[0] == HZ_SEMTYPE_DIVISION)
            return in_key(field) || is_region(field) || field->required || field->level == HZ_LEVEL_VILLAGE
                       ? HZ_GEN_PLACE
                       : HZ_GEN_DIVISION;
        return kind_of_semtype(field->semtypes[0]);
    default:
        return HZ_GEN_TIME;
    }
}

static hz_status take_codes(hz_gen_plan *plan, hz_gen_field *known, hz_error *err)
{
    const hz_codelist *list = known->field->codes;
    size_t count = list ? hz_codelist_count(list) : 0;
    for (unsigned p = 0; p < plan->options->periods; p++) {
        int32_t day = known->field->codes_valid_ever ? HZ_DAY_EVER : plan->as_of[p];
        uint32_t *codes = HZ_ARENA_ARRAY(plan->arena, uint32_t, count + 1);
        if (!codes)
            return hz_nomem(err, count * sizeof *codes);
        known->codes[p] = codes;
        for (size_t i = 0; i < count; i++) {
            hz_slice code = hz_codelist_at(list, i).code;
            if (hz_codelist_find(list, code, day) == i && text_fits(known, code))
                codes[known->codes_count[p]++] = (uint32_t)i;
        }
    }
    return HZ_OK;
}

static unsigned missing_percent(const hz_gen_field *known)
{
    const hz_field *field = known->field;
    if (field->required || known->key || known->year || field->table->external)
        return 0;
    if (known->source)
        return 10;
    switch (known->kind) {
    case HZ_GEN_CODES:
        return 60;
    case HZ_GEN_BOOLEAN:
        return 15;
    case HZ_GEN_PLACE:
    case HZ_GEN_PLACE_NAME:
    case HZ_GEN_NAME:
    case HZ_GEN_RESIDENT:
        return 5;
    default:
        return field->required_when.root ? 60 : 45;
    }
}

bool hz_gen_says_year(const hz_field *field)
{
    return field->type == HZ_FIELD_INTEGER &&
           (hz_slice_is(field->title.zh, "年度") || (!field->title.zh.len && hz_slice_is(field->name, "year")));
}

hz_status hz_gen_plan_fields(hz_gen_plan *plan, hz_error *err)
{
    for (size_t t = 0; t < plan->profile->tables_count; t++) {
        const hz_table *table = &plan->profile->tables[t];
        hz_gen_field *fields = HZ_ARENA_ARRAY(plan->arena, hz_gen_field, table->fields_count + 1);
        if (!fields)
            return hz_nomem(err, table->fields_count * sizeof *fields);
        plan->tables[t].fields = fields;
        for (size_t f = 0; f < table->fields_count; f++) {
            const hz_field *field = &table->fields[f];
            fields[f].field = field;
            if (field->pattern)
                HZ_TRY(hz_pattern_new(&fields[f].pattern, field->pattern_text, field->pattern, plan->options->limits,
                                      false, err));
            fields[f].key = in_key(field);
            fields[f].kind = kind_of(plan, &fields[f]);
            fields[f].year = hz_gen_says_year(field);
            fields[f].locked = fields[f].year;
            if (fields[f].kind == HZ_GEN_CODES)
                HZ_TRY(take_codes(plan, &fields[f], err));
            fields[f].small = !field->many.len && (fields[f].kind == HZ_GEN_CODES || fields[f].kind == HZ_GEN_BOOLEAN);
            fields[f].null_percent = missing_percent(&fields[f]);
        }
    }
    return HZ_OK;
}
