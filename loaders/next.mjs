// Loader of next/image. src is the path of the image in its URL, such as /cats/tom.jpg.
export default function edgeImages({ src, width, quality }) {
  const url = new URL(src, process.env.NEXT_PUBLIC_IMAGES_URL);
  url.searchParams.set('width', width);
  url.searchParams.set('format', 'auto');
  if (quality) url.searchParams.set('quality', quality);
  return url.href;
}
