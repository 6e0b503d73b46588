/* xml_push.c: see xml_push.h. */
#include "validator/source/xml_push.h"
#include "base/alloc.h"
#include <libxml/SAX2.h>
#include <libxml/xmlerror.h>
#include <pthread.h>

enum { BLOCK_BYTES = 1 << 16 };

uint64_t hz_xml_push_line(const hz_xml_push *push)
{
    return push->parser && push->parser->input ? (uint64_t)push->parser->input->line : 0;
}

void hz_xml_push_fail(hz_xml_push *push, hz_status status)
{
    if (push->status != HZ_OK)
        return;
    push->status = status;
    xmlStopParser(push->parser);
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    hz_xml_push *push = ctx;
    (void)name;
    (void)external;
    (void)system;
    if (push->status != HZ_OK)
        return;
    hz_status st = hz_fail(push->err, HZ_E_SOURCE, HZ_M(SOURCE_DOCTYPE), HZ_S(push->shown));
    hz_error_at(push->err, push->shown, hz_xml_push_line(push), 0);
    hz_xml_push_fail(push, st);
}

static xmlEntityPtr on_entity(void *ctx, const xmlChar *name)
{
    (void)ctx;
    return xmlGetPredefinedEntity(name);
}

static void on_words(void *ctx, xmlErrorPtr error)
{
    (void)ctx;
    (void)error; /* the parser keeps the last one */
}

static hz_status not_well_formed(hz_xml_push *push, hz_error *err)
{
    const xmlError *last = xmlCtxtGetLastError(push->parser);
    hz_slice words = hz_slice_of(last && last->message ? last->message : "?");
    while (words.len && (words.ptr[words.len - 1] == '\n' || words.ptr[words.len - 1] == ' '))
        words.len--;
    if (last && last->code == XML_ERR_NO_MEMORY)
        return hz_nomem(err, 0);
    /* its own limit, XML_MAX_LOOKUP_LIMIT, has no code of its own */
    bool huge = last && last->message && strstr(last->message, "Huge input");
    hz_status st = huge ? hz_fail(err, HZ_E_LIMIT, HZ_M(SOURCE_XML_HUGE), HZ_S(push->shown))
                        : hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_SYNTAX), HZ_S(push->shown), HZ_Z("XML"), HZ_S(words));
    hz_error_at(err, push->shown, last && last->line > 0 ? (uint64_t)last->line : 0, 0);
    return st;
}

static hz_status push_blocks(hz_xml_push *push, hz_stream *stream, char *bytes, hz_error *err)
{
    uint64_t at = 0;
    bool end = false;
    while (!end) {
        size_t got;
        HZ_TRY(hz_stream_read_at(stream, at, bytes, BLOCK_BYTES, &got, &end, err));
        int failed = xmlParseChunk(push->parser, bytes, (int)got, end);
        if (push->status != HZ_OK)
            return push->status;
        if (failed || !push->parser->wellFormed)
            return not_well_formed(push, err);
        at += got;
    }
    return HZ_OK;
}

hz_status hz_xml_push_all(hz_xml_push *push, hz_stream *stream, xmlSAXHandler *sax, hz_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, xmlInitParser);
    sax->initialized = XML_SAX2_MAGIC;
    sax->internalSubset = on_doctype;
    sax->getEntity = on_entity;
    sax->serror = on_words;
    push->err = err;
    push->status = HZ_OK;
    push->parser = xmlCreatePushParserCtxt(sax, push, NULL, 0, NULL);
    char *bytes = hz_mem_alloc(BLOCK_BYTES);
    hz_status st = push->parser && bytes ? HZ_OK : hz_nomem(err, BLOCK_BYTES);
    if (st == HZ_OK) {
        /* What is wrong with an encoding is not told to the parser's own handler but to this thread's, and printed
         * where it has none. */
        xmlStructuredErrorFunc before = xmlStructuredError;
        void *before_ctx = xmlStructuredErrorContext;
        xmlSetStructuredErrorFunc(NULL, on_words);
        (void)xmlCtxtUseOptions(push->parser, XML_PARSE_NONET);
        if (push->xsd)
            st = hz_xsd_plug(push->xsd, push->parser, push->take_fault, push, err);
        if (st == HZ_OK)
            st = push_blocks(push, stream, bytes, err);
        if (push->xsd) {
            hz_xsd_unplug(push->xsd);
            st = st == HZ_OK ? hz_xsd_status(push->xsd, err) : st;
        }
        xmlSetStructuredErrorFunc(before_ctx, before);
    }
    if (push->parser)
        xmlFreeParserCtxt(push->parser);
    push->parser = NULL;
    hz_mem_free(bytes);
    return st;
}
