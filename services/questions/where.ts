import {
  type Condition,
  type EventFilter,
  isOfPerson,
  type PropertyCondition,
  type SegmentCondition,
  type Where,
} from '../../schemas/filters.ts';
import { join, type Sql, sql } from '../platform/warehouse/sql.ts';
import { meets, oneMeets } from './comparison.ts';
import { isCalled } from './events.ts';
import { isLastSaid } from './people/last-said.ts';
import { productColumn, saidOfProducts } from './products.ts';
import { propertyOf } from './property.ts';
import { isOneOf } from './segments/criterion.ts';

const propertySql = (condition: PropertyCondition): Sql => {
  const { property, site } = condition;
  const ofProducts = productColumn(property);
  if (ofProducts !== null) return oneMeets(saidOfProducts(ofProducts), condition);
  if (!isOfPerson(property)) return meets(propertyOf(property), condition);
  if (site === undefined)
    throw new Error(`the condition on ${property} was not resolved before the question was asked`);
  return isLastSaid(site, condition);
};

const segmentSql = ({ op, segment, people }: SegmentCondition): Sql => {
  if (people === undefined) throw new Error(`segment ${segment} was not resolved before the question was asked`);
  const isIn = isOneOf(people, conditions);
  return op === 'inSegment' ? isIn : sql`NOT ${isIn}`;
};

const isOnPerson = (condition: Condition): condition is SegmentCondition =>
  condition.op === 'inSegment' || condition.op === 'notInSegment';

const conditionSql = (condition: Condition): Sql =>
  isOnPerson(condition) ? segmentSql(condition) : propertySql(condition);

/** All must hold; an empty list holds for every event. */
export const conditions = (where: Where): Sql => join(where.map(conditionSql), ' AND ', sql`1`);

/** Whether a row is one of the events that are meant. */
export const isEvent = ({ event, where }: EventFilter): Sql => sql`(${isCalled(event)} AND ${conditions(where)})`;
