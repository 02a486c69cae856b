import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Platform } from '../platform/platform.ts';
import { findProduct, products, searchProducts } from './catalogue.ts';
import { type CheckoutDeps, mountCheckout } from './checkout.ts';
import {
  categoryPage,
  document,
  homePage,
  missingPage,
  ownPages,
  type Page,
  productPage,
  productReport,
  searchPage,
  snippet,
} from './pages.ts';
import { landscape, picture } from './pictures.ts';

const asset = (name: string): string => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8');
const longestQuery = 100;

/** The pasted snippet is the only script in the page's text, so its hash is all that the policy has to let through. */
const policyFor = (writeKey: string): string => {
  const hash = createHash('sha256').update(snippet(writeKey)).digest('base64');
  return `default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
};

/** The shop's pages under /demo. Who shops there is known to his own browser alone; the server keeps no baskets. */
export const mountShop = (platform: Platform, deps: CheckoutDeps & { writeKey: string }): void => {
  const { writeKey } = deps;
  const policy = policyFor(writeKey);
  const files = { css: asset('shop.css'), js: asset('shop.js') };
  const { app } = platform.http;

  const show = (page: Page, query = ''): string => document(page, { writeKey, query });

  app.register(async (shop) => {
    shop.addHook('onSend', async (_request, reply) => {
      reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin' });
      if (reply.getHeader('cache-control') === undefined) reply.header('cache-control', 'no-cache');
    });

    const pages: Record<string, (parameter: string) => { page: Page | null; query?: string }> = {
      '/demo': () => ({ page: homePage() }),
      '/demo/category/:id': (id) => ({ page: categoryPage(id) }),
      '/demo/product/:id': (id) => {
        const product = findProduct(id);
        return { page: product === null ? null : productPage(product) };
      },
      '/demo/search': (given) => {
        const query = given.slice(0, longestQuery).trim();
        return { page: searchPage(query, searchProducts(query)), query };
      },
      '/demo/:own': (own) => ({ page: Object.hasOwn(ownPages, own) ? (ownPages[own] ?? null) : null }),
    };
    for (const [path, make] of Object.entries(pages))
      shop.get<{ Params: { id?: string; own?: string }; Querystring: { q?: unknown } }>(
        path,
        async (request, reply) => {
          const { q } = request.query;
          const parameter = request.params.id ?? request.params.own ?? (typeof q === 'string' ? q : '');
          const { page, query } = make(parameter);
          reply.type('text/html; charset=utf-8').header('content-security-policy', policy);
          if (page === null) reply.code(404);
          return show(page ?? missingPage, query);
        },
      );

    shop.get('/demo/shop.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(files.css));
    shop.get('/demo/shop.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(files.js));
    shop.get('/demo/api/products', async () => products.map(productReport));
    shop.get<{ Params: { file: string } }>('/demo/images/:file', async (request, reply) => {
      const name = request.params.file.replace(/\.svg$/, '');
      const svg = name === 'landscape' ? landscape() : picture(name);
      if (svg === null) return reply.callNotFound();
      return reply.type('image/svg+xml').header('cache-control', 'public, max-age=3600').send(svg);
    });
    mountCheckout(shop, deps);
  });
};
