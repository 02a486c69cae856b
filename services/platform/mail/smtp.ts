import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../clock.ts';
import type { Mail, Mailer, MailResult } from './mailer.ts';
import { composeMime, faultOf } from './mime.ts';

const connectMilliseconds = 10_000;
/** Silence from the server after which the connection is given up. */
const socketMilliseconds = 60_000;

type Settings = { host: string; port: number; secure: boolean; auth: { user: string; pass: string } | null };

const settingsOf = (url: string): Settings => {
  const parsed = new URL(url);
  const secure = parsed.protocol === 'smtps:';
  const user = decodeURIComponent(parsed.username);
  return {
    host: parsed.hostname,
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    auth: user === '' ? null : { user, pass: decodeURIComponent(parsed.password) },
  };
};

/** What nodemailer adds to an error: the server's reply, where there was one. */
type SmtpError = Error & { responseCode?: number | undefined; response?: string | false | undefined };

const reasonOf = (error: SmtpError): string => (error.response || error.message).slice(0, 500);

/** A reply of the server is an answer (5xx: for good, 4xx: for now); silence is not. */
const refusalOf = (error: SmtpError): MailResult => ({
  kind: 'refused',
  permanent: error.responseCode !== undefined && error.responseCode >= 500,
  reason: reasonOf(error),
});

const open = async (settings: Settings): Promise<SMTPConnection> => {
  const connection = new SMTPConnection({
    host: settings.host,
    port: settings.port,
    secure: settings.secure,
    connectionTimeout: connectMilliseconds,
    greetingTimeout: connectMilliseconds,
    socketTimeout: socketMilliseconds,
  });
  await new Promise<void>((resolve, reject) => {
    connection.once('error', reject);
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  const { auth } = settings;
  if (auth !== null)
    await new Promise<void>((resolve, reject) =>
      connection.login({ credentials: auth }, (error) => (error ? reject(error) : resolve())),
    );
  return connection;
};

/** Envelope and message in one go. With pipelining DATA may be on its way with the envelope: silence of the server leaves the outcome open. */
const handOver = (connection: SMTPConnection, mail: Mail, message: Buffer): Promise<MailResult> =>
  new Promise((resolve) => {
    const settle = (error: SmtpError | null, info?: { response: string }): void => {
      if (error === null) resolve({ kind: 'accepted', response: info?.response ?? '' });
      else resolve(error.responseCode === undefined ? { kind: 'unknown', reason: reasonOf(error) } : refusalOf(error));
    };
    connection.once('error', (error) => settle(error));
    connection.once('end', () => settle(new Error('the server closed the connection')));
    connection.send({ from: mail.from.address, to: [mail.to.address] }, message, (error, info) => settle(error, info));
  });

/** Mails by SMTP, one connection a mail: simple, and a server's slow answer to one holds up no other. */
export const createSmtpMailer = (deps: { url: string; clock: Clock }): Mailer => {
  const settings = settingsOf(deps.url);
  const underWay = new Set<Promise<MailResult>>();

  const deliver = async (mail: Mail, beforeHandOver: () => Promise<void>): Promise<MailResult> => {
    const fault = faultOf(mail);
    if (fault !== null) return { kind: 'refused', permanent: true, reason: fault };
    const message = await composeMime(mail, new Date(deps.clock.now()));
    let connection: SMTPConnection;
    try {
      connection = await open(settings);
    } catch (error) {
      // Nothing was handed over: it can be tried again, also after a wrong password was mended.
      return { kind: 'refused', permanent: false, reason: reasonOf(error as SmtpError) };
    }
    try {
      await beforeHandOver();
      return await handOver(connection, mail, message);
    } finally {
      connection.quit();
    }
  };

  return {
    send: (mail, beforeHandOver) => {
      const result = deliver(mail, beforeHandOver);
      underWay.add(result);
      return result.finally(() => underWay.delete(result));
    },
    close: async () => {
      await Promise.allSettled(underWay);
    },
  };
};
