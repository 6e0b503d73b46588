/* xsd.h: XML held to an XML Schema (XSD 1.0) while it is read, by libxml2. Memory does not grow with the document, but
 * for the keys of xs:key, xs:unique and xs:keyref, which libxml2 holds.
 *
 * The schema is a file of whoever runs the check, and may take in others of its own folder (xs:include, xs:import,
 * xs:redefine, by a bare file name); nothing else is read, and nothing from a network. What a document says of its own
 * schema (xsi:schemaLocation) is not followed. */
#ifndef HZ_SOURCE_XSD_H
#define HZ_SOURCE_XSD_H
#include "validator/source/source.h"
#include <libxml/parser.h>

typedef struct hz_xsd hz_xsd;
/* What is not as the schema has it, at the element that is open. */
typedef void hz_xsd_take(void *ctx, hz_xsd_fault fault);

/* HZ_E_SOURCE: it cannot be read, is no schema, has a document type, or names a file that is not beside it.
 * HZ_E_LIMIT: xsd_bytes, for all its files. */
HZ_NODISCARD hz_status hz_xsd_load(hz_xsd **out, const char *path, const hz_limits *limits, hz_error *err);
void hz_xsd_free(hz_xsd *xsd); /* takes NULL */
/* From now on the parser's events go through the schema, after they went to the parser's own handlers: faults of an
 * element's end come after the handler of that end. Once for each schema; taken off before the parser is freed. */
HZ_NODISCARD hz_status hz_xsd_plug(hz_xsd *xsd, xmlParserCtxtPtr parser, hz_xsd_take *take, void *ctx, hz_error *err);
void hz_xsd_unplug(hz_xsd *xsd);
/* After the last event: what libxml2 could not do. */
HZ_NODISCARD hz_status hz_xsd_status(const hz_xsd *xsd, hz_error *err);
#endif
