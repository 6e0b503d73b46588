/* main.js: the page put together; the language changes by drawing it anew. */

const THEMES = ['auto', 'light', 'dark'];

function theme() {
  if (state.theme === 'auto')
    document.documentElement.removeAttribute('data-theme');
  else
    document.documentElement.setAttribute('data-theme', state.theme);
}
function languages() {
  return h('div', {class: 'switch', role: 'group', 'aria-label': '语言 / Language'},
    ['中文', 'English'].map((name, i) => h('button', {
      type: 'button',
      id: 'lang-' + i,
      lang: i ? 'en' : 'zh-CN',
      'aria-pressed': String(state.lang === i),
      on: {
        click: () => {
          state.lang = i;
          draw();
          byId('lang-' + i).focus();
        }
      }
    },
                              name)));
}
function themes() {
  return h('button', {
    type: 'button',
    id: 'theme',
    class: 'quiet',
    on: {
      click: () => {
        state.theme = THEMES[(THEMES.indexOf(state.theme) + 1) % THEMES.length];
        theme();
        byId('theme').textContent = t('THEME_' + state.theme.toUpperCase());
      }
    }
  },
    t('THEME_' + state.theme.toUpperCase()));
}
function banner() {
  const profile = data.profile;
  return h('header', {class: 'banner'},
    h('div', {class: 'banner-tools'}, languages(), themes(),
      h('button', {type: 'button', class: 'quiet', on: {click: () => window.print()}}, t('PRINT'))),
    h('p', {class: 'overline'}, t('REPORT')), h('h1', null, pick(profile.title) || profile.id),
    h('p', {class: 'identity'}, code(profile.id + ' ' + profile.version),
      data.as_of ? h('span', null, t('AS_OF', data.as_of)) : null,
      data.records ? h('span', null,
                       t('RECORDS_IN', count(data.records), count(data.tables.filter(table => table.present).length))) :
                     null,
      data.run && data.run.started ? h('span', null, data.run.started.replace('T', ' ').replace('Z', ' UTC')) : null));
}
function contents() {
  const entries = [
    ['verdict', t('VERDICT')], ['scores', t('HEAD_DIMENSIONS')],
    hasProgress() ? ['progress', t('HEAD_PROGRESS')] : null, ['rules', t('RULES')], ['findings', t('FINDINGS')],
    regions.length ? ['regions', t('REGIONS')] : null, data.measures.length ? ['measures', t('HEAD_MEASURES')] : null,
    ['columns', t('HEAD_TABLES')], data.waivers.length ? ['waivers', t('HEAD_WAIVERS')] : null,
    drafts.length ? ['drafts', t('DRAFTS')] : null, ['unchecked', t('HEAD_UNCHECKED')], ['sources', t('FILES')]
  ];
  return h('nav', {class: 'contents', 'aria-label': t('CONTENTS')},
    h('ol', null, entries.filter(one => one).map(([id, name]) => h('li', null, h('a', {href: '#' + id}, name)))));
}
/* Where the reader is, in the table of contents. */
let reader = null;
function follow() {
  if (reader) reader.disconnect();
  reader = new IntersectionObserver(entries => entries.forEach(entry => {
    const link = document.querySelector('.contents a[href="#' + entry.target.id + '"]');
    if (link && entry.isIntersecting) {
      for (const one of document.querySelectorAll('.contents a[aria-current]')) one.removeAttribute('aria-current');
      link.setAttribute('aria-current', 'location');
    }
  }),
    {rootMargin: '-15% 0px -75% 0px'});
  document.querySelectorAll('main > section').forEach(one => reader.observe(one));
}
function draw() {
  document.documentElement.lang = state.lang ? 'en' : 'zh-CN';
  document.title = t('REPORT') + ' · ' + (pick(data.profile.title) || data.profile.id);
  replace('page', h('a', {class: 'skip', href: '#main'}, t('SKIP')), banner(),
    h('div', {class: 'layout'}, contents(),
      h('main', {id: 'main', tabindex: '-1'}, verdict(), scores(), progressSection(), rulesSection(), findingsSection(),
        regionsSection(), measuresSection(), columnsSection(), waiversSection(), draftsSection(), uncheckedSection(),
        sourcesSection())),
    h('footer', null, t('FOOTER', 'hezhun ' + data.version)));
  filterRules();
  filterFindings();
  if (regions.length) fillRegions();
  if (drafts.length) fillDrafts();
  follow();
}
addEventListener('beforeprint', () => {
  printFindings();
  document.querySelectorAll('details.table-columns').forEach(one => {
    one.open = true;
    if (one.children.length === 1) one.append(columnTable(data.tables.find(table => table.name === one.dataset.table)));
  });
});
addEventListener('afterprint', () => replace('findings-print'));
theme();
draw();
if (location.hash && byId(location.hash.slice(1))) byId(location.hash.slice(1)).scrollIntoView();
