// Transformer of unpic. src is the URL of the image.
export function transform(src, { width, height, fit, format, quality }) {
  const url = new URL(src);
  const crop = fit && { height, fit }; // without fit, an image keeps its aspect ratio
  Object.entries({ width, ...crop, format: format ?? 'auto', quality }).forEach(([name, value]) => {
    if (value) url.searchParams.set(name, value);
  });
  return url.href;
}
