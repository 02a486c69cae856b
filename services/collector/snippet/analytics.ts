/**
 * What a shop's page loads: Segment's API in under 3 KB (gzip). It is served with the write key filled in. Options are attributes of
 * its script tag: `data-host` (where to send), `data-pages="auto"` (page views by itself, also in single-page apps),
 * `data-privacy="respect"` (nothing is sent or kept where the browser asks not to be tracked), `data-cookie-domain`.
 *
 * An event is in localStorage before it is sent and leaves when the server said that it has it: a redirect to the checkout, a lost
 * connection or a closed tab costs nothing. What a closing page sends is sent again by the next one, with the same
 * messageId, since nobody learns whether it arrived; the server counts it once.
 */
type Json = Record<string, unknown>;
type Call = [method: string, ...args: unknown[]];

const batchSize = 10;
const batchMilliseconds = 2000;
/** A beacon takes 64 KB; a request of more events is cut. */
const requestSize = 40;
const requestCharacters = 60_000;
/** The oldest go first: localStorage is small, and the newest tell where the journey stands. */
const queueSize = 400;
const sessionMilliseconds = 1_800_000;
const longestWait = 60_000;
const yearSeconds = 31_536_000;

const tag = document.currentScript as HTMLScriptElement | null;
const options: DOMStringMap = tag?.dataset ?? {};
const endpoint = `${options['host'] ?? (tag ? new URL(tag.src).origin : '')}/v1/batch?writeKey=__WRITE_KEY__`;

const uuid = (): string =>
  // Only secure pages have randomUUID.
  crypto.randomUUID?.() ??
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (+digit ^ ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & (15 >> (+digit / 4)))).toString(16),
  );

/** localStorage, or memory where the browser forbids it. */
const createStore = () => {
  const memory = new Map<string, string>();
  return {
    get: <T>(key: string): T | null => {
      try {
        return JSON.parse(localStorage.getItem(key) ?? memory.get(key) ?? 'null');
      } catch {
        return JSON.parse(memory.get(key) ?? 'null');
      }
    },
    set: (key: string, value: unknown): void => {
      const text = JSON.stringify(value);
      try {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
        memory.delete(key);
      } catch {
        memory.set(key, text);
      }
    },
  };
};
const store = createStore();

/** Ids live in a cookie (which servers see) and in localStorage, under the names of Segment's library: a shop that changes over keeps them. */
const readId = (name: string): string | null => {
  const cookie = new RegExp(`(?:^|; )${name}=([^;]+)`).exec(document.cookie)?.[1];
  return cookie ? decodeURIComponent(cookie).replace(/^"|"$/g, '') : store.get<string>(name);
};
const writeId = (name: string, id: string | null): void => {
  const domain = options['cookieDomain'];
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every browser, and waits
  document.cookie = `${name}=${id === null ? '' : encodeURIComponent(id)};path=/;samesite=lax;max-age=${
    id === null ? 0 : yearSeconds
  }${location.protocol === 'https:' ? ';secure' : ''}${domain ? `;domain=${domain}` : ''}`;
  store.set(name, id);
};
const anonymousId = (): string => {
  const known = readId('ajs_anonymous_id');
  if (known) return known;
  const id = uuid();
  writeId('ajs_anonymous_id', id);
  return id;
};

const sessionId = (): string => {
  const session = store.get<{ id: string; at: number }>('dp_session');
  const at = Date.now();
  const id = session && at - session.at < sessionMilliseconds ? session.id : uuid();
  store.set('dp_session', { id, at });
  return id;
};

const campaign = (): Json | undefined => {
  const found: Json = {};
  for (const [key, value] of new URLSearchParams(location.search))
    if (key.startsWith('utm_')) found[key === 'utm_campaign' ? 'name' : key.slice(4)] = value;
  return Object.keys(found).length ? found : undefined;
};

const createQueue = () => {
  const name = 'dp_queue';
  const state = { isSending: false, timer: 0, failures: 0 };
  // Read before each change: other tabs share it.
  const read = (): Json[] => store.get<Json[]>(name) ?? [];

  /** As many as one request carries, one at least. */
  const next = (): { events: Json[]; body: string } => {
    let events = read().slice(0, requestSize);
    for (;;) {
      const body = JSON.stringify({ sentAt: new Date().toISOString(), batch: events });
      if (events.length < 2 || body.length < requestCharacters) return { events, body };
      events = events.slice(0, events.length >> 1);
    }
  };
  const forget = (events: Json[]): void => {
    const ids = new Set(events.map((event) => event['messageId']));
    store.set(
      name,
      read().filter((event) => !ids.has(event['messageId'])),
    );
  };
  const later = (milliseconds: number): void => {
    clearTimeout(state.timer);
    state.timer = window.setTimeout(flush, milliseconds);
  };
  const flush = async (): Promise<void> => {
    const { events, body } = next();
    if (state.isSending || !events.length) return;
    state.isSending = true;
    let wait = 0;
    try {
      // A text without headers of its own needs no preflight.
      const answer = await fetch(endpoint, { method: 'POST', body, keepalive: body.length < requestCharacters });
      const { status } = answer;
      if (status < 500 && status !== 429 && status !== 408) forget(events);
      else wait = Number(answer.headers.get('retry-after')) * 1000 || -1;
    } catch {
      wait = -1;
    }
    state.isSending = false;
    state.failures = wait ? state.failures + 1 : 0;
    if (wait < 0) wait = 500 * 2 ** Math.min(state.failures, 7) * (1 + Math.random());
    if (read().length) later(Math.min(wait, longestWait));
  };
  addEventListener('pagehide', () => {
    const { events, body } = next();
    if (events.length && !navigator.sendBeacon?.(endpoint, body)) void flush();
  });
  addEventListener('online', () => later(0));
  later(0);
  return {
    flush,
    add: (event: Json): void => {
      const events = [...read(), event].slice(-queueSize);
      store.set(name, events);
      if (!state.failures) later(events.length < batchSize ? batchMilliseconds : 0);
    },
  };
};

const isText = (value: unknown): value is string => typeof value === 'string';

type Listener = (...args: unknown[]) => void;

const traits = (): Json => store.get<Json>('ajs_user_traits') ?? {};

const createSender = (add: (event: Json) => void) => {
  let referrer = document.referrer;
  const listeners: [string, Listener][] = [];
  const page = (): Json => ({
    path: location.pathname,
    referrer,
    search: location.search,
    title: document.title,
    url: location.href,
  });
  const context = (): Json => ({
    page: page(),
    sessionId: sessionId(),
    campaign: campaign(),
    locale: navigator.language,
    userAgent: navigator.userAgent,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width: screen.width, height: screen.height },
    library: { name: 'desirepath', version: '1' },
  });
  return {
    page,
    listeners,
    /** A page view that no document load made came from here. */
    moved: (from: string): void => {
      referrer = from;
    },
    /** The last arguments may be options (`context`, `timestamp`) and a callback, as with Segment. */
    send: (type: string, fields: Json, rest: unknown[] = []): Promise<Json> => {
      const more = (rest.find((value) => value && typeof value === 'object') ?? {}) as Json;
      const userId = readId('ajs_user_id');
      const event: Json = {
        type,
        messageId: uuid(),
        timestamp: more['timestamp'] ?? new Date().toISOString(),
        anonymousId: anonymousId(),
        ...(userId ? { userId } : {}),
        ...fields,
        context: { ...context(), ...(more['context'] as Json | undefined) },
      };
      add(event);
      const subject = fields['event'] ?? fields['name'] ?? userId;
      for (const [name, listener] of listeners)
        if (name === type) listener(subject, fields['properties'] ?? fields['traits']);
      for (const value of rest) if (typeof value === 'function') value(event);
      return Promise.resolve(event);
    },
  };
};

const createAnalytics = () => {
  const queue = createQueue();
  const { send, page, listeners, moved } = createSender(queue.add);
  return {
    track: (event: string, properties: Json = {}, ...rest: unknown[]) => send('track', { event, properties }, rest),
    page: (...args: unknown[]) => {
      const names = args.filter(isText);
      const [properties, ...rest] = args.filter((value) => !isText(value));
      const name = names.at(-1);
      const category = names.length > 1 ? names[0] : undefined;
      return send('page', { name, category, properties: { ...page(), name, category, ...(properties as Json) } }, rest);
    },
    identify: (first?: unknown, ...args: unknown[]) => {
      const hasId = isText(first) || typeof first === 'number';
      const [given, ...rest] = hasId ? args : [first, ...args];
      const before = readId('ajs_user_id');
      if (hasId) {
        // Another person on the same device: what we knew is not theirs.
        if (before && before !== `${first}`) store.set('ajs_user_traits', null);
        writeId('ajs_user_id', `${first}`);
      }
      store.set('ajs_user_traits', { ...traits(), ...(given as Json) });
      return send('identify', { traits: traits() }, rest);
    },
    group: (groupId: string, given: Json = {}, ...rest: unknown[]) => send('group', { groupId, traits: given }, rest),
    alias: (userId: string, previousId?: unknown, ...rest: unknown[]) =>
      send(
        'alias',
        { userId, previousId: isText(previousId) ? previousId : (readId('ajs_user_id') ?? anonymousId()) },
        rest,
      ),
    reset: () => {
      for (const name of ['ajs_user_id', 'ajs_anonymous_id']) writeId(name, null);
      for (const name of ['ajs_user_traits', 'dp_session']) store.set(name, null);
    },
    ready: (callback: () => void) => callback(),
    on: (name: string, listener: Listener) => void listeners.push([name, listener]),
    flush: queue.flush,
    user: () => ({ id: () => readId('ajs_user_id'), anonymousId, traits }),
    moved,
  };
};
type Analytics = ReturnType<typeof createAnalytics>;

/** Page views by themselves: one now, one whenever the address changes. */
const followPages = (analytics: Analytics): void => {
  let at = location.href;
  const look = (): void => {
    if (location.href.split('#')[0] === at.split('#')[0]) return;
    analytics.moved(at);
    at = location.href;
    void analytics.page();
  };
  for (const method of ['pushState', 'replaceState'] as const) {
    const original = history[method];
    history[method] = function (...args) {
      original.apply(this, args);
      // The app sets its title after it changed the address.
      setTimeout(look, 0);
    };
  }
  addEventListener('popstate', () => setTimeout(look, 0));
  void analytics.page();
};

const asksNotToBeTracked = (): boolean =>
  (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true || navigator.doNotTrack === '1';

const start = (): void => {
  const page = window as unknown as { analytics?: unknown };
  const waiting = (Array.isArray(page.analytics) ? [...page.analytics] : []) as Call[];
  if (options['privacy'] === 'respect' && asksNotToBeTracked()) {
    // Every method is there and does nothing, so that no page breaks.
    page.analytics = new Proxy({}, { get: () => () => Promise.resolve() });
    return;
  }
  const analytics = createAnalytics();
  const methods = analytics as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  page.analytics = Object.assign(analytics, { push: ([method, ...args]: Call) => methods[method]?.(...args) });
  if (options['pages'] === 'auto') followPages(analytics);
  for (const [method, ...args] of waiting) methods[method]?.(...args);
};

start();
