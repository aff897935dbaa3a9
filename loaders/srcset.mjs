// Returns the value of the attribute srcset for the URL of an image and widths in pixels.
export function srcset(url, widths = [256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840]) {
  return widths.map((width) => {
    const candidate = new URL(url);
    candidate.searchParams.set('width', width);
    candidate.searchParams.set('format', 'auto');
    return `${candidate.href} ${width}w`;
  }).join(', ');
}
