import {
  addPoolCodes,
  createPool as createPoolRoute,
  deletePool,
  getDiscount,
  listPools,
  redeemDiscount,
} from '../../schemas/api/discounts.ts';
import type { Platform } from '../platform/platform.ts';
import { createTokens } from '../platform/tokens.ts';
import { createDiscounts } from './discounts.ts';
import { addCodes, createPool, poolsOf, removePool } from './pools/pools.ts';

/** Codes, as shops ask about them and use them up; pools, as marketers fill them. */
export const mountDiscounts = (platform: Platform): void => {
  const { serve, warehouse, config, clock } = platform;
  const discounts = createDiscounts({ warehouse, tokens: createTokens(config.secretKey, clock), now: clock.now });
  serve(getDiscount, async ({ params }) => discounts.look(params.site, params.code));
  serve(redeemDiscount, async ({ params, body }) => discounts.redeem(params.site, params.code, body.orderId));
  serve(listPools, async ({ params }) => ({ pools: await poolsOf(platform, params.site) }));
  serve(createPoolRoute, async ({ params, body }) => createPool(platform, params.site, body.name));
  serve(deletePool, async ({ params }) => {
    await removePool(platform, params.site, params.id);
    return { id: params.id };
  });
  serve(addPoolCodes, async ({ params, body }) =>
    addCodes(platform, { site: params.site, pool: params.id, text: body.codes }),
  );
};
