/** `npm run test:fuzz` sets it: the long form, a million bodies. `npm test` runs the short one. */
export const isFull = process.env['FUZZ'] === 'full';

/** The long or the short form's figure. */
export const long = (full: number, short: number): number => (isFull ? full : short);

/** Chance of its own for every run, printed so that a failure can be had again: `FUZZ_SEED=… npm test -- --project fuzz`. */
export const freshSeed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** The same bodies in every run. */
export const fixedSeed = 20_261;

/** A full run ends by then, whatever is left of its bodies: on a busy machine they take hours. */
export const mostMinutes = Number(process.env['FUZZ_MINUTES'] ?? 40);

/** What the product may grow to under any input: all of it but the engine, whose own limit is in engine-process.ts. */
export const mostProductMegabytes = 1000;
/** The product and its engine together. */
export const mostMegabytes = 1500;
