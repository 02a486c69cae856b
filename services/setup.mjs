// `npm start`, `npm test`, `npm run bench`: makes a fresh clone ready, then runs the product on Node 24. It uses nothing but
// Node's own modules, since it runs before anything is installed, on any Node from 20.19 on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
const commands = { start: 'services/main.ts', test: 'test/run.mjs', bench: 'test/bench/run.mjs' };
/** Oldest Node that npm's packages of ours install on, and the oldest that runs our TypeScript as it is. */
const leastNode = [20, 19];
const leastRuntime = [24, 0];
/** Two signals within this time are one: at Ctrl-C both the terminal and npm send it. */
const sameSignalMilliseconds = 500;
/** Lines of a failed command's output that are shown. */
const shownLines = 40;

const say = (line) => void process.stdout.write(`${line}\n`);

class SetupError extends Error {}

const isAtLeast = (version, [major, minor]) => {
  const [a = 0, b = 0] = version.replace(/^v/, '').split('.').map(Number);
  return a > major || (a === major && b >= minor);
};

const checkNode = () => {
  if (isAtLeast(process.version, leastNode)) return;
  throw new SetupError(
    `Node ${process.version} is too old: ${leastNode.join('.')} or newer is needed to install (https://nodejs.org). Everything else comes with npm.`,
  );
};

/** Runs a command quietly and says how long it takes; its output is shown only when it fails. */
const runQuietly = (title, command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const startedAt = Date.now();
    const elapsed = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
    const output = [];
    say(`${title} …`);
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const ticker = setInterval(() => say(`  still at it after ${elapsed()}`), 15_000);
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    const end = (problem) => {
      clearInterval(ticker);
      if (problem === null) {
        say(`  done in ${elapsed()}`);
        return resolve();
      }
      const lines = Buffer.concat(output).toString('utf8').trimEnd().split('\n').slice(-shownLines);
      reject(new SetupError(`${title}: ${problem}.\n\n${lines.join('\n')}`));
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(code === 0 ? null : `ended with ${signal ?? `code ${code}`}`));
  });

/** npm as it was started, or the one on the path. */
const npm = (args) => {
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return { command: process.execPath, args: [script, ...args], options: {} };
  const isWindows = process.platform === 'win32';
  return { command: isWindows ? 'npm.cmd' : 'npm', args, options: { shell: isWindows } };
};

const install = (title, names) => {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--no-progress', '--include=dev', '--include=optional'];
  const { command, args, options } = npm(['install', ...names, ...quiet]);
  // Under `npm start` the environment holds npm's own settings; a production one would leave out the build's tools.
  return runQuietly(title, command, args, {
    ...options,
    env: { ...process.env, NODE_ENV: '', npm_config_update_notifier: 'false' },
  });
};

const markerFile = inRoot('node_modules', '.desirepath-setup');

/** What was asked to be installed, and for which machine: a folder copied from another system is installed again. */
const wanted = () => {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const name of ['package.json', 'package-lock.json'])
    if (existsSync(inRoot(name))) hash.update(readFileSync(inRoot(name)));
  return hash.digest('hex');
};

const isInstalled = () => existsSync(markerFile) && readFileSync(markerFile, 'utf8') === wanted();

/** The runtime that npm's package `node` brings; a machine's own Node where that is as new. */
const findRuntime = () => {
  const candidates = [
    inRoot('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
    inRoot('node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node'),
    process.execPath,
  ];
  for (const path of candidates) {
    if (!existsSync(path)) continue;
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim();
    if (version && isAtLeast(version, leastRuntime)) return path;
  }
  throw new SetupError(
    `Node ${leastRuntime[0]} did not arrive with the packages. Delete node_modules and run this again; if npm is told to skip install scripts (ignore-scripts), allow them for the package "node", or install Node ${leastRuntime[0]} yourself.`,
  );
};

/** Packages with a native part: what each is for, and the sub-package of this machine, by its naming. */
const natives = ['chdb', 'lmdb'];

/** Null when it loads, else what Node said. In a child process, since a native library can take its process along. */
const loadProblem = (runtime, name) => {
  const child = spawnSync(runtime, ['--input-type=module', '-e', `await import(${JSON.stringify(name)})`], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (child.status === 0) return null;
  const lines = (child.stderr ?? '').split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /error/i.test(line)) ?? child.error?.message ?? `ended with ${child.signal ?? child.status}`
  );
};

const missingPart = (name) => {
  const { optionalDependencies = {} } = JSON.parse(readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8'));
  const machine = `-${process.platform}-${process.arch}`;
  const found = Object.entries(optionalDependencies).find(([part]) => part.includes(machine));
  return found === undefined || isMusl() ? null : `${found[0]}@${found[1]}`;
};

const isMusl = () =>
  process.platform === 'linux' && process.report.getReport().header.glibcVersionRuntime === undefined;

const unsupported = (name, problem) => {
  const advice =
    process.platform === 'win32'
      ? 'The embedded ClickHouse engine has no build for Windows: run this inside WSL 2 (in PowerShell: wsl --install), where it works as on Linux.'
      : isMusl()
        ? 'The embedded ClickHouse engine needs glibc, and this system (Alpine?) uses musl: take an image based on Debian, e.g. node:24-slim.'
        : `Delete node_modules and run this again; if it stays, this machine (${process.platform} ${process.arch}) has no build of it.`;
  return new SetupError(`The package "${name}" does not load here: ${problem}\n${advice}`);
};

/** A lock file made on one system may lack the native parts of another, and npm does not add them: then they are installed by name. */
const checkNatives = async (runtime) => {
  for (const name of natives) {
    const problem = loadProblem(runtime, name);
    if (problem === null) continue;
    const part = existsSync(inRoot('node_modules', name)) ? missingPart(name) : null;
    if (part === null) throw unsupported(name, problem);
    await install(`Installing ${part}, which the lock file lacks`, ['--no-save', part]);
    const stillWrong = loadProblem(runtime, name);
    if (stillWrong !== null) throw unsupported(name, stillWrong);
  }
};

const prepare = async () => {
  if (isInstalled()) return findRuntime();
  const isFirst = !existsSync(inRoot('node_modules'));
  await install(isFirst ? 'Installing packages (first time, about a minute)' : 'Updating packages', []);
  const runtime = findRuntime();
  await checkNatives(runtime);
  writeFileSync(markerFile, wanted());
  return runtime;
};

/** Milliseconds of the newest file under these paths, but for tests and what is built; 0 where there is none. */
const newest = (paths) => {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const found = statSync(path);
    if (!found.isDirectory()) {
      latest = Math.max(latest, found.mtimeMs);
      continue;
    }
    const names = readdirSync(path).filter((name) => !/^(dist|node_modules|.*\.test\.tsx?)$/.test(name));
    latest = Math.max(latest, newest(names.map((name) => join(path, name))));
  }
  return latest;
};

const builds = [
  {
    title: 'Building the tracking snippet',
    script: 'services/collector/snippet/build.mjs',
    sources: ['services/collector/snippet', 'package-lock.json'],
    output: 'services/collector/snippet/dist',
    args: ['services/collector/snippet/build.mjs'],
  },
  {
    title: 'Building the dashboards',
    script: 'dashboards/index.html',
    sources: ['dashboards', 'schemas', 'package-lock.json'],
    output: 'dashboards/dist',
    args: [
      'node_modules/vite/bin/vite.js',
      'build',
      'dashboards',
      '--config',
      'dashboards/vite.config.ts',
      '--logLevel',
      'error',
    ],
  },
];

/** Newest file of an output folder: what `newest` leaves out elsewhere is what counts here. */
const builtAt = (folder) => (existsSync(folder) ? newest(readdirSync(folder).map((name) => join(folder, name))) : 0);

const build = async (runtime) => {
  for (const { title, script, sources, output, args } of builds) {
    if (!existsSync(inRoot(script))) continue;
    if (builtAt(inRoot(output)) > newest(sources.map((path) => inRoot(path)))) continue;
    await runQuietly(title, runtime, args, { env: { ...process.env, NODE_ENV: 'production' } });
  }
};

/** Tools that the tests start by name are found, and start on the same runtime, without npm as well. */
const environment = (command) => {
  const path = [inRoot('node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  return { ...process.env, PATH: path, ...(command === 'start' ? { DEMO: process.env.DEMO ?? 'true' } : {}) };
};

/** Ends the product when this process is gone without a word (kill -9), so that nothing keeps the port and the data. */
const endWithParent =
  'data:text/javascript,process.once("disconnect",()=>process.kill(process.pid,"SIGTERM"));process.channel?.unref()';

/**
 * Runs our program and ends as it ends. It gets a process group of its own: else Ctrl-C would reach it from the terminal
 * and again from here, and a second one means "at once".
 */
const run = (runtime, command, rest) => {
  const child = spawn(runtime, ['--import', endWithParent, commands[command], ...rest], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
    env: environment(command),
  });
  let lastSignalAt = 0;
  const forward = (signal) => {
    if (Date.now() - lastSignalAt < sameSignalMilliseconds) return;
    lastSignalAt = Date.now();
    child.kill(signal);
  };
  process.on('SIGINT', () => forward('SIGINT'));
  process.on('SIGTERM', () => forward('SIGTERM'));
  process.on('SIGHUP', () => forward('SIGTERM'));
  child.on('error', (error) => {
    say(`${commands[command]} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
};

const main = async () => {
  const [command = 'start', ...rest] = process.argv.slice(2);
  if (!(command in commands))
    throw new SetupError(`"${command}" is not a command: ${Object.keys(commands).join(', ')}.`);
  checkNode();
  const runtime = await prepare();
  await build(runtime);
  if (!existsSync(inRoot(commands[command]))) throw new SetupError(`${commands[command]} is missing.`);
  run(runtime, command, rest);
};

main().catch((error) => {
  process.stderr.write(`\n${error instanceof SetupError ? error.message : error.stack}\n`);
  process.exit(1);
});
