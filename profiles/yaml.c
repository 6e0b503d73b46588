#include "profiles/yaml.h"

#include <yaml.h>

#include "base/alloc.h"
#include "base/htab.h"
#include "base/utf8.h"

/* A character index of libyaml is turned into a byte offset from the nearest mark before it. */
enum { MARK_EVERY = 64 };

typedef struct reader {
    yaml_parser_t parser;
    const hz_text *text;
    hz_slice body; /* behind a byte order mark */
    uint32_t body_offset;
    hz_arena *arena;
    const hz_limits *limits;
    hz_diags *diags;
    hz_error *err;
    uint32_t *marks; /* byte offset in body of character MARK_EVERY * i; NULL while all is ASCII */
    size_t marks_count, marks_capacity;
    hz_names anchors;
    const hz_yaml **anchored;
    size_t anchored_count, anchored_capacity;
    const hz_yaml **stack; /* children of the collections that are open */
    size_t stack_count, stack_capacity;
    uint64_t nodes, aliases;
} reader;

/* A mistake was reported and there is no going on. */
static const hz_status STOP = HZ_E_PROFILE;

static hz_span span_at(const reader *r, size_t offset, size_t len)
{
    return (hz_span){r->text, r->body_offset + (uint32_t)offset, (uint32_t)len};
}

static size_t character_bytes(hz_slice body, size_t at)
{
    size_t next = at;
    if (at < body.len)
        hz_utf8_next(body, &next);
    return next - at;
}

/* The one place where libyaml's characters become bytes. */
static size_t byte_of(const reader *r, yaml_mark_t mark)
{
    if (!r->marks)
        return mark.index < r->body.len ? mark.index : r->body.len;
    size_t block = mark.index / MARK_EVERY;
    if (block >= r->marks_count)
        return r->body.len;
    size_t at = r->marks[block];
    for (size_t left = mark.index % MARK_EVERY; left && at < r->body.len; left--)
        hz_utf8_next(r->body, &at);
    return at;
}

static hz_status make_marks(reader *r)
{
    bool ascii = true;
    for (size_t i = 0; ascii && i < r->body.len; i++)
        ascii = (unsigned char)r->body.ptr[i] < 0x80;
    if (ascii)
        return HZ_OK;
    size_t characters = 0;
    for (size_t at = 0; at < r->body.len; characters++) {
        if (characters % MARK_EVERY == 0) {
            if (!HZ_GROW(r->marks, r->marks_capacity, r->marks_count + 1))
                return hz_nomem(r->err, r->marks_count * sizeof *r->marks);
            r->marks[r->marks_count++] = (uint32_t)at;
        }
        hz_utf8_next(r->body, &at);
    }
    return HZ_OK;
}

/* What may stand in the file: YAML 1.2's printable characters, less those that some readers take for line breaks. */
static bool allowed(hz_slice body, size_t at, uint32_t c)
{
    if (c == '\r')
        return at + 1 < body.len && body.ptr[at + 1] == '\n';
    if (c == '\t' || c == '\n')
        return true;
    return (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe && c != 0xffff);
}

static bool characters_are_fine(reader *r)
{
    size_t good = hz_utf8_valid_prefix(r->body);
    if (good < r->body.len) {
        hz_diag_error(r->diags, span_at(r, good, 0), HZ_MSG_NONE, HZ_M(YAML_NOT_UTF8));
        return false;
    }
    for (size_t at = 0; at < r->body.len;) {
        unsigned char byte = (unsigned char)r->body.ptr[at];
        if (byte >= 0x20 && byte < 0x7f) {
            at++;
            continue;
        }
        size_t from = at;
        uint32_t c = hz_utf8_next(r->body, &at);
        if (allowed(r->body, from, c))
            continue;
        char code[16];
        snprintf(code, sizeof code, "U+%04X", (unsigned)c);
        hz_diag_error(r->diags, span_at(r, from, at - from), HZ_MSG_NONE, HZ_M(YAML_CHARACTER), HZ_Z(code));
        return false;
    }
    return true;
}

static const struct problem {
    const char *text;
    hz_msg_id message;
    bool at_context; /* the mistake is where the thing began */
} problems[] = {
    {"block sequence entries are not allowed in this context", HZ_MSG_YAML_ITEM_PLACE, false},
    {"mapping keys are not allowed in this context", HZ_MSG_YAML_KEY_PLACE, false},
    {"mapping values are not allowed in this context", HZ_MSG_YAML_VALUE_PLACE, false},
    {"could not find expected ':'", HZ_MSG_YAML_COLON, true},
    {"found character that cannot start any token", HZ_MSG_YAML_TOKEN, false},
    {"found unexpected document indicator", HZ_MSG_YAML_QUOTE_OPEN, true},
    {"found unexpected end of stream", HZ_MSG_YAML_QUOTE_OPEN, true},
    {"did not find expected alphabetic or numeric character", HZ_MSG_YAML_ANCHOR_NAME, true},
    {"found unknown escape character", HZ_MSG_YAML_ESCAPE, false},
    {"did not find expected hexdecimal number", HZ_MSG_YAML_ESCAPE, false},
    {"found invalid Unicode character escape code", HZ_MSG_YAML_ESCAPE, false},
    {"found a tab character where an indentation space is expected", HZ_MSG_YAML_TAB, false},
    {"found a tab character that violates indentation", HZ_MSG_YAML_TAB, false},
    {"found character '\\t' that violates indentation", HZ_MSG_YAML_TAB, false},
    {"found character '\t' that violates indentation", HZ_MSG_YAML_TAB, false},
    {"found an indentation indicator equal to 0", HZ_MSG_YAML_BLOCK_HEAD, false},
    {"did not find expected comment or line break", HZ_MSG_YAML_BLOCK_HEAD, false},
    {"did not find expected <document start>", HZ_MSG_YAML_DOCUMENT, false},
    {"did not find expected node content", HZ_MSG_YAML_CONTENT, false},
    {"did not find expected '-' indicator", HZ_MSG_YAML_INDENT, false},
    {"did not find expected key", HZ_MSG_YAML_INDENT, false},
    {"did not find expected ',' or ']'", HZ_MSG_YAML_COMMA_BRACKET, false},
    {"did not find expected ',' or '}'", HZ_MSG_YAML_COMMA_BRACE, false},
};

static hz_status syntax_mistake(reader *r)
{
    if (r->parser.error == YAML_MEMORY_ERROR)
        return hz_nomem(r->err, r->body.len);
    const char *said = r->parser.problem ? r->parser.problem : "?";
    hz_msg_id message = HZ_MSG_YAML_OTHER;
    yaml_mark_t mark = r->parser.problem_mark;
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++)
        if (!strcmp(problems[i].text, said)) {
            message = problems[i].message;
            if (problems[i].at_context && r->parser.context)
                mark = r->parser.context_mark;
        }
    size_t at = byte_of(r, mark);
    if (message == HZ_MSG_YAML_TOKEN && at < r->body.len && r->body.ptr[at] == '\t')
        message = HZ_MSG_YAML_TAB;
    size_t len =
        at < r->body.len && r->body.ptr[at] != '\n' && r->body.ptr[at] != '\r' ? character_bytes(r->body, at) : 0;
    char opened[24];
    snprintf(opened, sizeof opened, "%zu", r->parser.context_mark.line + 1);
    hz_diags_add(r->diags, HZ_DIAG_ERROR, span_at(r, at, len), HZ_MSG_NONE,
                 HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}), HZ_Z(said), HZ_Z(opened)));
    return STOP;
}

static hz_status next_event(reader *r, yaml_event_t *event)
{
    return yaml_parser_parse(&r->parser, event) ? HZ_OK : syntax_mistake(r);
}

static hz_status over_limit(reader *r, hz_span span, hz_limit_id limit)
{
    hz_diag_error(r->diags, span, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(limit)), HZ_U(r->limits->value[limit]));
    return STOP;
}

static hz_status count_nodes(reader *r, hz_span span, uint64_t nodes)
{
    r->nodes += nodes;
    return r->nodes > r->limits->value[HZ_LIMIT_YAML_NODES] ? over_limit(r, span, HZ_LIMIT_YAML_NODES) : HZ_OK;
}

static size_t word_end(hz_slice body, size_t at)
{
    while (at < body.len && !strchr(" \t\r\n", body.ptr[at]))
        at++;
    return at;
}

/* The tag stands where the node begins, or behind its anchor. */
static void refuse_tag(reader *r, const yaml_char_t *tag, size_t at)
{
    if (!tag)
        return;
    if (at < r->body.len && r->body.ptr[at] == '&') {
        at = word_end(r->body, at);
        while (at < r->body.len && strchr(" \t\r\n", r->body.ptr[at]))
            at++;
    }
    size_t end = word_end(r->body, at);
    hz_diag_error(r->diags, span_at(r, at, end - at), HZ_MSG_NONE, HZ_M(YAML_TAG),
                  HZ_S(hz_slice_sub(r->body, at, end)));
}

static hz_status keep_anchor(reader *r, const yaml_char_t *name, const hz_yaml *node)
{
    if (!name)
        return HZ_OK;
    hz_slice copy;
    HZ_TRY(hz_arena_copy(&copy, r->arena, hz_slice_of((const char *)name)) ? hz_nomem(r->err, 0) : HZ_OK);
    if (!HZ_GROW(r->anchored, r->anchored_capacity, r->anchored_count + 1))
        return hz_nomem(r->err, r->anchored_count * sizeof *r->anchored);
    uint32_t old;
    HZ_TRY(hz_names_add(&r->anchors, copy, (uint32_t)r->anchored_count, &old, r->err));
    if (old != HZ_HTAB_NONE)
        hz_diag_error(r->diags, node->span, HZ_MSG_NONE, HZ_M(YAML_ANCHOR_TWICE), HZ_S(copy));
    else
        r->anchored[r->anchored_count++] = node;
    return HZ_OK;
}

static hz_status read_alias(const hz_yaml **out, reader *r, const yaml_event_t *event, size_t depth)
{
    size_t at = byte_of(r, event->start_mark);
    hz_span span = span_at(r, at, byte_of(r, event->end_mark) - at);
    if (++r->aliases > r->limits->value[HZ_LIMIT_YAML_ALIASES])
        return over_limit(r, span, HZ_LIMIT_YAML_ALIASES);
    hz_slice name = hz_slice_of((const char *)event->data.alias.anchor);
    uint32_t index = hz_names_find(&r->anchors, name);
    if (index == HZ_HTAB_NONE) {
        hz_diag_error(r->diags, span, HZ_MSG_NONE, HZ_M(YAML_ALIAS), HZ_S(name));
        return STOP;
    }
    const hz_yaml *node = r->anchored[index];
    if (depth + node->height - 1 > r->limits->value[HZ_LIMIT_YAML_DEPTH])
        return over_limit(r, span, HZ_LIMIT_YAML_DEPTH);
    *out = node;
    return count_nodes(r, span, node->nodes);
}

/* A node's mark stands at its anchor or tag; the scalar itself comes behind. */
static size_t behind_properties(hz_slice body, size_t at, size_t end)
{
    while (at < end && (body.ptr[at] == '&' || body.ptr[at] == '!')) {
        at = word_end(hz_slice_sub(body, 0, end), at);
        while (at < end && strchr(" \t\r\n#", body.ptr[at])) {
            if (body.ptr[at] == '#')
                while (at < end && body.ptr[at] != '\n')
                    at++;
            else
                at++;
        }
    }
    return at;
}

static hz_status read_scalar(const hz_yaml **out, reader *r, const yaml_event_t *event)
{
    size_t at = byte_of(r, event->start_mark), end = byte_of(r, event->end_mark);
    hz_yaml *node = HZ_ARENA_NEW(r->arena, hz_yaml);
    hz_slice value = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (!node || hz_arena_copy(&node->text, r->arena, value) != HZ_OK)
        return hz_nomem(r->err, sizeof *node + value.len);
    refuse_tag(r, event->data.scalar.tag, at);
    if (event->data.scalar.anchor || event->data.scalar.tag)
        at = behind_properties(r->body, at, end);
    node->kind = HZ_YAML_SCALAR;
    node->height = 1;
    node->nodes = 1;
    node->span = span_at(r, at, end - at);
    switch (event->data.scalar.style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        node->style = HZ_YAML_SINGLE;
        break;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        node->style = HZ_YAML_DOUBLE;
        break;
    case YAML_LITERAL_SCALAR_STYLE:
        node->style = HZ_YAML_LITERAL;
        break;
    case YAML_FOLDED_SCALAR_STYLE:
        node->style = HZ_YAML_FOLDED;
        break;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        node->style = HZ_YAML_PLAIN;
        break;
    }
    node->nothing = node->style == HZ_YAML_PLAIN && value.len == 0;
    if (memchr(value.ptr, 0, value.len))
        hz_diag_error(r->diags, node->span, HZ_MSG_NONE, HZ_M(YAML_CHARACTER), HZ_Z("U+0000"));
    *out = node;
    HZ_TRY(count_nodes(r, node->span, 1));
    return keep_anchor(r, event->data.scalar.anchor, node);
}

static hz_status push(reader *r, const hz_yaml *node)
{
    if (!HZ_GROW(r->stack, r->stack_capacity, r->stack_count + 1))
        return hz_nomem(r->err, r->stack_count * sizeof *r->stack);
    r->stack[r->stack_count++] = node;
    return HZ_OK;
}

/* children: key, value, key, value, …; leaves out pairs that repeat a key or whose key is no scalar. */
static hz_status make_pairs(reader *r, hz_yaml *node, const hz_yaml **children, size_t count)
{
    hz_yaml_pair *pairs = HZ_ARENA_ARRAY(r->arena, hz_yaml_pair, count / 2);
    if (!pairs)
        return hz_nomem(r->err, count / 2 * sizeof *pairs);
    hz_names names = {0};
    hz_status st = HZ_OK;
    node->pairs = pairs;
    for (size_t i = 0; i + 1 < count; i += 2) {
        const hz_yaml *key = children[i];
        uint32_t old;
        if (key->kind != HZ_YAML_SCALAR) {
            hz_diag_error(r->diags, key->span, HZ_MSG_NONE, HZ_M(YAML_KEY_KIND));
            continue;
        }
        HZ_GO(hz_names_add(&names, key->text, node->count, &old, r->err));
        if (old != HZ_HTAB_NONE) {
            hz_position first = hz_text_position(r->text, pairs[old].key->span.offset);
            hz_diag_error(r->diags, key->span, HZ_MSG_NONE, HZ_M(YAML_KEY_TWICE), HZ_S(key->text), HZ_U(first.line));
            continue;
        }
        pairs[node->count++] = (hz_yaml_pair){key, children[i + 1]};
    }
out:
    hz_names_clear(&names);
    return st;
}

static hz_status make_collection(hz_yaml *node, reader *r, size_t from)
{
    const hz_yaml **children = r->stack + from;
    size_t count = r->stack_count - from;
    for (size_t i = 0; i < count; i++) {
        node->nodes += children[i]->nodes;
        if (children[i]->height >= node->height)
            node->height = children[i]->height + 1;
    }
    r->stack_count = from;
    if (node->kind == HZ_YAML_MAP)
        return make_pairs(r, node, children, count);
    node->items = HZ_ARENA_ARRAY(r->arena, const hz_yaml *, count);
    if (!node->items)
        return hz_nomem(r->err, count * sizeof *node->items);
    node->count = (uint32_t)count;
    if (count)
        memcpy(node->items, children, count * sizeof *children);
    return HZ_OK;
}

static hz_status read_node(const hz_yaml **out, reader *r, const yaml_event_t *event, size_t depth);

static hz_status read_collection(const hz_yaml **out, reader *r, const yaml_event_t *event, size_t depth)
{
    bool map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag = map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *anchor = map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    bool flow = map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
                    : event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
    size_t at = byte_of(r, event->start_mark), from = r->stack_count;
    hz_yaml *node = HZ_ARENA_NEW(r->arena, hz_yaml);
    if (!node)
        return hz_nomem(r->err, sizeof *node);
    node->kind = map ? HZ_YAML_MAP : HZ_YAML_LIST;
    node->height = 1;
    node->nodes = 1;
    node->span = span_at(r, at, character_bytes(r->body, at));
    refuse_tag(r, tag, at);
    if (depth > r->limits->value[HZ_LIMIT_YAML_DEPTH])
        return over_limit(r, node->span, HZ_LIMIT_YAML_DEPTH);
    HZ_TRY(count_nodes(r, node->span, 1));
    for (;;) {
        yaml_event_t inner;
        const hz_yaml *child = NULL;
        HZ_TRY(next_event(r, &inner));
        bool end = inner.type == YAML_MAPPING_END_EVENT || inner.type == YAML_SEQUENCE_END_EVENT;
        hz_status st = HZ_OK;
        if (end && flow)
            node->span = span_at(r, at, byte_of(r, inner.end_mark) - at);
        if (!end)
            st = read_node(&child, r, &inner, depth + 1);
        yaml_event_delete(&inner);
        if (end)
            break;
        HZ_TRY(st);
        HZ_TRY(push(r, child));
    }
    if (!flow && r->stack_count > from && r->stack[from]->span.text == r->text)
        node->span = r->stack[from]->span;
    HZ_TRY(make_collection(node, r, from));
    *out = node;
    return keep_anchor(r, anchor, node);
}

static hz_status read_node(const hz_yaml **out, reader *r, const yaml_event_t *event, size_t depth)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return read_alias(out, r, event, depth);
    case YAML_SCALAR_EVENT:
        return read_scalar(out, r, event);
    default:
        return read_collection(out, r, event, depth);
    }
}

/* stream start, document start, a node, document end, stream end */
static hz_status read_stream(const hz_yaml **out, reader *r)
{
    for (int documents = 0;;) {
        yaml_event_t event;
        HZ_TRY(next_event(r, &event));
        hz_status st = HZ_OK;
        yaml_event_type_t type = event.type;
        size_t at = byte_of(r, event.start_mark);
        if (type == YAML_DOCUMENT_START_EVENT && documents++ > 0) {
            hz_diag_error(r->diags, span_at(r, at, byte_of(r, event.end_mark) - at), HZ_MSG_NONE, HZ_M(YAML_DOCUMENTS));
            st = STOP;
        } else if (type == YAML_ALIAS_EVENT || type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                   type == YAML_MAPPING_START_EVENT) {
            st = read_node(out, r, &event, 1);
        }
        yaml_event_delete(&event);
        HZ_TRY(st);
        if (type != YAML_STREAM_END_EVENT)
            continue;
        if (documents == 0)
            hz_diag_error(r->diags, span_at(r, 0, 0), HZ_MSG_NONE, HZ_M(YAML_EMPTY));
        return HZ_OK;
    }
}

/* Whether the line that starts at `at`, and is not blank, is indented by a tab: a mistake. */
static bool line_has_tab(const reader *r, size_t at, size_t end)
{
    size_t tab = end;
    for (; at < end && (r->body.ptr[at] == ' ' || r->body.ptr[at] == '\t'); at++)
        if (tab == end && r->body.ptr[at] == '\t')
            tab = at;
    if (tab == end || (at < end && strchr("\r\n", r->body.ptr[at])))
        return false;
    hz_diag_error(r->diags, span_at(r, tab, 1), HZ_MSG_NONE, HZ_M(YAML_TAB));
    return true;
}

/* libyaml takes tabs between tokens of a flow collection, at the start of a line too; what is indented by a tab is
 * refused wherever no scalar runs over the line. Scalars come in file order, aliases of them repeat: the walk skips
 * those. */
static void find_tabs(const reader *r, const hz_yaml *node, size_t *checked, bool *found)
{
    if (*found)
        return;
    if (node->kind == HZ_YAML_SCALAR) {
        size_t from = node->span.offset - r->body_offset, end = from + node->span.len;
        for (size_t at = *checked; at < from && !*found; at++)
            if (at == 0 || r->body.ptr[at - 1] == '\n')
                *found = line_has_tab(r, at, from);
        if (end > *checked)
            *checked = end;
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == HZ_YAML_MAP)
            find_tabs(r, node->pairs[i].key, checked, found);
        find_tabs(r, node->kind == HZ_YAML_MAP ? node->pairs[i].value : node->items[i], checked, found);
    }
}

hz_status hz_yaml_parse(const hz_yaml **root, const hz_text *text, hz_arena *arena, const hz_limits *limits,
                        hz_diags *diags, hz_error *err)
{
    *root = NULL;
    reader r = {.text = text, .body = text->bytes, .arena = arena, .limits = limits, .diags = diags, .err = err};
    if (hz_slice_starts(r.body, HZ_SLICE_LIT("\xef\xbb\xbf"))) {
        r.body = hz_slice_sub(r.body, 3, r.body.len);
        r.body_offset = 3;
    }
    if (!characters_are_fine(&r))
        return HZ_OK;
    if (!yaml_parser_initialize(&r.parser))
        return hz_nomem(err, sizeof r.parser);
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.body.ptr, r.body.len);
    hz_status st;
    const hz_yaml *tree = NULL;
    HZ_GO(make_marks(&r));
    HZ_GO(read_stream(&tree, &r));
    size_t checked = 0;
    bool tab = false;
    if (tree)
        find_tabs(&r, tree, &checked, &tab);
    *root = tree;
out:
    yaml_parser_delete(&r.parser);
    hz_mem_free(r.marks);
    hz_mem_free(r.anchored);
    hz_mem_free(r.stack);
    hz_names_clear(&r.anchors);
    return st == STOP ? HZ_OK : st;
}

const hz_yaml *hz_yaml_get(const hz_yaml *map, const char *key)
{
    for (uint32_t i = 0; map->kind == HZ_YAML_MAP && i < map->count; i++)
        if (hz_slice_is(map->pairs[i].key->text, key))
            return map->pairs[i].value;
    return NULL;
}
