import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fetchKafka } from './kafka-maven.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What a test does to its servers: what is somebody else's is not killed. */
export type Needs = { isKilled?: boolean; environment?: Variables };

/** What this machine can start; asked only when it comes to that. */
export type Reach = { docker(): boolean; kafka(): { jars: string } | { missing: string } };

export type BrokerSource =
  | { kind: 'given'; brokers: readonly string[] }
  | { kind: 'docker' }
  | { kind: 'maven'; jars: string }
  | { kind: 'missing'; reason: string };

export type WarehouseSource = { kind: 'given'; url: string } | { kind: 'docker' } | { kind: 'engine' };

const dockerMilliseconds = 900;

/** Whether a Docker engine answers, within a second: the command alone says nothing. */
export const reachesDocker = (environment: Variables = process.env): boolean =>
  spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    env: environment,
    stdio: 'ignore',
    timeout: dockerMilliseconds,
    killSignal: 'SIGKILL',
  }).status === 0;

const here: Reach = { docker: reachesDocker, kafka: fetchKafka };

const mayUseDocker = ({ TEST_DOCKER }: Variables, reach: Reach): boolean => TEST_DOCKER !== 'off' && reach.docker();

/** KAFKA_BROKERS, else containers, else Apache Kafka by Maven. */
export const chooseBroker = ({ isKilled = false, environment = process.env }: Needs, reach = here): BrokerSource => {
  const { KAFKA_BROKERS } = environment;
  if (KAFKA_BROKERS && !isKilled) return { kind: 'given', brokers: KAFKA_BROKERS.split(',') };
  if (mayUseDocker(environment, reach)) return { kind: 'docker' };
  const kafka = reach.kafka();
  return 'jars' in kafka ? { kind: 'maven', jars: kafka.jars } : { kind: 'missing', reason: kafka.missing };
};

/** CLICKHOUSE_URL, else a container, else the engine behind ClickHouse's HTTP protocol in a process of its own. */
export const chooseWarehouse = (
  { isKilled = false, environment = process.env }: Needs,
  reach = here,
): WarehouseSource => {
  const { CLICKHOUSE_URL } = environment;
  if (CLICKHOUSE_URL && !isKilled) return { kind: 'given', url: CLICKHOUSE_URL };
  return mayUseDocker(environment, reach) ? { kind: 'docker' } : { kind: 'engine' };
};

/** For `skipIf`: true where no broker can be had, and says why. */
export const lacksBroker = (needs: Needs = {}): boolean => {
  const source = chooseBroker(needs);
  if (source.kind === 'missing') console.warn(`Skipped, since there is no broker: ${source.reason}.`);
  return source.kind === 'missing';
};

const compose = new URL('../../docker-compose.yml', import.meta.url);

/** The image that docker-compose.yml names, so that tests run on what operators run. */
export const composeImage = (service: string, environment: Variables = process.env): string => {
  const { services } = parse(readFileSync(compose, 'utf8'), { merge: true }) as {
    services: Record<string, { image: string }>;
  };
  const image = services[service]?.image;
  if (image === undefined) throw new Error(`docker-compose.yml has no service ${service}`);
  return image.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, usual: string) => environment[name] || usual);
};
