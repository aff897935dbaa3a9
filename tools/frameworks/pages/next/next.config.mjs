export default {
  output: 'export',
  images: { loader: 'custom', loaderFile: './loaders/next.mjs' },
  turbopack: { root: process.env.PACKAGES },
};
