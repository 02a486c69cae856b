import { ConfigError, createConfig, readEnvironment } from './platform/config.ts';
import { startEngine } from './platform/platform.ts';
import { allServices, type Product, type ServiceName, startProduct } from './product.ts';

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

/** `node services/main.ts collector sink`: only these; without a name all of them. `engine`: the ClickHouse engine alone. */
const readServices = (names: readonly string[]): readonly ServiceName[] => {
  const unknown = names.find((name) => !allServices.some((service) => service === name));
  if (unknown !== undefined)
    throw new ConfigError(
      `There is no service ${unknown}: expected ${allServices.join(', ')}, or none for all (or engine alone).`,
    );
  return names.length === 0 ? allServices : allServices.filter((service) => names.includes(service));
};

const introduction = ({ platform, port }: Product, services: readonly ServiceName[]): string =>
  `${services.join(', ')} at http://${platform.config.host}:${port}`;

/** Ctrl-C or SIGTERM: everything is written and closed, then the process ends with 0. */
const stopAtSignal = (close: () => Promise<void>): void => {
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
    await close();
    say('Stopped.');
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
};

const runServices = async (services: readonly ServiceName[]): Promise<void> => {
  const config = createConfig(readEnvironment());
  const startedAt = performance.now();
  const product = await startProduct(config, { progress: say, services });
  say(`Desirepath is up after ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
  say(services.length === allServices.length ? welcome(product) : introduction(product, services));
  stopAtSignal(() => product.close());
};

const runEngine = async (): Promise<void> => {
  const config = createConfig(readEnvironment());
  const engine = await startEngine(config);
  say(`The engine is up at ${new URL(engine.url).host}.`);
  stopAtSignal(() => engine.close());
};

const run = (): Promise<void> => {
  const names = process.argv.slice(2);
  return names.length === 1 && names[0] === 'engine' ? runEngine() : runServices(readServices(names));
};

run().catch((error: unknown) => {
  process.stderr.write(error instanceof ConfigError ? `${error.message}\n` : `${(error as Error).stack ?? error}\n`);
  process.exit(1);
});
