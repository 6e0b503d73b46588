/* xsd.h: a profile as an XML Schema (XSD 1.0): what a file must look like whose root holds the records of its tables.
 *
 * The schema refuses nothing that the profile takes: a constraint goes into it only where it is an error by itself
 * (active, of severity error or fatal, without tolerance) and where XSD says the same; what cannot be said is left to
 * the profile, and a comment says so. In are: names, presence, types with their forms, code lists, lengths, bounds that
 * are values, patterns that read alike in both, keys, single-field references. Tables that are external, included or
 * built in are not. Records stand flat, tables in any order; fields as elements in any order. */
#ifndef HZ_TASKS_XSD_H
#define HZ_TASKS_XSD_H
#include "base/buf.h"
#include "profiles/profile.h"

/* Errors are sticky in out. */
void hz_xsd_put(hz_buf *out, const hz_profile *profile);
#endif
