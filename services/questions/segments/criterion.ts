import type { Where } from '../../../schemas/filters.ts';
import type { Criterion, People, When } from '../../../schemas/segment.ts';
import { join, type Sql, sql, typed } from '../../platform/warehouse/sql.ts';
import { isAmong, isByPerson, isCalled, resolvedPerson } from '../events.ts';
import { currencyOf, moneyProperties } from '../money.ts';
import { isLastSaid } from '../people/last-said.ts';
import { propertyOf } from '../property.ts';
import { orderRows, orders } from '../value/orders.ts';
import { rfm } from '../value/rfm.ts';

/** Filters hold segments and segments hold filters: `where.ts` hands its function down to here. */
type Conditions = (where: Where) => Sql;
type Site = Omit<People, 'is'>;
type Of<Kind extends Criterion['kind']> = Extract<Criterion, { kind: Kind }>;
type Sum = NonNullable<Of<'did'>['sum']>;
type Bounds = { atLeast?: number | undefined; atMost?: number | undefined; exactly?: number | undefined };

/** Sums and their bounds: exact to four digits after the point. */
const money = (value: number) => typed('Decimal(38, 4)', value.toFixed(4));

const inTime = ({ from, to }: When): Sql => sql`
  ${from === undefined ? sql`1` : sql`timestamp >= ${new Date(from)}`}
    AND ${to === undefined ? sql`1` : sql`timestamp < ${new Date(to)}`}`;

const rowsOf = (site: string, { event, where, in: when = {} }: Of<'didNot'>, conditions: Conditions): Sql => sql`
  site = ${site}
    AND ${isCalled(event)}
    AND ${inTime(when)}
    AND ${conditions(where)}`;

const within = (figure: Sql, { atLeast, atMost, exactly }: Bounds, bound: (value: number) => Sql): Sql =>
  join(
    [
      ...(exactly === undefined ? [] : [sql`${figure} = ${bound(exactly)}`]),
      ...(atLeast === undefined ? [] : [sql`${figure} >= ${bound(atLeast)}`]),
      ...(atMost === undefined ? [] : [sql`${figure} <= ${bound(atMost)}`]),
    ],
    ' AND ',
  );

const holdsForNone = ({ atLeast, atMost, exactly }: Bounds): boolean =>
  exactly === undefined ? (atLeast ?? 0) <= 0 && (atMost ?? 0) >= 0 : exactly === 0;

/** Who has a figure within the bounds, where who has no row has 0: then those outside are looked for, and the answer is turned round. */
const isBound = (persons: (having: Sql) => Sql, figure: Sql, bounds: Bounds, bound: (value: number) => Sql): Sql => {
  const isWithin = within(figure, bounds, bound);
  return holdsForNone(bounds) ? sql`(NOT ${isAmong(persons(sql`NOT (${isWithin})`))})` : isAmong(persons(isWithin));
};

const didEver = (site: string, criterion: Of<'didNot'>, conditions: Conditions): Sql =>
  isAmong(sql`SELECT ${resolvedPerson} FROM events WHERE ${rowsOf(site, criterion, conditions)}`);

/** A message that stands twice in the table counts once. */
const counted = (rows: Sql, times: Bounds): Sql => {
  const persons = (having: Sql): Sql => sql`
    SELECT ${resolvedPerson} AS owner
    FROM events
    WHERE ${rows}
    GROUP BY owner
    HAVING ${having}`;
  return isBound(persons, sql`uniqExact(cityHash64(message_id))`, times, (value) => sql`${value}`);
};

/** Rows whose amounts may be added up: of money those of one currency. */
const ofOneCurrency = (site: Site, { property, currency }: Sum): Sql =>
  currency === undefined && !moneyProperties.has(property)
    ? sql`1`
    : sql`${currencyOf(site)} = ${currency ?? site.currency}`;

const summed = (rows: Sql, sum: Sum): Sql => {
  const amount = sql`ifNull(toDecimal128OrNull(${propertyOf(sum.property).text}, 4), 0)`;
  const persons = (having: Sql): Sql => sql`
    SELECT owner
    FROM (
      SELECT ${resolvedPerson} AS owner, any(${amount}) AS amount
      FROM events
      WHERE ${rows}
      GROUP BY owner, message_id
    )
    GROUP BY owner
    HAVING ${having}`;
  return isBound(persons, sql`sum(amount)`, sum, (value) => sql`${money(value)}`);
};

const did = (people: Site, criterion: Of<'did'>, conditions: Conditions): Sql => {
  const { site } = people;
  const { times = { atLeast: 1 }, sum } = criterion;
  const once: Of<'didNot'> = { ...criterion, kind: 'didNot' };
  if (sum !== undefined) return summed(sql`${rowsOf(site, once, conditions)} AND ${ofOneCurrency(people, sum)}`, sum);
  if (times.atLeast === 1 && times.atMost === undefined) return didEver(site, once, conditions);
  return counted(rowsOf(site, once, conditions), times);
};

/** Only the side that decides is read: who was seen after the time was not last seen in it. */
const seen = (site: string, { which, in: { from, to } }: Of<'seen'>): Sql => {
  const isFirst = which === 'first';
  const decisive = isFirst ? { to } : { from };
  const rest = isFirst
    ? from === undefined
      ? sql`1`
      : sql`min(timestamp) >= ${new Date(from)}`
    : to === undefined
      ? sql`1`
      : sql`max(timestamp) < ${new Date(to)}`;
  return isAmong(sql`
    SELECT ${resolvedPerson} AS owner
    FROM events
    WHERE site = ${site}
      AND ${isByPerson}
      AND ${inTime(decisive)}
    GROUP BY owner
    HAVING ${rest}`);
};

const ofClass = ({ site, currency }: Site, { classes, in: { from, to } }: Of<'rfm'>): Sql => {
  const range = { from: from === undefined ? null : Date.parse(from), to: Date.parse(to ?? '') };
  const buyers = rfm({ site: { id: site, currency }, currency, ...range });
  return isAmong(sql`SELECT buyer FROM (${buyers}) WHERE class IN (SELECT arrayJoin(${classes}))`);
};

const isWorth = ({ site, currency }: Site, criterion: Of<'lifetimeValue'>): Sql => {
  const persons = (having: Sql): Sql => sql`
    SELECT buyer
    FROM (${orders({ rows: orderRows(site, null), currency })})
    WHERE currency = ${criterion.currency}
    GROUP BY buyer
    HAVING ${having}`;
  return isBound(persons, sql`sum(net)`, criterion, (value) => sql`${money(value)}`);
};

const holds = (people: Site, criterion: Criterion, conditions: Conditions): Sql => {
  const { site } = people;
  switch (criterion.kind) {
    case 'all':
      return sql`(${join(
        criterion.of.map((each) => holds(people, each, conditions)),
        ' AND ',
      )})`;
    case 'any':
      return sql`(${join(
        criterion.of.map((each) => holds(people, each, conditions)),
        ' OR ',
      )})`;
    case 'not':
      return sql`(NOT (${join(
        criterion.of.map((each) => holds(people, each, conditions)),
        ' OR ',
      )}))`;
    case 'did':
      return did(people, criterion, conditions);
    case 'didNot':
      return sql`(NOT ${didEver(site, criterion, conditions)})`;
    case 'is':
      return sql`(${join(
        criterion.where.map((each) => isLastSaid(site, each)),
        ' AND ',
      )})`;
    case 'seen':
      return seen(site, criterion);
    case 'rfm':
      return ofClass(people, criterion);
    case 'lifetimeValue':
      return isWorth(people, criterion);
    case 'inSegment':
      throw new Error(`segment ${criterion.segment} was not resolved before the question was asked`);
    default:
      return criterion satisfies never;
  }
};

/** Whether the person of an event belongs to these people. README.md says what each criterion means and costs. */
export const isOneOf = (people: People, conditions: Conditions): Sql => holds(people, people.is, conditions);
