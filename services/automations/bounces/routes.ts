import { reportBounce, reportProviderBounce } from '../../../schemas/api/bounces.ts';
import { Failure } from '../../platform/failure.ts';
import type { Platform } from '../../platform/platform.ts';
import { suppress } from '../../platform/suppressions.ts';
import { emailReported } from '../told.ts';
import { confirmationOf, readWebhook } from './providers.ts';
import { type Reported, readReport } from './report.ts';
import { createWhoseMail } from './whose-mail.ts';
import { createIsWornOut } from './worn-out.ts';

const confirmMilliseconds = 10_000;

const confirm = async (address: string): Promise<void> => {
  const signal = AbortSignal.timeout(confirmMilliseconds);
  const answer = await fetch(address, { signal, redirect: 'error' }).catch((error: unknown) => {
    throw new Failure('unavailable', 'Amazon SNS could not be told yes.', { cause: error });
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new Failure('unavailable', `Amazon SNS answered ${answer.status} to our yes.`);
};

type Taken = { address: string; reason: 'bounce' | 'complaint' };

/** Bounces and complaints, from wherever they come: events of the person whose mail it was, who is not written to any more. */
export const mountBounces = ({ serve, http, warehouse, log, clock }: Platform): void => {
  if (!http.app.hasContentTypeParser('message/rfc822'))
    http.app.addContentTypeParser('message/rfc822', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const whoseMail = createWhoseMail({ warehouse, now: clock.now });
  const isWornOut = createIsWornOut({ warehouse, now: clock.now });

  /** What a report comes to: the last of several that might have passed is one for good. */
  const judge = async (site: string, { kind, address, messageId, reason }: Reported) => {
    const mail = await whoseMail(site, { address, messageId });
    const isLast = kind === 'soft' && mail !== null && (await isWornOut(mail));
    return { mail, kind: isLast ? 'bounce' : kind, address: address ?? mail?.email.toLowerCase() ?? null, reason };
  };

  /** Whoever reports it tries again where this fails, and what is told twice counts once. */
  const take = async (site: string, reported: readonly Reported[]): Promise<{ suppressed: Taken[] }> => {
    const at = clock.now();
    const judged = await Promise.all(reported.map((each) => judge(site, each)));
    const told = judged.flatMap(({ mail, kind, reason }) =>
      mail === null ? [] : [emailReported(mail, { kind, reason, at })],
    );
    if (told.length > 0) await log.append('events', told);
    const suppressed = judged.flatMap(({ kind, address }): Taken[] =>
      address === null || kind === 'soft' ? [] : [{ address, reason: kind }],
    );
    await suppress(warehouse, ...suppressed.map((each) => ({ site, ...each, active: true, at })));
    return { suppressed };
  };

  serve(reportBounce, async ({ params, body }) => {
    const reported = readReport(body);
    if (reported === null)
      throw new Failure(
        'bad_request',
        'body: holds no part of type message/delivery-status or message/feedback-report: send the whole mail, headers included',
      );
    return take(params.site, reported);
  });
  serve(reportProviderBounce, async ({ params, body }) => {
    const confirmation = confirmationOf(params.provider, body);
    if (confirmation !== null) await confirm(confirmation);
    return take(params.site, readWebhook(params.provider, body));
  });
};
