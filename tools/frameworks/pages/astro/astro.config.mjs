import { defineConfig } from 'astro/config';

export default defineConfig({
  image: {
    service: { entrypoint: './loaders/astro.mjs', config: { baseURL: process.env.IMAGES_URL } },
    responsiveStyles: true,
  },
});
