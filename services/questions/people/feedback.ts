import { z } from 'zod';
import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { type Sql, sql } from '../../platform/warehouse/sql.ts';
import type { Warehouse } from '../../platform/warehouse/warehouse.ts';
import { isoTime } from '../events.ts';
import { listed } from './lists.ts';

const said = (name: string): Sql => sql`JSONExtractString(properties, ${name})`;
const scaleMax: Sql = sql`toFloat64OrNull(trim(BOTH '"' FROM JSONExtractRaw(properties, 'scale_max')))`;

const newestFirst: Sql = sql`
  ORDER BY timestamp DESC, message_id DESC
  LIMIT 1 BY message_id
  LIMIT ${listed}`;

const Review = z.object({
  at: z.string(),
  event: z.enum(['Product Reviewed', 'Seller Rated']),
  productId: z.string(),
  productName: z.string(),
  seller: z.string(),
  orderId: z.string(),
  rating: z.number().nullable(),
  scaleMax: z.number().nullable(),
  comment: z.string(),
});

/** Ratings and reviews that a person gave, newest first. */
export const reviewsOf = async (warehouse: Warehouse, own: Sql): Promise<PersonProfile['reviews']> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        ${isoTime(sql`timestamp`)} AS at,
        event,
        product_id AS productId,
        product_name AS productName,
        seller,
        order_id AS orderId,
        coalesce(rating, score) AS rating,
        ${scaleMax} AS scaleMax,
        if(${said('comment')} != '', ${said('comment')}, ${said('review_body')}) AS comment
      FROM events
      WHERE ${own}
        AND event IN ('Product Reviewed', 'Seller Rated')
      ${newestFirst}`,
    Review,
  );
  return rows;
};

const SurveyAnswer = z.object({
  at: z.string(),
  surveyType: z.string(),
  surveyId: z.string(),
  score: z.number().nullable(),
  scaleMax: z.number().nullable(),
  comment: z.string(),
  channel: z.string(),
  orderId: z.string(),
});

/** What a person answered when asked (NPS, CSAT, CES, …), newest first. */
export const satisfactionOf = async (warehouse: Warehouse, own: Sql): Promise<PersonProfile['satisfaction']> => {
  const { rows } = await warehouse.query(
    sql`
      SELECT
        ${isoTime(sql`timestamp`)} AS at,
        lower(${said('survey_type')}) AS surveyType,
        ${said('survey_id')} AS surveyId,
        score,
        ${scaleMax} AS scaleMax,
        ${said('comment')} AS comment,
        support_channel AS channel,
        order_id AS orderId
      FROM events
      WHERE ${own}
        AND event = 'Survey Response Submitted'
      ${newestFirst}`,
    SurveyAnswer,
  );
  return rows;
};
