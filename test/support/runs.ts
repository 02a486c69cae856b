/** How often a property is tried: few times by default, more by `RUNS=1000`. */
export const runs = (byDefault: number): number => Number(process.env['RUNS'] ?? byDefault);
