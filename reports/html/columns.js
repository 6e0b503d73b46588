/* columns.js: tables and what their columns hold. */

function tableRows() {
  return frame(t('TABLES'),
    h('table', {id: 'tables'},
      h('thead', null,
        h('tr', null, h('th', {scope: 'col'}, t('TABLE')), h('th', {scope: 'col', class: 'n'}, t('TABLE_ROWS')),
          h('th', {scope: 'col', class: 'n'}, t('TABLE_BAD_ROWS')),
          h('th', {scope: 'col', class: 'n'}, t('TABLE_ERRORS')), h('th', {scope: 'col', class: 'n'}, t('RATE')),
          h('th', {scope: 'col'}, ''))),
      h('tbody', null, data.tables.map(table => {
        const all = table.rows + table.bad, wrong = table.wrong + table.bad;
        const name = h('th', {scope: 'row'}, pick(table.title) || table.name, ' ', code(table.name));
        if (!table.present)
          return h('tr', null, name,
            h('td', {colspan: 5},
              h('span', {class: table.external || table.optional ? 'soft' : 'bad'},
                t(table.external || table.optional ? 'TABLE_NOT_GIVEN' : 'TABLE_MISSING'))));
        return h('tr', null, name, h('td', {class: 'n'}, count(table.rows)),
          h('td', {class: 'n' + (table.bad ? ' bad' : '')}, count(table.bad)),
          h('td', {class: 'n' + (table.wrong ? ' bad' : '')}, count(table.wrong)),
          h('td', {class: 'n'}, all ? rate(wrong, all) : '–'), h('td', null, all ? bar(wrong / all, 'bad') : null));
      }))));
}
function topList(column) {
  const most = column.top[0][1];
  return h('details', {class: 'top'},
    h('summary', null,
      column.top.slice(0, 3).map(([value, n]) => [code(value), h('span', {class: 'soft'}, ' ' + count(n) + '  ')]),
      column.top.length > 3 ? h('span', {class: 'soft'}, '… ' + t('TOP', column.top.length)) : null),
    h('ol', null, column.top.map(([value,
      n]) => h('li', null, code(value), bar(n / most, '', 72), h('span', {class: 'n'}, count(n))))));
}
function spread(column) {
  if (column.absent) return h('span', {class: 'soft'}, t('ABSENT'));
  if (column.personal) return h('span', {class: 'soft'}, t('PERSONAL'));
  if (column.histogram)
    return histogram(column.histogram.map(([from, to, n]) => [from + ' – ' + to, n]), t('HISTOGRAM', column.name));
  if (column.top) return topList(column);
  return null;
}
function columnRow(table, column) {
  const rows = table.rows;
  return h('tr', {class: column.unread ? 'unread' : null},
    h('th', {scope: 'row'}, pick(column.title), ' ', code(column.name),
      column.unread ? h('span', {class: 'tag'}, t('NO_RULE')) : null),
    h('td', null, h('code', {class: 'type'}, column.type)),
    h('td', {class: 'n'}, count(column.missing),
      h('span', {class: 'share'}, column.missing ? rate(column.missing, rows) : '')),
    h('td', {class: 'n' + (column.invalid ? ' bad' : '')}, count(column.invalid)),
    h('td', {class: 'n'}, column.absent ? '–' : '≈ ' + count(column.distinct)),
    h('td', {class: 'extent'},
      column.min === undefined && column.max === undefined ?
        '' :
        [
          h('span', {class: 'value'}, rich(column.min)), ' … ', h('span', {class: 'value'}, rich(column.max)),
          column.mean === undefined ?
            null :
            h('span', {class: 'soft mean'}, t('MEAN', String(Number(Number(column.mean).toFixed(4)))))
        ]),
    h('td', null, spread(column)));
}
function columnTable(table) {
  return frame(tableTitle(data.tables.indexOf(table)),
    h('table', {class: 'column-table'},
      h('thead', null,
        h('tr', null, h('th', {scope: 'col'}, t('COLUMN')), h('th', {scope: 'col'}, t('TYPE')),
          h('th', {scope: 'col', class: 'n'}, t('MISSING')), h('th', {scope: 'col', class: 'n'}, t('INVALID')),
          h('th', {scope: 'col', class: 'n'}, t('DISTINCT')), h('th', {scope: 'col'}, t('EXTENT')),
          h('th', {scope: 'col'}, t('SPREAD')))),
      h('tbody', null, table.columns.map(column => columnRow(table, column)))));
}
/* Drawn when first opened. */
function columnDetails(table, i) {
  const details = h('details', {class: 'table-columns', 'data-table': table.name, open: state.columns.has(i)},
    h('summary', null, pick(table.title) || table.name, ' ', code(table.name),
      h('span', {class: 'soft'}, ' ' + t('COLUMNS_COUNT', count(table.columns.length)))));
  const draw = () => {
    if (details.open)
      state.columns.add(i);
    else
      state.columns.delete(i);
    if (details.open && details.children.length === 1) details.append(columnTable(table));
  };
  details.addEventListener('toggle', draw);
  if (details.open) details.append(columnTable(table));
  return details;
}
function columnsSection() {
  return section('columns', t('HEAD_TABLES'), null, tableRows(), h('h3', null, t('COLUMNS')),
    data.tables.map((table, i) => table.present && table.columns.length ? columnDetails(table, i) : null));
}
