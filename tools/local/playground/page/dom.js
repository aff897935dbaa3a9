// Small helpers for elements. Text is always set as text, never as HTML.

export const find = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const { class: classes, data, ...others } = properties;
  const element = Object.assign(document.createElement(tag), others);
  if (classes) element.className = classes;
  Object.assign(element.dataset, data);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function makeSegments(group, name, values, selected, label = (value) => value) {
  group.replaceChildren(...values.map((value) =>
    make('label', {}, make('input', { type: 'radio', name, value, checked: value === selected }), make('span', {}, label(value)))));
}

// Shows a blob in an image, and frees the previous one.
export async function showBlob(image, blob) {
  const previous = image.src;
  image.src = URL.createObjectURL(blob);
  if (previous.startsWith('blob:')) URL.revokeObjectURL(previous);
  try {
    await image.decode();
    return true;
  } catch {
    return false;
  }
}

export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const kilo = bytes / 1000;
  return kilo < 1000 ? `${kilo.toFixed(kilo < 100 ? 1 : 0)} kB` : `${(kilo / 1000).toFixed(kilo < 1e5 ? 1 : 0)} MB`;
}

export const formatMs = (ms) => (ms < 0.1 ? '< 0.1 ms' : ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`);
