/* markdown.h: words in Markdown (CommonMark with GitHub's tables), for whoever writes pages of it. */
#ifndef HZ_REPORTS_MARKDOWN_H
#define HZ_REPORTS_MARKDOWN_H
#include "base/buf.h"

/* Text that makes no markup, no HTML, no link, and breaks no table. Control characters are the caller's affair
 * (hz_utf8_put_safe). */
void hz_markdown_put(hz_buf *out, hz_slice text);
#endif
