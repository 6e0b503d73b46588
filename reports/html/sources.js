/* sources.js: what the report speaks of, to the byte. */

const DELIMITERS = {
  ',': ',',
  '\\u{09}': 'TAB',
  ';': ';',
  '|': '|'
};

function digest(text) {
  return h('code', {class: 'digest'}, text);
}
function fileRows() {
  return data.tables.flatMap(
    table => table.sources.map(
      source => h('tr', null, h('th', {scope: 'row'}, code(source.path)),
        h('td', null, pick(table.title) || table.name),
        h('td', null,
          source.format + (source.delimiter ? ' ' + (DELIMITERS[source.delimiter] || source.delimiter) : '')),
        h('td', null, source.encoding), h('td', {class: 'n'}, figure(source.bytes, bytes(source.bytes))),
        h('td', {class: 'n'}, count(source.rows)),
        h('td', {class: 'n' + (source.bad ? ' bad' : '')}, count(source.bad)), h('td', null, digest(source.sha256)))));
}
function sourcesSection() {
  const run = data.run;
  const head = (text, n) => h('th', {scope: 'col', class: n ? 'n' : null}, text);
  return section('sources', t('FILES'), null,
    frame(t('FILES'),
      h('table', {id: 'files'},
        h('thead', null,
          h('tr', null, head(t('FILE')), head(t('TABLE')), head(t('FORMAT')), head(t('ENCODING')),
            head(t('SIZE'), true), head(t('TABLE_ROWS'), true), head(t('TABLE_BAD_ROWS'), true), head('SHA-256'))),
        h('tbody', null, fileRows()))),
    h('h3', null, t('PROFILE')), facts([
      [t('PROFILE'), [pick(data.profile.title), ' ', code(data.profile.id + ' ' + data.profile.version)]],
      ['SHA-256', digest(data.profile.digest)], [t('AS_OF_WORD'), data.as_of],
      ...data.params.map(
        ([name, value, given]) => [name, [code(value), given ? '' : h('span', {class: 'soft'}, ' ' + t('DEFAULT'))]])
    ]),
    data.lists.length ?
      [
        h('h3', null, t('LISTS')),
        frame(t('LISTS'),
          h('table', null,
            h('tbody', null,
              data.lists.map(([id, edition, sha256]) => h('tr', null, h('th', {scope: 'row', class: 'list-id'}, id),
                               h('td', null, edition), h('td', null, digest(sha256)))))))
      ] :
      null,
    h('h3', null, t('RUN')), facts([
      [t('PROGRAM'), 'hezhun ' + data.version],
      ...(run ?
          [
            [t('STARTED'), run.started], [t('SECONDS'), String(run.seconds)], [t('THREADS'), String(run.threads)],
            [t('MEMORY'), bytes(run.memory)], [t('HOST'), run.host]
          ] :
          [])
    ]),
    h('p', {class: 'soft'}, t(data.reveal ? 'REVEALED' : 'MASKED')));
}
