/* html_rules.c: rules and their findings.
 *
 * A rule's findings are much alike, and there may be tens of thousands of them. So names of keys and fields stand once,
 * at the rule; and of a message only what differs from the rule's first one: how many UTF-16 units of it stay in front
 * and behind, and what stands between.
 *
 *   finding = [line, source, [key…], [field…], message, {more}?]
 *   message = 0 (the first one) or [front, back, between] for both languages,
 *             or [front, back, between, front, back, between] for zh and en; a second `between` of 0 is the first
 *
 * Which findings are shown when not all can be: rounds. In each, every rule gives its next one, as long as it fits in
 * what is left; a rule whose next one does not fit is closed. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "reports/html_int.h"

typedef struct share {
    const hz_result_rule *rule;
    hz_buf first[2]; /* the first message, by language */
    size_t count;    /* of findings that are shown */
    bool closed;
} share;

typedef struct delta {
    size_t front, back; /* UTF-16 units */
    hz_slice between;
} delta;

/* ---- messages ---- */

static size_t units(hz_slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];
        count += (byte & 0xC0) != 0x80; /* a character begins */
        count += byte >= 0xF0;          /* it takes two units */
    }
    return count;
}

static bool inside(hz_slice text, size_t at)
{
    return at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80;
}

static delta differ(hz_slice first, hz_slice text)
{
    size_t least = first.len < text.len ? first.len : text.len, front = 0, back = 0;
    while (front < least && first.ptr[front] == text.ptr[front])
        front++;
    while (front && (inside(first, front) || inside(text, front)))
        front--;
    while (back < least - front && first.ptr[first.len - 1 - back] == text.ptr[text.len - 1 - back])
        back++;
    while (back && inside(text, text.len - back))
        back--;
    return (delta){units(hz_slice_sub(first, 0, front)), units(hz_slice_sub(first, first.len - back, first.len)),
                   hz_slice_sub(text, front, text.len - back)};
}

static void put_delta(hz_html *h, delta d, const delta *same)
{
    hz_pack_u64(&h->pack, d.front);
    hz_pack_u64(&h->pack, d.back);
    if (same && hz_slice_eq(same->between, d.between))
        hz_pack_u64(&h->pack, 0);
    else
        hz_pack_safe(&h->pack, d.between);
}

static void message_of(hz_html *h, hz_buf *out, const hz_finding *finding, hz_lang lang)
{
    hz_buf_reset(&h->scratch);
    hz_put_message(&h->scratch, finding, lang, h->options->reveal);
    hz_slice text = hz_html_scratched(h);
    hz_buf_reset(out);
    hz_html_safe(out, text);
}

static void put_message(hz_html *h, share *s, const hz_finding *finding, hz_buf now[2])
{
    delta d[2];
    for (int lang = 0; lang < 2; lang++) {
        message_of(h, &now[lang], finding, (hz_lang)lang);
        d[lang] = differ(hz_buf_slice(&s->first[lang]), hz_buf_slice(&now[lang]));
    }
    bool as_first = hz_slice_eq(hz_buf_slice(&now[0]), hz_buf_slice(&s->first[0])) &&
                    hz_slice_eq(hz_buf_slice(&now[1]), hz_buf_slice(&s->first[1]));
    if (as_first) {
        hz_pack_u64(&h->pack, 0);
        return;
    }
    hz_pack_open(&h->pack, '[');
    put_delta(h, d[0], NULL);
    if (d[0].front != d[1].front || d[0].back != d[1].back || !hz_slice_eq(d[0].between, d[1].between))
        put_delta(h, d[1], &d[0]);
    hz_pack_close(&h->pack, ']');
}

/* ---- findings ---- */

static void put_shown(hz_html *h, hz_shown value)
{
    if (value.null) {
        hz_pack_null(&h->pack);
        return;
    }
    hz_buf_reset(&h->scratch);
    hz_put_shown(&h->scratch, value, h->options->reveal);
    hz_pack_text(&h->pack, hz_html_scratched(h));
}

/* Under the profile's name: "1", or "1 (gender=男)" where the file has another name or value. */
static void put_named(hz_html *h, const hz_named *named)
{
    if (!named->own_name.len) {
        put_shown(h, named->value);
        return;
    }
    hz_buf_reset(&h->scratch);
    hz_put_shown(&h->scratch, named->value, h->options->reveal);
    hz_buf_puts(&h->scratch, " (");
    hz_buf_put(&h->scratch, named->own_name);
    hz_buf_putc(&h->scratch, '=');
    hz_put_shown(&h->scratch, named->own_value, h->options->reveal);
    hz_buf_putc(&h->scratch, ')');
    hz_pack_text(&h->pack, hz_html_scratched(h));
}

static void put_values(hz_html *h, const hz_named *items, size_t count)
{
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++)
        put_named(h, &items[i]);
    hz_pack_close(&h->pack, ']');
}

static void put_names(hz_html *h, const char *key, const hz_named *items, size_t count)
{
    hz_pack_key(&h->pack, key);
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++)
        hz_pack_text(&h->pack, items[i].name);
    hz_pack_close(&h->pack, ']');
}

static void put_pairs(hz_html *h, const hz_named *items, size_t count)
{
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_text(&h->pack, items[i].name);
        put_named(h, &items[i]);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

static bool same_names(const hz_named *a, size_t a_count, const hz_named *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (!hz_slice_eq(a[i].name, b[i].name))
            return false;
    return true;
}

/* By number; tables that only places name are not among those of the page and stand by name and path. */
static void put_table(hz_html *h, const hz_place *place)
{
    if (place->table < h->result->tables_count)
        hz_pack_u64(&h->pack, place->table);
    else
        hz_pack_text(&h->pack, h->result->tables[place->table].name);
}

static void put_source(hz_html *h, const hz_place *place)
{
    const hz_result_table *table = &h->result->tables[place->table];
    if (place->source >= table->sources_count)
        hz_pack_null(&h->pack);
    else if (place->table < h->result->tables_count)
        hz_pack_u64(&h->pack, place->source);
    else
        hz_pack_text(&h->pack, table->sources[place->source].path);
}

static void put_related(hz_html *h, const hz_finding *finding)
{
    hz_pack_key(&h->pack, "related");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < finding->related_count; i++) {
        const hz_place *place = &finding->related[i];
        hz_pack_open(&h->pack, '[');
        put_table(h, place);
        put_source(h, place);
        hz_pack_u64(&h->pack, place->line);
        hz_pack_text(&h->pack, place->where);
        put_pairs(h, place->key, place->key ? place->key_count : 0);
        put_pairs(h, place->fields, place->fields_count);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

static uint32_t table_of(const hz_html *h, const hz_rule *rule)
{
    uint32_t i = 0;
    while (i < h->result->tables_count && h->result->tables[i].table != rule->table)
        i++;
    return i;
}

static void put_more(hz_html *h, const share *s, const hz_finding *finding)
{
    const hz_place *at = &finding->at, *first = &s->rule->examples[0].at;
    hz_pack_open(&h->pack, '{');
    if (at->table != table_of(h, s->rule->rule)) {
        hz_pack_key(&h->pack, "table");
        put_table(h, at);
    }
    if (finding->severity != s->rule->severity)
        hz_html_count(h, "severity", finding->severity);
    if (!same_names(at->key, at->key_count, first->key, first->key_count))
        put_names(h, "keys", at->key, at->key_count);
    if (!same_names(at->fields, at->fields_count, first->fields, first->fields_count))
        put_names(h, "fields", at->fields, at->fields_count);
    if (at->line && (s->rule->rule->kind == HZ_RULE_ROWS || s->rule->rule->kind == HZ_RULE_ENCODING))
        hz_html_count(h, "offset", at->offset_bytes);
    if (at->where.len)
        hz_html_text(h, "where", at->where);
    if (finding->has_expected) {
        hz_pack_key(&h->pack, "expected");
        put_shown(h, finding->expected);
    }
    if (finding->has_difference) {
        hz_pack_key(&h->pack, "difference");
        put_shown(h, finding->difference);
    }
    if (finding->has_repair) {
        hz_pack_key(&h->pack, "repair");
        put_shown(h, finding->repair);
    }
    if (finding->related_count)
        put_related(h, finding);
    if (finding->echo_count) {
        hz_pack_key(&h->pack, "echo");
        put_pairs(h, finding->echo, finding->echo_count);
    }
    if (finding->acknowledged.len)
        hz_html_text(h, "acknowledged", finding->acknowledged);
    hz_html_flag(h, "fresh", finding->since == HZ_SINCE_NEW);
    hz_pack_close(&h->pack, '}');
}

static void put_finding(hz_html *h, share *s, const hz_finding *finding, hz_buf now[2])
{
    hz_buf *out = h->pack.out;
    hz_pack_open(&h->pack, '[');
    hz_pack_u64(&h->pack, finding->at.line);
    put_source(h, &finding->at);
    put_values(h, finding->at.key, finding->at.key ? finding->at.key_count : 0);
    put_values(h, finding->at.fields, finding->at.fields_count);
    put_message(h, s, finding, now);
    size_t before = out->len;
    put_more(h, s, finding);
    if (out->len == before + strlen(",{}") && out->ptr) {
        out->len = before;
        out->ptr[before] = '\0';
    }
    hz_pack_close(&h->pack, ']');
}

/* A finding apart from the page. */
static void make(hz_html *h, share *s, size_t index, hz_buf *one, hz_buf now[2])
{
    hz_buf *out = h->pack.out;
    hz_buf_reset(one);
    h->pack.out = one;
    h->pack.comma = index > 0;
    put_finding(h, s, &s->rule->examples[index], now);
    h->pack.out = out;
    for (int lang = 0; lang < 2; lang++)
        if ((s->first[lang].status != HZ_OK || now[lang].status != HZ_OK) && one->status == HZ_OK)
            one->status = HZ_E_NOMEM;
    if (one->status != HZ_OK && out->status == HZ_OK)
        out->status = one->status;
}

/* Counts the rule's next finding if it fits; returns whether the rule has more to give. It is made again when its turn
 * comes on the page: that costs little, and nothing is held. */
static bool take(hz_html *h, share *s, size_t *left, hz_buf *one, hz_buf now[2])
{
    const hz_finding *finding = &s->rule->examples[s->count];
    size_t cost = 1;
    if (!s->count) {
        for (int lang = 0; lang < 2; lang++) {
            message_of(h, &s->first[lang], finding, (hz_lang)lang);
            cost += s->first[lang].len;
        }
    }
    make(h, s, s->count, one, now);
    cost += one->len;
    if (cost > *left || h->pack.out->status != HZ_OK)
        return false;
    *left -= cost;
    s->count++;
    return s->count < s->rule->examples_count;
}

static void share_out(hz_html *h, share *shares, size_t count)
{
    size_t left = HZ_HTML_FINDINGS_BYTES;
    hz_buf one = HZ_BUF_INIT, now[2] = {HZ_BUF_INIT, HZ_BUF_INIT};
    bool more = true;
    for (size_t i = 0; i < count; i++)
        shares[i].closed = !shares[i].rule->examples_count;
    while (more) {
        more = false;
        for (size_t i = 0; i < count; i++) {
            if (shares[i].closed)
                continue;
            shares[i].closed = !take(h, &shares[i], &left, &one, now);
            more |= !shares[i].closed;
        }
    }
    hz_buf_clear(&one);
    hz_buf_clear(&now[0]);
    hz_buf_clear(&now[1]);
}

/* ---- rules ---- */

static void put_clause(hz_html *h, const hz_clause *clause)
{
    if (!clause->present)
        return;
    hz_pack_key(&h->pack, "clause");
    hz_pack_open(&h->pack, '[');
    hz_pack_text(&h->pack, clause->standard);
    hz_pack_text(&h->pack, clause->edition);
    hz_pack_text(&h->pack, clause->section);
    hz_pack_close(&h->pack, ']');
}

/* What a derived rule speaks of; the page has a word for each. */
static const char *kind_of(const hz_rule *rule)
{
    static const char *const kinds[HZ_RULE_KIND_COUNT] = {
        "PRESENT", "COLUMNS", "ROWS",  "ENCODING",   "REQUIRED", "TYPE",   "CODES", "ITEMS",
        "PATTERN", "LENGTH",  "RANGE", "REFERENCES", "UNIQUE",   "ASSERT", "GROUP", "SIMILAR"};
    return kinds[rule->kind];
}

static void put_head(hz_html *h, const hz_result_rule *result)
{
    const hz_rule *rule = result->rule;
    hz_html_text(h, "id", rule->id);
    hz_html_count(h, "table", table_of(h, rule));
    hz_html_count(h, "severity", result->severity);
    hz_html_count(h, "dimension", rule->dimension);
    hz_html_count(h, "gate", rule->gate);
    if (rule->indicator.len)
        hz_html_text(h, "indicator", rule->indicator);
    hz_html_text(h, "life", hz_slice_of(hz_life_name(result->life)));
    hz_html_text(h, "kind", hz_slice_of(kind_of(rule)));
    put_clause(h, &rule->clause);
    hz_html_text2(h, "title", rule->title);
    hz_html_text2(h, "description", rule->description);
    if (rule->field) {
        hz_html_text(h, "field", rule->field->name);
        hz_html_text2(h, "field_title", rule->field->title);
    }
    if (rule->assert_.root)
        hz_html_text(h, "assert", rule->assert_.text);
    if (rule->when.root)
        hz_html_text(h, "when", rule->when.text);
    hz_html_text2(h, "issues", rule->known_issues);
    hz_html_text(h, "outcome", hz_slice_of(hz_outcome_name(result->outcome)));
    hz_html_said(h, "reason", &result->reason);
    if (result->outcome == HZ_OUTCOME_SKIPPED || result->outcome == HZ_OUTCOME_ERROR)
        hz_html_text(h, "if_skipped", hz_slice_of(hz_if_skipped_name(rule->if_skipped)));
}

static void put_counts(hz_html *h, const hz_result_rule *rule)
{
    const uint64_t counts[] = {rule->rows,      rule->not_applicable, rule->undetermined, rule->ambiguous,
                               rule->evaluated, rule->passed,         rule->failed,       rule->waived};
    hz_pack_key(&h->pack, "counts");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        hz_pack_u64(&h->pack, counts[i]);
    hz_pack_close(&h->pack, ']');
    if (rule->has_groups)
        hz_html_count(h, "groups", rule->groups);
    if (rule->has_unkeyed)
        hz_html_count(h, "unkeyed", rule->unkeyed);
}

static void put_findings(hz_html *h, share *s, hz_buf *one, hz_buf now[2])
{
    if (!s->count)
        return;
    const hz_place *first = &s->rule->examples[0].at;
    if (first->key)
        put_names(h, "keys", first->key, first->key_count);
    put_names(h, "fields", first->fields, first->fields_count);
    hz_pack_key(&h->pack, "first");
    hz_pack_open(&h->pack, '[');
    hz_pack_safe(&h->pack, hz_buf_slice(&s->first[0]));
    hz_pack_safe(&h->pack, hz_buf_slice(&s->first[1]));
    hz_pack_close(&h->pack, ']');
    hz_pack_key(&h->pack, "findings");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < s->count && h->pack.out->status == HZ_OK; i++) {
        make(h, s, i, one, now);
        hz_buf_put(h->pack.out, hz_buf_slice(one));
    }
    hz_pack_close(&h->pack, ']');
}

static void put_list(hz_html *h, const char *key, share *shares, size_t count)
{
    hz_buf one = HZ_BUF_INIT, now[2] = {HZ_BUF_INIT, HZ_BUF_INIT};
    hz_pack_key(&h->pack, key);
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++) {
        hz_pack_open(&h->pack, '{');
        put_head(h, shares[i].rule);
        put_counts(h, shares[i].rule);
        put_findings(h, &shares[i], &one, now);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
    hz_buf_clear(&one);
    hz_buf_clear(&now[0]);
    hz_buf_clear(&now[1]);
}

hz_status hz_html_put_rules(hz_html *h, hz_error *err)
{
    const hz_result *result = h->result;
    size_t count = result->rules_count + result->drafts_count;
    share *shares = hz_mem_zalloc(count + 1, sizeof *shares);
    if (!shares)
        return hz_nomem(err, (count + 1) * sizeof *shares);
    for (size_t i = 0; i < count; i++)
        shares[i].rule = i < result->rules_count ? &result->rules[i] : &result->drafts[i - result->rules_count];
    bool comma = h->pack.comma;
    share_out(h, shares, count);
    h->pack.comma = comma;
    put_list(h, "rules", shares, result->rules_count);
    put_list(h, "drafts", shares + result->rules_count, result->drafts_count);
    for (size_t i = 0; i < count; i++) {
        hz_buf_clear(&shares[i].first[0]);
        hz_buf_clear(&shares[i].first[1]);
    }
    hz_mem_free(shares);
    return HZ_OK;
}
