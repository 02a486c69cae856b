import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './process.ts';
import { eventually } from './product.ts';

const version = '4.1.0';
const cluster = 'desirepath-tests-0000A';
const jars = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'desirepath', `kafka-${version}`);
const pom = new URL('./kafka-jars/pom.xml', import.meta.url).pathname;

const runs = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Apache Kafka in a folder of the user's cache, by Maven; why not, where it cannot be had. */
export const fetchKafka = (): { jars: string } | { missing: string } => {
  if (!runs('java', ['-version']))
    return { missing: 'there is no Java 17 (Debian: apt-get install openjdk-17-jre-headless)' };
  if (existsSync(jars) && readdirSync(jars).some((file) => file.startsWith('kafka_2.13'))) return { jars };
  if (!runs('mvn', ['-version'])) return { missing: 'there is no Maven to fetch it (Debian: apt-get install maven)' };
  mkdirSync(jars, { recursive: true });
  const fetched = spawnSync(
    'mvn',
    ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`],
    {
      encoding: 'utf8',
      timeout: 300_000,
    },
  );
  return fetched.status === 0 ? { jars } : { missing: `Maven could not fetch it: ${fetched.stdout?.slice(-500)}` };
};

type Ports = { id: number; client: number; controller: number };

/** Single machine, small memory; replication as wide as there are brokers. */
const settingsOf = (own: Ports, all: readonly Ports[], folder: string): string => {
  const replicas = Math.min(3, all.length);
  return [
    'process.roles=broker,controller',
    `node.id=${own.id}`,
    `controller.quorum.voters=${all.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(',')}`,
    `listeners=CLIENT://127.0.0.1:${own.client},CONTROLLER://127.0.0.1:${own.controller}`,
    `advertised.listeners=CLIENT://127.0.0.1:${own.client}`,
    'listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=CLIENT',
    `log.dirs=${folder}/data`,
    'auto.create.topics.enable=false',
    'group.initial.rebalance.delay.ms=0',
    `offsets.topic.replication.factor=${replicas}`,
    'offsets.topic.num.partitions=4',
    `transaction.state.log.replication.factor=${replicas}`,
    `transaction.state.log.min.isr=${Math.max(1, replicas - 1)}`,
    `default.replication.factor=${replicas}`,
    'broker.session.timeout.ms=6000',
    'num.partitions=4',
  ].join('\n');
};

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** One broker, which can be killed and started again on the same data. */
const createBroker = (own: Ports, all: readonly Ports[], folder: string, path: string) => {
  const settings = join(folder, 'server.properties');
  const java = ['-Xmx400m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-cp', `${path}/*`];
  const state = { child: null as ChildProcess | null };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { child } = state;
    state.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  return {
    port: own.client,
    format: async (): Promise<void> => {
      await writeFile(settings, settingsOf(own, all, folder));
      const args = [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', settings];
      const { status, stderr } = spawnSync('java', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`the broker's folder could not be made: ${stderr}`);
    },
    start: async (): Promise<void> => {
      state.child = spawn('java', [...java, 'kafka.Kafka', settings], { stdio: 'ignore' });
    },
    isListening: () => isOpen(own.client),
    kill9: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    /** SIGSTOP, SIGCONT. */
    signal: (signal: NodeJS.Signals): void => void state.child?.kill(signal),
  };
};

export type TestKafka = {
  brokers: readonly string[];
  nodes: readonly ReturnType<typeof createBroker>[];
  close(): Promise<void>;
};

/** A real cluster on this machine, in KRaft mode. @throws where Kafka cannot be had: ask `fetchKafka` first. */
export const startKafka = async (brokers = 1): Promise<TestKafka> => {
  const found = fetchKafka();
  if ('missing' in found) throw new Error(`no Kafka: ${found.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-kafka-'));
  const all: Ports[] = [];
  for (let id = 1; id <= brokers; id += 1) all.push({ id, client: await freePort(), controller: await freePort() });
  const nodes = all.map((own) => {
    const home = join(folder, String(own.id));
    mkdirSync(home);
    return createBroker(own, all, home, found.jars);
  });
  for (const node of nodes) await node.format();
  await Promise.all(nodes.map((node) => node.start()));
  await eventually(async () => {
    for (const node of nodes) if (!(await node.isListening())) throw new Error('not yet');
  }, 60);
  return {
    brokers: all.map(({ client }) => `127.0.0.1:${client}`),
    nodes,
    close: async () => {
      await Promise.all(nodes.map((node) => node.kill9()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
