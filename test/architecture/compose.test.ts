import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { createConfig, readEnvironment } from '../../services/platform/config.ts';

const root = new URL('../../', import.meta.url).pathname;
const commands = [['docker', 'compose'], ['docker-compose']] as const;
const compose = commands.find(
  ([command, ...args]) => spawnSync(command, [...args, 'version'], { stdio: 'ignore' }).status === 0,
);

const secrets = {
  ADMIN_TOKEN: 'a'.repeat(40),
  SECRET_KEY: 'b'.repeat(64),
  CLICKHOUSE_PASSWORD: 'c'.repeat(40),
  KAFKA_CLUSTER_ID: 'd'.repeat(22),
  PUBLIC_URL: 'https://events.shop.example',
};

type ComposeService = {
  image: string;
  healthcheck?: object;
  user?: string;
  ports?: (string | { host_ip?: string })[];
  environment?: Record<string, string | number>;
  deploy?: { resources?: { limits?: { memory?: unknown; cpus?: unknown } } };
};
type Composed = { services: Record<string, ComposeService>; volumes: Record<string, unknown> };

/** `docker compose config` with these variables alone. */
const config = async (variables: Readonly<Record<string, string>>, ...args: string[]) => {
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-compose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, '.env');
  writeFileSync(
    file,
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const [command = '', ...before] = compose ?? [];
  const { status, stdout, stderr } = spawnSync(command, [...before, '--env-file', file, ...args, 'config'], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: folder },
  });
  return { status, stderr, composed: status === 0 ? (parse(stdout) as Composed) : null };
};

test.skipIf(compose === undefined)(
  'docker-compose.yml is valid; each part is limited, checked for health and closed to the network',
  async () => {
    const { status, stderr, composed } = await config(secrets);
    expect(status, stderr).toBe(0);
    const services = Object.entries(composed?.services ?? {}).filter(([name]) => !/^kafka-[23]$/.test(name));
    expect(services.map(([name]) => name).sort()).toEqual(
      'analytics automations clickhouse collector-1 collector-2 kafka-1 mail sink-1 sink-2'.split(' '),
    );
    for (const [name, service] of services) {
      expect(service.deploy?.resources?.limits?.memory, `${name}: memory`).toBeDefined();
      expect(service.deploy?.resources?.limits?.cpus, `${name}: processors`).toBeDefined();
      const isOurs = service.image.startsWith('desirepath');
      expect(isOurs || service.healthcheck !== undefined, `${name}: health`).toBe(true);
      for (const port of service.ports ?? [])
        expect(typeof port === 'string' ? port : port.host_ip, `${name}: ports`).toMatch(/^127\.0\.0\.1/);
      if (!isOurs) continue;
      const environment = Object.fromEntries(
        Object.entries(service.environment ?? {}).map(([key, value]) => [key, String(value)]),
      );
      const folder = await mkdtemp(join(tmpdir(), 'desirepath-compose-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      expect(createConfig(readEnvironment({ ...environment, DATA_DIR: folder })).kafka?.brokers).toEqual([
        'kafka-1:9092',
      ]);
    }
  },
);

test.skipIf(compose === undefined)('without its secrets nothing starts: there are no default passwords', async () => {
  for (const missing of Object.keys(secrets)) {
    const { [missing as keyof typeof secrets]: _, ...rest } = secrets;
    const { status, stderr } = await config(rest);
    expect(status, missing).not.toBe(0);
    expect(stderr).toContain('.env.example');
  }
});

test.skipIf(compose === undefined)(
  'the three brokers of .env.example know each other, and the services know all three',
  async () => {
    const lines = readFileSync(`${root}.env.example`, 'utf8').matchAll(/^# ((?:COMPOSE|KAFKA)_\w+)=(.*)$/gm);
    const three = Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]));
    const { composed } = await config({ ...secrets, ...three }, '--profile', 'three-brokers');
    for (const id of [1, 2, 3]) {
      const { environment } = composed?.services[`kafka-${id}`] ?? {};
      expect(environment?.['KAFKA_CONTROLLER_QUORUM_VOTERS']).toBe('1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093');
      expect(environment).toMatchObject({ KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://kafka-${id}:9092` });
      expect(String(environment?.['KAFKA_NODE_ID'])).toBe(String(id));
    }
    expect(composed?.services['collector-1']?.environment).toMatchObject({
      KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092,kafka-3:9092',
    });
  },
);

test('the image runs as a user without rights and has a health check', () => {
  const text = readFileSync(`${root}Dockerfile`, 'utf8');
  const last = text.slice(text.lastIndexOf('\nFROM '));
  expect(last).toMatch(/^USER node$/m);
  expect(last).toMatch(/^HEALTHCHECK /m);
  expect(text).not.toMatch(/^(ARG|ENV) \w*(PASSWORD|TOKEN|SECRET)/m);
});
