/* table.js: a table whose head sorts. columns: [{key, text, n?, wide?, of(row)}]; sorting is stable. */

function sortHead(columns, sorted, sort) {
  return h('thead', null, h('tr', null, columns.map(column => {
    const here = sorted.sort === column.key;
    const order = here ? (sorted.down ? 'descending' : 'ascending') : 'none';
    return h('th', {scope: 'col', class: column.n ? 'n' : null, 'aria-sort': column.of ? order : null},
      column.of ?
        h('button', {
          class: 'sort',
          type: 'button',
          'data-sort': column.key,
          on: {
            click: () => {
              sorted.down = here ? !sorted.down : Boolean(column.n);
              sorted.sort = column.key;
              sort(column.key);
            }
          }
        },
          column.text, h('span', {class: 'arrow', 'aria-hidden': 'true'}, here ? (sorted.down ? '▾' : '▴') : '')) :
        column.text);
  })));
}
function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return -1;
  if (b === null || b === undefined) return 1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return a < b ? -1 : a > b ? 1 : 0;
}
function sortRows(rows, columns, sorted) {
  const column = columns.find(one => one.key === sorted.sort);
  if (!column) return rows;
  const way = sorted.down ? -1 : 1;
  return rows.map((row, i) => [column.of(row), row, i])
    .sort((a, b) => way * compare(a[0], b[0]) || a[2] - b[2])
    .map(one => one[1]);
}
/* A table may be wider than the page: it scrolls in a frame of its own, which the keyboard can reach. */
function frame(label, table) {
  return h('div', {class: 'frame', role: 'region', 'aria-label': label, tabindex: '0'}, table);
}
function refocus(id, key) {
  const button = document.querySelector('#' + id + ' [data-sort="' + key + '"]');
  if (button) button.focus();
}
