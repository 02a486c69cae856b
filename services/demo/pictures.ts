import { findProduct, type Product } from './catalogue.ts';

/** Ground, shade, main, dark and light of a drawing. */
type Tones = { ground: string; shade: string; main: string; dark: string; light: string };

const tones: Readonly<Record<Product['tone'], Tones>> = {
  moss: { ground: '#e3e8db', shade: '#d0d9c4', main: '#5f7a52', dark: '#36492f', light: '#b9c9a6' },
  clay: { ground: '#f3e2d6', shade: '#ead0bf', main: '#bf6a42', dark: '#75381d', light: '#edb895' },
  sky: { ground: '#dde8ec', shade: '#c8dae1', main: '#4f8296', dark: '#294b59', light: '#a9cbd6' },
  sand: { ground: '#f1e9d8', shade: '#e5d8bd', main: '#c09a58', dark: '#6f5426', light: '#ead3a2' },
  plum: { ground: '#ece0e8', shade: '#decbd8', main: '#875a7c', dark: '#4c2d45', light: '#cfabc5' },
  ink: { ground: '#e1e4e9', shade: '#cdd2db', main: '#4d5a70', dark: '#262f3f', light: '#aab5c6' },
};

const rod = (d: string, colour: string, width: number): string =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;
const area = (d: string, colour: string): string => `<path d="${d}" fill="${colour}"/>`;
const dot = (x: number, y: number, r: number, colour: string): string =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}"/>`;
const box = (x: number, y: number, w: number, h: number, r: number, colour: string): string =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="${colour}"/>`;

/** Each draws on 200 × 200, standing on y = 160. */
const drawings: Readonly<Record<string, (t: Tones) => string>> = {
  lantern: (t) =>
    rod('M70 66 Q100 10 130 66', t.dark, 5) +
    box(76, 62, 48, 12, 4, t.dark) +
    box(72, 74, 56, 62, 14, t.light) +
    area('M100 84 Q118 108 100 126 Q82 108 100 84', t.main) +
    rod('M72 84 V130 M128 84 V130', t.dark, 4) +
    box(66, 134, 68, 26, 6, t.main),
  tent: (t) =>
    area('M100 46 L176 160 H24 Z', t.main) +
    area('M100 46 L176 160 H128 Z', t.dark) +
    area('M92 82 L116 160 H66 Z', t.light) +
    rod('M100 46 L94 36 M100 46 L107 36', t.dark, 4),
  roll: (t) =>
    box(40, 92, 120, 68, 34, t.main) +
    dot(126, 126, 34, t.light) +
    rod('M126 126 m-18 0 a18 18 0 1 1 18 18 a10 10 0 1 1 -8 -17', t.dark, 4) +
    box(64, 92, 10, 68, 3, t.dark),
  stool: (t) =>
    area('M44 84 Q100 112 156 84 L152 100 Q100 124 48 100 Z', t.main) +
    rod('M56 92 L142 158 M144 92 L58 158', t.dark, 8),
  spark: (t) =>
    `<g transform="rotate(-38 100 110)">${box(50, 98, 66, 22, 6, t.main)}${box(112, 102, 50, 14, 3, t.dark)}</g>` +
    area('M142 40 l6 18 l18 6 l-18 6 l-6 18 l-6 -18 l-18 -6 l18 -6 Z', '#e8a33d') +
    dot(170, 96, 4, '#e8a33d') +
    dot(118, 44, 3, '#e8a33d'),
  hammock: (t) =>
    rod('M34 40 V160 M166 40 V160', t.dark, 9) +
    area('M36 70 Q100 176 164 70 Q100 132 36 70', t.main) +
    rod('M36 70 Q100 154 164 70', t.light, 4),
  axe: (t) =>
    `<g transform="rotate(24 100 100)">${box(94, 36, 13, 128, 5, t.light)}${area('M108 42 Q150 34 152 74 Q130 66 108 82 Z', t.dark)}${box(86, 44, 24, 34, 4, t.dark)}</g>`,
  mug: (t) =>
    rod('M132 92 Q170 92 164 118 Q158 138 130 136', t.main, 10) +
    box(54, 76, 84, 84, 12, t.main) +
    box(54, 76, 84, 14, 7, t.dark) +
    rod('M82 62 q-8 -10 0 -20 M106 62 q-8 -10 0 -20', t.light, 5),
  pan: (t) =>
    box(118, 104, 70, 14, 7, t.dark) +
    dot(82, 112, 52, t.main) +
    dot(82, 112, 40, t.dark) +
    dot(76, 106, 20, '#f6f1e2') +
    dot(78, 108, 9, '#e8a33d'),
  kettle: (t) =>
    rod('M62 84 Q100 22 138 84', t.dark, 7) +
    area('M140 110 L180 84 L184 92 L146 140 Z', t.dark) +
    area('M52 84 H148 L156 148 Q156 160 144 160 H56 Q44 160 44 148 Z', t.main) +
    box(80, 74, 40, 12, 6, t.light) +
    dot(100, 70, 7, t.dark),
  knife: (t) =>
    `<g transform="rotate(-32 100 100)">${area('M28 92 H124 V116 H56 Q36 114 28 92', t.light)}${rod('M40 112 H122', '#ffffff', 2)}${box(122, 90, 58, 28, 10, t.main)}${dot(138, 104, 3, t.dark)}${dot(162, 104, 3, t.dark)}</g>`,
  bowl: (t) =>
    area('M36 96 H164 Q160 160 100 160 Q40 160 36 96', t.main) +
    `<ellipse cx="100" cy="96" rx="64" ry="14" fill="${t.dark}"/>` +
    area('M48 116 Q100 134 152 116 L150 124 Q100 142 50 124 Z', t.light),
  dripper: (t) =>
    area('M56 52 H144 L116 96 H84 Z', t.main) +
    box(70, 96, 60, 8, 4, t.dark) +
    area('M76 106 H124 L136 150 Q136 160 126 160 H74 Q64 160 64 150 Z', t.light) +
    area('M69 134 H131 L136 150 Q136 160 126 160 H74 Q64 160 64 150 Z', t.dark),
  jar: (t) =>
    box(58, 86, 84, 74, 16, t.main) +
    box(58, 112, 84, 10, 0, t.light) +
    box(52, 68, 96, 22, 10, t.dark) +
    dot(100, 62, 10, t.light),
  trowel: (t) =>
    `<g transform="rotate(30 100 100)">${box(91, 30, 18, 50, 9, t.main)}${rod('M100 78 V98', t.dark, 7)}${area('M78 96 H122 Q124 146 100 172 Q76 146 78 96', t.dark)}${rod('M100 106 V150', t.light, 3)}</g>`,
  can: (t) =>
    rod('M118 84 Q168 60 152 124', t.dark, 8) +
    area('M70 112 L26 74 L34 66 L76 98 Z', t.dark) +
    area('M20 66 L40 54 L44 62 L26 80 Z', t.light) +
    area('M68 88 H138 L142 160 H64 Z', t.main) +
    box(66, 80, 74, 12, 6, t.dark),
  seeds: (t) =>
    box(56, 48, 88, 112, 6, t.light) +
    box(56, 48, 88, 26, 6, t.main) +
    rod('M100 142 V104', t.dark, 4) +
    area('M100 116 Q74 116 72 92 Q98 92 100 116', t.main) +
    area('M100 106 Q124 106 128 82 Q102 82 100 106', t.dark),
  pot: (t) =>
    area('M100 88 Q72 84 70 50 Q100 54 100 88', '#6f8a5d') +
    area('M100 88 Q130 80 132 42 Q102 48 100 88', '#55704a') +
    box(52, 88, 96, 20, 4, t.dark) +
    area('M60 108 H140 L130 160 H70 Z', t.main),
  shears: (t) =>
    rod('M88 100 L66 158 M112 100 L134 158', t.main, 13) +
    area('M96 106 Q70 74 90 34 Q104 70 108 98 Z', t.dark) +
    area('M104 106 Q130 74 114 40 Q100 70 94 98 Z', t.light) +
    dot(101, 101, 7, t.dark),
  basket: (t) =>
    rod('M52 104 Q100 10 148 104', t.dark, 7) +
    area('M36 100 H164 L148 160 H52 Z', t.main) +
    rod('M44 120 H156 M50 140 H150', t.light, 4) +
    rod('M72 102 L78 158 M100 102 V158 M128 102 L122 158', t.dark, 3),
  birdhouse: (t) =>
    area('M100 36 L162 88 H38 Z', t.dark) +
    box(56, 86, 88, 74, 4, t.main) +
    dot(100, 114, 17, t.dark) +
    rod('M100 142 V150', t.light, 7),
  blanket: (t) =>
    box(40, 122, 120, 38, 12, t.dark) +
    box(44, 92, 112, 38, 12, t.main) +
    box(48, 64, 104, 36, 12, t.light) +
    rod('M62 74 H138 M62 84 H138', t.main, 3) +
    rod('M150 132 V158 M140 132 V158', t.light, 3),
  cushion: (t) =>
    area('M44 58 Q100 76 156 58 Q142 108 156 158 Q100 142 44 158 Q58 108 44 58', t.main) +
    rod('M64 76 Q100 86 136 76 M66 140 Q100 130 134 140', t.light, 4) +
    dot(100, 108, 6, t.dark),
  candle: (t) =>
    box(62, 84, 26, 76, 5, t.light) +
    box(110, 64, 26, 96, 5, t.main) +
    area('M75 48 Q88 68 75 80 Q62 68 75 48', '#e8a33d') +
    area('M123 28 Q136 48 123 60 Q110 48 123 28', '#e8a33d') +
    box(50, 154, 100, 10, 5, t.dark),
  lamp: (t) =>
    area('M74 44 H126 L152 104 H48 Z', t.main) +
    area('M48 104 H152 L168 160 H32 Z', '#f4d99055') +
    box(96, 104, 8, 48, 0, t.dark) +
    box(66, 150, 68, 10, 5, t.dark),
  hooks: (t) =>
    box(26, 74, 148, 26, 6, t.light) +
    [46, 82, 118, 154].map((x) => box(x - 6, 80, 12, 34, 6, t.dark)).join('') +
    area('M70 108 Q82 98 94 108 L104 160 H60 Z', t.main),
  rug: (t) =>
    area('M40 84 H160 L176 150 H24 Z', t.main) +
    area('M52 96 H148 L158 138 H42 Z', t.light) +
    area('M66 106 H134 L140 128 H60 Z', t.dark) +
    rod('M26 152 V160 M50 152 V160 M76 152 V160 M100 152 V160 M124 152 V160 M150 152 V160 M174 152 V160', t.main, 3),
  backpack: (t) =>
    rod('M80 54 Q100 26 120 54', t.dark, 7) +
    box(52, 50, 96, 110, 26, t.main) +
    area('M52 84 Q100 108 148 84 V70 Q140 50 122 50 H78 Q56 52 52 74 Z', t.dark) +
    box(68, 114, 64, 40, 10, t.light) +
    box(94, 92, 12, 16, 3, t.light),
  bottle: (t) =>
    box(86, 30, 28, 22, 5, t.dark) +
    area('M84 54 H116 L128 78 V150 Q128 160 118 160 H82 Q72 160 72 150 V78 Z', t.main) +
    box(72, 96, 56, 34, 0, t.light),
  tote: (t) =>
    rod('M76 86 Q78 34 100 34 Q122 34 124 86', t.dark, 6) +
    area('M50 82 H150 L158 160 H42 Z', t.main) +
    dot(100, 122, 18, t.light),
  box: (t) =>
    rod('M80 76 Q100 50 120 76', t.dark, 6) +
    box(44, 76, 112, 84, 12, t.main) +
    box(44, 110, 112, 8, 0, t.dark) +
    box(90, 102, 20, 24, 4, t.light),
  book: (t) =>
    box(68, 42, 84, 110, 5, t.dark) +
    box(58, 48, 84, 110, 5, t.light) +
    box(50, 54, 84, 106, 5, t.main) +
    box(66, 74, 52, 22, 3, t.light) +
    rod('M124 54 V160', t.dark, 3),
  socks: (t) =>
    area('M62 40 H98 V104 Q98 120 82 130 L52 150 Q34 152 36 132 L62 106 Z', t.main) +
    area('M112 46 H148 V110 Q148 126 132 136 L102 156 Q84 158 86 138 L112 112 Z', t.dark) +
    box(62, 40, 36, 14, 0, t.light) +
    box(112, 46, 36, 14, 0, t.light),
  jacket: (t) =>
    area('M78 44 H122 L158 66 L172 126 L148 132 L142 104 V160 H58 V104 L52 132 L28 126 L42 66 Z', t.main) +
    area('M78 44 H122 L112 66 H88 Z', t.dark) +
    rod('M100 66 V160', t.light, 4) +
    rod('M70 126 H88 M112 126 H130', t.dark, 4),
  cap: (t) =>
    dot(100, 48, 14, t.light) +
    area('M48 128 Q46 60 100 58 Q154 60 152 128 Z', t.main) +
    rod('M76 68 V122 M100 62 V122 M124 68 V122', t.dark, 4) +
    box(40, 122, 120, 32, 12, t.light),
  gloves: (t) =>
    area('M50 156 V92 Q34 84 38 72 Q50 68 58 82 V48 Q66 40 72 48 V42 Q80 34 86 44 V50 Q94 44 98 54 V156 Z', t.main) +
    area(
      'M108 160 V98 Q108 52 116 52 Q122 46 128 54 Q136 48 142 58 Q150 56 152 66 V90 Q166 78 172 86 L152 114 V160 Z',
      t.dark,
    ) +
    box(50, 140, 48, 18, 0, t.light),
  apron: (t) =>
    rod('M78 52 Q100 22 122 52', t.dark, 5) +
    area('M76 52 H124 Q126 88 150 96 V160 H50 V96 Q74 88 76 52', t.main) +
    box(78, 110, 44, 28, 5, t.dark) +
    rod('M50 100 L30 108 M150 100 L170 108', t.dark, 5),
  boots: (t) =>
    area('M58 46 H102 V104 L146 118 Q160 124 160 146 H58 Z', t.main) +
    box(54, 144, 110, 16, 6, t.dark) +
    box(58, 46, 44, 14, 4, t.light) +
    rod('M88 74 H108 M88 88 H108 M92 102 H114', t.light, 4),
};

/** The picture of a product as SVG text; null for a product that we do not sell. */
export const picture = (id: string): string | null => {
  const product = findProduct(id);
  if (product === null) return null;
  const t = tones[product.tone];
  const drawing = drawings[product.picture]?.(t) ?? '';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" width="400" height="400">${box(0, 0, 200, 200, 0, t.ground)}${dot(100, 104, 78, t.shade)}<ellipse cx="100" cy="162" rx="62" ry="7" fill="${t.dark}" opacity=".16"/>${drawing}</svg>`;
};

/** The landscape of the first page: hills, trees, an evening. Decoration, so it has no text. */
export const landscape = (): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 420" preserveAspectRatio="xMidYMax slice"><defs><linearGradient id="g" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#2f4a4c"/><stop offset=".55" stop-color="#b98a63"/><stop offset="1" stop-color="#eec48d"/></linearGradient></defs><rect width="1200" height="420" fill="url(#g)"/><circle cx="880" cy="236" r="46" fill="#fbe3b5"/>${area('M0 292 Q160 210 330 270 T660 246 T980 262 T1200 226 V420 H0 Z', '#6d7a64')}${area('M0 336 Q220 262 430 322 T820 300 T1200 316 V420 H0 Z', '#47594a')}${[70, 118, 156, 1010, 1058, 1092, 1140].map((x, n) => area(`M${x} ${300 - (n % 3) * 16} l26 92 h-52 Z`, '#2b3b31')).join('')}${area('M0 380 Q300 326 620 372 T1200 352 V420 H0 Z', '#25332b')}${area('M770 300 l44 66 h-88 Z', '#d98b4a')}${area('M770 300 l44 66 h-22 Z', '#a55f2c')}</svg>`;
