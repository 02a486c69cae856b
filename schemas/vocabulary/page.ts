import { commerce } from './commerce.ts';
import { experience } from './experience.ts';
import { messaging } from './messaging.ts';
import { Amount, type EventDefinition, Flag, Products, type Shape, Text } from './property.ts';

const kinds: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Text, ''],
  [Amount, ' (number)'],
  [Flag, ' (true or false)'],
  [Products, ' (list of products)'],
]);

const properties = (shape: Shape): string =>
  Object.entries(shape)
    .map(([name, schema]) => `\`${name}\`${kinds.get(schema) ?? ' (anything)'}`)
    .join(', ');

const row = ({ name, aliases, needs, shape }: EventDefinition): string => {
  const needed = needs.map((group) => group.map((property) => `\`${property}\``).join(' or ')).join('; ');
  return `| ${name} | ${needed || '–'} | ${aliases.map((alias) => `\`${alias}\``).join(', ') || '–'} | ${properties(shape)} |`;
};

const table = (title: string, events: readonly EventDefinition[]): string =>
  [
    `## ${title}`,
    '',
    '| Event | Needs | Also called | Properties |',
    '| --- | --- | --- | --- |',
    ...events.map(row),
    '',
  ].join('\n');

/** The tables of docs/events.md; a test compares both. */
export const eventTables = (): string =>
  [
    table('Shopping', commerce),
    table('Experience: ratings, surveys, support, delivery, returns', experience),
    table('Mails', messaging),
  ].join('\n');
