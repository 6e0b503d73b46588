/* overlay.c: a profile that extends others.
 *
 * Each profile of a chain is loaded as it is alone, those that are extended first; so each is checked by itself, and
 * its mistakes are told once. The chain is put in order: what an item of `extends` extends comes before it, items in
 * their order, a profile that is reached twice once. Then the trees of the chain are laid over each other in that order
 * (overlay_merge.c), which keeps the place of every key, and the ordinary loader reads the result. What came out is
 * held to each profile that is extended directly: it may only tighten (tighten.h). At last the older forms of what was
 * tightened are added, so that one pass gives the verdict of every profile of the chain (overlay_forms.c). */
#include "profiles/load_int.h"
#include "profiles/tighten.h"

/* ---- the chain ---- */

static bool is_among(hz_member *const *members, size_t count, const hz_member *member)
{
    for (size_t i = 0; i < count; i++)
        if (members[i] == member)
            return true;
    return false;
}

/* "a.yaml → b.yaml → a.yaml" */
static hz_status tell_cycle(hz_session *session, const hz_member *again, hz_span at)
{
    hz_buf way = HZ_BUF_INIT, step = HZ_BUF_INIT;
    hz_buf_put(&way, again->file->text.path);
    for (const hz_member *member = session->top; member && member != again; member = member->extends) {
        hz_buf_reset(&step);
        hz_buf_put(&step, member->file->text.path);
        hz_buf_puts(&step, " → ");
        hz_buf_put(&step, hz_buf_slice(&way));
        hz_buf_reset(&way);
        hz_buf_put(&way, hz_buf_slice(&step));
    }
    hz_buf_reset(&step);
    hz_buf_put(&step, again->file->text.path);
    hz_buf_puts(&step, " → ");
    hz_buf_put(&step, hz_buf_slice(&way));
    hz_status st = hz_buf_status(&step, session->err);
    if (st == HZ_OK)
        hz_diag_error(session->diags, at, HZ_MSG_NONE, HZ_M(PROFILE_EXTENDS_CYCLE), HZ_S(hz_buf_slice(&step)));
    hz_buf_clear(&way);
    hz_buf_clear(&step);
    return st;
}

static hz_status over_limit(hz_session *session, hz_span at)
{
    hz_diag_error(session->diags, at, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_EXTENDS_DEPTH)),
                  HZ_U(session->limits->value[HZ_LIMIT_EXTENDS_DEPTH]));
    return HZ_OK;
}

static hz_status load_parent(hz_session *session, hz_member *member, const hz_yaml *item)
{
    hz_member *parent;
    HZ_TRY(hz_overlay_find(&parent, session, member, item));
    if (!parent)
        return HZ_OK;
    if (parent->state == HZ_MEMBER_LOADING)
        return tell_cycle(session, parent, item->span);
    if (is_among(member->parents, member->parents_count, parent)) {
        hz_diag_error(session->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(item->text));
        return HZ_OK;
    }
    if (session->depth >= session->limits->value[HZ_LIMIT_EXTENDS_DEPTH])
        return over_limit(session, item->span);
    if (parent->state == HZ_MEMBER_OPEN)
        HZ_TRY(hz_member_load(session, parent));
    member->parents[member->parents_count++] = parent;
    return HZ_OK;
}

/* Two profiles of one id would be two standards of one name. */
static void check_ids(hz_session *session, const hz_member *member, hz_span at)
{
    for (size_t i = 0; i < member->chain_count; i++)
        for (size_t k = 0; k < i; k++)
            if (member->chain[i]->id.len && hz_slice_eq(member->chain[i]->id, member->chain[k]->id)) {
                hz_diag_error(session->diags, at, HZ_MSG_NONE, HZ_M(PROFILE_EXTENDS_TWO), HZ_S(member->chain[i]->id),
                              HZ_S(member->chain[k]->file->text.path), HZ_S(member->chain[i]->file->text.path));
                return;
            }
}

static hz_status make_chain(hz_session *session, hz_member *member, hz_span at)
{
    size_t room = 1;
    for (size_t i = 0; i < member->parents_count; i++)
        room += member->parents[i]->chain_count;
    member->chain = HZ_ARENA_ARRAY(member->profile->arena, hz_member *, room);
    if (!member->chain)
        return hz_nomem(session->err, room * sizeof *member->chain);
    for (size_t i = 0; i < member->parents_count; i++) {
        const hz_member *parent = member->parents[i];
        for (size_t k = 0; k < parent->chain_count; k++)
            if (!is_among(member->chain, member->chain_count, parent->chain[k]))
                member->chain[member->chain_count++] = parent->chain[k];
    }
    member->chain[member->chain_count++] = member;
    check_ids(session, member, at);
    bool long_ = member->chain_count > session->limits->value[HZ_LIMIT_EXTENDS_DEPTH];
    return long_ || member->chain_count > HZ_CHAIN_MAX ? over_limit(session, at) : HZ_OK;
}

hz_status hz_overlay_parents(hz_session *session, hz_member *member)
{
    const hz_yaml *value = hz_yaml_get(member->root, "extends");
    size_t count = value && value->kind != HZ_YAML_MAP ? hz_texts_count(value) : 0;
    member->parents = HZ_ARENA_ARRAY(member->profile->arena, hz_member *, count);
    if (!member->parents)
        return hz_nomem(session->err, count * sizeof *member->parents);
    for (size_t i = 0; i < count; i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        if (item->kind == HZ_YAML_SCALAR && !item->nothing)
            HZ_TRY(load_parent(session, member, item));
        if (session->diags->overflowed)
            return HZ_E_PROFILE;
    }
    return make_chain(session, member, value ? value->span : (hz_span){&member->file->text, HZ_SPAN_WHOLE, 0});
}

/* ---- only tighten ---- */

typedef struct judge {
    hz_loader *ld;
    const hz_member *parent;
    hz_span last; /* told of, and why: a field's key stands for several rules */
    hz_msg_id last_reason;
} judge;

/* The key at the end of the path, or of as much of it as is there; else the element's own place. */
static hz_span locate(const hz_yaml *root, const hz_change *change, hz_span element)
{
    hz_span found = element;
    for (size_t i = 0; root && i < change->path_count; i++) {
        const hz_yaml_pair *pair = NULL;
        for (uint32_t k = 0; root->kind == HZ_YAML_MAP && k < root->count; k++)
            if (hz_slice_eq(root->pairs[k].key->text, change->path[i]))
                pair = &root->pairs[k];
        if (!pair)
            break;
        if (i >= 1 || element.offset == HZ_SPAN_WHOLE)
            found = pair->key->span;
        root = pair->value;
    }
    return found;
}

/* "base.yaml:12:5" */
static void put_place(hz_buf *out, hz_span span)
{
    if (!span.text)
        return;
    hz_position at = hz_text_position(span.text, span.offset == HZ_SPAN_WHOLE ? 0 : span.offset);
    hz_buf_put(out, span.text->path);
    hz_buf_printf(out, ":%llu:%llu", (unsigned long long)at.line, (unsigned long long)at.column);
}

static hz_status hear(const hz_change *change, void *payload, hz_error *err)
{
    judge *j = payload;
    bool may = change->class_ < HZ_CHANGE_LOOSENING || (change->class_ == HZ_CHANGE_LOOSENING && change->open);
    if (may)
        return HZ_OK;
    hz_span at = locate(j->ld->member->whole, change, change->after_span);
    bool again = at.text == j->last.text && at.offset == j->last.offset && change->reason == j->last_reason &&
                 at.offset != HZ_SPAN_WHOLE && change->path_count > 1 && hz_slice_is(change->path[0], "tables");
    if (again)
        return HZ_OK;
    j->last = at;
    j->last_reason = change->reason;
    hz_buf place = HZ_BUF_INIT;
    put_place(&place, locate(j->parent->whole, change, change->before_span));
    hz_status st = hz_buf_status(&place, err);
    bool can_open = change->class_ == HZ_CHANGE_LOOSENING && change->can_open;
    hz_msg_id hint = can_open ? HZ_MSG_PROFILE_OVERLAY_OPEN : HZ_MSG_PROFILE_OVERLAY_CLOSED;
    if (st == HZ_OK)
        hz_diags_add(j->ld->diags, HZ_DIAG_ERROR, at, hint,
                     HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, change->reason, HZ_SLICE_NONE, 0, 0}), HZ_S(change->what),
                             HZ_S(change->before), HZ_S(change->after), HZ_S(hz_buf_slice(&place))));
    hz_buf_clear(&place);
    return st == HZ_OK ? hz_load_going(j->ld) : st;
}

hz_status hz_overlay_check(hz_loader *ld)
{
    for (size_t i = 0; i < ld->member->parents_count; i++) {
        judge j = {.ld = ld, .parent = ld->member->parents[i]};
        HZ_TRY(hz_tighten_profile(j.parent->profile, ld->profile, hear, &j, ld->err));
    }
    return HZ_OK;
}
