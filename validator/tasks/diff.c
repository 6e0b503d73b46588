#include "validator/tasks/diff.h"

#include "base/alloc.h"
#include "validator/tasks/reason/reason.h"

const char *hz_diff_class_name(hz_diff_class class_)
{
    static const char *const names[] = {"breaking", "loosening", "undetermined", "tightening", "editorial"};
    return class_ < HZ_DIFF_CLASS_COUNT ? names[class_] : "";
}

/* What is heard of one comparison; the first walk counts, the second keeps. */
typedef struct heard {
    hz_arena *arena;
    hz_diff_change *changes; /* NULL: count only */
    hz_change_class *classes;
    size_t count;
} heard;

static hz_status keep_path(hz_slice *out, const hz_change *change, hz_arena *arena, hz_error *err)
{
    hz_buf path = HZ_BUF_INIT;
    for (size_t i = 0; i < change->path_count && i < HZ_CHANGE_PATH_MAX; i++) {
        hz_buf_puts(&path, i ? "." : "");
        hz_buf_put(&path, change->path[i]);
    }
    hz_status st = hz_buf_status(&path, err);
    if (st == HZ_OK)
        st = hz_arena_copy(out, arena, hz_buf_slice(&path));
    hz_buf_clear(&path);
    return st;
}

static hz_status on_change(const hz_change *change, void *payload, hz_error *err)
{
    heard *all = payload;
    size_t at = all->count++;
    if (!all->changes)
        return HZ_OK;
    hz_diff_change *kept = &all->changes[at];
    kept->reason = change->reason;
    all->classes[at] = change->class_;
    HZ_TRY(keep_path(&kept->path, change, all->arena, err));
    bool ok = hz_arena_copy(&kept->what, all->arena, change->what) == HZ_OK &&
              hz_arena_copy(&kept->before, all->arena, change->before) == HZ_OK &&
              hz_arena_copy(&kept->after, all->arena, change->after) == HZ_OK;
    return ok ? HZ_OK : hz_nomem(err, change->before.len + change->after.len);
}

static hz_status listen(heard *all, const hz_profile *before, const hz_profile *after, hz_arena *arena, hz_error *err)
{
    *all = (heard){.arena = arena};
    HZ_TRY(hz_tighten_profile(before, after, on_change, all, err));
    size_t count = all->count;
    all->changes = HZ_ARENA_ARRAY(arena, hz_diff_change, count + 1);
    all->classes = HZ_ARENA_ARRAY(arena, hz_change_class, count + 1);
    all->count = 0;
    if (!all->changes || !all->classes)
        return hz_nomem(err, count * sizeof *all->changes);
    return hz_tighten_profile(before, after, on_change, all, err);
}

/* Reasons that say only that no tightening was found. */
static bool is_unsure(hz_msg_id reason)
{
    return reason == HZ_MSG_TIGHTEN_UNPROVEN || reason == HZ_MSG_TIGHTEN_DILUTED || reason == HZ_MSG_TIGHTEN_DEFAULT ||
           reason == HZ_MSG_TIGHTEN_PATTERN || reason == HZ_MSG_TIGHTEN_ASSERT || reason == HZ_MSG_TIGHTEN_WHEN ||
           reason == HZ_MSG_TIGHTEN_NAMES || reason == HZ_MSG_TIGHTEN_READS_LIST || reason == HZ_MSG_TIGHTEN_SCORE;
}

/* Whether the way back tightens here, and does nothing else here. */
static bool tightens_back(const heard *back, hz_slice path)
{
    bool found = false;
    for (size_t i = 0; i < back->count; i++) {
        if (!hz_slice_eq(back->changes[i].path, path))
            continue;
        if (back->classes[i] != HZ_CHANGE_TIGHTENING)
            return false;
        found = true;
    }
    return found;
}

static void class_one(hz_diff_change *change, hz_change_class class_, const heard *back)
{
    static const hz_diff_class classes[] = {[HZ_CHANGE_NONE] = HZ_DIFF_EDITORIAL,
                                            [HZ_CHANGE_EDITORIAL] = HZ_DIFF_EDITORIAL,
                                            [HZ_CHANGE_TIGHTENING] = HZ_DIFF_TIGHTENING,
                                            [HZ_CHANGE_LOOSENING] = HZ_DIFF_LOOSENING,
                                            [HZ_CHANGE_BREAKING] = HZ_DIFF_BREAKING};
    change->class_ = classes[class_];
    if (class_ != HZ_CHANGE_LOOSENING || !is_unsure(change->reason))
        return;
    bool sure = tightens_back(back, change->path);
    bool two = change->reason == HZ_MSG_TIGHTEN_ASSERT || change->reason == HZ_MSG_TIGHTEN_WHEN ||
               change->reason == HZ_MSG_TIGHTEN_PATTERN || change->reason == HZ_MSG_TIGHTEN_UNPROVEN;
    change->class_ = sure ? HZ_DIFF_LOOSENING : HZ_DIFF_UNDETERMINED;
    if (sure)
        change->reason = HZ_MSG_TIGHTEN_WIDER;
    else if (two)
        change->reason = HZ_MSG_DIFF_UNSURE;
}

/* The rule whose condition or assertion a path names: "rules.ID.when". */
static const hz_rule *rule_of(const hz_profile *profile, hz_slice path)
{
    static const hz_slice ends[] = {{".when", 5}, {".assert", 7}};
    const hz_slice head = HZ_SLICE_LIT("rules.");
    for (size_t i = 0; i < 2 && hz_slice_starts(path, head); i++) {
        hz_slice end = ends[i];
        bool here = path.len > head.len + end.len && hz_slice_eq(hz_slice_sub(path, path.len - end.len, path.len), end);
        if (here)
            return hz_profile_rule(profile, hz_slice_sub(path, head.len, path.len - end.len));
    }
    return NULL;
}

/* What is proved of the rule as a whole, condition and assertion. */
static hz_status prove(hz_diff_change *change, const hz_diff *diff, hz_error *err)
{
    const hz_rule *before = rule_of(diff->before, change->path), *after = rule_of(diff->after, change->path);
    hz_rule_change shown;
    if (change->class_ != HZ_DIFF_UNDETERMINED || change->reason != HZ_MSG_DIFF_UNSURE || !before || !after)
        return HZ_OK;
    HZ_TRY(hz_reason_compare(&shown, diff->before, before, diff->after, after, err));
    if (!shown.tighter && !shown.looser)
        return HZ_OK;
    change->class_ = shown.tighter && shown.looser ? HZ_DIFF_EDITORIAL
                     : shown.tighter               ? HZ_DIFF_TIGHTENING
                                                   : HZ_DIFF_LOOSENING;
    change->reason = shown.tighter && shown.looser ? HZ_MSG_DIFF_PROVED_SAME
                     : shown.tighter               ? HZ_MSG_DIFF_PROVED_TIGHTER
                                                   : HZ_MSG_DIFF_PROVED_LOOSER;
    return HZ_OK;
}

static hz_status compare(hz_diff *diff, bool deep, hz_error *err)
{
    heard there, back;
    HZ_TRY(listen(&there, diff->before, diff->after, diff->arena, err));
    HZ_TRY(listen(&back, diff->after, diff->before, diff->arena, err));
    diff->changes = there.changes;
    diff->count = there.count;
    for (size_t i = 0; i < diff->count; i++) {
        class_one(&diff->changes[i], there.classes[i], &back);
        if (deep)
            HZ_TRY(prove(&diff->changes[i], diff, err));
        diff->counts[diff->changes[i].class_]++;
    }
    return HZ_OK;
}

hz_status hz_diff_run(hz_diff **out, const hz_profile *before, const hz_profile *after, bool deep, hz_error *err)
{
    *out = NULL;
    if (deep && !hz_reason_built_in())
        return hz_reason_absent(err);
    hz_arena *arena = hz_arena_new();
    hz_diff *diff = arena ? HZ_ARENA_NEW(arena, hz_diff) : NULL;
    if (!diff) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *diff);
    }
    *diff = (hz_diff){.arena = arena, .before = before, .after = after};
    hz_status st = compare(diff, deep, err);
    if (st == HZ_OK)
        *out = diff;
    else
        hz_arena_free(arena);
    return st;
}

void hz_diff_free(hz_diff *diff)
{
    if (diff)
        hz_arena_free(diff->arena);
}
