import { reportBounce, reportProviderBounce } from '../../../schemas/api/bounces.ts';
import { Failure } from '../../platform/failure.ts';
import type { Platform } from '../../platform/platform.ts';
import { suppress } from '../../platform/suppressions.ts';
import { confirmationOf, readWebhook } from './providers.ts';
import { type Reported, readReport } from './report.ts';

const confirmMilliseconds = 10_000;

const confirm = async (address: string): Promise<void> => {
  const signal = AbortSignal.timeout(confirmMilliseconds);
  const answer = await fetch(address, { signal, redirect: 'error' }).catch((error: unknown) => {
    throw new Failure('unavailable', 'Amazon SNS could not be told yes.', { cause: error });
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Failure('unavailable', `Amazon SNS answered ${answer.status} to our yes.`);
};

/** Bounces and complaints, from wherever they come: whom they are about is not written to any more. */
export const mountBounces = ({ serve, http, warehouse, clock }: Platform): void => {
  if (!http.app.hasContentTypeParser('message/rfc822'))
    http.app.addContentTypeParser('message/rfc822', { parseAs: 'string' }, (_request, body, done) => done(null, body));

  const suppressAll = async (site: string, reported: readonly Reported[]) => {
    for (const { address, kind } of reported)
      await suppress(warehouse, { site, address, reason: kind, active: true, at: clock.now() });
    return { suppressed: reported.map(({ address, kind }) => ({ address, reason: kind })) };
  };

  serve(reportBounce, async ({ params, body }) => {
    const reported = readReport(body);
    if (reported === null)
      throw new Failure(
        'bad_request',
        'body: holds no part of type message/delivery-status or message/feedback-report: send the whole mail, headers included',
      );
    return suppressAll(params.site, reported);
  });
  serve(reportProviderBounce, async ({ params, body }) => {
    const confirmation = confirmationOf(params.provider, body);
    if (confirmation !== null) await confirm(confirmation);
    return suppressAll(params.site, readWebhook(params.provider, body));
  });
};
