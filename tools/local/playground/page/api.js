// Requests to the server of the playground.

export class Refused extends Error {}

async function send(path, parameters = {}, init = {}) {
  const query = new URLSearchParams(parameters);
  const response = await fetch(`/api/${path}?${query}`, init);
  if (!response.ok) {
    throw new Refused((await response.text()).trim());
  }
  return response;
}

// The body arrives as bytes without a type: a blob with the viewer's type can be shown as an image.
async function readBytes(response) {
  const facts = JSON.parse(response.headers.get('X-Facts'));
  const headers = new Headers(facts.headers);
  const blob = new Blob([await response.arrayBuffer()], { type: headers.get('content-type') ?? '' });
  return { ...facts, headers, pairs: facts.headers, blob };
}

export const readStack = async () => (await send('stack')).json();

export const requestImage = async (variant, target, accept, signal) =>
  readBytes(await send('request', { variant, target, accept }, { signal }));

export const readOriginal = async (key, signal) => readBytes(await send('original', { key }, { signal }));

export const upload = async (file) =>
  (await send('upload', { name: file.name || 'image' }, { method: 'PUT', body: file })).json();

export const invalidate = async (variant, path) => send('invalidate', { variant, path }, { method: 'POST' });
