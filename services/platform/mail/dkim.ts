import { buffer } from 'node:stream/consumers';
import DKIM from 'nodemailer/lib/dkim';

/** `privateKey`: RSA, in PEM; its public half stands in the DNS under `selector`._domainkey.`domain`. */
export type DkimKey = { domain: string; selector: string; privateKey: string };

/** What must not be changed on the way. One click to unsubscribe counts only where both of its headers are signed (RFC 8058). */
const signedHeaders = [
  'From',
  'Sender',
  'Reply-To',
  'Subject',
  'Date',
  'Message-ID',
  'To',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':');

/** The message with a signature on top (RFC 6376, rsa-sha256, relaxed). The same bytes must go out: nothing may touch them after. */
export const signMessage = (message: Buffer, { domain, selector, privateKey }: DkimKey): Promise<Buffer> =>
  buffer(
    new DKIM({ domainName: domain, keySelector: selector, privateKey, headerFieldNames: signedHeaders }).sign(message),
  );
