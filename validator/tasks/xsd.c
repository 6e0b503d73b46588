/* xsd.c: see xsd.h. A value that may be missing is a union of its type and of the table's nulls, since an empty element
 * is a missing value. Keys and references stand on the root; their selectors are the tables' elements. */
#include "validator/tasks/xsd.h"
#include "base/utf8.h"

enum { CODES_MAX = 5000 };

/* ---- texts ---- */

static void put_facet(hz_buf *out, const char *facet, hz_slice value)
{
    hz_buf_printf(out, "      <xs:%s value=\"", facet);
    hz_put_markup(out, value);
    hz_buf_puts(out, "\"/>\n");
}

static void put_whole(hz_buf *out, const char *facet, int64_t value)
{
    hz_buf_printf(out, "      <xs:%s value=\"%lld\"/>\n", facet, (long long)value);
}

static void put_titles(hz_buf *out, hz_text2 title, const char *indent)
{
    const hz_slice texts[2] = {title.zh, title.en};
    static const char *const langs[2] = {"zh", "en"};
    if (!title.zh.len && !title.en.len)
        return;
    hz_buf_printf(out, "%s<xs:annotation>", indent);
    for (size_t i = 0; i < 2; i++)
        if (texts[i].len) {
            hz_buf_printf(out, "<xs:documentation xml:lang=\"%s\">", langs[i]);
            hz_put_markup(out, texts[i]);
            hz_buf_puts(out, "</xs:documentation>");
        }
    hz_buf_puts(out, "</xs:annotation>\n");
}

/* NCName, as far as names of fields go: letters, digits, CJK, _ - . and no digit or sign first. */
static bool is_name(hz_slice name)
{
    for (size_t at = 0; at < name.len;) {
        bool first = at == 0;
        uint32_t c = hz_utf8_next(name, &at);
        bool letter = (c | 0x20) - 'a' < 26 || c == '_' || c == 0x3007 || (c >= 0x4E00 && c <= 0x9FA5);
        if (!letter && (first || !((c >= '0' && c <= '9') || c == '-' || c == '.')))
            return false;
    }
    return name.len > 0;
}

/* ---- what the schema may ask ---- */

/* The field's constraint where breaking it is an error whatever else holds. */
static bool asks(const hz_profile *profile, const hz_field *field, hz_rule_kind kind)
{
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (rule->kind == kind && rule->field == field)
            return rule->status == HZ_LIFE_ACTIVE && rule->severity <= HZ_SEVERITY_ERROR && !rule->when.root &&
                   !rule->tolerance.has_rate && !rule->tolerance.has_count && rule->effective == INT32_MIN &&
                   rule->until == INT32_MAX;
    }
    return false;
}

static bool is_required(const hz_profile *profile, const hz_field *field)
{
    return asks(profile, field, HZ_RULE_REQUIRED);
}

static bool is_plain_text(const hz_field *field)
{
    return field->trim || field->fold_width || field->fold_case || field->many.len;
}

/* Whether a pattern reads alike in PCRE2 and XSD: characters, classes, groups, alternatives, greedy repetition. */
static bool same_in_xsd(hz_slice p)
{
    bool in_class = false;
    for (size_t i = 0; i < p.len; i++) {
        char c = p.ptr[i], next = i + 1 < p.len ? p.ptr[i + 1] : '\0';
        if (c == '\\') {
            if (!strchr("\\.-()[]{}|*+?^d", next) || !next)
                return false;
            if (next == 'd')
                return false; /* XSD: any digit of Unicode */
            i++;
        } else if (in_class) {
            if (c == '[' || (c == '-' && next == '['))
                return false;
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            if (next == ']' || next == '^')
                i += next == '^';
        } else if (c == '^' || c == '$' || c == '.' || (c == '(' && next == '?')) {
            return false;
        } else if (strchr("*+?}", c) && (next == '?' || next == '+')) {
            return false;
        }
    }
    return !in_class;
}

/* ---- the type of a value ---- */

static const char *form_of(hz_semtype type)
{
    switch (type) {
    case HZ_SEMTYPE_USCC:
        return "[0-9A-HJ-NPQRTUWXY]{18}";
    case HZ_SEMTYPE_BANK_CARD:
        return "[0-9]{16,19}";
    case HZ_SEMTYPE_MOBILE:
        return "1[0-9]{10}";
    case HZ_SEMTYPE_DIVISION:
        return "[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}";
    default:
        return NULL;
    }
}

/* Several types are alternatives: all of them, or none, have a form. */
static void put_semantic(hz_buf *out, const hz_field *field)
{
    for (size_t i = 0; i < field->semtypes_count; i++)
        if (field->semtypes[i] != HZ_SEMTYPE_RESIDENT_ID && !form_of(field->semtypes[i]))
            return;
    hz_buf_puts(out, "      <xs:pattern value=\"");
    for (size_t i = 0; i < field->semtypes_count; i++) {
        const char *form = form_of(field->semtypes[i]);
        hz_buf_puts(out, i ? "|" : "");
        hz_buf_puts(out, form ? form : field->accept_15 ? "[0-9]{17}[0-9X]|[0-9]{15}" : "[0-9]{17}[0-9X]");
    }
    hz_buf_puts(out, "\"/>\n");
}

static void put_codes(hz_buf *out, const hz_field *field)
{
    const hz_codelist *list = field->codes;
    size_t count = list ? hz_codelist_count(list) : 0;
    if (!count || count > CODES_MAX) {
        hz_buf_puts(out, "      <!-- codes: too many to list -->\n");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        hz_code code = hz_codelist_at(list, i);
        const hz_slice names[3] = {code.code, code.name.zh, code.name.en};
        for (size_t n = 0; n < (field->codes_names ? 3 : 1); n++)
            if (names[n].len)
                put_facet(out, "enumeration", names[n]);
    }
}

static void put_texts(hz_buf *out, const hz_slice *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_facet(out, "enumeration", texts[i]);
}

/* The forms of a date as one pattern. */
static void put_formats(hz_buf *out, const hz_field *field)
{
    hz_buf_puts(out, "      <xs:pattern value=\"");
    for (size_t f = 0; f < field->formats_count; f++) {
        const hz_time_format *format = &field->formats[f];
        hz_buf_puts(out, f ? "|" : "");
        if (format->iso) {
            static const char *const iso[] = {
                [HZ_TIME_DATE] = "[0-9]{4}-[0-9]{2}-[0-9]{2}",
                [HZ_TIME_MONTH] = "[0-9]{4}-[0-9]{2}",
                [HZ_TIME_DATETIME] = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?",
                [HZ_TIME_TIME] = "[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?"};
            hz_buf_puts(out, iso[format->kind]);
        }
        for (uint32_t p = 0; p < format->parts_count; p++) {
            hz_slice literal = {format->text + format->parts[p].offset, format->parts[p].len};
            if (format->parts[p].token != '=')
                hz_buf_printf(out, literal.len ? "[0-9]{%zu}" : "[0-9]{1,2}", literal.len);
            for (size_t i = 0; format->parts[p].token == '=' && i < literal.len; i++) {
                if (strchr("\\.-()[]{}|*+?^", literal.ptr[i]))
                    hz_buf_putc(out, '\\');
                hz_put_markup(out, hz_slice_sub(literal, i, i + 1));
            }
        }
    }
    hz_buf_puts(out, "\"/>\n");
}

static bool is_value(const hz_expr *bound)
{
    return bound->root && bound->root->kind == HZ_NODE_LITERAL && bound->root->value.valid;
}

static void put_bound(hz_buf *out, const char *facet, const hz_expr *bound)
{
    if (!is_value(bound))
        return;
    const hz_value *value = &bound->root->value;
    hz_buf text = HZ_BUF_INIT;
    if (value->type == HZ_TYPE_INTEGER)
        hz_buf_put_i64(&text, value->as.i64);
    else if (value->type == HZ_TYPE_DECIMAL)
        hz_decimal_put(&text, value->as.decimal);
    else if (value->type == HZ_TYPE_DATE)
        hz_date_put(&text, (int32_t)value->as.i64);
    if (text.len)
        put_facet(out, facet, hz_buf_slice(&text));
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
}

static const char *base_of(const hz_field *field, bool typed)
{
    if (!typed)
        return "string";
    if (field->type == HZ_FIELD_INTEGER)
        return "long";
    if (field->type == HZ_FIELD_DECIMAL)
        return "decimal";
    return field->type == HZ_FIELD_DATE && field->formats_count == 1 && field->formats[0].iso ? "date" : "string";
}

static void put_type_facets(hz_buf *out, const hz_field *field)
{
    switch (field->type) {
    case HZ_FIELD_SEMANTIC:
        put_semantic(out, field);
        break;
    case HZ_FIELD_CODES:
        put_codes(out, field);
        break;
    case HZ_FIELD_BOOLEAN:
        put_texts(out, field->true_texts, field->true_count);
        put_texts(out, field->false_texts, field->false_count);
        break;
    case HZ_FIELD_DECIMAL:
        if (field->precision >= 0) {
            put_whole(out, "totalDigits", field->precision);
            put_whole(out, "fractionDigits", field->scale);
        }
        break;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
    case HZ_FIELD_DATETIME:
    case HZ_FIELD_TIME:
        put_formats(out, field);
        break;
    case HZ_FIELD_TEXT:
    case HZ_FIELD_INTEGER:
        break;
    }
}

static void put_pattern(hz_buf *out, const hz_field *field)
{
    for (size_t i = 0; i < field->patterns_count; i++)
        if (!same_in_xsd(field->patterns[i])) {
            hz_buf_puts(out, "      <!-- pattern: the profile's, which XSD cannot say -->\n");
            return;
        }
    if (field->patterns_count == 1) /* several in one restriction would be alternatives */
        put_facet(out, "pattern", field->patterns[0]);
}

static void put_simple_type(hz_buf *out, const hz_profile *profile, const hz_field *field)
{
    bool plain = is_plain_text(field);
    hz_rule_kind kind = field->type == HZ_FIELD_CODES ? HZ_RULE_CODES : HZ_RULE_TYPE;
    bool typed = !plain && asks(profile, field, kind);
    const char *base = base_of(field, typed);
    bool number = !strcmp(base, "long") || !strcmp(base, "decimal") || !strcmp(base, "date");
    hz_buf_printf(out, "    <xs:restriction base=\"xs:%s\">\n", base);
    if (typed)
        put_type_facets(out, field);
    if (!plain && field->type == HZ_FIELD_TEXT && asks(profile, field, HZ_RULE_PATTERN))
        put_pattern(out, field);
    if (!plain && field->type != HZ_FIELD_CODES && !number && asks(profile, field, HZ_RULE_LENGTH)) {
        if (field->min_length >= 0)
            put_whole(out, "minLength", field->min_length);
        if (field->max_length >= 0)
            put_whole(out, "maxLength", field->max_length);
    }
    if (number && asks(profile, field, HZ_RULE_RANGE)) {
        put_bound(out, "minInclusive", &field->min);
        put_bound(out, "maxInclusive", &field->max);
    }
    hz_buf_puts(out, "    </xs:restriction>\n");
}

static void put_field_type(hz_buf *out, const hz_profile *profile, const hz_table *table, const hz_field *field)
{
    hz_buf_puts(out, "  <xs:simpleType name=\"");
    hz_buf_put(out, table->name);
    hz_buf_putc(out, '.');
    hz_buf_put(out, field->name);
    hz_buf_puts(out, "\">\n");
    put_titles(out, field->title, "    ");
    if (is_required(profile, field) || !table->nulls_count) {
        put_simple_type(out, profile, field);
    } else {
        hz_buf_puts(out, "    <xs:union>\n    <xs:simpleType>\n");
        put_simple_type(out, profile, field);
        hz_buf_puts(out, "    </xs:simpleType>\n    <xs:simpleType>\n    <xs:restriction base=\"xs:string\">\n");
        put_texts(out, table->nulls, table->nulls_count);
        hz_buf_puts(out, "    </xs:restriction>\n    </xs:simpleType>\n    </xs:union>\n");
    }
    hz_buf_puts(out, "  </xs:simpleType>\n");
}

/* ---- tables ---- */

static bool is_in(const hz_table *table)
{
    return !table->external && !table->included.len && !table->builtin && is_name(table->name);
}

static void put_table(hz_buf *out, const hz_profile *profile, const hz_table *table)
{
    for (size_t i = 0; i < table->fields_count; i++)
        if (is_name(table->fields[i].name))
            put_field_type(out, profile, table, &table->fields[i]);
    hz_buf_puts(out, "  <xs:complexType name=\"");
    hz_buf_put(out, table->name);
    hz_buf_puts(out, "\">\n");
    put_titles(out, table->title, "    ");
    hz_buf_puts(out, "    <xs:all>\n");
    for (size_t i = 0; i < table->fields_count; i++) {
        const hz_field *field = &table->fields[i];
        if (!is_name(field->name)) {
            hz_buf_puts(out, "      <!-- a field whose name no element can have is left out -->\n");
            continue;
        }
        hz_buf_printf(out, "      <xs:element name=\"%.*s\" type=\"%.*s.%.*s\"", HZ_SLICE_FMT(field->name),
                      HZ_SLICE_FMT(table->name), HZ_SLICE_FMT(field->name));
        hz_buf_puts(out, is_required(profile, field) ? "/>\n" : " minOccurs=\"0\"/>\n");
    }
    hz_buf_puts(out, "    </xs:all>\n  </xs:complexType>\n");
}

/* ---- keys ---- */

static const hz_rule *key_rule(const hz_profile *profile, const hz_table *table)
{
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (rule->kind == HZ_RULE_UNIQUE && rule->table == table && rule->derived && table->key_count &&
            rule->keys_count == table->key_count && rule->id.len == table->name.len + 4 &&
            hz_slice_is(hz_slice_sub(rule->id, rule->id.len - 4, rule->id.len), ".key"))
            return rule;
    }
    return NULL;
}

/* Whether the schema can hold rows to it: every part must be there, and be compared as it is written. */
static bool has_key(const hz_profile *profile, const hz_table *table)
{
    const hz_rule *rule = key_rule(profile, table);
    if (!rule || rule->status != HZ_LIFE_ACTIVE || rule->severity > HZ_SEVERITY_ERROR || rule->tolerance.has_rate ||
        rule->tolerance.has_count)
        return false;
    for (size_t i = 0; i < table->key_count; i++)
        if (!is_required(profile, table->key[i]) || is_plain_text(table->key[i]) || !is_name(table->key[i]->name))
            return false;
    return true;
}

static void put_selector(hz_buf *out, const hz_table *table)
{
    hz_buf_printf(out, "      <xs:selector xpath=\"%.*s\"/>\n", HZ_SLICE_FMT(table->name));
}

static void put_key(hz_buf *out, const hz_table *table)
{
    hz_buf_printf(out, "    <xs:key name=\"%.*s.key\">\n", HZ_SLICE_FMT(table->name));
    put_selector(out, table);
    for (size_t i = 0; i < table->key_count; i++)
        hz_buf_printf(out, "      <xs:field xpath=\"%.*s\"/>\n", HZ_SLICE_FMT(table->key[i]->name));
    hz_buf_puts(out, "    </xs:key>\n");
}

static void put_references(hz_buf *out, const hz_profile *profile, const hz_table *table)
{
    for (size_t i = 0; i < table->fields_count; i++) {
        const hz_field *field = &table->fields[i], *to = field->references;
        /* an empty element would be a reference to nothing, where the profile sees none */
        if (!to || !is_in(to->table) || to->table->key_count != 1 || to->table->key[0] != to || !is_name(field->name) ||
            is_plain_text(field) || !is_required(profile, field) || !asks(profile, field, HZ_RULE_REFERENCES) ||
            !has_key(profile, to->table) || field->type != to->type)
            continue;
        hz_buf_printf(out, "    <xs:keyref name=\"%.*s.%.*s.references\" refer=\"%.*s.key\">\n",
                      HZ_SLICE_FMT(table->name), HZ_SLICE_FMT(field->name), HZ_SLICE_FMT(to->table->name));
        put_selector(out, table);
        hz_buf_printf(out, "      <xs:field xpath=\"%.*s\"/>\n    </xs:keyref>\n", HZ_SLICE_FMT(field->name));
    }
}

void hz_xsd_put(hz_buf *out, const hz_profile *profile)
{
    hz_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" version=\"");
    hz_put_markup(out, profile->version);
    hz_buf_puts(out, "\">\n");
    put_titles(out, profile->title, "  ");
    for (size_t t = 0; t < profile->tables_count; t++)
        if (is_in(&profile->tables[t]))
            put_table(out, profile, &profile->tables[t]);
    hz_buf_puts(out, "  <xs:element name=\"data\">\n    <xs:complexType>\n"
                     "    <xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">\n");
    for (size_t t = 0; t < profile->tables_count; t++)
        if (is_in(&profile->tables[t]))
            hz_buf_printf(out, "      <xs:element name=\"%.*s\" type=\"%.*s\"/>\n",
                          HZ_SLICE_FMT(profile->tables[t].name), HZ_SLICE_FMT(profile->tables[t].name));
    hz_buf_puts(out, "    </xs:choice>\n    </xs:complexType>\n");
    for (size_t t = 0; t < profile->tables_count; t++)
        if (is_in(&profile->tables[t]) && has_key(profile, &profile->tables[t]))
            put_key(out, &profile->tables[t]);
    for (size_t t = 0; t < profile->tables_count; t++)
        if (is_in(&profile->tables[t]))
            put_references(out, profile, &profile->tables[t]);
    hz_buf_puts(out, "  </xs:element>\n</xs:schema>\n");
}
