import type { CategoryId } from './catalogue.ts';
import { categories } from './catalogue.ts';
import type { Random } from './random.ts';

export type Device = { anonymousId: string; kind: 'phone' | 'laptop'; userAgent: string; screen: string };
export type Source = { source: string; medium: string; name: string; referrer: string };
export type Basket = {
  cartId: string;
  /** Product id → pieces. */
  lines: Map<string, number>;
  deviceIndex: number;
};

/** A synthetic shopper: what he is, and what he left behind. */
export type Shopper = {
  userId: string;
  firstName: string;
  lastName: string;
  email: string;
  country: string;
  locale: string;
  devices: Device[];
  favourite: CategoryId;
  /** Has an account; before, he is nobody but his device. */
  isRegistered: boolean;
  /** Signed in on these devices (by index). */
  signedInOn: Set<number>;
  basket: Basket | null;
  orders: number;
  /** No visit starts before this time, in ms. */
  busyUntil: number;
};

const firstNames =
  'Anna Ben Clara David Elif Finn Greta Hugo Ida Jonas Klara Leo Mia Nils Olga Paul Rosa Sam Tilda Viktor Yara Emma Luca Noah Lena Marie Theo Zoe Ines Omar'.split(
    ' ',
  );
const lastNames =
  'Adler Berg Conti Dahl Eriksen Fischer Garnier Hansen Ivanov Jansen Keller Lindt Moreau Novak Olsen Peters Rossi Schmidt Tamm Urban Vogel Weber Young Ziegler Baker Okafor Silva Marin Kowalski Haas'.split(
    ' ',
  );
const places: readonly (readonly [{ country: string; locale: string }, number])[] = [
  [{ country: 'DE', locale: 'de-DE' }, 44],
  [{ country: 'AT', locale: 'de-AT' }, 12],
  [{ country: 'FR', locale: 'fr-FR' }, 12],
  [{ country: 'NL', locale: 'nl-NL' }, 10],
  [{ country: 'IT', locale: 'it-IT' }, 8],
  [{ country: 'IE', locale: 'en-IE' }, 8],
  [{ country: 'ES', locale: 'es-ES' }, 6],
];
const phones = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; SM-S938B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36',
];
const laptops = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
];

const direct: Source = { source: '', medium: '', name: '', referrer: '' };
export const sources: readonly (readonly [Source, number])[] = [
  [direct, 30],
  [{ source: '', medium: '', name: '', referrer: 'https://www.google.com/' }, 27],
  [{ source: 'google', medium: 'cpc', name: 'autumn-outdoor', referrer: 'https://www.google.com/' }, 17],
  [{ source: 'instagram', medium: 'social', name: 'cabin-weekend', referrer: 'https://www.instagram.com/' }, 14],
  [{ source: 'newsletter', medium: 'email', name: 'field-notes', referrer: '' }, 9],
  [{ source: 'trailmag', medium: 'referral', name: 'gear-guide', referrer: 'https://trailmag.example/' }, 3],
];
/** How a person comes who follows the link in the mail about his basket. */
export const rescueMail: Source = { source: 'desirepath', medium: 'email', name: 'basket-rescue', referrer: '' };

const anonymousId = (random: Random): string =>
  `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(12)}`;

const device = (random: Random, kind: Device['kind']): Device => ({
  anonymousId: anonymousId(random),
  kind,
  userAgent: random.pick(kind === 'phone' ? phones : laptops),
  screen: kind === 'phone' ? '390x844' : '1440x900',
});

/** `number` makes the id and the address unlike any other's. Addresses end in `.example`: no mail can ever leave to them. */
export const newShopper = (random: Random, number: number, prefix: string): Shopper => {
  const firstName = random.pick(firstNames);
  const lastName = random.pick(lastNames);
  const first = device(random, random.chance(0.62) ? 'phone' : 'laptop');
  const devices = [first];
  if (random.chance(0.45)) devices.push(device(random, first.kind === 'phone' ? 'laptop' : 'phone'));
  return {
    userId: `${prefix}-${String(number).padStart(5, '0')}`,
    firstName,
    lastName,
    email: `${firstName}.${lastName}.${prefix}${number}@mail.example`.toLowerCase(),
    ...random.weighted(places),
    devices,
    favourite: random.pick(categories).id,
    isRegistered: false,
    signedInOn: new Set(),
    basket: null,
    orders: 0,
    busyUntil: 0,
  };
};
