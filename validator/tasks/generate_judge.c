/* generate_judge.c: the engine's word. Every template is copied once, all copies together are a submission in memory,
 * and a run says which rows break which rule; each period is judged as a submission of its own, too. */
#include "validator/tasks/generate_int.h"
#include <stdlib.h>

typedef struct court {
    const hz_gen_plan *plan;
    hz_gen_template *templates;
    size_t count;
    hz_buf *files;   /* by table and period */
    uint64_t *first; /* by template, table and period: its first row */
    uint64_t *misses;
    bool *found; /* by template: its defect was */
    bool clean;  /* no template was made to break a rule */
} court;

static size_t slots(const hz_gen_plan *plan)
{
    return plan->profile->tables_count * HZ_PERIODS_MAX;
}

static hz_status write_all(court *c, hz_gen_stamper *stamper, hz_error *err)
{
    hz_buf code = HZ_BUF_INIT, name = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (size_t s = 0; s < slots(c->plan); s++)
        hz_gen_header_put(&c->files[s], &c->plan->profile->tables[s / HZ_PERIODS_MAX]);
    for (size_t t = 0; t < c->count && st == HZ_OK; t++) {
        hz_buf_reset(&code);
        hz_buf_reset(&name);
        hz_gen_place(c->plan, t, &code, &name);
        hz_gen_copy copy = {.number = t, .place = hz_buf_slice(&code), .place_name = hz_buf_slice(&name)};
        st = hz_gen_copy_begin(stamper, &c->templates[t], &copy, err);
        for (size_t s = 0; st == HZ_OK && s < slots(c->plan); s++) {
            uint64_t *first = &c->first[t * slots(c->plan) + s];
            *first = t ? first[-(ptrdiff_t)slots(c->plan)] + c->templates[t - 1].texts[s].rows : 0;
            hz_gen_copy_put(&c->files[s], stamper, &c->templates[t].texts[s], copy.place);
            st = hz_buf_status(&c->files[s], err);
        }
    }
    hz_buf_clear(&code);
    hz_buf_clear(&name);
    return st;
}

/* The template that a row of a file belongs to. */
static size_t owner(const court *c, size_t slot, uint64_t row)
{
    size_t low = 0, high = c->count;
    while (high - low > 1) {
        size_t mid = (low + high) / 2;
        if (c->first[mid * slots(c->plan) + slot] <= row)
            low = mid;
        else
            high = mid;
    }
    while (low + 1 < c->count && !c->templates[low].texts[slot].rows)
        low++;
    return low;
}

static void take_finding(court *c, const hz_result *result, const hz_rule *rule, const hz_finding *finding,
                         uint32_t shift)
{
    if (finding->group && !shift) /* it names no row: no other template was made to break that rule */
        for (size_t t = 0; t < c->count; t++)
            c->found[t] =
                c->found[t] || (c->templates[t].planted.rule && c->templates[t].planted.rule->index == rule->index);
    if (finding->group && finding->severity <= HZ_SEVERITY_ERROR && c->clean && !shift)
        c->misses[rule->index]++;
    if (finding->group || finding->at.line < 2)
        return;
    const hz_result_table *table = &result->tables[finding->at.table];
    size_t slot = table->table->index * HZ_PERIODS_MAX + table->period + shift;
    uint64_t row = finding->at.line - 2;
    size_t t = owner(c, slot, row);
    hz_gen_template *template = &c->templates[t];
    bool hard = finding->severity <= HZ_SEVERITY_ERROR;
    if (template->planted.rule) {
        if (!shift && template->planted.rule->index == rule->index && template->planted.table == table->table->index &&
            template->planted.period == table->period &&
            template->planted.row == row - c->first[t * slots(c->plan) + slot])
            c->found[t] = true;
        return;
    }
    if (!hard || template->bad)
        return;
    template->bad = true;
    c->misses[rule->index]++;
}

static hz_status run_period(court *c, uint32_t shift, hz_error *err)
{
    const hz_gen_plan *plan = c->plan;
    const hz_gen_options *options = plan->options;
    hz_limits limits = *options->limits;
    limits.value[HZ_LIMIT_EXAMPLES] = hz_limit_ceiling(HZ_LIMIT_EXAMPLES);
    size_t count = 0;
    hz_result *result = NULL;
    hz_input *inputs = hz_mem_zalloc(slots(plan) + 1, sizeof *inputs);
    if (!inputs)
        return hz_nomem(err, slots(plan) * sizeof *inputs);
    for (size_t o = 0; o < plan->order_count; o++)
        for (uint32_t p = shift; p < options->periods; p++)
            inputs[count++] = (hz_input){.table = plan->profile->tables[plan->order[o]].name,
                                         .bytes = hz_buf_slice(&c->files[plan->order[o] * HZ_PERIODS_MAX + p]),
                                         .period = p - shift};
    hz_run_options how = {.profile = plan->profile,
                          .waivers_off = true,
                          .lists = options->lists,
                          .limits = &limits,
                          .cancel = options->cancel,
                          .inputs = inputs,
                          .inputs_count = count,
                          .params = options->params,
                          .params_count = options->params_count,
                          .has_as_of = true,
                          .as_of = plan->as_of[shift],
                          .threads = options->threads,
                          .semtypes = plan->semtypes};
    hz_status st = hz_run(&result, &how, err);
    for (size_t r = 0; st == HZ_OK && r < result->rules_count; r++)
        for (size_t i = 0; i < result->rules[r].examples_count; i++)
            take_finding(c, result, result->rules[r].rule, &result->rules[r].examples[i], shift);
    hz_result_free(result);
    hz_mem_free(inputs);
    return st;
}

hz_status hz_gen_judge(hz_gen_template *templates, size_t count, hz_gen_stamper *stamper, uint64_t *misses,
                       hz_error *err)
{
    const hz_gen_plan *plan = stamper->plan;
    court c = {.plan = plan, .templates = templates, .count = count, .misses = misses, .clean = true};
    for (size_t t = 0; t < count; t++)
        c.clean = c.clean && !templates[t].planted.rule;
    c.files = hz_mem_zalloc(slots(plan) + 1, sizeof *c.files);
    c.first = hz_mem_zalloc(count * slots(plan) + 1, sizeof *c.first);
    c.found = hz_mem_zalloc(count + 1, sizeof *c.found);
    hz_status st = c.files && c.first && c.found ? HZ_OK : hz_nomem(err, count * slots(plan) * sizeof *c.first);
    if (st == HZ_OK)
        st = write_all(&c, stamper, err);
    for (uint32_t p = 0; st == HZ_OK && p < plan->options->periods; p++)
        st = run_period(&c, p, err);
    for (size_t t = 0; st == HZ_OK && t < count; t++)
        if (templates[t].planted.rule && !c.found[t])
            templates[t].bad = true;
    for (size_t s = 0; c.files && s < slots(plan); s++)
        hz_buf_clear(&c.files[s]);
    hz_mem_free(c.files);
    hz_mem_free(c.first);
    hz_mem_free(c.found);
    return st;
}
