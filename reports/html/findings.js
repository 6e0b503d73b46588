/* findings.js: what was found, by rule. Tens of thousands may be open at once: they stand in blocks, and a block holds
 * elements only while it is near the window; far away it is an empty box of the height it had. */

const BLOCK = 40, FEW = 10, PRINTED = 5;
let watcher = null;

function pairs(names, values, wanted) {
  return names.map((name, i) => h('span', {class: 'pair'}, h('span', {class: 'name'}, rich(name), '='),
                     h('span', {class: 'value'}, rich(values[i], wanted))));
}
function relatedItem(one) {
  const [table, source, line, where, key, fields] = one;
  const known = new Set(key.map(pair => pair[0])), rest = fields.filter(pair => !known.has(pair[0]));
  return h('li', null, h('code', null, place(table, source, line, where)), ' ',
    pairs(key.map(pair => pair[0]), key.map(pair => pair[1])),
    pairs(rest.map(pair => pair[0]), rest.map(pair => pair[1])));
}
function findingItem(rule, finding, wanted) {
  const extra = more(finding);
  const line = (name, value) => value === undefined ?
    null :
    h('span', {class: 'pair'}, h('span', {class: 'name'}, name, colon()),
      h('span', {class: 'value'}, rich(value, wanted)));
  const keys = extra.keys || rule.keys, fields = extra.fields || rule.fields;
  const shared = new Set(keys);
  const rest = fields.map((name, i) => [name, finding[3][i]]).filter(pair => !shared.has(pair[0]));
  return h('li', {class: 'finding'},
    h('p', {class: 'message'}, rich(message(rule, finding, state.lang), wanted),
      extra.severity === undefined ? null : [' ', severity(extra.severity)],
      extra.fresh ? [' ', h('strong', {class: 'fresh'}, t('NEW'))] : null),
    h('p', {class: 'where'}, h('code', {class: 'place'}, rich(placeOf(rule, finding), wanted)),
      keys.length ? h('span', {class: 'key'}, pairs(keys, finding[2], wanted)) : null,
      pairs(rest.map(pair => pair[0]), rest.map(pair => pair[1]), wanted), line(t('EXPECTED_WORD'), extra.expected),
      line(t('DIFFERENCE_WORD'), extra.difference),
      extra.offset === undefined ? null : line(t('OFFSET'), count(extra.offset)),
      extra.repair === undefined ? null : h('span', {class: 'repair'}, rich(t('REPAIR', extra.repair), wanted)),
      extra.echo ?
        h('span', {class: 'echo'}, pairs(extra.echo.map(pair => pair[0]), extra.echo.map(pair => pair[1]), wanted)) :
        null),
    extra.acknowledged ? h('p', {class: 'reason'}, t('EXPLAINED'), colon(), rich(extra.acknowledged, wanted)) : null,
    extra.related ? h('ul', {class: 'related', 'aria-label': t('RELATED')}, extra.related.map(relatedItem)) : null);
}
function fillBlock(box) {
  if (box.filled) return;
  box.filled = true;
  box.style.minHeight = '';
  fill(box, box.items.map(finding => findingItem(box.rule, finding, box.wanted)));
}
function emptyBlock(box) {
  if (!box.filled || box.contains(document.activeElement)) return;
  box.style.minHeight = box.offsetHeight + 'px';
  box.filled = false;
  box.textContent = '';
}
function watch() {
  if (!watcher)
    watcher = new IntersectionObserver(
      entries => entries.forEach(entry => entry.isIntersecting ? fillBlock(entry.target) : emptyBlock(entry.target)),
      {rootMargin: '1200px 0px'});
  return watcher;
}
/* The findings as lists in blocks; a short one stands as it is. */
function findingList(rule, items, wanted) {
  const list = h('div', {class: 'finding-list'});
  for (let at = 0; at < items.length; at += BLOCK) {
    const box =
      h('ul', {class: 'block', 'aria-label': rule.id + ' ' + (at + 1) + '–' + Math.min(at + BLOCK, items.length)});
    Object.assign(box, {rule, wanted, items: items.slice(at, at + BLOCK), filled: false});
    if (at === 0) {
      fillBlock(box);
    } else {
      box.style.minHeight = box.items.length * 62 + 'px';
    }
    if (items.length > BLOCK) watch().observe(box);
    list.append(box);
  }
  return list;
}

/* ---- groups ---- */

function shownNote(rule, hits, searching) {
  const kept = rule.findings.length;
  const note = kept < rule.failed ? t('SHOWN_OF', count(kept), count(rule.failed)) : count(rule.failed);
  return searching ? t('HITS', count(hits)) + ' · ' + note : note;
}
function group(rule, items, searching, again) {
  const now = state.findings, wanted = now.terms;
  const open = now.every || now.open.has(rule.id),
        whole = now.every || now.whole.has(rule.id) || items.length <= FEW + 2;
  const id = 'group-' + rule.index;
  return h('div', {class: 'group' + (open ? ' open' : ''), 'data-rule': rule.id},
    h('h3', null,
      h('button', {
        class: 'turn',
        type: 'button',
        id: id + '-button',
        'aria-expanded': String(open),
        'aria-controls': id,
        on: {
          click: () => {
            if (open)
              now.open.delete(rule.id);
            else
              now.open.add(rule.id);
            if (now.every) {
              now.every = false;
              rules.forEach(one => one !== rule && now.open.add(one.id));
            }
            again(rule, open ? 0 : 1);
          }
        }
      },
        h('span', {class: 'chevron', 'aria-hidden': 'true'}, open ? '▾' : '▸'), severity(rule.severity), code(rule.id),
        h('span', {class: 'group-title'}, ruleTitle(rule)),
        h('span', {class: 'group-count n'}, shownNote(rule, items.length, searching)))),
    h('div', {id: id}, !open ? null : [
      findingList(rule, whole ? items : items.slice(0, FEW), wanted),
      whole ? null :
              h('button', {
                class: 'more',
                type: 'button',
                on: {
                  click: () => {
                    now.whole.add(rule.id);
                    again(rule, 2);
                  }
                }
              },
                t('SHOW_ALL', count(items.length)))
    ]));
}
function filterFindings() {
  const now = state.findings;
  now.terms = terms(now.text);
  const searching = now.terms.length > 0;
  let hits = 0, kept = 0, all = 0;
  const groups = [];
  if (watcher) watcher.disconnect();
  for (const rule of rules.filter(one => one.failed).sort(byBadness)) {
    kept += rule.findings.length;
    all += rule.failed;
    if ((now.rule !== '' && rule.id !== now.rule) || (now.severity !== '' && rule.severity !== Number(now.severity)) ||
      (now.table !== '' && rule.table !== Number(now.table)))
      continue;
    const items = searching ?
      rule.findings.filter(finding => now.terms.every(term => haystack(rule, finding).includes(term))) :
      rule.findings;
    if (searching && !items.length) continue;
    hits += items.length;
    groups.push([rule, items]);
  }
  now.shown = groups;
  if (searching && now.opened !== now.text) groups.slice(0, 20).forEach(one => now.open.add(one[0].id));
  now.opened = searching ? now.text : '';
  const again = (rule, focus) => {
    const place = document.querySelector('#findings-list [data-rule="' + CSS.escape(rule.id) + '"]');
    const items = now.shown.find(one => one[0] === rule)[1];
    const made = group(rule, items, searching, again);
    place.replaceWith(made);
    if (focus < 2)
      byId('group-' + rule.index + '-button').focus();
    else
      made.querySelectorAll('.finding')[FEW]?.setAttribute('tabindex', '-1');
  };
  replace('findings-list',
    groups.length ? groups.map(([rule, items]) => group(rule, items, searching, again)) :
                    h('p', {class: 'soft'}, t(all ? 'NONE_FOUND' : 'NO_FINDINGS')));
  replace('findings-status',
    searching || now.rule !== '' || now.severity !== '' || now.table !== '' ? t('HITS', count(hits)) + ' · ' : '',
    h('span', {class: 'soft'},
      kept < all ? t('FINDINGS_KEPT', count(kept), count(all)) : t('FINDINGS_ALL', count(all))));
  const every = byId('findings-every');
  if (every) every.setAttribute('aria-pressed', String(now.every));
}
function showFindings(rule) {
  Object.assign(state.findings, {rule: rule.id, text: '', severity: '', table: ''});
  state.findings.open.add(rule.id);
  const old = byId('findings');
  if (old) old.replaceWith(findingsSection());
  filterFindings();
}
function findingsSection() {
  const now = state.findings;
  const list = rules.filter(rule => rule.failed).sort(byBadness);
  if (list.length && !now.begun) {
    now.begun = true;
    now.open.add(list[0].id);
  }
  const change = key => value => {
    now[key] = value;
    if (key === 'rule' && value) now.open.add(value);
    filterFindings();
  };
  return section('findings', t('FINDINGS'), null,
    h('div', {class: 'tools', role: 'search', 'aria-label': t('FINDINGS')},
      search(t('SEARCH_FINDINGS'), now.text, change('text')), severityChoice(now.severity, change('severity')),
      tableChoice(now.table, change('table')),
      choice(t('RULE'), now.rule, [['', t('ALL')], ...list.map(rule => [rule.id, rule.id])], change('rule')),
      h('button', {
        type: 'button',
        id: 'findings-every',
        class: 'quiet',
        'aria-pressed': String(now.every),
        on: {
          click: () => {
            now.every = !now.every;
            if (!now.every) now.open.clear();
            filterFindings();
          }
        }
      },
        t('EXPAND_ALL')),
      h('span', {id: 'findings-status', class: 'status', role: 'status'})),
    h('div', {id: 'findings-list'}), h('div', {id: 'findings-print', class: 'print-only'}));
}
/* On paper: the first few of every rule. */
function printFindings() {
  const list = rules.filter(rule => rule.failed).sort(byBadness);
  replace('findings-print', h('p', null, t('PRINT_NOTE', PRINTED)),
    list.map(
      rule => h('div', {class: 'group'},
        h('h3', null, severity(rule.severity), ' ', code(rule.id), ' ', ruleTitle(rule),
          h('span', {class: 'group-count'},
            t('SHOWN_OF', count(Math.min(PRINTED, rule.findings.length)), count(rule.failed)))),
        h('ul', {class: 'block'}, rule.findings.slice(0, PRINTED).map(finding => findingItem(rule, finding, []))))));
}
