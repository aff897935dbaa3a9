// Tables that request an image many times: all variants, and all formats and widths.
import { requestImage } from './api.js';
import { cacheWord, findFunction } from './details.js';
import { find, formatBytes, formatMs, make, showBlob } from './dom.js';
import { ACCEPTS } from './options.js';

const SHEET_FORMATS = ['auto', 'avif', 'webp', 'jpeg', 'png'];
const AT_ONCE = 3;
const BROWSER = Object.values(ACCEPTS)[0];

export async function showVariants({ stack, path, query, accept, signal }) {
  const rows = Object.entries(stack.variants).map(([variant, { hasOptions }]) => ({
    variant, target: hasOptions && query ? `${path}?${query}` : path, image: make('img', { alt: `Derivative of ${variant}` }),
    cells: ['Status', 'Size', 'Type', 'Time', 'X-Cache', 'Function'].map(() => make('td', {}, '…')),
  }));
  const head = ['Image', 'Variant', 'Status', 'Size', 'Type', 'Time', 'X-Cache', 'Function'];
  find('page-variants').replaceChildren(
    make('p', { class: 'note' }, rows.length > 1 ? 'The same image and options in every enabled variant. s3_trigger has one size, made on upload.'
      : `This stack has one variant. Compare others: ./invokew up --variants edge_resize,object_lambda,s3_trigger`),
    make('table', { class: 'compare' },
      make('thead', {}, make('tr', {}, ...head.map((title) => make('th', { scope: 'col' }, title)))),
      make('tbody', {}, ...rows.map(({ variant, image, cells }) =>
        make('tr', {}, make('td', {}, image), make('th', { scope: 'row' }, variant), ...cells)))));
  for (const { variant, target, image, cells } of rows) {
    const result = await requestImage(variant, target, accept, signal);
    const values = [`${result.status} ${result.reason}`, formatBytes(result.bytes), result.headers.get('content-type') ?? '–',
      formatMs(result.milliseconds), cacheWord(result), findFunction(result, variant) || 'none'];
    cells.forEach((cell, i) => (cell.textContent = values[i]));
    if (result.status === 200) await showBlob(image, result.blob);
  }
}

export function prepareSheet({ stack, variant, path, original, signal }) {
  const page = find('page-sheet');
  const { hasOptions, config } = stack.variants[variant];
  if (!hasOptions) {
    page.replaceChildren(make('p', { class: 'note' }, `${variant} makes one size on upload, so its URLs have no options.`));
    return;
  }
  const limit = original.pixels?.[0] ?? original.image?.width ?? 0;
  const widths = config.widths.filter((width, i) => i === 0 || config.widths[i - 1] < limit);
  const rows = widths.map((width) => ({
    width,
    cells: SHEET_FORMATS.map((format) => ({ format, cell: make('td', {}, make('span', { class: 'empty' }), make('small', {}, '\u00a0')) })),
  }));
  const count = widths.length * SHEET_FORMATS.length;
  const button = make('button', { type: 'button' }, `Make all ${count} derivatives`);
  const status = make('span', { class: 'note' });
  status.setAttribute('role', 'status');
  button.addEventListener('click', () => {
    button.disabled = true;
    fillSheet({ rows, variant, path, signal, report: (done) => (status.textContent = ` ${done} of ${count}`) });
  });
  page.replaceChildren(
    make('p', { class: 'note' }, 'Every width that pages may ask for, up to the width of the original, in every format. The smallest of a row is green. ', button, status),
    make('table', { class: 'sheet' },
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Width'), ...SHEET_FORMATS.map((format) => make('th', { scope: 'col', class: 'number' }, format)))),
      make('tbody', {}, ...rows.map(({ width, cells }) => make('tr', {}, make('th', { scope: 'row' }, String(width)), ...cells.map(({ cell }) => cell))))));
}

async function fillSheet({ rows, variant, path, signal, report }) {
  const tasks = rows.flatMap((row) => row.cells.map((each) => ({ ...each, row })));
  let done = 0;
  const work = async () => {
    for (let task = tasks.shift(); task && !signal.aborted; task = tasks.shift()) {
      await fillCell({ ...task, variant, path, signal });
      report(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function fillCell({ cell, format, row, variant, path, signal }) {
  const [box, text] = cell.children;
  try {
    const result = await requestImage(variant, `${path}?width=${row.width}&format=${format}`, BROWSER, signal);
    text.textContent = result.status === 200 ? formatBytes(result.bytes) : `HTTP ${result.status}`;
    if (result.status !== 200) return;
    const image = make('img', { alt: `${format} of ${row.width} pixels` });
    await showBlob(image, result.blob);
    box.replaceWith(image);
    cell.dataset.bytes = result.bytes;
  } catch (error) {
    text.textContent = error.name === 'AbortError' ? '' : 'failed';
    return;
  }
  const done = row.cells.map((each) => each.cell).filter((each) => each.dataset.bytes);
  const least = Math.min(...done.map((each) => Number(each.dataset.bytes)));
  done.forEach((each) => each.classList.toggle('best', Number(each.dataset.bytes) === least));
}
