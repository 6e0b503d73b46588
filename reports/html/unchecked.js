/* unchecked.js: what nobody should take for checked. */

function unread() {
  return data.tables.flatMap(table => table.columns.filter(column => column.unread).map(column => [table, column]));
}
function gapCounts() {
  const of = name => rules.filter(rule => rule.outcome === name);
  return {
    bad: data.tables.reduce((n, table) => n + table.bad, 0),
    errors: of('error'),
    skipped: of('skipped'),
    idle: of('not_applicable'),
    undetermined: rules.filter(rule => rule.undetermined),
    measures: data.measures.filter(measure => measure.outcome === 'skipped' || measure.outcome === 'error'),
    unread: unread(),
    absentColumns: data.tables.filter(table => table.present)
                     .flatMap(table => table.columns.filter(column => column.absent).map(column => [table, column.name])),
    unknown: data.tables.flatMap(table => table.unknown.map(name => [table, name])),
    ignored: data.ignored,
    absent: data.tables.filter(table => !table.present)
  };
}
function gapLines() {
  const gap = gapCounts();
  const line = (n, text) => n ? text : null;
  return [
    line(gap.absent.length, t('GAP_TABLES', count(gap.absent.length))),
    line(gap.bad, t('UNCHECKED_ROWS', count(gap.bad))),
    line(gap.errors.length, t('HEAD_ERRORS', count(gap.errors.length))),
    line(gap.skipped.length, t('HEAD_SKIPPED', count(gap.skipped.length))),
    line(gap.measures.length, t('UNCHECKED_MEASURES', count(gap.measures.length))),
    line(gap.undetermined.length,
      t('UNCHECKED_VERDICTS', count(gap.undetermined.reduce((n, rule) => n + rule.undetermined, 0)),
        count(gap.undetermined.length))),
    line(gap.idle.length, t('UNCHECKED_RULES', count(gap.idle.length))),
    line(gap.unread.length, t('GAP_COLUMNS', count(gap.unread.length))),
    line(gap.absentColumns.length, t('GAP_ABSENT', count(gap.absentColumns.length))),
    line(gap.unknown.length, t('GAP_UNKNOWN', count(gap.unknown.length))),
    line(gap.ignored.length, t('GAP_FILES', count(gap.ignored.length)))
  ].filter(one => one);
}
function gapRules(title, list, cell) {
  if (!list.length) return null;
  return [
    h('h3', null, title),
    frame(title,
      h('table', null,
        h('tbody', null,
          list.map(
            rule => h('tr', null, h('td', null, severity(rule.severity)), h('th', {scope: 'row'}, code(rule.id)),
              h('td', {class: 'wide'}, rule.kind ? ruleTitle(rule) : pick(rule.title)), h('td', null, cell(rule)))))))
  ];
}
function reasonCell(rule) {
  return [
    rule.if_skipped === 'fail'   ? h('span', {class: 'tag bad'}, t('SKIP_FAIL')) :
      rule.if_skipped === 'warn' ? h('span', {class: 'tag'}, t('SKIP_WARN')) :
                                   null,
    ' ', pick(rule.reason)
  ];
}
function gapNames(title, pairsOf) {
  if (!pairsOf.length) return null;
  return [
    h('h3', null, title),
    h('ul', {class: 'names'},
      pairsOf.map(([table, name]) => h('li', null,
                    table ? h('span', {class: 'soft'}, (pick(table.title) || table.name) + ' ') : null, code(name))))
  ];
}
function gapTables(gap) {
  const rows = data.tables.filter(table => table.bad);
  return [
    gap.absent.length ?
      [
        h('h3', null, t('GAP_TABLES', count(gap.absent.length))),
        h('ul', {class: 'names'},
          gap.absent.map(table => h('li', null, code(table.name), ' ', pick(table.title), ' ',
                           h('span', {class: table.external || table.optional ? 'soft' : 'bad'},
                             t(table.external || table.optional ? 'TABLE_NOT_GIVEN' : 'TABLE_MISSING')))))
      ] :
      null,
    rows.length ?
      [
        h('h3', null, t('UNCHECKED_ROWS', count(gap.bad))),
        h('ul', {class: 'names'},
          rows.map(table => h('li', null, code(table.name), ' ', pick(table.title), ' ', count(table.bad))))
      ] :
      null
  ];
}
function uncheckedSection() {
  const gap = gapCounts();
  const none = !gapLines().length;
  return section('unchecked', t('HEAD_UNCHECKED'), null,
    h('p', {class: 'soft'}, t(none ? 'UNCHECKED_NOTHING' : 'UNCHECKED_NOTE')), gapTables(gap),
    gapRules(t('HEAD_ERRORS', count(gap.errors.length)), gap.errors, reasonCell),
    gapRules(t('HEAD_SKIPPED', count(gap.skipped.length)), gap.skipped, reasonCell),
    gapRules(t('GAP_MEASURES', count(gap.measures.length)), gap.measures, reasonCell),
    gapRules(t('GAP_UNDETERMINED'), gap.undetermined, rule => count(rule.undetermined) + ' / ' + count(rule.rows)),
    gapRules(
      t('UNCHECKED_RULES', count(gap.idle.length)), gap.idle, rule => t('NOT_APPLICABLE') + ' ' + count(rule.idle)),
    gapNames(t('GAP_COLUMNS', count(gap.unread.length)), gap.unread.map(([table, column]) => [table, column.name])),
    gapNames(t('GAP_ABSENT', count(gap.absentColumns.length)), gap.absentColumns),
    gapNames(t('GAP_UNKNOWN', count(gap.unknown.length)), gap.unknown),
    gapNames(t('GAP_FILES', count(gap.ignored.length)), gap.ignored.map(name => [null, name])));
}
