// The options of an image, and their query string.

export const ACCEPTS = {
  'AVIF and WebP (Chrome, Firefox, Safari)': 'image/avif,image/webp,image/*,*/*;q=0.8',
  'WebP, no AVIF': 'image/webp,image/*,*/*;q=0.8',
  'neither (older browsers, mail)': 'image/*,*/*;q=0.8',
};
export const FITS = ['inside', 'cover', 'contain', 'fill'];
// The edge makes `auto-avif` and `auto-webp` of `auto`.
export const listFormats = (formats) => [...formats.split(' ').filter((format) => !format.startsWith('auto-')), 'original'];
export const RATIOS = ['1', '1.5', '2', '3'];
export const PRESETS = {
  Thumbnail: { width: '128', height: '128', fit: 'cover' },
  Article: { width: '640' },
  Hero: { width: '1920', height: '823', fit: 'cover' },
  Social: { width: '1200', height: '628', fit: 'cover', format: 'jpeg' },
  Retina: { width: '640', dpr: '2' },
  Cleaned: { format: 'original' },
};
export const DEFAULTS = {
  size: '', width: '', height: '', fit: 'inside', format: 'auto', quality: '', dpr: '1', gravity: '',
};

// A named size excludes the options of the box: the viewer function responds with 400.
export function makeQuery(options) {
  const { size, width, height, fit, format, quality, dpr, gravity } = options;
  const box = size ? { size } : {
    width, height,
    dpr: (width || height) && dpr !== '1' && dpr,
    fit: width && height && fit !== 'inside' && fit,
    gravity: width && height && fit === 'cover' && gravity,
  };
  const pairs = { ...box, format: format !== 'original' && format, quality };
  return Object.entries(pairs).filter(([, value]) => value).map(([name, value]) => `${name}=${value}`).join('&');
}

// Returns a key as the path of its URL.
export const makePath = (key) => `/${key.split('/').map(encodeURIComponent).join('/')}`;
