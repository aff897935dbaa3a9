const baseURL = process.env.IMAGES_URL;

export default defineNuxtConfig({
  compatibilityDate: '2026-01-01',
  telemetry: false,
  modules: ['@nuxt/image'],
  image: {
    provider: 'edgeImages',
    providers: { edgeImages: { provider: '~~/loaders/nuxt.mjs', options: { baseURL } } },
    imgix: { baseURL, modifiers: { auto: 'format' } },
    bunny: { baseURL, modifiers: { format: 'auto' } },
  },
});
