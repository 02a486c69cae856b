import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const styles = readFileSync(new URL('./groups.css', import.meta.url), 'utf8');
const colorsIn = (block: string): string[] =>
  [...block.matchAll(/--group-\d: (#[0-9a-f]{6})/g)].map(([, hex]) => hex ?? '');
const [light = [], dark = []] = [...styles.matchAll(/:root[^{]*\{([^}]*)\}/g)].map(([, block]) =>
  colorsIn(block ?? ''),
);

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];
const times = (matrix: Matrix, [a, b, c]: Triple): Triple => {
  const row = ([x, y, z]: Triple): number => Math.max(0, x * a + y * b + z * c);
  return [row(matrix[0]), row(matrix[1]), row(matrix[2])];
};

const linear = (hex: string): Triple => {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
};

/** How colours are seen: Machado, Oliveira and Fernandes 2009, full severity. */
const eyes: Record<string, Matrix> = {
  'all cones': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  'no red': [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  'no green': [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  'no blue': [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** Distances in Oklab are about as large as differences look. */
const oklab = (color: Triple): Triple => {
  const [l, m, s] = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    color,
  ).map(Math.cbrt) as [number, number, number];
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
};

const luminance = (hex: string): number => {
  const [red, green, blue] = linear(hex);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

test.each([
  ['light', light, '#ffffff'],
  ['dark', dark, '#161d1b'],
])('the colours of groups are told apart by any eye, and from the card: %s', (_, colors, card) => {
  expect(colors).toHaveLength(4);
  for (const color of colors) expect(contrast(color, card), color).toBeGreaterThanOrEqual(3);
  for (const [eye, matrix] of Object.entries(eyes))
    for (const [place, one] of colors.entries())
      for (const other of colors.slice(place + 1)) {
        const [a, b] = [one, other].map((hex) => oklab(times(matrix, linear(hex))));
        const distance = Math.hypot(...(a ?? []).map((value, at) => value - (b?.[at] ?? 0)));
        expect(distance, `${one} and ${other} with ${eye}`).toBeGreaterThan(0.1);
      }
});
