/* figures.js: measures, for the whole and by region. */

const VERDICTS = {
  1: 'passed',
  2: 'failed',
  3: 'undetermined'
};

/* `percent` is a share as people say it; others stand before their unit. */
function figureText(exact, unit) {
  if (exact === null) return t('NO_VALUE');
  const shorter = x => String(Number(x.toFixed(x < 1 && x > -1 ? 6 : 4)));
  if (unit === 'percent') return String(Number((Number(exact) * 100).toFixed(2))) + '%';
  const plain = /^-?\d+$/.test(exact) ? exact.replace(/\B(?=(\d{3})+$)/g, ',') : shorter(Number(exact));
  return unit && unit !== 'count' && unit !== 'ratio' ? plain + ' ' + unit : plain;
}
function measureRegions(measure, level) {
  return measure.regions.filter(one => one[0].length === level).map(([id, value,
    verdict]) => ({id, value, verdict, x: value === null ? null : Number(value), misses: verdict === 2}));
}
function measureColumns() {
  return [
    {key: 'id', text: t('REGION'), of: one => one.id}, {key: 'value', text: t('VALUE'), n: true, of: one => one.x},
    {key: 'verdict', text: t('OUTCOME'), of: one => one.verdict || 0}
  ];
}
function measureTable(measure, i, lengths) {
  const level = state.measures.level[i] || levelToDraw(measure, lengths) || lengths[lengths.length - 1];
  const sorted = state.measures.sort[i] = state.measures.sort[i] || {sort: 'id', down: false};
  const columns = measureColumns();
  const rows = sortRows(measureRegions(measure, level), columns, sorted);
  const fillMeasure = () => {
    byId('measure-' + i).replaceWith(measureItem(measure, i, true));
  };
  return [
    lengths.length > 1 ? h('div', {class: 'tools'},
                           choice(t('LEVEL'), String(level),
                             lengths.map(n => [String(n), n ? t('LEVEL_' + LEVELS[LEVEL_OF[n]]) : t('NO_REGION')]),
                             value => {
                               state.measures.level[i] = Number(value);
                               fillMeasure();
                             })) :
                         null,
    measure.regions.length < measure.all ?
      h('p', {class: 'soft'}, t('FIRST_OF', count(measure.regions.length), count(measure.all))) :
      null,
    frame(measure.id,
      h('table', {class: 'measure-regions'},
        sortHead(columns, sorted,
          key => {
            fillMeasure();
            refocus('measure-' + i, key);
          }),
        h('tbody', null,
          rows.map(one => h('tr', null, h('th', {scope: 'row'}, regionName(one.id), ' ', code(one.id)),
                     h('td', {class: 'n'},
                       one.value === null ? t('NO_VALUE') : figure(one.value, figureText(one.value, measure.unit))),
                     h('td', null,
                       one.verdict ?
                         outcome(VERDICTS[one.verdict], t(['', 'HOLDS', 'HOLDS_NOT', 'UNDETERMINED'][one.verdict])) :
                         ''))))))
  ];
}
/* The level to draw: the highest with several regions. */
function levelToDraw(measure, lengths) {
  return lengths.find(n => n && measureRegions(measure, n).length > 2);
}
function measureItem(measure, i, open) {
  const lengths = [...new Set(measure.regions.map(one => one[0].length))].sort((a, b) => a - b);
  const drawn = levelToDraw(measure, lengths);
  const points = drawn ?
    measureRegions(measure, drawn).filter(one => one.x !== null).slice(0, 400).map(one => Object.assign(one, {
      name: (regionName(one.id) || one.id) + colon() + figureText(one.value, measure.unit)
    })) :
    [];
  const ran = measure.outcome !== 'skipped' && measure.outcome !== 'error';
  return h('div', {class: 'measure', id: 'measure-' + i, 'data-measure': measure.id},
    h('div', {class: 'measure-head'},
      h('div', null, h('h3', null, pick(measure.title) || measure.id),
        h('p', {class: 'soft'}, code(measure.id), ' · ', tableTitle(measure.table),
          measure.expect ? [' · ', t('EXPECT') + colon(), code(measure.expect)] : null),
        measure.reason ? h('p', {class: 'flag'}, pick(measure.reason)) : null),
      h('p', {class: 'measure-value'},
        ran && measure.value !== null ? figure(measure.value, figureText(measure.value, measure.unit)) : t('NO_VALUE'),
        measure.numerator !== undefined ?
          h('small', null, count(measure.numerator) + ' / ' + count(measure.denominator)) :
          null,
        measure.verdict || !ran ? h('small', null, outcome(measure.outcome, t(OUTCOMES[measure.outcome]))) : null),
      points.length > 2 ?
        h('figure', null,
          strip(points, measure.value === null ? null : Number(measure.value), pick(measure.title) || measure.id),
          h('figcaption', null,
            t('STRIP', count(points.length), t('LEVEL_' + LEVELS[LEVEL_OF[drawn]]).toLowerCase()))) :
        null),
    measure.regions.length ? h('details', {open: open}, h('summary', null, t('BY_REGION', count(measure.all))),
                               measureTable(measure, i, lengths)) :
                             null);
}
function measuresSection() {
  if (!data.measures.length) return null;
  return section('measures', t('HEAD_MEASURES'), count(data.measures.length),
    data.measures.map((measure, i) => measureItem(measure, i, false)));
}
