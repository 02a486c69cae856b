import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterSettings, type TestBroker } from './broker.ts';
import { freePort, isListening } from './process.ts';
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

/** A second listener, with TLS and users: see kafka-secure.ts. */
export type SecureListener = { settings: readonly string[]; formatArguments: readonly string[] };

type Ports = { id: number; client: number; controller: number; secure: number };

/** All on this machine, in little memory. */
const settingsOf = (own: Ports, all: readonly Ports[], folder: string, secure: SecureListener | null): string => {
  const listeners = [
    `CLIENT://127.0.0.1:${own.client}`,
    ...(secure === null ? [] : [`SECURE://127.0.0.1:${own.secure}`]),
  ];
  return [
    'process.roles=broker,controller',
    `node.id=${own.id}`,
    `controller.quorum.voters=${all.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(',')}`,
    `listeners=${listeners.join(',')},CONTROLLER://127.0.0.1:${own.controller}`,
    `advertised.listeners=${listeners.join(',')}`,
    'listener.security.protocol.map=CLIENT:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=CLIENT',
    `log.dirs=${folder}/data`,
    ...Object.entries(clusterSettings(all.length)).map(([name, value]) => `${name}=${value}`),
    ...(secure?.settings ?? []),
  ].join('\n');
};

/** One broker, which can be killed and started again on the same data. */
const createBroker = (settings: string, path: string) => {
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
    format: (more: readonly string[]): void => {
      const args = [...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', settings, ...more];
      const { status, stderr } = spawnSync('java', args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`the broker's folder could not be made: ${stderr}`);
    },
    start: async (): Promise<void> => {
      state.child = spawn('java', [...java, 'kafka.Kafka', settings], { stdio: 'ignore' });
    },
    kill9: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    signal: async (signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> => void state.child?.kill(signal),
  };
};

/** Apache Kafka by Java, in KRaft mode. Answers when every broker listens. */
export const startByMaven = async (options: { jars: string; count: number; secure?: SecureListener }) => {
  const secure = options.secure ?? null;
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-kafka-'));
  const all: Ports[] = [];
  for (let id = 1; id <= options.count; id += 1)
    all.push({ id, client: await freePort(), controller: await freePort(), secure: await freePort() });
  const nodes: TestBroker[] = [];
  for (const own of all) {
    const home = join(folder, String(own.id));
    mkdirSync(home);
    const settings = join(home, 'server.properties');
    await writeFile(settings, settingsOf(own, all, home, secure), { mode: 0o600 });
    const broker = createBroker(settings, options.jars);
    broker.format(secure?.formatArguments ?? []);
    nodes.push({ ...broker, isListening: () => isListening('127.0.0.1', own.client) });
  }
  await Promise.all(nodes.map((node) => node.start()));
  await eventually(async () => {
    for (const node of nodes) if (!(await node.isListening())) throw new Error('the broker does not listen');
  }, 60);
  return {
    brokers: all.map(({ client }) => `127.0.0.1:${client}`),
    /** Of the listener with TLS, if there is one. */
    secureBrokers: all.map(({ secure: port }) => `127.0.0.1:${port}`),
    nodes,
    close: async (): Promise<void> => {
      await Promise.all(nodes.map((node) => node.kill9()));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
