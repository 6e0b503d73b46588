/* The expression front end over a fixed model. Input: byte 0 chooses the scope and the table, the rest is the
 * expression. What must hold: a mistake is always worded, in both languages, inside the text; a tree without one prints
 * to text that parses and checks to an equal tree; checking leaves no node without a type. */
#include "tests/unit/expr/scopes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what, hz_slice text)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n%.*s\n", what, HZ_SLICE_FMT(text));
    __builtin_trap();
}

static void render_all(const hz_diags *diags, hz_slice text)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < diags->count; i++) {
        const hz_diag *diag = &diags->items[i];
        require(diag->span.offset <= text.len && diag->span.len <= text.len - diag->span.offset,
                "a span outside the text", text);
        for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
            hz_buf_reset(&out);
            hz_diag_render(&out, diag, (hz_lang)lang);
            require(out.status == HZ_OK && out.len > 8, "a mistake without words", text);
        }
    }
    hz_buf_clear(&out);
}

static void check_nodes(const hz_node *node, const hz_expr *expr)
{
    if (!node)
        return;
    require(node->type != HZ_TYPE_COUNT && node->kind != HZ_NODE_NAME, "a node without type or meaning", expr->text);
    require(node->offset <= expr->text.len && node->len <= expr->text.len - node->offset, "a node outside the text",
            expr->text);
    require(node->id < expr->nodes_count, "a node without number", expr->text);
    require(node->kind != HZ_NODE_AGGREGATE || node->target, "an aggregate over nothing", expr->text);
    for (uint32_t i = 0; i < node->items_count; i++)
        check_nodes(node->items[i], expr);
}

static bool parse_and_check(hz_expr *expr, const hz_scope *scope, hz_arena *arena, hz_diags *diags, bool check)
{
    size_t before = diags->errors_count;
    require(hz_expr_parse(expr, arena, hz_limits_default(), diags, NULL) == HZ_OK, "parse", expr->text);
    require(!expr->root == (diags->errors_count > before), "parse: a tree and a mistake, or neither", expr->text);
    if (!expr->root || !check)
        return expr->root;
    require(hz_expr_check(expr, scope, HZ_TYPE_NULL, arena, diags, NULL) == HZ_OK, "check", expr->text);
    require(!expr->root == (diags->errors_count > before), "check: a tree and a mistake, or neither", expr->text);
    check_nodes(expr->root, expr);
    return expr->root;
}

/* The print of `tree`, and what it reads as. */
static void print_round(const hz_node *tree, const hz_scope *scope, fixture *fx, hz_diags *diags, bool check)
{
    hz_buf print = HZ_BUF_INIT, again = HZ_BUF_INIT;
    hz_expr second;
    hz_expr_print(&print, tree);
    fixture_expr(&second, fx->arena, hz_buf_slice(&print));
    if (print.len <= hz_limits_default()->value[HZ_LIMIT_EXPR_BYTES]) {
        require(parse_and_check(&second, scope, fx->arena, diags, check), "the print is refused", hz_buf_slice(&print));
        require(hz_node_equal(tree, second.root), "the print is another tree", hz_buf_slice(&print));
        hz_expr_print(&again, second.root);
        require(hz_slice_eq(hz_buf_slice(&print), hz_buf_slice(&again)), "the print prints otherwise",
                hz_buf_slice(&print));
    }
    hz_buf_clear(&print);
    hz_buf_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const scopes[] = {"row", "table", "each left(village_code, 6)", "expect", "constant", "own"};
    static hz_lists *lists;
    if (size < 1 || size > 20000)
        return 0;
    if (!lists && hz_lists_open(&lists, NULL, hz_limits_default(), NULL) != HZ_OK)
        return 0;
    fixture fx;
    fixture_open(&fx, hz_slice_of(fixture_model), false);
    fx.lists = lists;
    hz_slice text = {(const char *)data + 1, size - 1};
    hz_diags diags;
    hz_expr expr, key = {.root = NULL};
    hz_diags_init(&diags, fx.arena, 100);
    size_t word = data[0] % 6u;
    hz_slice table = word == 2 || data[0] < 128 ? HZ_SLICE_LIT("household") : HZ_SLICE_LIT("member");
    hz_scope scope = scopes_of(&fx, table, hz_slice_of(scopes[word]), &key, &diags);
    fixture_expr(&expr, fx.arena, text);
    if (parse_and_check(&expr, &scope, fx.arena, &diags, false)) {
        print_round(expr.root, &scope, &fx, &diags, false);
        require(hz_expr_check(&expr, &scope, HZ_TYPE_BOOLEAN, fx.arena, &diags, NULL) == HZ_OK, "check", text);
        require(!expr.root == (diags.errors_count > 0), "a tree and a mistake, or neither", text);
        if (expr.root) {
            check_nodes(expr.root, &expr);
            print_round(expr.root, &scope, &fx, &diags, true);
        }
    }
    render_all(&diags, text);
    hz_diags_clear(&diags);
    fx.lists = NULL;
    fixture_close(&fx);
    return 0;
}
