/* regions.js: the tree of regions, from provinces to villages. */

const FOUND_MAX = 200;

function regionColumns() {
  return [
    {key: 'code', text: t('REGION'), of: region => region.id},
    {key: 'rows', text: t('TABLE_ROWS'), n: true, of: region => region.rows},
    {key: 'wrong', text: t('TABLE_ERRORS'), n: true, of: region => region.wrong},
    {key: 'rate', text: t('RATE'), n: true, of: region => region.rows ? region.wrong / region.rows : null},
    {key: 'findings', text: t('FAILURES'), n: true, of: region => region.findings},
    {key: 'score', text: t('SCORE_WORD'), n: true, of: region => region.points},
    {key: 'grade', text: t('GRADE_WORD'), of: region => region.grade}
  ];
}
/* Single branches open by themselves: the first choice is where the tree parts. */
function openTop() {
  const open = new Set();
  let level = tops.filter(region => region.id !== '');
  while (level.length === 1) {
    open.add(level[0].id);
    level = level[0].below;
  }
  return open;
}
function toggle(region, open, again) {
  if (!region.below.length) return h('span', {class: 'chevron none', 'aria-hidden': 'true'}, '');
  return h('button', {
    class: 'turn',
    type: 'button',
    'aria-label': t(open ? 'CLOSE' : 'OPEN', pick(region.name) || region.id),
    on: {click: again}
  },
    h('span', {class: 'chevron', 'aria-hidden': 'true'}, open ? '▾' : '▸'));
}
function regionRow(region, depth, siblings, at, wanted) {
  const open = state.regions.open.has(region.id);
  const name = region.id === '' ? t('NO_REGION') : pick(region.name) || t('NAME_UNKNOWN');
  return h('tr', {
    role: 'row',
    'data-region': region.id,
    tabindex: '-1',
    'aria-level': depth + 1,
    'aria-setsize': siblings,
    'aria-posinset': at + 1,
    'aria-expanded': region.below.length ? String(open) : null,
    class: 'depth' + depth
  },
    h('th', {scope: 'row', role: 'rowheader', class: 'region-name'}, h('span', {class: 'indent i' + depth}),
      toggle(region, open,
        () => {
          turnRegion(region, !open);
        }),
      h('span', {class: region.id === '' || pick(region.name) ? null : 'soft'}, rich(name, wanted)), ' ',
      region.id ? code(region.id, wanted) : null,
      region.below.length ? h('span', {class: 'below'}, t('BELOW', count(region.below.length))) : null),
    h('td', {role: 'gridcell', class: 'n'}, count(region.rows)),
    h('td', {role: 'gridcell', class: 'n' + (region.wrong ? ' bad' : '')}, count(region.wrong)),
    h('td', {role: 'gridcell', class: 'n'},
      region.rows ?
        [bar(region.wrong / region.rows, 'bad', 64), ' ', h('span', {class: 'rate'}, rate(region.wrong, region.rows))] :
        '–'),
    h('td', {role: 'gridcell', class: 'n'}, count(region.findings)),
    h('td', {role: 'gridcell', class: 'n'},
      region.points === null ?
        '–' :
        h('span', {class: 'points ' + tone(region.points)}, figure(region.points, score(region.points)))),
    h('td', {role: 'gridcell'}, region.grade === null ? '–' : data.grades[region.grade].grade));
}
function turnRegion(region, open) {
  if (open)
    state.regions.open.add(region.id);
  else
    state.regions.open.delete(region.id);
  fillRegions();
  focusRegion(region.id);
}
function focusRegion(id) {
  const row = document.querySelector('#regions tr[data-region="' + CSS.escape(id) + '"]');
  if (row) {
    for (const one of document.querySelectorAll('#regions tr[tabindex="0"]')) one.setAttribute('tabindex', '-1');
    row.setAttribute('tabindex', '0');
    row.focus();
  }
}
function branch(list, depth, columns, out) {
  const rows = sortRows(list, columns, state.regions);
  rows.forEach((region, i) => {
    out.push(regionRow(region, depth, rows.length, i, []));
    if (state.regions.open.has(region.id)) branch(region.below, depth + 1, columns, out);
  });
  return out;
}
/* A search shows what it finds with the way to it. */
function foundRegions(wanted, columns) {
  const found = regions.filter(
    region => wanted.every(term => (region.id + ' ' + region.name.join(' ')).toLowerCase().includes(term)));
  const shown = sortRows(found, columns, state.regions).slice(0, FOUND_MAX);
  replace('regions-status',
    found.length > shown.length ? t('FIRST_OF', count(shown.length), count(found.length)) :
                                  t('HITS', count(found.length)));
  return shown.map((region, i) => {
    const row = regionRow(region, 0, shown.length, i, wanted);
    const way = [];
    for (let up = region.above; up; up = up.above) way.unshift(pick(up.name) || up.id);
    if (way.length) row.firstChild.append(h('span', {class: 'below'}, way.join(' › ')));
    return row;
  });
}
/* Arrows as in any tree: right opens, left closes or goes up. */
function steer(event) {
  const row = event.target.closest('tr[data-region]');
  if (!row || event.target !== row) return;
  const region = regionOf.get(row.dataset.region), open = state.regions.open.has(region.id);
  const step = {ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling}[event.key];
  if (step)
    focusRegion(step.dataset.region);
  else if (event.key === 'ArrowRight' && region.below.length && !open)
    turnRegion(region, true);
  else if (event.key === 'ArrowLeft' && open)
    turnRegion(region, false);
  else if (event.key === 'ArrowLeft' && region.above)
    focusRegion(region.above.id);
  else if (event.key === 'Enter' && region.below.length)
    turnRegion(region, !open);
  else
    return;
  event.preventDefault();
}
function fillRegions() {
  const now = state.regions, columns = regionColumns(), wanted = terms(now.text);
  if (!now.open) now.open = openTop();
  replace('regions-status', '');
  const rows = wanted.length ? foundRegions(wanted, columns) : branch(tops, 0, columns, []);
  if (rows.length) rows[0].setAttribute('tabindex', '0');
  const head = sortHead(columns, now, key => {
    fillRegions();
    refocus('regions', key);
  });
  replace('regions-list',
    h('div', {class: 'frame'},
      h('table', {class: 'regions', role: 'treegrid', 'aria-label': t('REGIONS'), on: {keydown: steer}}, head,
        h('tbody', null, rows))));
}
function levelNotes() {
  return data.levels.map(([kept, all], i) => i && all ?
      h('li', {class: kept < all ? 'cut' : null}, t('LEVEL_' + LEVELS[i]), ' ',
        kept < all ? t('FIRST_OF', count(kept), count(all)) : count(all)) :
      null);
}
function regionsSection() {
  if (!regions.length) return null;
  const cut = data.levels.some(([kept, all]) => kept < all);
  return section('regions', t('REGIONS'), null, h('ul', {class: 'levels'}, levelNotes()),
    cut ? h('p', {class: 'soft'}, t('REGIONS_CUT')) : null,
    h('div', {class: 'tools', role: 'search', 'aria-label': t('REGIONS')},
      search(t('SEARCH_REGIONS'), state.regions.text,
        value => {
          state.regions.text = value;
          fillRegions();
        }),
      h('button', {
        type: 'button',
        class: 'quiet',
        on: {
          click: () => {
            state.regions.open = openTop();
            state.regions.text = '';
            byId('regions').replaceWith(regionsSection());
            fillRegions();
          }
        }
      },
        t('CLOSE_ALL')),
      h('span', {id: 'regions-status', class: 'status', role: 'status'})),
    h('div', {id: 'regions-list'}));
}
