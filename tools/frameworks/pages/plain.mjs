// Prints a page with plain HTML and the helper srcset.
import { srcset } from '../../../loaders/srcset.mjs';

const at = (path) => process.env.IMAGES_URL + path;
const image = (id, path, widths, rest) =>
  `<img id="${id}" src="${at(path)}?width=640" srcset="${srcset(at(path), widths).replaceAll('&', '&amp;')}" ${rest} alt="">`;
console.log(`<!doctype html><body style="margin: 0"><h1>srcset</h1>
${image('fluid', '/sunset.jpg', undefined, 'sizes="100vw" style="width: 100%"')}
${image('half', '/wine-tall.jpg', [256, 384, 750, 1200], 'sizes="50vw" style="width: 50%"')}
${image('fixed', '/cats%20%26%20dogs/K%C3%A4tzchen%201+1%25.png', [150, 300], 'sizes="150px" style="width: 150px"')}`);
