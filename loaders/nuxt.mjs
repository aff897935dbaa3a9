// Provider of @nuxt/image. src is the path of the image in its URL, such as /cats/tom.jpg.
export default () => ({
  getImage(src, { modifiers, baseURL }) {
    const { width, height, fit, format = 'auto', quality, ...others } = modifiers;
    const crop = fit && { height, fit }; // without fit, an image keeps its aspect ratio
    const url = new URL(src, baseURL);
    Object.entries({ width, ...crop, format, quality, ...others }).forEach(([name, value]) => {
      if (value) url.searchParams.set(name, value);
    });
    return { url: url.href };
  },
});
