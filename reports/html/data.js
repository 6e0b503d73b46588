/* data.js: the data block read: rules, findings and regions get the shapes that the sections work with. */

/* By number, or by name where it is none of the page's. */
function tableTitle(i) {
  if (typeof i === 'string') return i;
  const table = data.tables[i];
  return table ? pick(table.title) || table.name : '';
}
function ruleTitle(rule) {
  if (rule.title) return pick(rule.title);
  const kind = t('KIND_' + rule.kind);
  const field = pick(rule.field_title) || rule.field;
  const table = tableTitle(rule.table);
  return field ? table + ' · ' + field + colon() + kind : table + colon() + kind;
}

function readRule(rule, index, draft) {
  const [rows, idle, undetermined, ambiguous, evaluated, passed, failed, waived] = rule.counts;
  Object.assign(rule, {index, draft, rows, idle, undetermined, ambiguous, evaluated, passed, failed, waived});
  rule.findings = rule.findings || [];
  rule.keys = rule.keys || [];
  rule.fields = rule.fields || [];
  rule.state = rule.outcome === 'passed' && failed ? 'tolerated' : rule.outcome;
  return rule;
}
const rules = data.rules.map((rule, i) => readRule(rule, i, false));
const drafts = data.drafts.map((rule, i) => readRule(rule, i, true));
const WEIGHTS = [1000, 1, 0.2, 0];
/* Worst first: fatal ones, then failures by severity, then the order of the profile. */
function badness(rule) {
  return rule.severity === 0 && rule.failed ? 1e18 + rule.failed : rule.failed * WEIGHTS[rule.severity];
}
function byBadness(a, b) {
  return badness(b) - badness(a) || b.failed - a.failed || a.index - b.index;
}

/* The message of a finding: what it shares with the rule's first one, and what stands between. */
function message(rule, finding, lang) {
  const [first, delta] = [rule.first[lang], finding[4]];
  if (delta === 0) return first;
  const at = lang && delta.length > 3 ? 3 : 0;
  const between = at && delta[5] === 0 ? delta[2] : delta[at + 2];
  return first.slice(0, delta[at]) + between + (delta[at + 1] ? first.slice(-delta[at + 1]) : '');
}
function more(finding) {
  return finding[5] || {};
}
/* "household.csv:17", "book.xlsx:3 户!A3", or the table's title. */
function place(table, source, line, where) {
  if (source === null) return tableTitle(table);
  const path = typeof source === 'string' ? source : data.tables[table].sources[source].path;
  return path + (line ? ':' + line : '') + (where ? ' ' + where : '');
}
function placeOf(rule, finding) {
  const extra = more(finding);
  return place(extra.table === undefined ? rule.table : extra.table, finding[1], finding[0], extra.where);
}
/* All that a search looks at, in both languages, made once. */
const haystacks = new Map();
function haystack(rule, finding) {
  let text = haystacks.get(finding);
  if (text === undefined) {
    const extra = more(finding);
    text =
      [
        placeOf(rule, finding), ...finding[2], ...finding[3], message(rule, finding, 0), message(rule, finding, 1),
        extra.expected, extra.repair, ...(extra.echo || []).map(pair => pair[1])
      ].filter(one => one)
        .join('\n')
        .toLowerCase();
    haystacks.set(finding, text);
  }
  return text;
}

/* ---- regions ---- */

const LEVELS = ['ANY', 'PROVINCE', 'PREFECTURE', 'COUNTY', 'TOWNSHIP', 'VILLAGE'];
const LEVEL_OF = {
  0: 0,
  2: 1,
  4: 2,
  6: 3,
  9: 4,
  12: 5
};
const regions = data.regions.map(([id, zh, en, rows, findings, wrong, points,
  grade]) => ({id, name: [zh, en], rows, findings, wrong, points, grade, level: LEVEL_OF[id.length], below: []}));
const regionOf = new Map(regions.map(region => [region.id, region]));
const tops = [];
for (const region of regions) {
  const above =
    [9, 6, 4, 2].filter(n => n < region.id.length).map(n => regionOf.get(region.id.slice(0, n))).find(one => one);
  region.above = above || null;
  (above ? above.below : tops).push(region);
}
function regionName(id) {
  const region = regionOf.get(id);
  return id === '' ? t('NO_REGION') : (region && pick(region.name)) || '';
}
