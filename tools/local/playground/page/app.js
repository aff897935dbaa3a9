// The page: state, controls and their effect.
import { Refused, invalidate, readOriginal, readStack, requestImage, upload } from './api.js';
import { clearTiles, showHeaders, showMetadata, showTiles, showWay } from './details.js';
import { find, make, makeSegments, showBlob } from './dom.js';
import { ACCEPTS, DEFAULTS, FITS, PRESETS, RATIOS, listFormats, makePath, makeQuery } from './options.js';
import { prepareSheet, showVariants } from './sheets.js';
import { showSnippets } from './snippets.js';

const TABS = { snippets: 'Code to copy', metadata: 'Metadata', headers: 'Headers', variants: 'All variants', sheet: 'All formats and widths' };
const TYPING_MS = 150;
const MAX_ERROR_CHARACTERS = 1000;

const state = { key: '', variant: '', accept: '', options: { ...DEFAULTS } };
let stack;
let original; // facts about the original, and its upright pixels
let result; // facts about the latest response
let running = new AbortController();
let timer;

// ---- Requests ----

const hasOptions = () => stack.variants[state.variant].hasOptions;

function refresh() {
  clearTimeout(timer);
  timer = setTimeout(() => request(hasOptions() ? makeQuery(state.options) : ''), TYPING_MS);
}

async function request(query) {
  clearTimeout(timer); // of an earlier change, which must not replace this request
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const path = makePath(state.key);
  showAddress(path, query);
  find('stage').classList.add('loading');
  try {
    if (original?.key !== state.key) await loadOriginal(signal);
    result = await requestImage(state.variant, query ? `${path}?${query}` : path, state.accept, signal);
    if (signal.aborted) return;
    await showResult(path, query);
  } catch (error) {
    if (error.name !== 'AbortError') showFailure('The playground failed', error.message);
  }
  if (signal.aborted) return;
  find('stage').classList.remove('loading');
  find('stage').dataset.shown = `${state.variant} ${path}?${query}`;
}

async function loadOriginal(signal) {
  const read = await readOriginal(state.key, signal);
  const isShown = await showBlob(find('before'), read.blob);
  await showBlob(find('focal-image'), read.blob);
  const { naturalWidth, naturalHeight } = find('before');
  original = { ...read, key: state.key, pixels: isShown ? [naturalWidth, naturalHeight] : undefined };
  showCross();
}

async function showResult(path, query) {
  const isImage = result.status === 200 && (result.headers.get('content-type') ?? '').startsWith('image/');
  find('failure').hidden = isImage;
  find('after').hidden = !isImage;
  if (isImage) {
    await showBlob(find('after'), result.blob);
  } else {
    await showOtherResponse();
  }
  const after = find('after');
  const pixels = {
    before: original.pixels?.join(' × '),
    after: isImage ? `${after.naturalWidth} × ${after.naturalHeight}` : undefined,
  };
  find('tiles').dataset.variant = state.variant;
  showTiles(original, result, pixels);
  showWay(result, state.variant);
  showHeaders(result);
  showMetadata(original, result);
  const { url, config } = stack.variants[state.variant];
  showSnippets({ url, path, options: state.options, widths: config.widths, pixels: original.pixels });
  prepareSheet({ stack, variant: state.variant, path, original, signal: running.signal });
  find('page-variants').dataset.query = query;
  find('page-variants').dataset.stale = 'true';
  updateVariants();
}

async function showOtherResponse() {
  const text = (await result.blob.text()).trim();
  const location = result.headers.get('location');
  if (result.status === 200) {
    showFailure('Facts about the image', text.startsWith('{') ? JSON.stringify(JSON.parse(text), null, 2) : text, false);
  } else {
    showFailure(`${result.status} ${result.reason}`, location ? `Redirect to ${location}` : text.slice(0, MAX_ERROR_CHARACTERS));
  }
}

function showFailure(title, text, isError = true) {
  find('failure').replaceChildren(make('strong', { class: isError ? '' : 'good' }, title), make('pre', {}, text));
  find('failure').hidden = false;
}

function updateVariants() {
  const page = find('page-variants');
  if (page.hidden || !page.dataset.stale) return;
  delete page.dataset.stale;
  showVariants({ stack, path: makePath(state.key), query: page.dataset.query, accept: state.accept, signal: running.signal })
    .catch((error) => error.name === 'AbortError' || page.replaceChildren(make('p', { class: 'bad' }, error.message)));
}

function showAddress(path, query) {
  find('origin').textContent = stack.variants[state.variant].url;
  find('path').textContent = decodeURIComponent(path);
  if (find('query') !== document.activeElement) find('query').value = query;
  find('open').href = `${stack.variants[state.variant].url}${path}${query && `?${query}`}`;
}

// ---- Controls ----

function showOptions() {
  const { options } = state;
  for (const name of ['size', 'width', 'height']) find(name).value = options[name];
  for (const name of ['fit', 'format', 'dpr']) find(name).querySelector(`[value="${options[name]}"]`).checked = true;
  find('quality').value = options.quality || 0;
  find('quality-value').textContent = options.quality || 'default';
  const { widths } = stack.variants[state.variant].config;
  const listed = widths.findIndex((width) => width >= options.width);
  find('width-range').value = options.width ? (listed < 0 ? widths.length - 1 : listed) : widths.length;
  find('width-range').setAttribute('aria-valuetext', options.width ? `${options.width} pixels` : 'width of the original');
  for (const id of ['width', 'height', 'width-range', 'focal-x', 'focal-y']) find(id).disabled = Boolean(options.size);
  for (const id of ['fit', 'dpr']) find(id).querySelectorAll('input').forEach((input) => (input.disabled = Boolean(options.size)));
  find('options').disabled = !hasOptions();
  find('variant-hint').textContent = hasOptions() ? `Derivatives on request, at ${stack.variants[state.variant].url}`
    : 'One size, made on upload: the URLs have no options.';
  showCross();
}

function change(options) {
  state.options = { ...state.options, ...options };
  showOptions();
  refresh();
}

function setFocalPoint(x, y) {
  const { width, height } = state.options;
  const side = width || height || '640';
  change({ gravity: `${x / 100},${y / 100}`, fit: 'cover', width: side, height: height || side, size: '' });
}

function showCross() {
  const [x, y] = state.options.gravity ? state.options.gravity.split(',').map(Number) : [];
  find('cross').hidden = x === undefined;
  find('focal-x').value = x === undefined ? '' : Math.round(x * 100);
  find('focal-y').value = y === undefined ? '' : Math.round(y * 100);
  if (x === undefined) return;
  const { left, top, width, height } = focalBox();
  find('cross').style.left = `${left + x * width}px`;
  find('cross').style.top = `${top + y * height}px`;
}

// Returns the place of the image inside its box.
function focalBox() {
  const image = find('focal-image');
  const scale = Math.min(image.clientWidth / image.naturalWidth, image.clientHeight / image.naturalHeight);
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale];
  return { left: (image.clientWidth - width) / 2, top: (image.clientHeight - height) / 2, width, height };
}

function clickFocalPoint(event) {
  const { left, top, width, height } = focalBox();
  const box = find('focal').getBoundingClientRect();
  const percent = (offset, start, length) => Math.round(100 * Math.min(1, Math.max(0, (offset - start) / length)));
  setFocalPoint(percent(event.clientX - box.left, left, width), percent(event.clientY - box.top, top, height));
}

async function uploadFile(file) {
  const status = find('upload-status');
  if (!file) return;
  if (file.size > stack.maxUploadBytes) {
    status.textContent = `${file.name} has more than ${stack.maxUploadBytes / 2 ** 20} MiB, the limit for an original.`;
    status.className = 'bad';
    return;
  }
  status.textContent = `Uploading ${file.name} …`;
  try {
    const { key } = await upload(file);
    if (![...find('key').options].some((option) => option.value === key)) find('key').prepend(make('option', { value: key }, key));
    find('key').value = state.key = key;
    status.textContent = `In the bucket as ${key}`;
    status.className = 'good';
    refresh();
  } catch (error) {
    status.textContent = error instanceof Refused ? error.message : 'The upload failed: is the local stack still running?';
    status.className = 'bad';
  }
}

function listenToControls() {
  find('controls').addEventListener('submit', (event) => event.preventDefault());
  find('address').addEventListener('submit', (event) => {
    event.preventDefault();
    request(find('query').value.replace(/^\?/, ''));
  });
  find('key').addEventListener('change', () => {
    state.key = find('key').value;
    change({ gravity: '' });
  });
  find('variants').addEventListener('change', (event) => {
    state.variant = event.target.value;
    showOptions();
    refresh();
  });
  for (const name of ['size', 'width', 'height']) {
    find(name).addEventListener('input', () => change(name === 'size' && find(name).value
      ? { ...DEFAULTS, format: state.options.format, quality: state.options.quality, size: find(name).value }
      : { [name]: find(name).value }));
  }
  for (const name of ['fit', 'format', 'dpr']) find(name).addEventListener('change', (event) => change({ [name]: event.target.value }));
  find('width-range').addEventListener('input', () => {
    change({ width: String(stack.variants[state.variant].config.widths[find('width-range').value] ?? '') });
  });
  find('quality').addEventListener('input', () => change({ quality: find('quality').value === '0' ? '' : find('quality').value }));
  find('accept').addEventListener('change', () => {
    state.accept = find('accept').value;
    refresh();
  });
  find('focal').addEventListener('click', clickFocalPoint);
  for (const id of ['focal-x', 'focal-y']) {
    find(id).addEventListener('change', () => setFocalPoint(...['focal-x', 'focal-y'].map((each) => Number(find(each).value || 50))));
  }
  find('focal-reset').addEventListener('click', () => change({ gravity: '' }));
  find('reset').addEventListener('click', () => change(DEFAULTS));
  find('again').addEventListener('click', () => request(find('query').value));
  find('invalidate').addEventListener('click', async () => {
    await invalidate(state.variant, makePath(state.key));
    request(find('query').value);
  });
  find('slider').addEventListener('input', () => find('stage').style.setProperty('--split', `${find('slider').value}%`));
  addEventListener('resize', showCross);
}

function listenToFiles() {
  find('file').addEventListener('change', () => uploadFile(find('file').files[0]));
  addEventListener('paste', (event) => uploadFile(event.clipboardData.files[0]));
  addEventListener('dragover', (event) => {
    event.preventDefault();
    find('drop').classList.add('over');
  });
  addEventListener('dragleave', () => find('drop').classList.remove('over'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    find('drop').classList.remove('over');
    uploadFile(event.dataTransfer.files[0]);
  });
}

function makeTabs() {
  const names = Object.keys(TABS);
  const select = (name) => {
    for (const each of names) {
      const tab = find(`tab-${each}`);
      tab.setAttribute('aria-selected', String(each === name));
      tab.tabIndex = each === name ? 0 : -1;
      find(`page-${each}`).hidden = each !== name;
    }
    updateVariants();
  };
  find('tabs').replaceChildren(...names.map((name) => {
    const tab = make('button', { type: 'button', id: `tab-${name}` }, TABS[name]);
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', `page-${name}`);
    tab.addEventListener('click', () => select(name));
    return tab;
  }));
  find('tabs').addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const current = names.findIndex((name) => find(`tab-${name}`) === document.activeElement);
    const next = names.at((current + step) % names.length);
    select(next);
    find(`tab-${next}`).focus();
  });
  select(names[0]);
}

async function start() {
  makeTabs();
  stack = await readStack();
  const variants = Object.keys(stack.variants);
  [state.variant] = variants;
  state.accept = Object.values(ACCEPTS)[0];
  state.key = stack.originals.includes('sunset.jpg') ? 'sunset.jpg' : stack.originals[0];
  state.options.width = '640';
  const { config } = stack.variants[state.variant];
  find('key').replaceChildren(...stack.originals.map((key) => make('option', { value: key, selected: key === state.key }, key)));
  find('size').replaceChildren(make('option', { value: '' }, 'none'), ...Object.keys(config.sizes).map((name) => make('option', { value: name }, name)));
  find('accept').replaceChildren(...Object.entries(ACCEPTS).map(([name, value]) => make('option', { value }, name)));
  find('width-range').max = config.widths.length;
  makeSegments(find('variants'), 'variant', variants, state.variant);
  makeSegments(find('fit'), 'fit', FITS, state.options.fit);
  makeSegments(find('format'), 'format', listFormats(config.formats), state.options.format);
  makeSegments(find('dpr'), 'dpr', RATIOS, state.options.dpr, (ratio) => `${ratio}×`);
  find('presets').replaceChildren(...Object.entries(PRESETS).map(([name, options]) => {
    const button = make('button', { type: 'button', class: 'quiet' }, name);
    button.addEventListener('click', () => change({ ...DEFAULTS, ...options }));
    return button;
  }));
  listenToControls();
  listenToFiles();
  showOptions();
  clearTiles();
  showAddress(makePath(state.key), makeQuery(state.options));
  document.body.hidden = false;
  await request(makeQuery(state.options));
  document.documentElement.dataset.ready = 'true';
}

start().catch((error) => {
  document.body.hidden = false;
  showFailure('The playground failed', error.message);
});
