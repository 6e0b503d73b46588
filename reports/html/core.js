/* core.js: elements, words and numbers. Elements are made, never parsed: no text becomes markup. */
const data = JSON.parse(document.getElementById('data').textContent);
const words = data.words;
const state = {
  lang: data.lang === 'en' ? 1 : 0,
  theme: 'auto',
  rules: {text: '', severity: '', table: '', dimension: '', show: '', sort: 'badness', down: true, open: new Set()},
  drafts: {sort: 'badness', down: true, open: new Set()},
  findings: {text: '', severity: '', table: '', rule: '', open: new Set(), whole: new Set(), every: false},
  regions: {text: '', sort: 'code', down: false, open: null},
  measures: {level: {}, sort: {}, down: {}},
  columns: new Set([0])
};

function fill(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child))
      fill(element, child);
    else
      element.append(child);
  }
  return element;
}

/* h('td', {class: 'n', title: …, on: {click: …}}, children…) */
function make(element, attributes, children) {
  for (const name of Object.keys(attributes || {})) {
    const value = attributes[name];
    if (name === 'on')
      for (const event of Object.keys(value)) element.addEventListener(event, value[event]);
    else if (value === true)
      element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined)
      element.setAttribute(name, value);
  }
  return fill(element, children);
}
function h(tag, attributes, ...children) {
  return make(document.createElement(tag), attributes, children);
}
function svg(tag, attributes, ...children) {
  return make(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}
function byId(id) {
  return document.getElementById(id);
}
function replace(id, ...children) {
  const element = byId(id);
  if (element) {
    element.textContent = '';
    fill(element, children);
  }
}

/* ---- words ---- */

function t(name, ...args) {
  const word = words[name];
  if (!word) throw new Error('no word ' + name);
  const text = word[state.lang].replace(/\{(\d)\}/g, (all, i) => (i < args.length ? args[i] : '?'));
  return state.lang ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
/* A text in two languages: in the page's, else in the other. */
function pick(pair) {
  return pair ? pair[state.lang] || pair[1 - state.lang] : '';
}
function colon() {
  return state.lang ? ': ' : '：';
}

/* ---- numbers ---- */

function count(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}
/* Rounded down to two digits, so that 97.999999 does not read as 98. */
function score(x) {
  const [whole, rest] = String(x).split('.');
  return whole + '.' + ((rest || '') + '00').slice(0, 2);
}
/* A share of six decimals as a percentage with all its digits. */
function percent(x) {
  const [whole, rest] = x.toFixed(6).split('.');
  const digits = (whole + rest.slice(0, 2)).replace(/^0+(?=\d)/, '');
  const tail = rest.slice(2).replace(/0+$/, '');
  return digits + (tail ? '.' + tail : '') + '%';
}
function rate(part, whole) {
  if (!whole) return '–';
  if (!part) return '0%';
  const hundredths = Math.floor(part * 10000 / whole);
  if (!hundredths) return '<0.01%';
  if (part === whole) return '100%';
  return (hundredths / 100).toFixed(2) + '%';
}
function bytes(n) {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (n >= 1024 && i < units.length - 1) {
    n /= 1024;
    i++;
  }
  return (i && n < 100 ? n.toFixed(1) : Math.round(n)) + ' ' + units[i];
}
/* A figure as the result has it, shown shorter. */
function figure(exact, shown) {
  return h('data', {value: exact, title: String(exact) === shown ? null : exact}, shown);
}

/* ---- texts of the data ---- */

const odd = /\\u\{[0-9A-F]{2,6}\}|\\x\{[0-9A-F]{2}\}/g;

function marked(text, terms) {
  if (!terms || !terms.length) return [text];
  const low = text.toLowerCase();
  const out = [];
  let at = 0;
  if (low.length !== text.length) return [text];
  while (at < text.length) {
    let from = -1, term = '';
    for (const one of terms) {
      const here = low.indexOf(one, at);
      if (here >= 0 && (from < 0 || here < from)) {
        from = here;
        term = one;
      }
    }
    if (from < 0) break;
    out.push(text.slice(at, from), h('mark', null, text.slice(from, from + term.length)));
    at = from + term.length;
  }
  out.push(text.slice(at));
  return out;
}
/* What could not be shown as it is stands out; what is searched for is marked. */
function rich(text, terms) {
  if (text === null || text === undefined) return [h('span', {class: 'null', title: t('NULL')}, '∅')];
  const out = [];
  let at = 0;
  for (const match of text.matchAll(odd)) {
    out.push(...marked(text.slice(at, match.index), terms), h('span', {class: 'odd', title: t('ODD')}, match[0]));
    at = match.index + match[0].length;
  }
  out.push(...marked(text.slice(at), terms));
  return out;
}

/* ---- small parts ---- */

const SEVERITIES = ['FATAL', 'ERROR', 'WARNING', 'INFO'];
const DIMENSIONS = ['NORMATIVITY', 'COMPLETENESS', 'ACCURACY', 'CONSISTENCY', 'TIMELINESS', 'ACCESSIBILITY'];
const GATES = ['STRUCTURE', 'VALUE', 'RECORD', 'RELATION', 'PLAUSIBILITY'];
const OUTCOMES = {
  passed: 'PASSED',
  failed: 'FAILED',
  not_applicable: 'NOT_APPLICABLE',
  undetermined: 'UNDETERMINED',
  skipped: 'SKIPPED',
  error: 'ENDED_IN_ERROR'
};
const MARKS = {
  passed: '✓',
  failed: '✗',
  not_applicable: '–',
  undetermined: '?',
  skipped: '↷',
  error: '!',
  not_run: '–',
  tolerated: '≈'
};

function severity(i) {
  return h('span', {class: 'severity s' + i}, t('SEVERITY_' + SEVERITIES[i]));
}
function outcome(name, text) {
  return h('span', {class: 'outcome o-' + name}, h('span', {'aria-hidden': 'true'}, MARKS[name] + ' '), text);
}
function code(text, terms) {
  return h('code', null, rich(text, terms));
}
function choice(label, value, options, change) {
  const select = h('select', {on: {change: () => change(select.value)}},
    options.map(([key, text]) => h('option', {value: key, selected: key === value}, text)));
  return h('label', {class: 'choice'}, h('span', null, label), select);
}
function search(label, value, change) {
  let waiting = 0;
  const input = h('input',
    {type: 'search', placeholder: label, 'aria-label': label, spellcheck: 'false', autocomplete: 'off', value: value});
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => change(input.value), 120);
  });
  return input;
}
function terms(text) {
  return text.toLowerCase().split(/\s+/).filter(one => one);
}
function section(id, title, note, ...children) {
  return h('section', {id: id, 'aria-labelledby': id + '-title', tabindex: '-1'},
    h('h2', {id: id + '-title'}, title, note ? h('small', null, note) : null), children);
}
function facts(pairs) {
  return h('dl', {class: 'facts'},
    pairs.filter(pair => pair && pair[1] !== null && pair[1] !== '' && pair[1] !== undefined).map(([name,
      value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}
