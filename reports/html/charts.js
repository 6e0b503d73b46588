/* charts.js: small pictures in SVG. Each has a text for who does not see it. */

/* A share as a bar, 0 to 1. tone: class of its colour. */
function bar(share, tone, width) {
  const w = width || 96;
  return svg('svg',
    {class: 'bar', width: w, height: 8, viewBox: '0 0 ' + w + ' 8', 'aria-hidden': 'true', focusable: 'false'},
    svg('rect', {class: 'bar-back', x: 0, y: 1, width: w, height: 6}), svg('rect', {
      class: 'bar-fill ' + (tone || ''),
      x: 0,
      y: 1,
      width: Math.max(share > 0 ? 1 : 0, Math.round(share * w * 10) / 10),
      height: 6
    }));
}

/* How good a score is: that of the best grade, of some grade, or of none. */
function tone(points) {
  const limits = data.grades.filter(grade => grade.min !== undefined).map(grade => grade.min);
  if (points === null || !limits.length) return '';
  return points >= limits[0] ? 'good' : points >= limits[limits.length - 1] ? 'warn' : 'bad';
}

/* A score of 0 to 100 with the grades' limits as ticks. */
function scoreBar(points) {
  const [w, height] = [300, 18];
  const ticks = data.grades.filter(grade => grade.min !== undefined);
  return svg('svg', {
    class: 'score-bar',
    viewBox: '0 0 ' + w + ' ' + height,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': points === null ? t('NO_SCORE') : score(points)
  },
    svg('rect', {class: 'bar-back', x: 0, y: 4, width: w, height: 10}),
    points === null ?
      null :
      svg('rect', {class: 'bar-fill ' + tone(points), x: 0, y: 4, width: Math.floor(points * w) / 100, height: 10}),
    ticks.map(grade => svg('line', {class: 'tick', x1: grade.min * w / 100, x2: grade.min * w / 100, y1: 0, y2: height},
                svg('title', null, grade.grade + ' ≥ ' + grade.min))));
}

/* Bars side by side: [[label, n]…]. */
function histogram(bins, label) {
  const [w, height, gap] = [220, 44, 1];
  const most = Math.max(...bins.map(bin => bin[1]));
  const step = w / Math.max(bins.length, 6);
  return svg('svg', {
    class: 'histogram',
    width: w,
    height: height,
    viewBox: '0 0 ' + w + ' ' + height,
    role: 'img',
    'aria-label': label
  },
    svg('line', {class: 'axis', x1: 0, x2: w, y1: height - 0.5, y2: height - 0.5}), bins.map(([name, n], i) => {
      const tall = Math.max(1, Math.round(n / most * (height - 3)));
      return svg('rect',
        {class: 'column', x: i * step, width: Math.max(0.5, step - gap), y: height - 1 - tall, height: tall},
        svg('title', null, name + colon() + count(n)));
    }));
}

/* Where the regions' figures lie: one dot each, the whole as a line. */
function strip(values, whole, label) {
  const [w, height] = [360, 34];
  let [low, high] = [Math.min(...values.map(one => one.x)), Math.max(...values.map(one => one.x))];
  /* A sum lies far beyond its parts and would press them together. */
  if (whole !== null && (whole < low - (high - low) / 2 || whole > high + (high - low) / 2)) whole = null;
  if (whole !== null) [low, high] = [Math.min(low, whole), Math.max(high, whole)];
  if (!(high > low)) [low, high] = [low - 1, high + 1];
  const x = value => 6 + (value - low) / (high - low) * (w - 12);
  return svg('svg', {class: 'strip', viewBox: '0 0 ' + w + ' ' + height, role: 'img', 'aria-label': label},
    svg('line', {class: 'axis', x1: 0, x2: w, y1: 17, y2: 17}),
    values.map((one, i) => svg('circle', {
      class: 'dot' + (one.misses ? ' bad' : ''),
      cx: Math.round(x(one.x) * 10) / 10,
      cy: 17 + (i * 7 % 5 - 2) * 3,
      r: 2.6
    },
                 svg('title', null, one.name))),
    whole === null ? null : svg('line', {class: 'whole', x1: x(whole), x2: x(whole), y1: 2, y2: 32}));
}
