// The parts of the page that describe one response.
import { find, formatBytes, formatMs, make } from './dom.js';

const TITLES = {
  viewer_function: 'Viewer function', cache: 'Edge cache', function: 'Lambda@Edge', origin: 'S3', viewer: 'Viewer',
};
const CACHE = { hit: 'Hit: nothing else has to run.', miss: 'Miss', expired: 'Expired: the origin is asked to confirm.' };
// Terms of logs, in words.
const OUTCOMES = { made: 'made the derivative', found: 'found the derivative' };

// Origins that run a function: its URL, or S3 Object Lambda.
const runsFunction = (step) => step.kind === 'origin' && /\.lambda-url\.|--ol-s3|\.s3-object-lambda\./.test(step.name);

// Returns the name of the function that transformed or found the image, or '' if none ran.
export function findFunction(result, variant) {
  if (result.log?.logger) return result.log.logger;
  const step = result.steps.find((each) => each.kind === 'function' || runsFunction(each));
  return step ? (runsFunction(step) ? variant : step.name) : '';
}

export const cacheWord = (result) => (result.headers.get('x-cache') ?? '').replace(' from cloudfront', '');

const TYPES = { 'image/avif': 'AVIF', 'image/webp': 'WebP', 'image/jpeg': 'JPEG', 'image/png': 'PNG', 'image/gif': 'GIF', 'image/bmp': 'BMP' };

export function showTiles(original, result, pixels) {
  const saved = original.bytes ? Math.round(100 * (1 - result.bytes / original.bytes)) : 0;
  const isImage = result.status === 200;
  const ran = findFunction(result, find('tiles').dataset.variant);
  const type = (result.headers.get('content-type') ?? '–').split(';')[0];
  const work = result.log?.spent_ms?.transform === undefined ? OUTCOMES[result.log?.outcome] ?? 'ran' : `transform ${result.log.spent_ms.transform} ms`;
  const tiles = [
    ['Size', formatBytes(result.bytes), isImage && `${saved >= 0 ? '−' : '+'}${Math.abs(saved)} %, was ${formatBytes(original.bytes)}`, isImage && (saved >= 0 ? 'good' : 'warn')],
    ['Pixels', pixels.after ?? '–', pixels.before && `was ${pixels.before}`],
    ['Type', TYPES[type] ?? type, `HTTP ${result.status}`, result.status >= 400 && 'bad'],
    ['Time', formatMs(result.milliseconds), 'at the local edge'],
    ['X-Cache', cacheWord(result), result.headers.get('age') ? `age ${result.headers.get('age')} s` : 'not cached', cacheWord(result) === 'Hit' && 'good'],
    ['Function', ran || 'none', ran ? work : 'no function ran', !ran && 'good'],
  ];
  fillTiles(tiles);
}

export function clearTiles() {
  fillTiles(['Size', 'Pixels', 'Type', 'Time', 'X-Cache', 'Function'].map((name) => [name, '…']));
}

function fillTiles(tiles) {
  find('tiles').replaceChildren(...tiles.map(([name, value, note, tone]) =>
    make('div', {}, make('dt', {}, name),
      make('dd', { title: value, class: value.length > 12 ? 'long' : '' }, value, make('small', { class: tone || '', title: note || '' }, note || '\u00a0')))));
}

export function showWay(result, variant) {
  const boxes = result.steps.map((step, i) => {
    const isPassedOn = step.kind === 'origin' && i < result.steps.length - 1;
    const title = runsFunction(step) ? (step.name.includes('.lambda-url.') ? 'Function URL' : 'Object Lambda') : TITLES[step.kind];
    const log = step.kind === 'function' || runsFunction(step) ? result.log : null;
    const text = { cache: CACHE[step.result], viewer_function: `→ ${decodeURIComponent(step.result)}` }[step.kind]
      ?? (log ? describeLog(log) : isPassedOn ? `${step.result.split(' ')[0]}: no derivative yet, so the next origin is asked.` : decode(step.result));
    const name = { cache: '', viewer_function: '', origin: runsFunction(step) ? variant : step.name.split('.s3.')[0] }[step.kind] ?? step.name;
    return { kind: step.kind, title, ms: step.duration_ms, name, text };
  });
  boxes.push({
    kind: 'viewer', title: 'Viewer', ms: result.milliseconds, name: `${result.status} ${result.reason}`,
    text: `${formatBytes(result.bytes)}, ${result.headers.get('x-cache') ?? ''}`,
  });
  find('way').replaceChildren(...boxes.map((box) =>
    make('li', { class: `kind-${box.kind}` },
      make('h3', {}, box.title), make('b', {}, formatMs(box.ms)),
      box.name ? make('p', {}, make('code', {}, box.name)) : null, make('p', { title: box.text }, box.text))));
  const first = result.steps.find((step) => step.kind === 'viewer_function');
  find('canonical').textContent = first?.result.startsWith('/') ? first.result : '–';
}

function describeLog(log) {
  const spent = Object.entries(log.spent_ms ?? {}).map(([phase, ms]) => `${phase} ${ms} ms`).join(', ');
  return [OUTCOMES[log.outcome] ?? log.outcome, spent, log.derivative, log.reason].filter(Boolean).join(' · ');
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function showHeaders(result) {
  const rows = result.pairs.map(([name, value]) => make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, make('code', {}, value))));
  find('page-headers').replaceChildren(make('table', {},
    make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Header'), make('th', { scope: 'col' }, `Value, of the response with ${result.status} ${result.reason}`))),
    make('tbody', {}, ...rows)));
}

export function showMetadata(original, result) {
  const before = original.image?.fields ?? [];
  const after = result.image?.fields ?? [];
  const kept = new Map(after.map((field) => [`${field.group} ${field.name}`, field.value]));
  const gps = before.filter((field) => field.group === 'GPS').length;
  const left = after.filter((field) => field.name !== 'ICC profile').length;
  const sentence = !before.length ? 'The original has no metadata.'
    : `The original has ${before.length} fields${gps ? `, ${gps} of them say where it was taken` : ''}. The derivative has ${left || 'none'}${left ? '' : ' of them'}; a colour profile may stay, since it belongs to the pixels.`;
  const rows = [...before, ...after.filter((field) => !before.some((each) => each.name === field.name))].map((field) =>
    make('tr', { class: field.group === 'GPS' ? 'private' : '' },
      make('td', {}, make('span', { class: 'badge' }, field.group)), make('th', { scope: 'row' }, field.name),
      make('td', {}, before.includes(field) ? field.value : '–'),
      make('td', { class: kept.has(`${field.group} ${field.name}`) ? '' : 'good' }, kept.get(`${field.group} ${field.name}`) ?? 'removed')));
  const head = ['Group', 'Field', 'Original', 'Derivative'].map((title) => make('th', { scope: 'col' }, title));
  find('page-metadata').replaceChildren(make('p', { class: 'note' }, sentence), ...(rows.length
    ? [make('table', {}, make('thead', {}, make('tr', {}, ...head)), make('tbody', {}, ...rows))] : []));
}
