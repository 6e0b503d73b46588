/* verdict.js: what comes first: verdict, grade, why, gates, what would lift it, scores. */

function flags() {
  const list = [
    [data.incomplete, 'INCOMPLETE'], [!data.certifying, 'NOT_CERTIFYING'], [data.reveal, 'REVEALED'],
    [data.profile.draft, 'DRAFT_PROFILE']
  ];
  return list.filter(one => one[0])
    .map(one => h('p', {class: 'flag'}, h('span', {'aria-hidden': 'true'}, '! '), t(one[1])));
}
/* What the profiles say that this one extends, a line each. */
function parents() {
  return (data.chain || [])
    .map(one => h('p', {class: 'parent'}, h('span', {'aria-hidden': 'true'}, one.conformant ? '✓ ' : '✗ '), code(one.id),
      ' ' + one.version + ' · ', t(one.conformant ? 'CONFORMANT' : 'NOT_CONFORMANT'),
      ' · ' + t('GRADE_WORD') + ' ' + one.grade, one.score === null ? null : ' · ' + t('SCORE_WORD') + ' ' + score(one.score),
      ' · ' + percent(one.error_rate)));
}
function whyItems() {
  const items = data.tables.filter(table => !table.present && !table.external && !table.optional)
                  .map(table => h('li', null, t('WHY_TABLE', pick(table.title) || table.name)));
  const link = (name, n, target) => n && items.push(h('li', null, h('a', {href: target}, t(name, count(n)))));
  link('WHY_RULES', data.why.rules, '#rules');
  link('WHY_SKIPPED', data.why.skipped, '#unchecked');
  link('WHY_MEASURES', data.why.measures, '#measures');
  return items;
}
function gate(i) {
  const name = data.gates[i];
  return h('li', {class: 'gate g-' + name}, h('span', {class: 'gate-mark', 'aria-hidden': 'true'}, MARKS[name]),
    h('span', {class: 'gate-name'}, t('GATE_' + GATES[i])),
    h('span', {class: 'gate-state'},
      t(name === 'passed'   ? 'PASSED' :
          name === 'failed' ? 'FAILED' :
                              'GATE_NOT_RUN')),
    pick(data.asks[i]) ? h('span', {class: 'gate-asks'}, pick(data.asks[i])) : null);
}
function nextItems() {
  const next = data.next, level = data.grades[next.grade];
  const items = [];
  if (next.rules.length) {
    const shown = next.rules.slice(0, 12).map(i => rules[i]);
    items.push(h('li', null, t('NEXT_MEND'), colon(),
      h('ol', {class: 'mend'},
        shown.map(
          rule => h('li', null, h('a', {href: '#findings', on: {click: () => showFindings(rule)}}, code(rule.id)), ' ',
            ruleTitle(rule), ' ', h('span', {class: 'soft'}, count(rule.failed))))),
      next.rules.length > shown.length ?
        h('span', {class: 'soft'}, t('AND_MORE', count(next.rules.length - shown.length))) :
        null));
  }
  if (level.min !== undefined && (data.score === null || data.score < level.min)) {
    items.push(h('li', null,
      data.score === null ? t('NEXT_NO_SCORE', level.min) :
                            t(next.reachable ? 'NEXT_SCORE' : 'NEXT_SCORE_SHORT', score(next.score), level.min)));
  }
  if (next.error_rate !== null && data.error_rate > next.error_rate)
    items.push(h('li', null, t('NEXT_ERROR_RATE', percent(next.error_rate), percent(data.error_rate))));
  for (const [table, wanted, now] of next.tables)
    if (now > wanted) items.push(h('li', null, t('NEXT_TABLE_RATE', percent(wanted), percent(now), tableTitle(table))));
  return items;
}
function totals() {
  const by = [0, 0, 0, 0];
  for (const rule of rules) by[rule.severity] += rule.failed;
  return by;
}
function figures() {
  const by = totals();
  const all = by.reduce((a, b) => a + b, 0);
  return h('dl', {class: 'figures'},
    h('div', null, h('dt', null, t('SCORE_WORD')),
      h('dd', {id: 'score'}, data.score === null ? t('NO_SCORE') : figure(data.score, score(data.score)))),
    h('div', null, h('dt', null, t('WRONG_RECORDS')),
      h('dd', null, figure(data.wrong, count(data.wrong)),
        h('small', null,
          data.records ? ' / ' + count(data.records) + ' · ' + percent(data.error_rate) : ' ' + t('NO_RECORDS')))),
    h('div', null, h('dt', null, t('FINDINGS')),
      h('dd', null, figure(all, count(all)),
        h('small', null,
          by.map((n, i) => n ?
              [' ', h('span', {class: 'part s' + i}, t('SEVERITY_' + SEVERITIES[i]) + ' ' + count(n))] :
              null)))));
}
/* What to mend first; the rest of the causes behind a fold. */
const CAUSES_TOP = 10;
function causeRow([zh, en, findings, by]) {
  return h('tr', null, h('td', {class: 'n'}, count(findings)), h('td', {class: 'wide'}, pick([zh, en])),
    h('td', null,
      by.map(([i, n], at) => [at ? ', ' : '',
               h('a', {href: '#findings', on: {click: () => showFindings(rules[i])}}, code(rules[i].id)),
               by.length > 1 ? ' ' + count(n) : null])));
}
function causeTable(list) {
  const title = t('HEAD_CAUSES', count(data.causes.length), count(data.causes_found));
  return h('table', null, h('caption', {class: 'hidden'}, title),
    h('thead', null,
      h('tr', null, h('th', {scope: 'col', class: 'n'}, t('CLEARS')), h('th', {scope: 'col'}, t('CAUSE')),
        h('th', {scope: 'col'}, t('RULES')))),
    h('tbody', null, list.map(causeRow)));
}
function causes() {
  if (!data.causes.length) return null;
  const top = data.causes.slice(0, CAUSES_TOP), rest = data.causes.slice(CAUSES_TOP);
  return h('div', {id: 'causes'}, h('h3', null, t('HEAD_CAUSES', count(data.causes.length), count(data.causes_found))),
    frame(t('HEAD_CAUSES', count(data.causes.length), count(data.causes_found)), causeTable(top)),
    rest.length ? h('details', null, h('summary', null, t('AND_MORE', count(rest.length))), causeTable(rest)) : null);
}
function verdict() {
  const level = data.grades[data.grade];
  const why = whyItems(), next = data.next ? nextItems() : [];
  const gaps = gapLines();
  return h('section',
    {id: 'verdict', 'aria-labelledby': 'verdict-title', tabindex: '-1', class: data.conformant ? 'is-good' : 'is-bad'},
    h('div', {class: 'verdict'},
      h('div', {class: 'seal'}, h('span', {class: 'seal-letter', id: 'grade'}, level.grade),
        h('span', {class: 'seal-word'}, pick(level.title) || t('GRADE_WORD'))),
      h('div', null,
        h('h2', {id: 'verdict-title', class: 'verdict-title'}, t(data.conformant ? 'CONFORMANT' : 'NOT_CONFORMANT')),
        parents(), flags(), figures())),
    h('ol', {class: 'gates', 'aria-label': t('HEAD_GATES')}, GATES.map((name, i) => gate(i))),
    h('div', {class: 'columns'},
      why.length ? h('div', null, h('h3', null, t('WHY')), h('ul', {class: 'plain'}, why)) : null,
      data.next ? h('div', {id: 'next'}, h('h3', null, t('HEAD_NEXT', data.grades[data.next.grade].grade)),
                    next.length ? h('ul', {class: 'plain'}, next) : h('p', null, t('NEXT_NOTHING'))) :
                  null,
      h('div', null, h('h3', null, h('a', {href: '#unchecked'}, t('HEAD_UNCHECKED'))),
        gaps.length ? h('ul', {class: 'plain'}, gaps.map(one => h('li', null, one))) :
                      h('p', null, t('UNCHECKED_NOTHING')))),
    causes());
}

/* ---- scores ---- */

function dimensionRows() {
  return h('table', {class: 'dimensions', id: 'dimensions'}, h('caption', {class: 'hidden'}, t('HEAD_DIMENSIONS')),
    h('thead', null,
      h('tr', null, h('th', {scope: 'col'}, t('DIMENSION')), h('th', {scope: 'col', class: 'n'}, t('SCORE_WORD')),
        h('th', {scope: 'col'}, ''), h('th', {scope: 'col', class: 'n'}, t('RULES')),
        h('th', {scope: 'col', class: 'n'}, t('FAILED_RULES')))),
    h('tbody', null,
      data.dimensions.map(
        ([points, all, failed], i) =>
          h('tr', {class: all ? null : 'idle'}, h('th', {scope: 'row'}, t('DIM_' + DIMENSIONS[i])),
            h('td', {class: 'n'}, points === null ? '–' : figure(points, score(points))),
            h('td', {class: 'wide'}, all ? scoreBar(points) : h('span', {class: 'soft'}, t('NO_RULES'))),
            h('td', {class: 'n'}, all ? count(all) : '–'),
            h('td', {class: 'n' + (failed ? ' bad' : '')}, all ? count(failed) : '–')))));
}
const INDICATOR_COLUMNS = () => [{key: 'code', text: t('CODE')}, {key: 'name', text: t('INDICATOR')},
  {key: 'dimension', text: t('DIMENSION')}, {key: 'a', text: 'A', n: true}, {key: 'b', text: 'B', n: true},
  {key: 'x', text: 'X = A / B', n: true}, {key: 'bar', text: ''}];
function indicatorTable() {
  const low = one => one.code === '0303' || one.code === '0305';
  return frame(t('HEAD_INDICATORS'),
    h('table', {id: 'indicators'}, sortHead(INDICATOR_COLUMNS(), {}, null),
      h('tbody', null,
        data.indicators.map(
          one => h('tr', null, h('th', {scope: 'row'}, code(one.code)),
            h('td', null, pick(one.name), low(one) ? h('span', {class: 'soft'}, ' ' + t('LOW_IS_GOOD')) : null),
            h('td', null,
              DIMENSIONS.includes(one.dimension.toUpperCase()) ? t('DIM_' + one.dimension.toUpperCase()) :
                                                                 one.dimension),
            h('td', {class: 'n'}, count(one.a)), h('td', {class: 'n'}, count(one.b)),
            h('td', {class: 'n'}, figure(one.x, percent(one.x))), h('td', null, bar(one.x, low(one) ? 'bad' : '')))))));
}
function scores() {
  return section('scores', t('HEAD_DIMENSIONS'), 'GB/T 36344-2018', dimensionRows(),
    h('p', {class: 'soft legend'},
      t('TICKS',
        data.grades.filter(grade => grade.min !== undefined).map(grade => grade.grade + ' ≥ ' + grade.min).join(', ') ||
          '–')),
    data.indicators.length ? [h('h3', null, t('HEAD_INDICATORS')), indicatorTable()] : null);
}
