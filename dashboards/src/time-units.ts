/** Units that a time is typed in, the largest first, as selects take them. */
export const timeUnits = [
  { value: '86400', label: 'days' },
  { value: '3600', label: 'hours' },
  { value: '60', label: 'minutes' },
];
const least = 60;

/** Seconds of the largest unit that needs no fraction; where all do, the smallest. */
export const unitOf = (seconds: number): number =>
  Number(timeUnits.find(({ value }) => seconds % Number(value) === 0)?.value ?? least);
