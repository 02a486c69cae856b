import type { Benefit } from '../../schemas/api/discounts.ts';
import type { Money } from '../../schemas/primitives.ts';

export type CategoryId = 'camp' | 'kitchen' | 'garden' | 'home' | 'carry' | 'wear';

export type Product = {
  id: string;
  name: string;
  category: CategoryId;
  brand: string;
  seller: string;
  /** With tax, in cent. */
  priceCents: number;
  /** One sentence for its page. */
  about: string;
  /** Which drawing of pictures.ts, in which colours. */
  picture: string;
  tone: 'moss' | 'clay' | 'sky' | 'sand' | 'plum' | 'ink';
};

export const shopName = 'Alder & Wren';
export const currency = 'EUR';

export const categories: readonly { id: CategoryId; name: string; about: string }[] = [
  { id: 'camp', name: 'Camp', about: 'For nights under the open sky' },
  { id: 'kitchen', name: 'Kitchen', about: 'Tools that outlive their recipes' },
  { id: 'garden', name: 'Garden', about: 'Dig, sow, water, wait' },
  { id: 'home', name: 'Home', about: 'Warm rooms, quiet light' },
  { id: 'carry', name: 'Carry', about: 'Bags and bottles for the way' },
  { id: 'wear', name: 'Wear', about: 'Wool, wax and weather' },
];

const own = 'Alder & Wren';
const northway = 'Northway Outfitters';
const millLane = 'Mill Lane Pottery';
const greenhand = 'Greenhand Garden Co.';
const loom = 'Loft & Loom';

type Row = [
  id: string,
  name: string,
  category: CategoryId,
  brand: string,
  seller: string,
  euros: number,
  picture: string,
  tone: Product['tone'],
  about: string,
];

const rows: Row[] = [
  [
    'storm-lantern',
    'Storm Lantern',
    'camp',
    'Cinderhill',
    own,
    58.8,
    'lantern',
    'clay',
    'Burns eleven hours on one filling, and stays lit in the rain.',
  ],
  [
    'ridge-tent',
    'Ridge Tent for Two',
    'camp',
    'Tarn',
    northway,
    289,
    'tent',
    'moss',
    'Three poles, four minutes, two and a half kilograms.',
  ],
  [
    'down-bag',
    'Down Sleeping Bag',
    'camp',
    'Tarn',
    northway,
    219,
    'roll',
    'sky',
    'Warm to minus six, small as a loaf of bread.',
  ],
  [
    'camp-stool',
    'Folding Camp Stool',
    'camp',
    'Wrenfield',
    own,
    39.5,
    'stool',
    'sand',
    'Ash and canvas; carries 120 kilograms.',
  ],
  [
    'fire-steel',
    'Fire Steel',
    'camp',
    'Cinderhill',
    northway,
    14.9,
    'spark',
    'ink',
    'Three thousand fires, wet or dry.',
  ],
  [
    'hammock',
    'Tree Hammock',
    'camp',
    'Tarn',
    own,
    59,
    'hammock',
    'plum',
    'With wide straps that leave the bark alone.',
  ],
  [
    'camp-axe',
    'Small Camp Axe',
    'camp',
    'Cinderhill',
    northway,
    74,
    'axe',
    'clay',
    'Forged head, hickory handle, leather sheath.',
  ],
  ['enamel-mug', 'Enamel Mug', 'kitchen', 'Wrenfield', own, 12.9, 'mug', 'sky', 'Chips honestly, lasts for ever.'],
  [
    'iron-pan',
    'Cast Iron Pan',
    'kitchen',
    'Cinderhill',
    own,
    64,
    'pan',
    'ink',
    'Seasoned twice, ready for the first pancake.',
  ],
  [
    'stove-kettle',
    'Stovetop Kettle',
    'kitchen',
    'Cinderhill',
    millLane,
    79,
    'kettle',
    'moss',
    'Sings in F sharp when it boils.',
  ],
  ['bread-knife', 'Bread Knife', 'kitchen', 'Wrenfield', own, 46, 'knife', 'clay', 'Long teeth for hard crusts.'],
  ['stone-bowl', 'Stoneware Bowl', 'kitchen', 'Osier', millLane, 24, 'bowl', 'sand', 'Thrown by hand, no two alike.'],
  [
    'pour-over',
    'Pour-over Coffee Set',
    'kitchen',
    'Osier',
    millLane,
    42,
    'dripper',
    'plum',
    'Dripper, carafe and forty filters.',
  ],
  [
    'salt-cellar',
    'Oak Salt Cellar',
    'kitchen',
    'Wrenfield',
    own,
    28.5,
    'jar',
    'clay',
    'A lid that turns with one finger.',
  ],
  [
    'hand-trowel',
    'Hand Trowel',
    'garden',
    'Wrenfield',
    greenhand,
    22,
    'trowel',
    'moss',
    'Stainless, with marks for how deep to sow.',
  ],
  [
    'watering-can',
    'Watering Can, 5\u00a0l',
    'garden',
    'Cinderhill',
    greenhand,
    44.9,
    'can',
    'sky',
    'A brass rose for seedlings comes with it.',
  ],
  [
    'seed-box',
    'Kitchen Garden Seed Box',
    'garden',
    'Osier',
    greenhand,
    26.5,
    'seeds',
    'moss',
    'Twelve kinds, one for each month.',
  ],
  [
    'clay-pot',
    'Terracotta Pot, Set of 3',
    'garden',
    'Osier',
    millLane,
    33,
    'pot',
    'clay',
    'Frost-proof, with saucers.',
  ],
  [
    'pruner',
    'Bypass Pruner',
    'garden',
    'Tarn',
    greenhand,
    38,
    'shears',
    'plum',
    'Cuts twenty millimetres without crushing.',
  ],
  [
    'trug',
    'Willow Trug',
    'garden',
    'Osier',
    greenhand,
    54,
    'basket',
    'sand',
    'Woven on the river, holds a row of potatoes.',
  ],
  [
    'bird-house',
    'Wren House',
    'garden',
    'Wrenfield',
    own,
    36,
    'birdhouse',
    'sky',
    'A door of exactly 28 millimetres: for wrens.',
  ],
  ['wool-blanket', 'Wool Blanket', 'home', 'Osier', loom, 129, 'blanket', 'plum', 'Two kilograms of undyed wool.'],
  ['linen-cushion', 'Linen Cushion', 'home', 'Osier', loom, 39, 'cushion', 'sand', 'Washed until it is soft.'],
  [
    'beeswax-candle',
    'Beeswax Candles, Pair',
    'home',
    'Wrenfield',
    own,
    18.5,
    'candle',
    'clay',
    'Eight hours each; they smell of June.',
  ],
  [
    'reading-lamp',
    'Reading Lamp',
    'home',
    'Tarn',
    own,
    98,
    'lamp',
    'ink',
    'Warm light that falls on the page and nowhere else.',
  ],
  [
    'wall-hooks',
    'Oak Wall Hooks',
    'home',
    'Wrenfield',
    own,
    34,
    'hooks',
    'moss',
    'Five pegs for coats, hats and leads.',
  ],
  ['jute-rug', 'Jute Rug, 120 × 180', 'home', 'Osier', loom, 145, 'rug', 'sand', 'Flat weave, lies still.'],
  [
    'day-pack',
    'Day Pack, 22\u00a0l',
    'carry',
    'Tarn',
    northway,
    119,
    'backpack',
    'moss',
    'Waxed canvas and a pocket where you look for it.',
  ],
  [
    'steel-bottle',
    'Steel Bottle, 0.75\u00a0l',
    'carry',
    'Tarn',
    northway,
    29.9,
    'bottle',
    'sky',
    'Cold for a day, hot for half of one.',
  ],
  [
    'market-bag',
    'Market Bag',
    'carry',
    'Osier',
    loom,
    24.9,
    'tote',
    'clay',
    'Carries twenty kilograms, weighs a hundred grams.',
  ],
  ['lunch-box', 'Tin Lunch Box', 'carry', 'Cinderhill', own, 31, 'box', 'plum', 'Two levels and a lid that shuts.'],
  ['pocket-knife', 'Pocket Knife', 'carry', 'Cinderhill', northway, 52, 'knife', 'ink', 'One blade, well made.'],
  [
    'field-book',
    'Field Notebooks, 3',
    'carry',
    'Wrenfield',
    own,
    15.5,
    'book',
    'moss',
    'Stone paper: writes in the rain.',
  ],
  ['map-case', 'Waxed Map Case', 'carry', 'Tarn', northway, 43, 'roll', 'sand', 'Dry maps, dry phone, dry sandwich.'],
  ['wool-socks', 'Hiking Socks, 2 Pairs', 'wear', 'Osier', loom, 27, 'socks', 'clay', 'Merino with a proper heel.'],
  [
    'rain-jacket',
    'Rain Jacket',
    'wear',
    'Tarn',
    northway,
    179,
    'jacket',
    'sky',
    'Taped seams, quiet cloth, real pockets.',
  ],
  ['knit-cap', 'Knitted Cap', 'wear', 'Osier', loom, 32, 'cap', 'plum', 'Made from the ends of blankets.'],
  [
    'work-gloves',
    'Goatskin Gloves',
    'wear',
    'Wrenfield',
    greenhand,
    29,
    'gloves',
    'sand',
    'Soft enough to sow, tough enough to weed.',
  ],
  [
    'wax-apron',
    'Waxed Apron',
    'wear',
    'Wrenfield',
    loom,
    68,
    'apron',
    'moss',
    'For the workshop, the stove and the allotment.',
  ],
  ['trail-boots', 'Trail Boots', 'wear', 'Tarn', northway, 198, 'boots', 'ink', 'Resoled for life.'],
];

export const products: readonly Product[] = rows.map(
  ([id, name, category, brand, seller, euros, picture, tone, about]) => ({
    id,
    name,
    category,
    brand,
    seller,
    priceCents: Math.round(euros * 100),
    about,
    picture,
    tone,
  }),
);

const byId = new Map(products.map((product) => [product.id, product]));

export const findProduct = (id: string): Product | null => byId.get(id) ?? null;

/** Name, brand, category or seller holds every word. */
export const searchProducts = (query: string): Product[] => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return products.filter((product) => {
    const text = [product.name, product.brand, product.category, product.seller, product.about].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
};

/** Until the day of the price change (see `landmarks`) it cost less, in cent. */
export const formerPrice = { productId: 'storm-lantern', priceCents: 4900 };

/** An order below this pays for its parcel. */
export const freeShippingCents = 5000;
export const shippingCents = 490;

/** What a code is good for, as Desirepath says it. */
export type Off = Pick<Benefit, 'kind' | 'percent' | 'amount' | 'minimumOrder'>;
export const tenPercent: Off = { kind: 'percent', percent: 10, amount: null, minimumOrder: null };

const centsOf = ({ amount }: Money): number => Math.round(Number(amount) * 100);
export const isEnoughFor = ({ minimumOrder }: Off, goodsCents: number): boolean =>
  minimumOrder === null || (minimumOrder.currency === currency && goodsCents >= centsOf(minimumOrder));

/** Never more than the goods are worth; an amount of money that the shop does not sell in is none. */
const discountOf = (off: Off | null, goodsCents: number): number => {
  if (off === null || !isEnoughFor(off, goodsCents)) return 0;
  if (off.amount !== null) return off.amount.currency === currency ? Math.min(goodsCents, centsOf(off.amount)) : 0;
  return Math.round((goodsCents * (off.percent ?? 0)) / 100);
};

/** What an order costs, in cent: prices hold the tax, a discount is on the goods or on the parcel. */
export const totals = (goodsCents: number, off: Off | null) => {
  const discountCents = discountOf(off, goodsCents);
  const revenueCents = goodsCents - discountCents;
  const isSentFree = off?.kind === 'free-shipping' && isEnoughFor(off, goodsCents);
  const parcelCents = isSentFree || revenueCents >= freeShippingCents || goodsCents === 0 ? 0 : shippingCents;
  const totalCents = revenueCents + parcelCents;
  return { discountCents, revenueCents, parcelCents, totalCents, taxCents: Math.round(totalCents - totalCents / 1.19) };
};
