/* rules.js: the table of rules, and that of drafts. */

function ruleColumns() {
  return [
    {key: 'badness', text: t('SEVERITY'), of: badness}, {key: 'id', text: t('RULE'), of: rule => rule.id},
    {key: 'table', text: t('TABLE'), of: rule => rule.table},
    {key: 'dimension', text: t('DIMENSION'), of: rule => rule.dimension},
    {key: 'evaluated', text: t('EVALUATED'), n: true, of: rule => rule.evaluated},
    {key: 'failed', text: t('FAILURES'), n: true, of: rule => rule.failed},
    {key: 'rate', text: t('RATE'), n: true, of: rule => rule.evaluated ? rule.failed / rule.evaluated : null},
    {key: 'outcome', text: t('OUTCOME'), of: rule => Object.keys(MARKS).indexOf(rule.state)}
  ];
}
function needsLook(rule) {
  return rule.failed > 0 || rule.outcome === 'skipped' || rule.outcome === 'error' || rule.outcome === 'undetermined';
}
function outcomeOf(rule) {
  if (rule.state === 'tolerated') return outcome('tolerated', t('TOLERATED'));
  return outcome(rule.outcome, t(OUTCOMES[rule.outcome]));
}
function lifeOf(rule) {
  const known = {draft: 'LIFE_DRAFT', pilot: 'LIFE_PILOT', deprecated: 'LIFE_DEPRECATED'}[rule.life];
  return known ? h('span', {class: 'tag'}, t(known)) : null;
}
function clauseOf(rule) {
  if (!rule.clause) return '';
  const [standard, edition, part] = rule.clause;
  return [standard + (edition && !standard.includes(edition) ? '-' + edition : ''), part].filter(one => one).join(' ');
}
function ruleFacts(rule) {
  return [
    rule.description ? h('p', {class: 'prose'}, pick(rule.description)) : null,
    rule.issues ? h('p', {class: 'flag'}, t('KNOWN_ISSUES', pick(rule.issues))) : null,
    rule.reason ? h('p', {class: 'flag'}, pick(rule.reason)) : null,
    rule.assert ? h('p', null, h('span', {class: 'soft'}, t('MUST_HOLD') + colon()), code(rule.assert),
                    rule.when ? [h('span', {class: 'soft'}, ' ' + t('WHEN') + colon()), code(rule.when)] : null) :
                  null,
    facts([
      [t('CLAUSE'), clauseOf(rule)], [t('INDICATOR'), rule.indicator || ''], [t('GATE'), t('GATE_' + GATES[rule.gate])],
      [rule.kind === 'GROUP' ? t('GROUPS_OR_TABLES') : t('TABLE_ROWS'), count(rule.rows)],
      [t('NOT_APPLICABLE'), count(rule.idle)],
      [
        t('UNDETERMINED'),
        count(rule.undetermined) + (rule.ambiguous ? ' (' + t('AMBIGUOUS', count(rule.ambiguous)) + ')' : '')
      ],
      [t('PASSED'), count(rule.passed)], [t('FAILED'), count(rule.failed)], [t('WAIVED'), count(rule.waived)],
      [t('GROUPS_WORD'), rule.groups === undefined ? '' : count(rule.groups)],
      [t('UNKEYED'), rule.unkeyed ? count(rule.unkeyed) : '']
    ]),
    rule.findings.length ?
      h('p', null,
        h('a', {href: rule.draft ? '#drafts' : '#findings', on: {click: () => rule.draft || showFindings(rule)}},
          t('SHOW_FINDINGS', count(rule.findings.length)))) :
      null
  ];
}
function ruleRow(rule, sorted, again, wide) {
  const open = sorted.open.has(rule.id), id = (rule.draft ? 'draft-' : 'rule-') + rule.index;
  const row =
    h('tr', {class: open ? 'open' : null, 'data-rule': rule.id}, h('td', null, severity(rule.severity), lifeOf(rule)),
      h('th', {scope: 'row'},
        h('button', {
          class: 'turn',
          type: 'button',
          'aria-expanded': String(open),
          'aria-controls': open ? id : null,
          id: id + '-button',
          on: {
            click: () => {
              if (open)
                sorted.open.delete(rule.id);
              else
                sorted.open.add(rule.id);
              again();
              byId(id + '-button').focus();
            }
          }
        },
          h('span', {class: 'chevron', 'aria-hidden': 'true'}, open ? '▾' : '▸'), code(rule.id, sorted.terms)),
        h('span', {class: 'rule-title'}, rich(ruleTitle(rule), sorted.terms))),
      h('td', null, tableTitle(rule.table)), h('td', null, t('DIM_' + DIMENSIONS[rule.dimension])),
      h('td', {class: 'n'}, count(rule.evaluated)),
      h('td', {class: 'n failed' + (rule.failed ? ' bad' : '')}, count(rule.failed)),
      h('td', {class: 'n'}, rule.evaluated ? rate(rule.failed, rule.evaluated) : '–'), h('td', null, outcomeOf(rule)));
  if (!open) return [row];
  return [
    row,
    h('tr', {class: 'detail', id: id},
      h('td', {colspan: wide}, ruleFacts(rule), rule.draft ? findingList(rule, rule.findings, []) : null))
  ];
}
function ruleTable(list, id, sorted, again) {
  const columns = ruleColumns();
  return frame(t('RULES'), h('table', {class: 'rules', id: id + '-table'}, sortHead(columns, sorted, key => {
    again();
    refocus(id, key);
  }), h('tbody', null, sortRows(list, columns, sorted).map(rule => ruleRow(rule, sorted, again, columns.length)))));
}

/* ---- the section ---- */

const SHOWS = {
  look: needsLook,
  all: () => true,
  failed: rule => rule.outcome === 'failed',
  passed: rule => rule.outcome === 'passed',
  unrun: rule => rule.outcome === 'skipped' || rule.outcome === 'error' || rule.outcome === 'not_applicable' ||
    rule.outcome === 'undetermined'
};
const SHOW_WORDS = {
  look: 'SHOW_LOOK',
  all: 'ALL',
  failed: 'FAILED',
  passed: 'PASSED',
  unrun: 'SHOW_UNRUN'
};

function filterRules() {
  const sorted = state.rules;
  if (!sorted.show) sorted.show = rules.some(needsLook) ? 'look' : 'all';
  sorted.terms = terms(sorted.text);
  const wanted = rules.filter(rule => SHOWS[sorted.show](rule) &&
      (sorted.severity === '' || rule.severity === Number(sorted.severity)) &&
      (sorted.table === '' || rule.table === Number(sorted.table)) &&
      (sorted.dimension === '' || rule.dimension === Number(sorted.dimension)) &&
      sorted.terms.every(
        term => (rule.id + '\n' + ruleTitle(rule) + '\n' + clauseOf(rule)).toLowerCase().includes(term)));
  replace('rules-list',
    wanted.length ? ruleTable(wanted, 'rules', sorted, filterRules) : h('p', {class: 'soft'}, t('NONE_FOUND')));
  replace('rules-status', t('SHOWN_RULES', count(wanted.length), count(rules.length)));
  for (const button of document.querySelectorAll('#rules .chips button'))
    button.setAttribute('aria-pressed', String(button.dataset.show === sorted.show));
}
function severityChoice(value, change) {
  return choice(
    t('SEVERITY'), value, [['', t('ALL')], ...SEVERITIES.map((name, i) => [String(i), t('SEVERITY_' + name)])], change);
}
function tableChoice(value, change) {
  return choice(t('TABLE'), value,
    [['', t('ALL')], ...data.tables.map((table, i) => [String(i), pick(table.title) || table.name])], change);
}
function worst() {
  const list = rules.filter(rule => rule.failed).sort((a, b) => b.failed - a.failed || a.index - b.index).slice(0, 8);
  if (list.length < 2) return null;
  return h('figure', {class: 'worst'}, h('figcaption', null, t('MOST_FINDINGS')),
    h('ol', null,
      list.map(
        rule => h('li', null, h('a', {href: '#findings', on: {click: () => showFindings(rule)}}, code(rule.id)),
          h('span', {class: 'worst-title'}, ruleTitle(rule)),
          bar(rule.failed / list[0].failed, 's' + rule.severity, 160), h('span', {class: 'n'}, count(rule.failed))))));
}
function rulesSection() {
  const sorted = state.rules;
  const chips = h('div', {class: 'chips', role: 'group', 'aria-label': t('OUTCOME')},
    Object.keys(SHOWS).map(key => h('button', {
      type: 'button',
      'data-show': key,
      on: {
        click: () => {
          sorted.show = key;
          filterRules();
        }
      }
    },
                             t(SHOW_WORDS[key]), h('span', {class: 'n'}, count(rules.filter(SHOWS[key]).length)))));
  return section('rules', t('RULES'), count(rules.length), worst(),
    h('div', {class: 'tools', role: 'search', 'aria-label': t('RULES')},
      search(t('SEARCH_RULES'), sorted.text,
        value => {
          sorted.text = value;
          filterRules();
        }),
      severityChoice(sorted.severity,
        value => {
          sorted.severity = value;
          filterRules();
        }),
      tableChoice(sorted.table,
        value => {
          sorted.table = value;
          filterRules();
        }),
      choice(t('DIMENSION'), sorted.dimension,
        [['', t('ALL')], ...DIMENSIONS.map((name, i) => [String(i), t('DIM_' + name)])],
        value => {
          sorted.dimension = value;
          filterRules();
        }),
      chips, h('span', {id: 'rules-status', class: 'status', role: 'status'})),
    h('div', {id: 'rules-list'}));
}

/* ---- drafts ---- */

function fillDrafts() {
  replace('drafts-list', ruleTable(drafts, 'drafts', state.drafts, fillDrafts));
}
function draftsSection() {
  if (!drafts.length) return null;
  return section('drafts', t('DRAFTS'), count(drafts.length), h('p', {class: 'soft'}, t('DRAFTS_NOTE')),
    h('div', {id: 'drafts-list'}));
}
