import { categories, currency, type Product, products, shopName } from './catalogue.ts';
import { type Html, html, trusted } from './html.ts';

export const money = (cents: number): string =>
  new Intl.NumberFormat('en-IE', { style: 'currency', currency }).format(cents / 100);

/** What a page is called, what it shows, and what it reports when it is opened. */
export type Page = {
  title: string;
  /** The client script's word for it. */
  kind: string;
  main: Html;
  report?: { event: string; properties: Record<string, unknown> };
};

/** As a shop pastes it into its head: queues calls until the script is there. */
export const snippet = (writeKey: string): string =>
  `!function(){var a=window.analytics=window.analytics||[];if(a.started)return;a.started=!0;["track","page","identify","group","alias","reset","ready"].forEach(function(m){a[m]=function(){a.push([m].concat([].slice.call(arguments)))}});var s=document.createElement("script");s.async=!0;s.src="/analytics.js/v1/${writeKey}/analytics.min.js";document.head.appendChild(s);a.page()}();`;

const hint = html`<aside class="hint" aria-label="About this demo">
  <p><strong>This is a demo.</strong> Sign in with any name, leave something in the basket and close the tab: in two minutes there is a mail in the outbox.</p>
  <p class="hint-links"><a href="/app/demo" target="desirepath">Watch yourself live</a><a href="/app/demo/outbox" target="desirepath">Open the outbox</a></p>
</aside>`;

const header = (query: string): Html => html`<header class="top">
  <a class="name" href="/demo">${shopName}</a>
  <form class="search" role="search" action="/demo/search">
    <label class="unseen" for="q">Search the shop</label>
    <input id="q" name="q" type="search" placeholder="Lantern, wool, knife …" value="${query}" maxlength="100" autocomplete="off">
    <button type="submit">Search</button>
  </form>
  <nav class="own" aria-label="You">
    <a href="/demo/account" data-account>Sign in</a>
    <a href="/demo/basket">Basket <span class="count" data-count hidden>0</span></a>
  </nav>
  <nav class="categories" aria-label="Categories">${categories.map(({ id, name }) => html`<a href="/demo/category/${id}">${name}</a>`)}</nav>
</header>`;

/** The whole document. */
export const document = (page: Page, options: { writeKey: string; query?: string }): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · ${shopName}</title>
<link rel="icon" href="/demo/images/storm-lantern.svg" type="image/svg+xml">
<link rel="stylesheet" href="/demo/shop.css">
<script>${trusted(snippet(options.writeKey))}</script>
<script src="/demo/shop.js" type="module"></script>
</head>
<body data-page="${page.kind}"${page.report === undefined ? '' : html` data-event="${page.report.event}" data-properties="${JSON.stringify(page.report.properties)}"`}>
<a class="skip" href="#main">To the content</a>
${hint}
${header(options.query ?? '')}
<main id="main">${page.main}</main>
<p class="unseen" role="status" aria-live="polite" data-status></p>
<footer><p>${shopName} is invented: nothing is sold, charged or sent.</p><nav aria-label="Help"><a href="/demo/support">Help &amp; contact</a><a href="/app">Dashboards</a></nav></footer>
</body>
</html>`.html;

const card = (product: Product): Html => html`<li class="card">
  <a href="/demo/product/${product.id}">
    <img src="/demo/images/${product.id}.svg" alt="" width="400" height="400" loading="lazy">
    <span class="card-name">${product.name}</span>
    <span class="card-brand">${product.brand}</span>
    <span class="price">${money(product.priceCents)}</span>
  </a>
  <button type="button" class="quiet" data-add="${product.id}" aria-label="Add ${product.name} to the basket">Add</button>
</li>`;

const grid = (list: readonly Product[]): Html => html`<ul class="grid">${list.map(card)}</ul>`;

const ofCategory = (id: string): Product[] => products.filter(({ category }) => category === id);

const reported = (list: readonly Product[]) =>
  list
    .slice(0, 12)
    .map(({ id, name, priceCents }, index) => ({ product_id: id, name, price: priceCents / 100, position: index + 1 }));

export const homePage = (): Page => ({
  title: 'Good things for outdoors and home',
  kind: 'home',
  main: html`<section class="hero"><img src="/demo/images/landscape.svg" alt=""><div><h1>Made to be out in.<br>Made to come home to.</h1><p>Forty good things for camp, kitchen and garden.</p><a class="button" href="/demo/category/camp">Pack for the weekend</a></div></section>
<section class="tiles" aria-label="Categories"><ul>${categories.map(({ id, name, about }) => html`<li><a href="/demo/category/${id}"><img src="/demo/images/${ofCategory(id)[0]?.id ?? ''}.svg" alt="" width="400" height="400"><strong>${name}</strong><span>${about}</span></a></li>`)}</ul></section>
<section><h2>This week's favourites</h2>${grid(products.filter((_, index) => index % 4 === 0))}</section>`,
});

export const categoryPage = (id: string): Page | null => {
  const category = categories.find((one) => one.id === id);
  if (category === undefined) return null;
  const list = ofCategory(id);
  return {
    title: category.name,
    kind: 'category',
    main: html`<div class="heading"><h1>${category.name}</h1><p>${category.about}</p></div>${grid(list)}`,
    report: { event: 'Product List Viewed', properties: { list_id: id, category: id, products: reported(list) } },
  };
};

export const searchPage = (query: string, found: readonly Product[]): Page => ({
  title: query === '' ? 'Search' : `Search: ${query}`,
  kind: 'search',
  main: html`<div class="heading"><h1>${query === '' ? 'What are you looking for?' : `“${query}”`}</h1><p>${query === '' ? 'Type a word above.' : found.length === 0 ? 'Nothing is called that. Try “lantern”, “wool” or “oak”.' : `${found.length} ${found.length === 1 ? 'thing' : 'things'} found`}</p></div>${grid(found)}`,
  ...(query === '' ? {} : { report: { event: 'Products Searched', properties: { query, results: found.length } } }),
});

export const productPage = (product: Product): Page => ({
  title: product.name,
  kind: 'product',
  main: html`<article class="product">
  <img src="/demo/images/${product.id}.svg" alt="${product.name}" width="400" height="400">
  <div>
    <p class="trail"><a href="/demo/category/${product.category}">${categories.find(({ id }) => id === product.category)?.name ?? ''}</a></p>
    <h1>${product.name}</h1>
    <p class="about">${product.about}</p>
    <p class="price big">${money(product.priceCents)}</p>
    <p class="fine">With tax. Parcel free from ${money(5000)}.</p>
    <form data-form="add" data-product="${product.id}" class="row"><label for="quantity">Pieces</label><input id="quantity" name="quantity" type="number" inputmode="numeric" min="1" max="20" value="1"><button class="button" type="submit">Put into the basket</button></form>
    <dl class="facts"><div><dt>Brand</dt><dd>${product.brand}</dd></div><div><dt>Sold by</dt><dd>${product.seller}</dd></div></dl>
  </div>
</article>
<section><h2>Goes well with it</h2>${grid(
    ofCategory(product.category)
      .filter(({ id }) => id !== product.id)
      .slice(0, 4),
  )}</section>`,
  report: { event: 'Product Viewed', properties: productReport(product) },
});

/** A product in an event. The client adds the shop's own address to the links. */
export const productReport = (product: Product) => ({
  product_id: product.id,
  name: product.name,
  category: product.category,
  brand: product.brand,
  seller: product.seller,
  price: product.priceCents / 100,
  currency,
  url: `/demo/product/${product.id}`,
  image_url: `/demo/images/${product.id}.svg`,
});

const field = (name: string, label: string, more: { type?: string; autocomplete: string; required?: boolean }): Html =>
  html`<p class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" type="${more.type ?? 'text'}" autocomplete="${more.autocomplete}" maxlength="100"${more.required === false ? '' : trusted(' required')}></p>`;

/** Pages whose content is the visitor's own: the client fills them from what the browser keeps. */
export const ownPages: Readonly<Record<string, Page>> = {
  basket: {
    title: 'Basket',
    kind: 'basket',
    main: html`<h1>Basket</h1><div data-basket><p>One moment …</p></div>`,
  },
  checkout: {
    title: 'Checkout',
    kind: 'checkout',
    main: html`<h1>Checkout</h1><div class="columns"><div class="steps">
<form class="step" data-form="account" data-step="0"><fieldset><legend>Who are you?</legend>${field('name', 'Name', { autocomplete: 'name' })}${field('email', 'Email', { type: 'email', autocomplete: 'email' })}<button class="button" type="submit">Continue</button></fieldset></form>
<form class="step" data-form="step" data-step="1"><fieldset disabled><legend>1 · Address</legend>${field('street', 'Street', { autocomplete: 'off' })}${field('city', 'City', { autocomplete: 'off' })}<p class="fine">Write what you like: it stays in this page.</p><button class="button" type="submit">Continue</button></fieldset></form>
<form class="step" data-form="step" data-step="2"><fieldset disabled><legend>2 · Delivery</legend><p class="choice"><input type="radio" id="parcel" name="shipping_method" value="parcel" checked><label for="parcel">Parcel, two to three days</label></p><p class="choice"><input type="radio" id="pickup" name="shipping_method" value="pickup point"><label for="pickup">Pickup point</label></p><button class="button" type="submit">Continue</button></fieldset></form>
<form class="step" data-form="pay" data-step="3"><fieldset disabled><legend>3 · Payment</legend><p class="choice"><input type="radio" id="card" name="payment_method" value="card" checked><label for="card">Card</label></p><p class="choice"><input type="radio" id="invoice" name="payment_method" value="invoice"><label for="invoice">Invoice</label></p><p class="fine">Nothing is charged.</p><button class="button" type="submit">Order</button></fieldset></form>
</div><aside class="summary" data-summary aria-label="Your order"></aside></div>`,
  },
  thanks: {
    title: 'Thank you',
    kind: 'thanks',
    main: html`<div data-thanks><h1>Thank you</h1><p>There is no order here. <a href="/demo">To the shop</a></p></div>`,
  },
  account: {
    title: 'Your account',
    kind: 'account',
    main: html`<div class="narrow" data-own-account><h1>Sign in</h1><p>A name and an address are all; no password, no mail leaves this machine.</p><form data-form="account">${field('name', 'Name', { autocomplete: 'name' })}${field('email', 'Email', { type: 'email', autocomplete: 'email' })}<button class="button" type="submit">Sign in</button></form></div>`,
  },
  support: {
    title: 'Help & contact',
    kind: 'support',
    main: html`<div class="narrow" data-support><h1>How can we help?</h1><form data-form="support"><p class="field"><label for="topic">About</label><select id="topic" name="topic"><option value="delivery">My delivery</option><option value="return">Sending something back</option><option value="product">A product</option><option value="other">Something else</option></select></p><p class="field"><label for="message">Your question</label><textarea id="message" name="message" rows="5" maxlength="2000" required></textarea></p><button class="button" type="submit">Send</button></form></div>`,
  },
};

export const missingPage: Page = {
  title: 'Not here',
  kind: 'missing',
  main: html`<div class="heading"><h1>Nothing grows here</h1><p>This page does not exist. <a href="/demo">Back to the shop</a></p></div>`,
};
