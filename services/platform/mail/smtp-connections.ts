import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Clock } from '../clock.ts';

const connectMilliseconds = 10_000;
/** Silence from the server after which the connection is given up. */
const socketMilliseconds = 60_000;
/** Connections at the same time, more mails wait for one: servers refuse who opens many. */
const mostOpen = 50;
/** How long one is kept open for the mails to come, and how many it may carry: servers close what stays for ever. */
const keptMilliseconds = 5000;
const mostMails = 100;

export type Settings = { host: string; port: number; secure: boolean; auth: { user: string; pass: string } | null };

/** What nodemailer adds to an error: the server's reply, where there was one. */
export type SmtpError = Error & {
  code?: string | undefined;
  responseCode?: number | false | undefined;
  response?: string | false | undefined;
  /** What was replied to: `MAIL FROM`, `RCPT TO`, and `DATA` also for the message itself. */
  command?: string | undefined;
};

export type Connection = { smtp: SMTPConnection; mails: number };

export type Connections = {
  /** Connected, logged in, and ready for a message; waits while too many are open. Rejects with the reason; nothing was handed over then. */
  take(): Promise<Connection>;
  /** After a message: for the next one, or closed. `isGood`: the message has its answer. */
  giveBack(connection: Connection, isGood: boolean): void;
  close(): void;
};

/** Runs one step of the protocol. nodemailer calls a step's callback only if the server answers: a lost connection is told by events. */
const step = (smtp: SMTPConnection, run: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const lost = (error?: Error): void => settle(error ?? new Error('the server closed the connection'));
    const settle = (error?: Error | null): void => {
      smtp.removeListener('error', lost);
      smtp.removeListener('end', lost);
      if (error) reject(error);
      else resolve();
    };
    smtp.once('error', lost);
    smtp.once('end', lost);
    run(settle);
  });

const open = async ({ host, port, secure, auth }: Settings): Promise<Connection> => {
  const smtp = new SMTPConnection({
    host,
    port,
    secure,
    connectionTimeout: connectMilliseconds,
    greetingTimeout: connectMilliseconds,
    socketTimeout: socketMilliseconds,
  });
  // Whoever waits for something listens as well; without this one, an error while nobody waits would end the process.
  smtp.on('error', () => undefined);
  try {
    await step(smtp, (done) => smtp.connect(done));
    if (auth !== null) await step(smtp, (done) => smtp.login({ credentials: auth }, done));
    return { smtp, mails: 0 };
  } catch (error) {
    smtp.close();
    throw error;
  }
};

export const createConnections = ({ settings, clock }: { settings: Settings; clock: Clock }): Connections => {
  const kept = new Map<Connection, AbortController>();

  const drop = (connection: Connection): void => {
    kept.get(connection)?.abort();
    kept.delete(connection);
    connection.smtp.quit();
  };

  /** Null if the server has closed it in the meantime. */
  const takeKept = async (): Promise<Connection | null> => {
    for (const [connection, timer] of kept) {
      kept.delete(connection);
      timer.abort();
      try {
        await step(connection.smtp, (done) => connection.smtp.reset(done));
        return connection;
      } catch {
        connection.smtp.close();
      }
    }
    return null;
  };

  const taken = { count: 0 };
  const waiting: (() => void)[] = [];
  const turn = (): Promise<void> | undefined => {
    if (taken.count >= mostOpen) return new Promise((resolve) => waiting.push(resolve));
    taken.count += 1;
    return undefined;
  };
  const endTurn = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken.count -= 1;
    else next();
  };

  const keep = (connection: Connection): void => {
    const timer = new AbortController();
    kept.set(connection, timer);
    void clock.sleep(keptMilliseconds, timer.signal).then(() => {
      if (!timer.signal.aborted) drop(connection);
    });
  };

  return {
    take: async () => {
      await turn();
      try {
        return (await takeKept()) ?? (await open(settings));
      } catch (error) {
        endTurn();
        throw error;
      }
    },
    giveBack: (connection, isGood) => {
      connection.mails += 1;
      if (!isGood) connection.smtp.close();
      else if (connection.mails >= mostMails) connection.smtp.quit();
      else keep(connection);
      endTurn();
    },
    close: () => {
      for (const connection of kept.keys()) drop(connection);
    },
  };
};
