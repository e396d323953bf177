import { defineConfig } from 'astro/config';
import { dataplane } from './src/integration.ts';

// SITE_URL and BASE_PATH are set where the page is published; the defaults are those of `npm start`.
export default defineConfig({
  site: process.env.SITE_URL ?? 'http://localhost:4321',
  base: process.env.BASE_PATH ?? '/',
  trailingSlash: 'always',
  devToolbar: { enabled: false },
  markdown: { syntaxHighlight: false },
  // One document is one request: styles and scripts stand in the page.
  build: { inlineStylesheets: 'always' },
  vite: { build: { assetsInlineLimit: 1024 * 1024 } },
  security: {
    csp: {
      directives: [
        "default-src 'none'",
        "img-src 'self'",
        // The page itself fetches nothing; auditors that run inside it read robots.txt of the same host.
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
      ],
      // Nothing is loaded from files, so not even 'self' is allowed; a keyword that allows nothing replaces it.
      scriptDirective: { resources: ["'report-sample'"] },
      styleDirective: { resources: ["'report-sample'"] },
    },
  },
  integrations: [dataplane()],
});
