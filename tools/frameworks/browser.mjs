// Opens pages in Chromium, and prints what it chose and received as JSON.
// Usage: node browser.mjs chromium folder page=url...
import { writeFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const [executablePath, folder, ...pages] = process.argv.slice(2);
const VIEWPORTS = [360, 820, 1440];
const RATIOS = [1, 2];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

// Runs in the page: loads all images, and describes each.
async function describe() {
  const images = [...document.querySelectorAll('img')];
  images.forEach((image) => (image.loading = 'eager'));
  const decoded = await Promise.all(images.map((image) => image.decode().then(() => true, () => false)));
  return images.map((image, i) => ({
    id: image.id, decoded: decoded[i], url: image.currentSrc, srcset: image.srcset,
    slot: image.getBoundingClientRect().width,
  }));
}

const browser = await chromium.launch({ executablePath, args: FLAGS });
const results = [];
for (const [page, url] of pages.map((each) => each.split(/=(.*)/))) {
  for (const viewport of VIEWPORTS) {
    for (const ratio of RATIOS) {
      // A new context has an empty cache, so that no image is chosen because it is cached.
      const context = await browser.newContext({ viewport: { width: viewport, height: 800 }, deviceScaleFactor: ratio });
      const tab = await context.newPage();
      const responses = new Map();
      tab.on('response', (response) => responses.set(response.url(), response));
      await tab.goto(url, { waitUntil: 'load' });
      const name = `${page}-${viewport}@${ratio}x`;
      for (const image of await tab.evaluate(describe)) {
        const response = responses.get(image.url);
        const file = `${name}-${image.id}.bin`;
        if (response?.ok()) await writeFile(`${folder}/${file}`, await response.body());
        results.push({ page, viewport, ratio, file, ...image, status: response?.status(),
          type: response?.headers()['content-type'] });
      }
      await tab.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
      await context.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(results));
