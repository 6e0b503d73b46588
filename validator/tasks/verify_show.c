/* verify_show.c: what verify found, for people and for programs. */
#include <stdio.h>

#include "base/jcs.h"
#include "base/utf8.h"
#include "validator/tasks/verify.h"

static const hz_msg_id state_words[HZ_PROOF_STATES] = {HZ_MSG_VERIFY_HOLDS, HZ_MSG_VERIFY_FAILS, HZ_MSG_VERIFY_OPEN,
                                                       HZ_MSG_VERIFY_UNREADABLE};

static const hz_msg_id short_words[HZ_PROOF_STATES] = {HZ_MSG_VERIFY_SHORT_HOLDS, HZ_MSG_VERIFY_SHORT_FAILS,
                                                       HZ_MSG_VERIFY_SHORT_OPEN, HZ_MSG_VERIFY_SHORT_UNREADABLE};

static void put_line(hz_buf *out, const hz_proof_line *line, hz_lang lang)
{
    hz_buf raw = HZ_BUF_INIT;
    hz_msg_render(&raw, line->message, line->args, 4, lang);
    if (raw.status != HZ_OK && out->status == HZ_OK)
        out->status = raw.status;
    hz_utf8_put_safe(out, hz_buf_slice(&raw));
    hz_buf_clear(&raw);
}

static const hz_jvalue *of(const hz_proof *proof, const char *part, const char *name)
{
    return hz_jget(hz_jget(hz_jget(proof->root, "statement"), part), name);
}

static void put_plain(hz_buf *out, const hz_jvalue *value)
{
    bool shown = hz_jis(value, HZ_JR_STRING) || hz_jis(value, HZ_JR_NUMBER);
    hz_utf8_put_safe(out, shown ? value->text : HZ_SLICE_LIT("\xe2\x80\x93"));
}

static void put_fact(hz_buf *out, hz_msg_id name, hz_lang lang, const hz_jvalue *const *values)
{
    hz_buf_printf(out, "  %s", hz_msg_text(name, lang));
    for (size_t i = 0; values[i]; i++) {
        hz_buf_putc(out, ' ');
        put_plain(out, values[i]);
    }
    hz_buf_putc(out, '\n');
}

static void put_facts(hz_buf *out, const hz_proof *proof, hz_lang lang)
{
    const hz_jvalue *profile[] = {of(proof, "profile", "id"), of(proof, "profile", "version"), NULL};
    const hz_jvalue *grade[] = {of(proof, "verdict", "grade"), NULL}, *score[] = {of(proof, "verdict", "score"), NULL};
    const hz_jvalue *issued[] = {hz_jget(hz_jget(proof->root, "statement"), "issued"), NULL};
    const hz_jvalue *digest[] = {hz_jget(hz_jget(proof->root, "digests"), "statement"), NULL};
    bool conformant = hz_jtrue(of(proof, "verdict", "conformant"));
    hz_buf_printf(out, "  %s\n",
                  hz_msg_text(conformant ? HZ_MSG_CERTPAGE_CONFORMANT : HZ_MSG_CERTPAGE_NOT_CONFORMANT, lang));
    put_fact(out, HZ_MSG_CERTPAGE_GRADE, lang, grade);
    put_fact(out, HZ_MSG_CERTPAGE_SCORE, lang, score);
    put_fact(out, HZ_MSG_CERTPAGE_PROFILE, lang, profile);
    put_fact(out, HZ_MSG_CERTPAGE_ISSUED, lang, issued);
    put_fact(out, HZ_MSG_CERTPAGE_DIGEST, lang, digest);
}

static void put_one(hz_buf *out, const hz_proof *proof, hz_lang lang)
{
    static const char *const marks[HZ_PROOF_STATES] = {"\xe2\x9c\x93", "\xe2\x9c\x97", "?", "\xe2\x9c\x97"};
    const hz_slice name = proof->key_name;
    hz_buf_printf(out, "%s ", marks[proof->state]);
    hz_utf8_put_safe(out, proof->path);
    hz_buf_puts(out, lang == HZ_LANG_ZH ? "：" : ": ");
    hz_msg_render(out, state_words[proof->state], &name, 1, lang);
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < proof->lines_count; i++) {
        hz_buf_puts(out, proof->lines[i].wrong ? "  \xe2\x9c\x97 " : "  - ");
        put_line(out, &proof->lines[i], lang);
        hz_buf_putc(out, '\n');
    }
    if (proof->more) {
        char digits[24];
        const hz_slice more = {digits, (size_t)snprintf(digits, sizeof digits, "%zu", proof->more)};
        hz_buf_puts(out, "  - ");
        hz_msg_render(out, HZ_MSG_VERIFY_MORE, &more, 1, lang);
        hz_buf_putc(out, '\n');
    }
    if (proof->root && proof->state != HZ_PROOF_FAILS) /* what it says does not stand */
        put_facts(out, proof, lang);
}

/* ---- the table ---- */

enum { COLUMNS = 6, WIDTH_MAX = 48 };

static void put_cell(hz_buf *out, const hz_proof *proof, size_t column, hz_lang lang)
{
    switch (column) {
    case 0:
        hz_utf8_put_safe(out, proof->path);
        break;
    case 1:
        hz_buf_puts(out, hz_msg_text(short_words[proof->state], lang));
        break;
    case 2:
        put_plain(out, of(proof, "profile", "id"));
        break;
    case 3:
        put_plain(out, of(proof, "verdict", "grade"));
        break;
    case 4:
        put_plain(out, hz_jget(hz_jget(proof->root, "statement"), "issued"));
        break;
    default:
        hz_utf8_put_safe(out, proof->key_name.len ? proof->key_name : HZ_SLICE_LIT("\xe2\x80\x93"));
    }
}

static const hz_msg_id heads[COLUMNS] = {HZ_MSG_VERIFY_HEAD_FILE, HZ_MSG_VERIFY_HEAD_STATE, HZ_MSG_CERTPAGE_PROFILE,
                                         HZ_MSG_CERTPAGE_GRADE,   HZ_MSG_CERTPAGE_ISSUED,   HZ_MSG_CERTPAGE_SIGNER};

static void put_padded(hz_buf *out, hz_slice text, size_t width, bool last)
{
    hz_buf_put(out, text);
    for (size_t used = hz_utf8_width(text); !last && used < width + 2; used++)
        hz_buf_putc(out, ' ');
}

static void put_table(hz_buf *out, const hz_proofs *proofs, hz_lang lang)
{
    size_t widths[COLUMNS];
    hz_buf cell = HZ_BUF_INIT;
    for (size_t c = 0; c < COLUMNS; c++) {
        widths[c] = hz_utf8_width(hz_slice_of(hz_msg_text(heads[c], lang)));
        for (size_t i = 0; i < proofs->count; i++) {
            hz_buf_reset(&cell);
            put_cell(&cell, &proofs->items[i], c, lang);
            size_t width = hz_utf8_width(hz_buf_slice(&cell));
            widths[c] = width > widths[c] ? width < WIDTH_MAX ? width : WIDTH_MAX : widths[c];
        }
    }
    for (size_t c = 0; c < COLUMNS; c++)
        put_padded(out, hz_slice_of(hz_msg_text(heads[c], lang)), widths[c], c + 1 == COLUMNS);
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < proofs->count; i++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            hz_buf_reset(&cell);
            put_cell(&cell, &proofs->items[i], c, lang);
            put_padded(out, hz_buf_slice(&cell), widths[c], c + 1 == COLUMNS);
        }
        hz_buf_putc(out, '\n');
        for (size_t k = 0; k < proofs->items[i].lines_count; k++) {
            if (!proofs->items[i].lines[k].wrong && proofs->items[i].state != HZ_PROOF_UNREADABLE)
                continue;
            hz_buf_puts(out, "  \xe2\x9c\x97 ");
            put_line(out, &proofs->items[i].lines[k], lang);
            hz_buf_putc(out, '\n');
        }
    }
    if (cell.status != HZ_OK && out->status == HZ_OK)
        out->status = cell.status;
    hz_buf_clear(&cell);
}

static void put_sums(hz_buf *out, const hz_proofs *proofs, hz_lang lang)
{
    char digits[HZ_PROOF_STATES][24];
    hz_slice args[HZ_PROOF_STATES];
    for (size_t s = 0; s < HZ_PROOF_STATES; s++) {
        size_t count = 0;
        for (size_t i = 0; i < proofs->count; i++)
            count += proofs->items[i].state == (hz_proof_state)s;
        args[s] = (hz_slice){digits[s], (size_t)snprintf(digits[s], sizeof digits[s], "%zu", count)};
    }
    hz_msg_render(out, HZ_MSG_VERIFY_SUMS, args, HZ_PROOF_STATES, lang);
    hz_buf_putc(out, '\n');
}

hz_status hz_proofs_text(hz_buf *out, const hz_proofs *proofs, hz_lang lang, hz_error *err)
{
    if (proofs->count == 1) {
        put_one(out, &proofs->items[0], lang);
    } else {
        put_table(out, proofs, lang);
        put_sums(out, proofs, lang);
    }
    return hz_buf_status(out, err);
}

/* ---- for programs ---- */

static void put_member(hz_buf *out, const char *name, const hz_jvalue *value)
{
    hz_buf_printf(out, ", \"%s\": ", name);
    if (!value || hz_jcs_put(out, value, NULL, NULL) != HZ_OK)
        hz_buf_puts(out, "null");
}

hz_status hz_proofs_json(hz_buf *out, const hz_proofs *proofs, hz_lang lang, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_putc(out, '[');
    for (size_t i = 0; i < proofs->count; i++) {
        const hz_proof *proof = &proofs->items[i];
        hz_buf_puts(out, i ? ",\n {\"path\": " : "{\"path\": ");
        hz_jcs_put_text(out, proof->path);
        hz_buf_printf(out, ", \"state\": \"%s\"", hz_proof_state_name(proof->state));
        put_member(out, "profile", of(proof, "profile", "id"));
        put_member(out, "grade", of(proof, "verdict", "grade"));
        put_member(out, "conformant", of(proof, "verdict", "conformant"));
        put_member(out, "issued", hz_jget(hz_jget(proof->root, "statement"), "issued"));
        put_member(out, "digest", hz_jget(hz_jget(proof->root, "digests"), "statement"));
        put_member(out, "key", hz_jget(hz_jget(proof->root, "signature"), "key"));
        hz_buf_puts(out, ", \"says\": [");
        for (size_t k = 0; k < proof->lines_count; k++) {
            hz_buf_reset(&text);
            put_line(&text, &proof->lines[k], lang);
            hz_buf_printf(out, "%s{\"wrong\": %s, \"id\": \"%s\", \"text\": ", k ? ", " : "",
                          proof->lines[k].wrong ? "true" : "false", hz_msg_name(proof->lines[k].message));
            hz_jcs_put_text(out, hz_buf_slice(&text));
            hz_buf_putc(out, '}');
        }
        hz_buf_puts(out, "]}");
    }
    hz_buf_puts(out, "]\n");
    if (text.status != HZ_OK && out->status == HZ_OK)
        out->status = text.status;
    hz_buf_clear(&text);
    return hz_buf_status(out, err);
}
