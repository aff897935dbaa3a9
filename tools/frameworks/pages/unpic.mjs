// Prints a page with the images of @unpic/react: our transformer, and the providers of unpic without changes.
import { Image } from '@unpic/react';
import { Image as BaseImage } from '@unpic/react/base';
import { createElement as h } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { transform } from '../../../loaders/unpic.mjs';

const at = (path) => process.env.IMAGES_URL + path;
const images = [
  h(BaseImage, { id: 'fluid', src: at('/sunset.jpg'), layout: 'fullWidth', transformer: transform }),
  h(BaseImage, { id: 'half', src: at('/wine-tall.jpg'), layout: 'constrained', width: 400, height: 600,
    operations: { quality: 60 }, transformer: transform }),
  h(BaseImage, { id: 'fixed', src: at('/cats%20%26%20dogs/K%C3%A4tzchen%201+1%25.png'), layout: 'fixed', width: 150,
    height: 100, operations: { fit: 'cover' }, transformer: transform }),
  h(Image, { id: 'imgix', cdn: 'imgix', src: at('/sunset.jpg'), layout: 'constrained', width: 600, height: 300 }),
  h(Image, { id: 'bunny', cdn: 'bunny', src: at('/sunset.jpg'), layout: 'constrained', width: 600, aspectRatio: 16 / 9,
    operations: { bunny: { output: 'auto', fit: 'cover' } } }),
];
console.log(`<!doctype html><body style="margin: 0"><h1>unpic</h1>${renderToStaticMarkup(images)}`);
