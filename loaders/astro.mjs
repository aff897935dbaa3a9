// Image service of Astro. A src with a leading slash is the path of the image in its URL, such as /cats/tom.jpg.
import { baseService } from 'astro/assets';

const QUALITIES = { low: 25, mid: 50, high: 80, max: 100 };
const isImported = (options) => typeof options.src !== 'string';

export default {
  ...baseService,
  validateOptions: (options) => ({ ...baseService.validateOptions({ ...options }), format: options.format ?? 'auto' }),
  getSrcSet: (options) => (isImported(options) ? [] : baseService.getSrcSet(options)),
  getURL(options, { service }) {
    if (isImported(options)) return options.src.src; // a file of the site, not of the bucket
    const { width, height, fit, format, quality } = options;
    const crop = fit && !options['data-astro-image'] && { height, fit }; // the styles of a layout crop in the browser
    const url = new URL(options.src, service.config.baseURL);
    Object.entries({ width, ...crop, format, quality: QUALITIES[quality] ?? quality }).forEach(([name, value]) => {
      if (value) url.searchParams.set(name, value);
    });
    return url.href;
  },
};
