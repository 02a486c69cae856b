import { commerce } from './commerce.ts';
import { experience } from './experience.ts';
import { messaging } from './messaging.ts';
import type { EventDefinition } from './property.ts';

/** Every event of the vocabulary, by its name. */
export const vocabulary: ReadonlyMap<string, EventDefinition> = new Map(
  [...commerce, ...experience, ...messaging].map((definition) => [definition.name, definition]),
);

/** `add_to_cart`, `Add To Cart` and `add-to-cart` are one spelling. */
const spelling = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

const spellings: ReadonlyMap<string, string> = new Map(
  [...vocabulary.values()].flatMap(({ name, aliases }) =>
    [name, ...aliases].map((alias) => [spelling(alias), name] as const),
  ),
);

/** Longer names are of no vendor; not spending time on them bounds the work. */
const longestAlias = 60;

/** The name under which an event is stored: ours for what other vendors call differently, else the name as it came. */
export const canonicalName = (name: string): string => {
  if (vocabulary.has(name) || name.length > longestAlias) return name;
  return spellings.get(spelling(name)) ?? name;
};
