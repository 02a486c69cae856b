import { z } from 'zod';
import { isInOrder, SiteId, Timestamp } from '../primitives.ts';
import { defineRoute } from './route.ts';

const params = z.object({ site: SiteId });
const seconds = z
  .number()
  .int()
  .min(1)
  .max(366 * 86_400);

export const SearchToRatingQuery = z
  .object({
    /** Searches in `from <= t < to`. */
    from: Timestamp,
    to: Timestamp,
    /** Seconds from a search within which what it found is viewed, put in and bought. */
    windowSeconds: seconds.default(7 * 86_400),
    /** Seconds from an order within which its products and sellers are rated. */
    ratingSeconds: seconds.default(60 * 86_400),
    /** By the events up to this time; default now. */
    asOf: Timestamp.optional(),
    /** Which search terms come first. */
    queriesBy: z.enum(['searches', 'withoutResults', 'purchased']).default('searches'),
    /** Fewer ratings are chance: such a product or seller is not among the lowest rated. */
    minimumRatings: z.number().int().min(1).max(10_000).default(5),
    /** Of each list. */
    limit: z.number().int().min(1).max(100).default(20),
  })
  .refine(isInOrder, { path: ['to'], message: 'must be later than "from"' });
export type SearchToRatingQuery = z.infer<typeof SearchToRatingQuery>;

const searches = {
  searches: z.number().int(),
  persons: z.number().int(),
  /** Searches that said how many products they found, and of those the ones that found none. */
  resultsKnown: z.number().int(),
  withoutResults: z.number().int(),
};

export const SearchStep = z.object({
  step: z.enum(['searched', 'viewed', 'added', 'purchased']),
  searches: z.number().int(),
  /** With at least one such search. */
  persons: z.number().int(),
  sessions: z.number().int(),
  /** Of all searches, 0 to 1; null where there are none. */
  share: z.number().nullable(),
});
export type SearchStep = z.infer<typeof SearchStep>;

export const SearchTerm = z.object({
  /** In lower case; '' where the search named none. */
  query: z.string(),
  ...searches,
  viewed: z.number().int(),
  added: z.number().int(),
  purchased: z.number().int(),
  /** purchased / searches. */
  conversion: z.number(),
});
export type SearchTerm = z.infer<typeof SearchTerm>;

const stars = {
  ratings: z.number().int(),
  /** 0 to 5, whatever scale they were given on; null where there are none. */
  average: z.number().nullable(),
  /** How many gave 1, 2, 3, 4 and 5. */
  distribution: z.array(z.number().int()).length(5),
};
export const Stars = z.object(stars);
export type Stars = z.infer<typeof Stars>;
export const RatedThing = z.object({ id: z.string(), name: z.string(), ...stars });
export type RatedThing = z.infer<typeof RatedThing>;

export const RatingSummary = z.object({
  ...stars,
  /** Most often rated first. */
  most: z.array(RatedThing),
  /** Lowest average first, of those with enough ratings. */
  lowest: z.array(RatedThing),
});
export type RatingSummary = z.infer<typeof RatingSummary>;

export const SearchToRatingAnswer = z.object({
  ...searches,
  steps: z.array(SearchStep),
  /** Searches that led to no purchase yet, whose window still runs. */
  pending: z.number().int(),
  queries: z.array(SearchTerm),
  /** Different search terms in all. */
  queryCount: z.number().int(),
  /** Orders that a search led to. */
  orders: z.object({
    orders: z.number().int(),
    /** With a rating of a product or a seller. */
    rated: z.number().int(),
    /** Not rated yet, whose time for it still runs. */
    pending: z.number().int(),
    /** rated / orders; null where there are none. */
    ratedShare: z.number().nullable(),
    /** From an order to its first rating. */
    medianSeconds: z.number().nullable(),
    averageSeconds: z.number().nullable(),
  }),
  productRatings: RatingSummary,
  sellerRatings: RatingSummary,
  queryMs: z.number(),
  rowsRead: z.number().int(),
});
export type SearchToRatingAnswer = z.infer<typeof SearchToRatingAnswer>;

export const reportSearchToRating = defineRoute({
  method: 'POST',
  path: '/api/sites/:site/reports/search-to-rating',
  summary:
    'From search to rating: what was searched, whether it was found, viewed, put into the basket and bought, and how the product and its seller were rated then',
  access: 'viewer',
  params,
  body: SearchToRatingQuery,
  answer: SearchToRatingAnswer,
});
