/** What people said that decides whether and where they are written to, by brute force, written from docs/automations.md: one event after the other. */

type Values = Readonly<Record<string, unknown>>;
export type Said = {
  at: number;
  type: 'identify' | 'track' | 'group';
  traits: Values;
  /** `context.traits` */
  about: Values;
  properties: Values;
  /** We wrote it of our own doing. */
  isOurs: boolean;
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The address that an event calls the person's own: not what else it speaks of, nor a group's. */
const ownAddress = ({ type, traits, about }: Said): string =>
  (type === 'identify' ? textOf(traits['email']) : '') || (type === 'group' ? '' : textOf(about['email']));

/** The newest; of one moment the one that comes last in the alphabet. */
export const addressOf = (said: readonly Said[]): string => {
  let found = { at: Number.NEGATIVE_INFINITY, address: '' };
  for (const each of said) {
    const address = ownAddress(each);
    if (each.isOurs || address === '') continue;
    if (each.at > found.at || (each.at === found.at && address > found.address)) found = { at: each.at, address };
  }
  return found.address;
};

const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an identify says of a trait: whether it is a yes; null where it does not speak of it. */
const answerOf = ({ type, traits }: Said, path: readonly string[]): boolean | null => {
  if (type !== 'identify') return null;
  let value: unknown = traits;
  for (const key of path) {
    if (!isObject(value)) return false;
    if (!Object.hasOwn(value, key)) return null;
    value = value[key];
  }
  return ['true', 'yes', '1', 'granted'].includes(String(value).toLowerCase());
};

/** All that was said of it in the last moment in which something was must be a yes. */
export const consents = (said: readonly Said[], path: readonly string[]): boolean => {
  const answers = said.flatMap((each) => {
    const isYes = answerOf(each, path);
    return isYes === null ? [] : [{ at: each.at, isYes }];
  });
  const last = Math.max(...answers.map(({ at }) => at));
  return answers.length > 0 && answers.every(({ at, isYes }) => at < last || isYes);
};

/** Of an address. Those of one moment: whoever says that it must not be written to goes last. */
type Note = { at: number; reason: string; active: boolean };

/** Whether something of this kind must not be written to it: who unsubscribed still gets what people must know, unless something else keeps all from it. */
export const isSuppressed = (notes: readonly Note[], purpose: 'marketing' | 'service'): boolean => {
  let holds = new Set<string>();
  for (const { reason, active } of notes.toSorted((a, b) => a.at - b.at || Number(a.active) - Number(b.active)))
    if (active) holds.add(reason);
    else holds = new Set();
  return [...holds].some((reason) => purpose === 'marketing' || reason !== 'unsubscribed');
};
