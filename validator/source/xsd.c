/* xsd.c: see xsd.h. libxml2 fetches what a schema includes by itself, from wherever that is. So every file is looked
 * through first, here, with no network: only what lies beside the schema is let through. */
#include "validator/source/xsd.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/vec.h"
#include <libxml/xmlschemas.h>

struct hz_xsd {
    xmlSchemaPtr schema;
    xmlSchemaValidCtxtPtr valid;
    xmlSchemaSAXPlugPtr plug;
    hz_xsd_take *take;
    void *ctx;
    hz_status status; /* of libxml2 itself */
};

typedef struct loader {
    hz_xsd *xsd;
    const hz_limits *limits;
    char **seen; /* paths of the files looked through, owned */
    size_t seen_count, seen_capacity;
    uint64_t bytes;
    char words[256]; /* libxml2's first complaint */
    int line;
    hz_error *err;
} loader;

static const char XSD[] = "http://www.w3.org/2001/XMLSchema";

/* ---- looking through ---- */

static hz_status refuse(const loader *l, const char *path, int line, hz_arg message, hz_slice what)
{
    hz_status st = hz_fail(l->err, HZ_E_SOURCE, message, HZ_Z(path), HZ_S(what));
    hz_error_at(l->err, hz_slice_of(path), line > 0 ? (uint64_t)line : 0, 0);
    return st;
}

static void note_words(void *ctx, xmlErrorPtr error)
{
    loader *l = ctx;
    if (error->code == XML_ERR_NO_MEMORY)
        l->xsd->status = HZ_E_NOMEM;
    if (l->words[0] || error->level < XML_ERR_ERROR || !error->message)
        return;
    snprintf(l->words, sizeof l->words, "%s", error->message);
    l->words[strcspn(l->words, "\n")] = '\0';
    l->line = error->line;
}

static hz_status complain(const loader *l, const char *path)
{
    return l->xsd->status != HZ_OK ? hz_nomem(l->err, 0)
                                   : refuse(l, path, l->line, HZ_M(SOURCE_XSD),
                                            l->words[0] ? hz_slice_of(l->words) : HZ_SLICE_LIT("Document is empty"));
}

static hz_status look_through(xmlDocPtr *kept, loader *l, const char *path);

/* Letters, digits, '-', '_', bytes past ASCII, and a '.' behind the first: no folder, no scheme, no escape. */
static bool is_bare_name(const char *name)
{
    for (const char *p = name; *p; p++)
        if (!((*p >= '0' && *p <= '9') || ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z') || *p == '-' || *p == '_' ||
              (*p == '.' && p > name) || (unsigned char)*p >= 0x80))
            return false;
    return *name != '\0';
}

static hz_status look_beside(loader *l, const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    hz_buf beside = HZ_BUF_INIT;
    if (slash)
        hz_buf_put(&beside, (hz_slice){path, (size_t)(slash - path) + 1});
    hz_buf_puts(&beside, name);
    hz_status st = hz_buf_status(&beside, l->err);
    for (size_t i = 0; st == HZ_OK && i < l->seen_count; i++)
        if (strcmp(l->seen[i], beside.ptr) == 0)
            goto out;
    if (st == HZ_OK)
        st = look_through(NULL, l, beside.ptr);
out:
    hz_buf_clear(&beside);
    return st;
}

static hz_status look_at(loader *l, const char *path, xmlNodePtr node)
{
    static const char *const taking[] = {"include", "import", "redefine"};
    bool takes = false;
    hz_status st = HZ_OK;
    if (xmlHasNsProp(node, (const xmlChar *)"base", XML_XML_NAMESPACE))
        return refuse(l, path, node->line, HZ_M(SOURCE_XSD_OUTSIDE), HZ_SLICE_LIT("xml:base"));
    for (size_t i = 0; node->ns && i < sizeof taking / sizeof *taking; i++)
        takes = takes || strcmp((const char *)node->name, taking[i]) == 0;
    if (!takes || strcmp((const char *)node->ns->href, XSD) != 0)
        return HZ_OK;
    xmlChar *name = xmlGetNoNsProp(node, (const xmlChar *)"schemaLocation");
    if (name)
        st = is_bare_name((const char *)name)
                 ? look_beside(l, path, (const char *)name)
                 : refuse(l, path, node->line, HZ_M(SOURCE_XSD_OUTSIDE), hz_slice_of((const char *)name));
    xmlFree(name);
    return st;
}

/* In the order of the text, without recursion. */
static xmlNodePtr next_element(xmlNodePtr node)
{
    if (node->type == XML_ELEMENT_NODE && node->children)
        return node->children;
    while (node && !node->next)
        node = node->parent && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
    return node ? node->next : NULL;
}

static hz_status look_at_all(loader *l, const char *path, xmlDocPtr doc)
{
    if (doc->intSubset) {
        hz_status st = hz_fail(l->err, HZ_E_SOURCE, HZ_M(SOURCE_DOCTYPE), HZ_Z(path));
        hz_error_at(l->err, hz_slice_of(path), 0, 0);
        return st;
    }
    for (xmlNodePtr node = xmlDocGetRootElement(doc); node; node = next_element(node))
        if (node->type == XML_ELEMENT_NODE)
            HZ_TRY(look_at(l, path, node));
    return HZ_OK;
}

static hz_status note_seen(loader *l, const char *path)
{
    size_t len = strlen(path) + 1;
    if (!HZ_GROW(l->seen, l->seen_capacity, l->seen_count + 1))
        return hz_nomem(l->err, sizeof *l->seen);
    char *copy = hz_mem_alloc(len);
    if (!copy)
        return hz_nomem(l->err, len);
    memcpy(copy, path, len);
    l->seen[l->seen_count++] = copy;
    return HZ_OK;
}

static hz_status take_bytes(hz_buf *out, loader *l, const char *path)
{
    uint64_t most = l->limits->value[HZ_LIMIT_XSD_BYTES];
    const char *name = hz_limit_name(HZ_LIMIT_XSD_BYTES);
    hz_status st = hz_file_read_all(out, path, most, name, l->err);
    l->bytes += out->len;
    if (st != HZ_E_LIMIT && (st != HZ_OK || l->bytes <= most))
        return st;
    hz_error_clear(l->err);
    return hz_fail(l->err, HZ_E_LIMIT, HZ_M(SOURCE_LIMIT), HZ_Z(path), HZ_Z(name), HZ_U(most));
}

/* Reads one file and those that it takes in. *kept, when asked for, is its document, owned. */
static hz_status look_through(xmlDocPtr *kept, loader *l, const char *path)
{
    hz_buf bytes = HZ_BUF_INIT;
    xmlDocPtr doc = NULL;
    hz_status st;
    HZ_GO(note_seen(l, path));
    HZ_GO(take_bytes(&bytes, l, path));
    doc = bytes.len < INT32_MAX ? xmlReadMemory(bytes.ptr ? bytes.ptr : "", (int)bytes.len, path, NULL, XML_PARSE_NONET)
                                : NULL;
    HZ_GO(doc ? HZ_OK : complain(l, path));
    HZ_GO(look_at_all(l, path, doc));
    if (kept) {
        *kept = doc;
        doc = NULL;
    }
out:
    xmlFreeDoc(doc);
    hz_buf_clear(&bytes);
    return st;
}

/* ---- loading ---- */

static hz_status parse(loader *l, xmlDocPtr doc, const char *path)
{
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewDocParserCtxt(doc);
    if (!parser)
        return hz_nomem(l->err, 0);
    xmlSchemaSetParserStructuredErrors(parser, note_words, l);
    l->xsd->schema = xmlSchemaParse(parser);
    xmlSchemaFreeParserCtxt(parser);
    return l->xsd->schema ? HZ_OK : complain(l, path);
}

hz_status hz_xsd_load(hz_xsd **out, const char *path, const hz_limits *limits, hz_error *err)
{
    hz_xsd *xsd = *out = hz_mem_zalloc(1, sizeof *xsd);
    if (!xsd)
        return hz_nomem(err, sizeof *xsd);
    loader l = {.xsd = xsd, .limits = limits, .err = err};
    xmlDocPtr doc = NULL;
    xmlStructuredErrorFunc before = xmlStructuredError;
    void *before_ctx = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(&l, note_words);
    hz_status st = look_through(&doc, &l, path);
    if (st == HZ_OK)
        st = parse(&l, doc, path);
    xmlSetStructuredErrorFunc(before_ctx, before);
    xmlFreeDoc(doc);
    for (size_t i = 0; i < l.seen_count; i++)
        hz_mem_free(l.seen[i]);
    hz_mem_free((void *)l.seen);
    if (st == HZ_OK)
        return HZ_OK;
    hz_xsd_free(xsd);
    *out = NULL;
    return st;
}

void hz_xsd_free(hz_xsd *xsd)
{
    if (!xsd)
        return;
    hz_xsd_unplug(xsd);
    if (xsd->valid)
        xmlSchemaFreeValidCtxt(xsd->valid);
    if (xsd->schema)
        xmlSchemaFree(xsd->schema);
    hz_mem_free(xsd);
}

/* ---- beside the parser ---- */

static hz_xsd_fault fault_of(int code)
{
    switch (code) {
    case XML_SCHEMAV_ELEMENT_CONTENT:
    case XML_SCHEMAV_CVC_ELT_1:
    case XML_SCHEMAV_CVC_WILDCARD:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4:
        return HZ_XSD_CONTENT;
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2:
    case XML_SCHEMAV_CVC_COMPLEX_TYPE_4:
    case XML_SCHEMAV_CVC_TYPE_3_1_1:
        return HZ_XSD_ATTRIBUTE;
    case XML_SCHEMAV_CVC_IDC:
        return HZ_XSD_KEY;
    default:
        return code >= XML_SCHEMAV_CVC_DATATYPE_VALID_1_2_1 && code <= XML_SCHEMAV_CVC_ENUMERATION_VALID ? HZ_XSD_VALUE
                                                                                                         : HZ_XSD_OTHER;
    }
}

static void take_fault(void *ctx, xmlErrorPtr error)
{
    hz_xsd *xsd = ctx;
    if (error->code == XML_ERR_NO_MEMORY || error->code == XML_SCHEMAV_INTERNAL)
        xsd->status = HZ_E_NOMEM;
    else if (error->level >= XML_ERR_ERROR)
        xsd->take(xsd->ctx, fault_of(error->code));
}

hz_status hz_xsd_plug(hz_xsd *xsd, xmlParserCtxtPtr parser, hz_xsd_take *take, void *ctx, hz_error *err)
{
    xsd->take = take;
    xsd->ctx = ctx;
    xsd->valid = xmlSchemaNewValidCtxt(xsd->schema);
    if (!xsd->valid)
        return hz_nomem(err, 0);
    xmlSchemaSetValidStructuredErrors(xsd->valid, take_fault, xsd);
    xsd->plug = xmlSchemaSAXPlug(xsd->valid, &parser->sax, &parser->userData);
    return xsd->plug ? HZ_OK : hz_nomem(err, 0);
}

void hz_xsd_unplug(hz_xsd *xsd)
{
    if (xsd->plug)
        (void)xmlSchemaSAXUnplug(xsd->plug);
    xsd->plug = NULL;
}

hz_status hz_xsd_status(const hz_xsd *xsd, hz_error *err)
{
    return xsd->status == HZ_OK ? HZ_OK : hz_nomem(err, 0);
}
