import { Failure } from '../failure.ts';

type Link = { name?: string; code?: unknown; cause?: unknown };

/** An error and what led to it. */
const chainOf = (error: unknown): Link[] => {
  const chain: Link[] = [];
  for (let link = error as Link | null | undefined; link && chain.length < 10; link = link.cause as Link | undefined)
    chain.push(link);
  return chain;
};

const isRefused = ({ name }: Link): boolean => name === 'KafkaJSSASLAuthenticationError';
/** Node's codes for a certificate that does not hold: expired, of another host, of an authority that nobody here knows. */
const isUntrusted = ({ code }: Link): boolean => /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(String(code));

/** Brokers that are away, or do not let us in: what an operator can mend is named. */
export const brokersAway = (cause?: unknown, retryAfterSeconds?: number): Failure => {
  const chain = chainOf(cause);
  const detail = chain.some(isRefused)
    ? 'The brokers refuse the sign-in by KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.'
    : chain.some(isUntrusted)
      ? "The brokers' certificate is not trusted: NODE_EXTRA_CA_CERTS names a file with that of its authority."
      : 'The brokers cannot be reached.';
  return new Failure('unavailable', detail, {
    cause,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
};
