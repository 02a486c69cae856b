// The shop in the browser: basket, account and orders live in localStorage; every step is reported through `analytics`, as a
// shop's own script would. No framework, no markup from text: what people write can never become HTML.

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });
const cents = (amount) => Math.round(amount * 100);

const kept = (name, fallback) => {
  try {
    return JSON.parse(localStorage.getItem(`shop.${name}`)) ?? fallback;
  } catch {
    return fallback;
  }
};
const keep = (name, value) => {
  if (value === null) localStorage.removeItem(`shop.${name}`);
  else localStorage.setItem(`shop.${name}`, JSON.stringify(value));
};

const find = (selector, within = document) => within.querySelector(selector);
const h = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
};
const say = (text) => {
  const status = find('[data-status]');
  status.textContent = text;
  status.classList.add('shown');
  clearTimeout(say.timer);
  say.timer = setTimeout(() => status.classList.remove('shown'), 3500);
};

const post = async (path, body) => {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title ?? 'That did not work.');
  return answer;
};

const absolute = (product) => ({
  ...product,
  url: new URL(product.url, location.href).href,
  image_url: new URL(product.image_url, location.href).href,
});
let catalogue = null;
const products = () => {
  catalogue ??= fetch('/demo/api/products')
    .then((response) => response.json())
    .then((list) => new Map(list.map((product) => [product.product_id, absolute(product)])));
  return catalogue;
};

// The basket: {cartId, lines: [{id, quantity}], code: {code, kind, percent, amount, minimumOrder} | null}
const readBasket = () => kept('basket', null);
const emptyBasket = () => ({
  cartId: `cart-${crypto.getRandomValues(new Uint32Array(2)).join('')}`,
  lines: [],
  code: null,
});

const writeBasket = (basket) => {
  keep('basket', basket);
  showCount();
};

const showCount = () => {
  const count = readBasket()?.lines.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0;
  const badge = find('[data-count]');
  badge.textContent = String(count);
  badge.hidden = count === 0;
};

const contents = async (basket) => {
  const all = await products();
  return basket.lines.flatMap(({ id, quantity }) => (all.has(id) ? [{ ...all.get(id), quantity }] : []));
};
const goodsCents = (lines) => lines.reduce((sum, { price, quantity }) => sum + cents(price) * quantity, 0);

// What a code is good for: shown before the server, which decides, has been asked.
const isEnough = (code, goods) => !code.minimumOrder || goods >= cents(code.minimumOrder.amount);
const discountCents = (lines, { code }) => {
  const goods = goodsCents(lines);
  if (code === null || !isEnough(code, goods)) return 0;
  if (code.amount) return Math.min(goods, cents(code.amount.amount));
  return Math.round((goods * (code.percent ?? 0)) / 100);
};
const isSentFree = (goods, { code }) => code?.kind === 'free-shipping' && isEnough(code, goods);
const offText = ({ kind, percent, amount }) => {
  if (kind === 'free-shipping') return 'free shipping';
  return amount ? `${euros.format(amount.amount)} off` : `${percent} % off`;
};

/** Puts in (`by` above 0) or takes out; reports the difference. */
const change = async (id, by) => {
  const basket = readBasket() ?? emptyBasket();
  const product = (await products()).get(id);
  const line = basket.lines.find((one) => one.id === id);
  const before = line?.quantity ?? 0;
  const after = Math.max(0, Math.min(20, before + by));
  if (product === undefined || after === before) return;
  if (line === undefined) basket.lines.push({ id, quantity: after });
  else line.quantity = after;
  basket.lines = basket.lines.filter(({ quantity }) => quantity > 0);
  writeBasket(basket);
  const event = after > before ? 'Product Added' : 'Product Removed';
  analytics.track(event, { cart_id: basket.cartId, ...product, quantity: Math.abs(after - before) });
  say(after > before ? `${product.name} is in the basket.` : `${product.name} is out of the basket.`);
};

const account = () => kept('account', null);
const showAccount = () => {
  const link = find('[data-account]');
  const who = account();
  if (who !== null) link.textContent = who.firstName;
};
const signIn = async (form) => {
  const who = await post('/demo/api/account', Object.fromEntries(new FormData(form)));
  const { userId, ...traits } = who;
  keep('account', who);
  analytics.identify(userId, traits);
  analytics.track('Signed In', { method: 'email' });
  showAccount();
};

// ——— Pages ———

const sums = (lines, basket) => {
  const goods = goodsCents(lines);
  const discount = discountCents(lines, basket);
  const parcel = isSentFree(goods, basket) || goods - discount >= 5000 || goods === 0 ? 0 : 490;
  const { code } = basket;
  const codeRow = () => {
    if (code === null) return null;
    if (isEnough(code, goods)) return row(`Code ${code.code} (${offText(code)})`, -discount);
    return row(`Code ${code.code} (from ${euros.format(code.minimumOrder.amount)})`, 0);
  };
  const row = (name, amount, strong = false) =>
    h('div', strong ? { class: 'total' } : {}, h('dt', {}, name), h('dd', {}, euros.format(amount / 100)));
  return h(
    'dl',
    { class: 'sums' },
    row('Goods', goods),
    codeRow(),
    row('Parcel', parcel),
    row('Total', goods - discount + parcel, true),
  );
};

const basketLine = (line) => {
  const name = h('a', { href: line.url }, line.name);
  const step = (label, text, by) =>
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': label,
        onclick: () => change(line.product_id, by).then(showBasket),
      },
      text,
    );
  return h(
    'li',
    { class: 'line' },
    h('img', { src: line.image_url, alt: '', width: 96, height: 96 }),
    h('div', {}, name, h('p', { class: 'fine' }, `${line.brand} · sold by ${line.seller}`)),
    h(
      'div',
      { class: 'amount' },
      step(`One ${line.name} less`, '−', -1),
      h('span', {}, String(line.quantity)),
      step(`One ${line.name} more`, '+', 1),
    ),
    h('span', { class: 'price' }, euros.format(line.price * line.quantity)),
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        'aria-label': `Remove ${line.name}`,
        onclick: () => change(line.product_id, -line.quantity).then(showBasket),
      },
      'Remove',
    ),
  );
};

const applyCode = async (form) => {
  const basket = readBasket();
  const code = String(new FormData(form).get('code')).trim();
  const ids = { cart_id: basket.cartId, coupon_id: code, coupon: code };
  const found = await post('/demo/api/discount', { code }).catch((error) => ({ isGood: false, reason: error.message }));
  if (!found.isGood) {
    analytics.track('Coupon Denied', { ...ids, reason: found.reason });
    throw new Error(found.reason || 'This code is not known.');
  }
  const { kind, percent, amount, minimumOrder } = found;
  writeBasket({ ...basket, code: { code: found.code, kind, percent, amount, minimumOrder } });
  const lines = await contents(readBasket());
  analytics.track('Coupon Applied', { ...ids, discount: discountCents(lines, readBasket()) / 100 });
  await showBasket();
  const minimum = !minimumOrder ? '' : ` from ${euros.format(minimumOrder.amount)} on`;
  say(`The code is good for ${offText(found)}${minimum}.`);
};

const showBasket = async () => {
  const place = find('[data-basket]');
  const basket = readBasket();
  const lines = basket === null ? [] : await contents(basket);
  if (lines.length === 0) {
    place.replaceChildren(h('p', {}, 'Nothing in it yet. ', h('a', { href: '/demo' }, 'Look around')));
    return;
  }
  const who = account();
  place.replaceChildren(
    h(
      'div',
      { class: 'columns' },
      h('ul', { class: 'lines' }, ...lines.map(basketLine)),
      h(
        'aside',
        { class: 'summary', 'aria-label': 'What it costs' },
        sums(lines, basket),
        h(
          'form',
          { class: 'row', 'data-form': 'code' },
          h('label', { for: 'code' }, 'Discount code'),
          h('input', {
            id: 'code',
            name: 'code',
            maxlength: 60,
            required: true,
            autocomplete: 'off',
            spellcheck: 'false',
          }),
          h('button', { type: 'submit', class: 'quiet' }, 'Apply'),
        ),
        h('a', { class: 'button', href: '/demo/checkout' }, 'To the checkout'),
        who === null
          ? h(
              'p',
              { class: 'fine' },
              h('a', { href: '/demo/account' }, 'Sign in'),
              ' to be reminded by mail of what you leave here.',
            )
          : h('p', { class: 'fine' }, `Leave now, and ${who.email} gets a mail in two minutes.`),
      ),
    ),
  );
};

const openBasket = async () => {
  // A link in a mail may bring its code along.
  const given = new URLSearchParams(location.search).get('code');
  await showBasket();
  const basket = readBasket();
  if (basket === null || basket.lines.length === 0) return;
  const lines = await contents(basket);
  analytics.track('Cart Viewed', {
    cart_id: basket.cartId,
    value: goodsCents(lines) / 100,
    currency: 'EUR',
    products: lines,
  });
  if (given !== null && find('#code') !== null) find('#code').value = given;
};

const openStep = (number) => {
  for (const form of document.querySelectorAll('[data-step]')) {
    const step = Number(form.dataset.step);
    find('fieldset', form).disabled = step !== number;
    form.classList.toggle('done', step < number);
    form.classList.toggle('current', step === number);
  }
  find(`[data-step="${number}"] input, [data-step="${number}"] button`)?.focus();
};

const checkoutIds = (basket) => ({
  cart_id: basket.cartId,
  checkout_id: basket.cartId.replace(/^cart/, 'checkout'),
});

const openCheckout = async () => {
  const basket = readBasket();
  const lines = basket === null ? [] : await contents(basket);
  if (lines.length === 0) {
    location.replace('/demo/basket');
    return;
  }
  find('[data-summary]').replaceChildren(
    h('h2', {}, 'Your order'),
    h('ul', { class: 'small' }, ...lines.map((line) => h('li', {}, `${line.quantity} × ${line.name}`))),
    sums(lines, basket),
  );
  const goods = goodsCents(lines);
  const discount = discountCents(lines, basket);
  analytics.track('Checkout Started', {
    ...checkoutIds(basket),
    value: goods / 100,
    revenue: (goods - discount) / 100,
    discount: discount / 100,
    currency: 'EUR',
    ...(basket.code === null ? {} : { coupon: basket.code.code }),
    products: lines,
  });
  const who = account();
  if (who !== null) {
    find('#name').value = who.name;
    find('#email').value = who.email;
  }
  openStep(who === null ? 0 : 1);
};

const completeStep = (form) => {
  const basket = readBasket();
  const step = Number(form.dataset.step);
  const method = new FormData(form).get('shipping_method');
  analytics.track('Checkout Step Completed', {
    ...checkoutIds(basket),
    step,
    ...(method === null ? {} : { shipping_method: method }),
  });
  openStep(step + 1);
};

const pay = async (form) => {
  const basket = readBasket();
  const method = { step: 3, payment_method: new FormData(form).get('payment_method') };
  const ids = checkoutIds(basket);
  analytics.track('Payment Info Entered', { ...ids, ...method });
  const order = await post('/demo/api/orders', {
    cartId: basket.cartId,
    lines: basket.lines,
    code: basket.code?.code ?? null,
  });
  analytics.track('Checkout Step Completed', { ...ids, ...method });
  analytics.track('Order Completed', { ...ids, ...order, products: order.products.map(absolute) });
  keep('order', order);
  writeBasket(null);
  location.assign('/demo/thanks');
};

/** A row of choices as radio buttons; `done` gets the number and says what stands there afterwards. */
const scale = (name, legend, numbers, label, done) => {
  const set = h('fieldset', { class: 'scale' }, h('legend', {}, legend));
  for (const number of numbers) {
    const id = `${name}-${number}`;
    const input = h('input', {
      type: 'radio',
      id,
      name,
      value: number,
      onchange: () => {
        done(number);
        set.disabled = true;
        set.classList.add('done');
        say('Thank you.');
      },
    });
    set.append(
      input,
      h('label', { for: id, 'aria-label': label(number) }, numbers.length === 5 ? '★' : String(number)),
    );
  }
  return set;
};
const stars = (name, legend, done) => scale(name, legend, [1, 2, 3, 4, 5], (n) => `${n} of 5 stars`, done);

const openThanks = () => {
  const order = kept('order', null);
  if (order === null) return;
  const sellers = [...new Set(order.products.map(({ seller }) => seller))];
  find('[data-thanks]').replaceChildren(
    h('h1', {}, 'Thank you'),
    h('p', {}, `Order ${order.order_id}: ${euros.format(order.total)}. Nothing is charged, nothing is sent.`),
    h('h2', {}, 'How are the things?'),
    ...order.products.map((product, index) =>
      stars(`product-${index}`, product.name, (rating) =>
        analytics.track('Product Reviewed', { order_id: order.order_id, ...absolute(product), rating }),
      ),
    ),
    h('h2', {}, 'How were the sellers?'),
    ...sellers.map((seller, index) =>
      stars(`seller-${index}`, seller, (rating) =>
        analytics.track('Seller Rated', { order_id: order.order_id, seller, rating }),
      ),
    ),
    h('h2', {}, 'One last question'),
    scale(
      'nps',
      'How likely are you to recommend us to a friend? 0 is not at all, 10 is very likely.',
      Array.from({ length: 11 }, (_, number) => number),
      (number) => `${number} of 10`,
      (score) =>
        analytics.track('Survey Response Submitted', {
          survey_id: 'nps-after-order',
          survey_type: 'nps',
          scale_max: 10,
          score,
          order_id: order.order_id,
        }),
    ),
  );
};

const openAccount = () => {
  const who = account();
  if (who === null) return;
  find('[data-own-account]').replaceChildren(
    h('h1', {}, `Hello, ${who.firstName}`),
    h('p', {}, `Signed in as ${who.email}.`),
    h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          keep('account', null);
          analytics.reset();
          location.reload();
        },
      },
      'Sign out',
    ),
  );
};

const askForHelp = (form) => {
  const ticket = `ticket-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const order = kept('order', null);
  analytics.track('Support Ticket Created', {
    ticket_id: ticket,
    channel: 'form',
    category: new FormData(form).get('topic'),
    ...(order === null ? {} : { order_id: order.order_id }),
  });
  find('[data-support]').replaceChildren(
    h('h1', {}, 'It is with us'),
    h('p', {}, `Your number is ${ticket}. In a real shop somebody would answer now.`),
  );
};

// ——— Wiring ———

const forms = {
  add: async (form) => change(form.dataset.product, Number(new FormData(form).get('quantity')) || 1),
  account: async (form) => {
    await signIn(form);
    if (form.dataset.step === undefined) openAccount();
    else openStep(1);
  },
  step: async (form) => completeStep(form),
  pay,
  code: applyCode,
  support: async (form) => askForHelp(form),
};

document.addEventListener('submit', async (event) => {
  const form = event.target;
  const handle = forms[form.dataset.form];
  if (handle === undefined) return;
  event.preventDefault();
  const button = find('button[type=submit]', form);
  button.disabled = true;
  try {
    await handle(form);
  } catch (error) {
    say(error.message);
  } finally {
    button.disabled = false;
  }
});

document.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-add]');
  if (button !== null) await change(button.dataset.add, 1);
});

const { page, event, properties } = document.body.dataset;
if (event !== undefined) {
  const told = JSON.parse(properties);
  const cart = readBasket();
  analytics.track(event, {
    ...(told.url === undefined ? told : absolute(told)),
    ...(cart === null ? {} : { cart_id: cart.cartId }),
  });
}
showCount();
showAccount();
const open = { basket: openBasket, checkout: openCheckout, thanks: openThanks, account: openAccount }[page];
await open?.();
