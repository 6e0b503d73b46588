/* waivers.js: failures that were reviewed and do not count; what became of each waiver. */

function waivedFindings(waiver) {
  if (!waiver.findings.length) return null;
  return h('details', {class: 'waived'},
    h('summary', null, t('WAIVER_FINDINGS', count(waiver.used), count(waiver.findings.length))),
    h('ul', null,
      waiver.findings.map(([place, key, message]) => h('li', null, code(place), key ? ' ' + key + ' ' : ' ',
                                                       pick(message)))));
}
function waiversSection() {
  if (!data.waivers.length) return null;
  const heads = ['WAIVER_ID', 'RULE', 'WAIVER_STATE', 'WAIVER_REASON', 'WAIVER_APPROVED', 'WAIVER_UNTIL', 'WAIVER_FILE'];
  return h('section', {id: 'waivers'}, h('h2', null, t('HEAD_WAIVERS')),
    frame(t('HEAD_WAIVERS'),
      h('table', {class: 'waivers'}, h('thead', null, h('tr', null, heads.map(one => h('th', {scope: 'col'}, t(one))))),
        h('tbody', null,
          data.waivers.map(one => h('tr', {class: 'waiver-' + one.state}, h('th', {scope: 'row'}, code(one.id)),
                             h('td', null, code(one.rule)), h('td', null, pick(one.says), waivedFindings(one)),
                             h('td', null, one.reason), h('td', null, one.who), h('td', null, one.until),
                             h('td', null, one.file)))))));
}
