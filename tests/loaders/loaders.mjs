// Prints as JSON the result of each call in the first argument: [file, arguments of the function].
import { readFile } from 'node:fs/promises';

const FOLDER = new URL('../../loaders/', import.meta.url);

// Astro is too large for these tests. Its base service only passes options on here.
const ASTRO = 'const baseService = { validateOptions: (options) => options, getSrcSet: () => ["base"] };';

async function load(file) {
  if (file !== 'astro.mjs') return import(new URL(file, FOLDER));
  const code = (await readFile(new URL(file, FOLDER), 'utf8')).replace(/^import .*$/m, ASTRO);
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

const CALLS = {
  'next.mjs': (module, options) => module.default(options),
  'nuxt.mjs': (module, src, options) => module.default().getImage(src, options).url,
  'astro.mjs': ({ default: service }, options, config) => service.getURL(service.validateOptions(options), config),
  'unpic.mjs': (module, ...options) => module.transform(...options),
  'srcset.mjs': (module, ...options) => module.srcset(...options),
};

const results = [];
for (const [file, given] of JSON.parse(process.argv[2])) {
  results.push(CALLS[file](await load(file), ...given));
}
console.log(JSON.stringify(results));
