import { ConfigError, createConfig, readEnvironment } from './platform/config.ts';
import { type Product, startProduct } from './product.ts';

/** Draining may take this long; then the process ends as it is (everything acknowledged is on disk). */
const drainMilliseconds = 10_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The block that a person reads after a start: where to look, how to get in, what to send. */
const welcome = ({ platform, port }: Product): string => {
  const { config, access } = platform;
  const base = platform.http.publicUrl();
  const rows: [string, string][] = [
    ['Dashboards', `${base}/app`],
    ['Sign in', `${base}/sign-in/${access.signInCode()}  (good for an hour)`],
  ];
  if (config.demo !== null) {
    rows.push(['Demo shop', `${base}/demo`]);
    rows.push(['Write key', 'demo-write-key']);
  }
  if (config.adminTokenIsNew) rows.push(['Admin token', `${config.adminToken}  (shown this once)`]);
  if (config.host !== '127.0.0.1') rows.push(['Listening on', `${config.host}:${port}`]);
  rows.push(['Mails', config.smtpUrl === null ? `kept in the outbox: ${base}/app` : 'sent by SMTP']);
  return ['', ...rows.map(([name, value]) => `  ${name.padEnd(12)}  ${value}`), '', '  Ctrl-C stops it.', ''].join(
    '\n',
  );
};

const run = async (): Promise<void> => {
  const config = createConfig(readEnvironment());
  const startedAt = performance.now();
  const product = await startProduct(config, { progress: say });
  say(`Desirepath is up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  say(welcome(product));

  const stopping = { is: false };
  const stop = async (): Promise<void> => {
    // A second Ctrl-C means now.
    if (stopping.is) process.exit(130);
    stopping.is = true;
    say('Stopping: writing what is under way …');
    const late = setTimeout(() => {
      say('Not done within 10 s: stopping as it is. What was acknowledged is on disk.');
      process.exit(1);
    }, drainMilliseconds);
    late.unref();
    await product.close();
    say('Stopped.');
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
};

run().catch((error: unknown) => {
  process.stderr.write(error instanceof ConfigError ? `${error.message}\n` : `${(error as Error).stack ?? error}\n`);
  process.exit(1);
});
