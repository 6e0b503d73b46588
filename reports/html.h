/* html.h: the report as one page that needs nothing else: no network, no folder, no server.
 *
 * The page is a template (reports/html/page.html), styles and a script, all compiled in, and the result as JSON in a
 * data block that the script draws. Both languages are in it; options.lang is the one that it opens in.
 *
 * Safe against its own data: nothing of the data becomes markup. Text in the static part is escaped, the data block
 * holds no `<`, and the script makes elements and text nodes only. A content security policy in the page lets run
 * nothing but the page's own styles and script, by SHA-256, and load nothing at all. What must not reach a terminal
 * (controls, bidirectional overrides, zero-width characters) stands as \u{XX}.
 *
 * Size: findings, regions and figures by region have budgets, so that the page stays under 5 MB whatever the data.
 * Findings are shared out in rounds, one of each rule a round: a noisy rule never takes another's place. The page says
 * how many are shown of how many. */
#ifndef HZ_REPORTS_HTML_H
#define HZ_REPORTS_HTML_H
#include "reports/render.h"

enum {
    HZ_HTML_FINDINGS_BYTES = 2800 * 1024,
    HZ_HTML_REGIONS_BYTES = 1000 * 1024,
    HZ_HTML_FIGURES_BYTES = 400 * 1024, /* measures by region */
    HZ_HTML_TEXT_BYTES = 2000           /* a longer text of the data is cut and ends in … */
};
#endif
