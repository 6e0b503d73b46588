/* progress.js: from one submission to the next: what the submitter explained, what is new since a baseline, and how
 * earlier results were. */

const REASONS_OPEN = 20; /* more stand behind a fold */

function reasonTable(reasons) {
  return frame(t('HEAD_REASONS'),
    h('table', {id: 'reasons'},
      h('thead', null, h('tr', null, ['RULE', 'REASON', 'STATE'].map(one => h('th', {scope: 'col'}, t(one))))),
      h('tbody', null,
        reasons.items.map(
          ([rule, reason, what]) => h('tr', {class: 'ack-' + what}, h('th', {scope: 'row'}, rule ? code(rule) : '–'),
            h('td', {class: 'wide'}, reason), h('td', null, t('ACK_' + what.toUpperCase())))))));
}
function reasonsPart() {
  const reasons = data.reasons;
  if (!reasons) return null;
  const left = reasons.count - reasons.items.length;
  return [
    h('h3', null, t('HEAD_REASONS')),
    h('p', {id: 'reasons-sums'},
      t('ACKNOWLEDGED', count(reasons.taken), count(reasons.refused), count(reasons.unused), count(reasons.open),
        count(reasons.lapsed))),
    reasons.items.length > REASONS_OPEN ?
      h('details', null, h('summary', null, t('HEAD_REASONS') + ' ' + count(reasons.items.length)),
        reasonTable(reasons)) :
      reasons.items.length ? reasonTable(reasons) :
                             null,
    left ? h('p', {class: 'soft'}, t('AND_MORE', count(left))) : null
  ];
}
const BASELINE_COLUMNS = [
  ['before', 'BEFORE'], ['failed', 'NOW'], ['fresh', 'NEW'], ['persisting', 'PERSISTING'], ['fixed', 'FIXED'],
  ['unknown', 'NOT_COMPARABLE']
];
function baselinePart() {
  const baseline = data.baseline;
  if (!baseline) return null;
  return [
    h('h3', null, t('HEAD_BASELINE', baseline.as_of || baseline.sha256.slice(0, 12))),
    h('p', {id: 'baseline-sums', class: baseline.grown ? 'bad' : null},
      t('BASELINE', count(baseline.fresh), count(baseline.persisting), count(baseline.fixed), count(baseline.unknown))),
    baseline.capped ? h('p', {class: 'flag'}, t('BASELINE_CAPPED')) : null,
    baseline.rules.length ?
      frame(t('HEAD_BASELINE', baseline.as_of),
        h('table', {id: 'baseline'},
          h('thead', null, h('tr', null, h('th', {scope: 'col'}, t('RULE')), BASELINE_COLUMNS.map(([,
            word]) => h('th', {scope: 'col', class: 'n'}, t(word))))),
          h('tbody', null,
            baseline.rules.map(one => h('tr', null, h('th', {scope: 'row'}, code(one.id)), BASELINE_COLUMNS.map(([
              key
            ]) => h('td', {class: 'n' + (key === 'fresh' && one.fresh ? ' bad' : '')}, count(one[key])))))))) :
      null
  ];
}

/* ---- the trend ---- */

function pointName(point, i) {
  return point.as_of || '#' + (i + 1);
}
/* Figures over the results, null where there is none, as a line with a dot each. */
function line(values, names, most, show) {
  const [w, height] = [360, 90];
  const x = i => values.length < 2 ? w / 2 : 8 + i * (w - 16) / (values.length - 1);
  const y = value => height - 8 - (most ? value / most : 0) * (height - 16);
  const dots = values.map((value, i) => value === null ? null : [x(i), y(value), i]).filter(one => one);
  return svg('svg', {
    class: 'trend-line',
    viewBox: '0 0 ' + w + ' ' + height,
    role: 'img',
    'aria-label': values.map((value, i) => names[i] + ' ' + (value === null ? '–' : show(value))).join(', ')
  },
    svg('line', {class: 'axis', x1: 0, x2: w, y1: height - 8, y2: height - 8}),
    svg('polyline',
      {class: 'trend', points: dots.map(one => one.slice(0, 2).map(n => Math.round(n * 10) / 10).join(',')).join(' ')}),
    dots.map(
      ([cx, cy, i]) => svg('circle', {class: 'dot', cx: Math.round(cx * 10) / 10, cy: Math.round(cy * 10) / 10, r: 3},
        svg('title', null, names[i] + colon() + show(values[i])))));
}
function trendTable(trend, names) {
  return frame(t('HEAD_TREND'),
    h('table', {id: 'trend'},
      h('thead', null,
        h('tr', null, h('th', {scope: 'col'}, t('AS_OF_WORD')), ['GRADE_WORD', 'SCORE_WORD', 'WRONG_RECORDS',
          'RATE'].map(one => h('th', {scope: 'col', class: 'n'}, t(one))))),
      h('tbody', null,
        trend.points.map(
          (point, i) => h('tr', null, h('th', {scope: 'row'}, names[i], ' ', h('span', {class: 'soft'}, point.version)),
            h('td', {class: 'n'}, (point.conformant ? '✓ ' : '✗ ') + point.grade),
            h('td', {class: 'n'}, point.score === null ? '–' : figure(point.score, score(point.score))),
            h('td', {class: 'n'}, count(point.wrong) + ' / ' + count(point.records)),
            h('td', {class: 'n'}, percent(point.error_rate)))))));
}
function trendRules(trend, names) {
  if (!trend.rules.length) return null;
  const left = trend.count - trend.rules.length;
  return [
    frame(t('FAILURES'),
      h('table', {id: 'trend-rules'},
        h('thead', null,
          h('tr', null, h('th', {scope: 'col'}, t('RULE')),
            names.map(name => h('th', {scope: 'col', class: 'n'}, name)))),
        h('tbody', null,
          trend.rules.map(([id, ...counts]) => h('tr', null, h('th', {scope: 'row'}, code(id)),
                            counts.map(n => h('td', {class: 'n'}, n === null ? '–' : count(n)))))))),
    left ? h('p', {class: 'soft'}, t('AND_MORE', count(left))) : null
  ];
}
function trendPart() {
  const trend = data.trend;
  if (!trend) return null;
  const names = trend.points.map(pointName), rates = trend.points.map(point => point.error_rate);
  return [
    h('h3', null, t('HEAD_TREND')),
    h('div', {class: 'columns'},
      h('figure', null, h('figcaption', null, t('SCORE_WORD')),
        line(trend.points.map(point => point.score), names, 100, score)),
      h('figure', null, h('figcaption', null, t('RATE')), line(rates, names, Math.max(...rates), percent))),
    trendTable(trend, names), trendRules(trend, names)
  ];
}
function hasProgress() {
  return data.reasons || data.baseline || data.trend;
}
function progressSection() {
  return hasProgress() ? section('progress', t('HEAD_PROGRESS'), null, trendPart(), baselinePart(), reasonsPart()) :
                         null;
}
