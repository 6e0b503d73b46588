/* xml_push.h: XML as libxml2's SAX events, from a stream. Well-formedness is libxml2's to say; no document type
 * declaration is taken (so no entities but the five that XML has, and no expansion), nothing is fetched, and libxml2's
 * own limits on names, texts and depth stand (no HUGE). */
#ifndef HZ_SOURCE_XML_PUSH_H
#define HZ_SOURCE_XML_PUSH_H
#include "validator/source/stream.h"
#include "validator/source/xsd.h"
#include <libxml/parser.h>

/* The first member of the struct that handlers get. */
typedef struct hz_xml_push {
    xmlParserCtxtPtr parser; /* while it runs */
    hz_slice shown;
    hz_xsd *xsd;             /* what it must fit, borrowed; NULL: nothing */
    hz_xsd_take *take_fault; /* told what does not, with this struct */
    hz_status status;        /* of a handler: once it is not HZ_OK, no more events come */
    hz_error *err;
} hz_xml_push;

/* Reads the stream to its end. Of `sax` startElementNs, endElementNs, characters and cdataBlock are the caller's; the
 * rest is set here. HZ_E_SOURCE with line and libxml2's words when it is not well-formed. */
HZ_NODISCARD hz_status hz_xml_push_all(hz_xml_push *push, hz_stream *stream, xmlSAXHandler *sax, hz_error *err);
/* A handler's failure. */
void hz_xml_push_fail(hz_xml_push *push, hz_status status);
uint64_t hz_xml_push_line(const hz_xml_push *push);
#endif
