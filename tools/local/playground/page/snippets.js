// Code to copy for the selected image and options.
import { find, make } from './dom.js';

const MAX_CANDIDATES = 6;
const MIN_WIDTH = 256;

const attribute = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

export function showSnippets({ url, path, options, widths, pixels }) {
  const [width, height] = pixels ?? [1200, 800];
  const ratio = options.width && options.height && options.fit !== 'inside' ? options.height / options.width : height / width;
  const listed = chooseWidths(widths, Math.min(width, Number(options.width) * 3 || width));
  const makeUrl = (candidate, format) => attribute(`${url}${path}?${query(options, candidate, ratio, format)}`);
  const srcset = (format, indent) => listed.map((each) => `${makeUrl(each, format)} ${each}w`).join(`,\n${indent}`);
  const middle = listed[Math.floor(listed.length / 2)];
  const size = `width="${middle}" height="${Math.round(middle * ratio)}"`;
  const sizes = 'sizes="(min-width: 60rem) 50vw, 100vw"';
  const box = `width={${width}} height={${Math.round(width * ratio)}}`;
  const key = path.slice(1);
  const snippets = {
    'img srcset': `<img src="${makeUrl(middle, 'auto')}"\n     srcset="${srcset('auto', '             ')}"\n     ${sizes}\n     ${size} alt="" loading="lazy">`,
    picture: `<picture>\n${['avif', 'webp'].map((format) => `  <source type="image/${format}" ${sizes}\n          srcset="${srcset(format, '                  ')}">`).join('\n')}\n  <img src="${makeUrl(middle, 'jpeg')}" ${size} alt="" loading="lazy">\n</picture>`,
    'next/image (with loaders/next.mjs)': `// NEXT_PUBLIC_IMAGES_URL=${url}\n<Image src="${path}" alt="" ${box} sizes="(min-width: 60rem) 50vw, 100vw" />`,
    'Nuxt (with loaders/nuxt.mjs)': `<NuxtImg src="${path}" alt="" sizes="100vw md:50vw"${cropping(options)} />`,
    'Astro (with loaders/astro.mjs)': `<Image src="${path}" alt="" ${box} layout="constrained" />`,
    Terraform: `resource "aws_s3_object" "image" {\n  bucket       = module.edge_images.bucket_name # or the output bucket_name\n  key          = "${decodeURIComponent(key)}"\n  source       = "${decodeURIComponent(key).split('/').pop()}"\n  content_type = "image/${contentType(key)}"\n}\n\n# The sizes that pages may ask for by name:\nsizes = {\n  page = { ${terraformSize(options)} }\n}`,
  };
  find('page-snippets').replaceChildren(
    make('p', { class: 'note' }, `These URLs work now, on this machine. In AWS, replace ${url} by the domain of your distribution.`),
    ...Object.entries(snippets).map(([title, code]) => makeSnippet(title, code)));
}

function chooseWidths(widths, limit) {
  // The first width above the limit is used too: it returns the original's width, since nothing is enlarged.
  const usable = widths.filter((width, i) => width >= MIN_WIDTH && (widths[i - 1] ?? 0) < limit);
  const step = Math.ceil(usable.length / MAX_CANDIDATES);
  const chosen = usable.filter((_, i) => (usable.length - 1 - i) % step === 0);
  return chosen.length ? chosen : [widths.find((width) => width >= limit) ?? widths.at(-1)];
}

function query(options, width, ratio, format) {
  const isCrop = options.width && options.height && options.fit !== 'inside';
  const pairs = { width, height: isCrop && Math.round(width * ratio), fit: isCrop && options.fit,
    gravity: isCrop && options.fit === 'cover' && options.gravity, format, quality: options.quality };
  return Object.entries(pairs).filter(([, value]) => value).map(([name, value]) => `${name}=${value}`).join('&');
}

const cropping = ({ width, height, fit, gravity }) => (!width || !height || fit === 'inside' ? ''
  : ` width="${width}" height="${height}" fit="${fit}"${gravity && fit === 'cover' ? ` :modifiers="{ gravity: '${gravity}' }"` : ''}`);

const contentType = (key) => ({ jpg: 'jpeg' })[key.split('.').pop().toLowerCase()] ?? key.split('.').pop().toLowerCase();

function terraformSize({ width, height, fit, format, quality }) {
  const pairs = { width: width || (!height && '640'), height, fit: width && height && `"${fit}"`,
    format: format !== 'original' && format !== 'json' && `"${format}"`, quality };
  return Object.entries(pairs).filter(([, value]) => value).map(([name, value]) => `${name} = ${value}`).join(', ');
}

function makeSnippet(title, code) {
  const button = make('button', { type: 'button', class: 'quiet' }, 'Copy');
  button.setAttribute('aria-label', `Copy ${title}`);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code);
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
  const pre = make('pre', { tabIndex: 0 }, make('code', {}, code));
  pre.setAttribute('aria-label', title);
  return make('div', { class: 'snippet' }, make('div', { class: 'heading' }, make('h3', {}, title), button), pre);
}
