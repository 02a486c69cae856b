// Everything that must hold, in one run: types, lint, unused code, then every test. Arguments go to vitest
// (`npm test -- --project unit`), and then only vitest runs. `--faults`, `--fuzz`: the long form of these alone.
// Ends with `N passed, N failed`.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';

const root = new URL('..', import.meta.url).pathname;
const bin = `${root}node_modules/.bin/`;
const report = `${root}test/artifacts/report.json`;
const longForms = {
  '--faults': { project: 'faults', environment: { FAULTS: 'full' } },
  '--fuzz': { project: 'fuzz', environment: { FUZZ: 'full' } },
};
const long = longForms[process.argv[2]];
const asked = long === undefined ? process.argv.slice(2) : ['--project', long.project, ...process.argv.slice(3)];

const ways = {
  cwd: root,
  env: {
    ...process.env,
    ...long?.environment,
    PATH: `${bin}:${process.env.PATH}`,
    ...(process.env.CI ? { NO_COLOR: '1' } : { FORCE_COLOR: '1' }),
  },
};

/** What it says is shown when it is over, unless it is `live`: so several can run at the same time. */
const run = async (name, command, args, live = false) => {
  if (live) console.log(`\n── ${name}`);
  const startedAt = Date.now();
  const child = spawn(`${bin}${command}`, args, { ...ways, stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  const [status] = await once(child, 'close');
  if (!live) process.stdout.write(`\n── ${name}\n${Buffer.concat(said)}`);
  console.log(`   ${name}: ${status === 0 ? 'ok' : 'FAILED'} after ${Math.round((Date.now() - startedAt) / 1000)} s`);
  return status === 0;
};

/** Where no Chromium is, playwright can bring one; where it cannot be fetched either, its tests are skipped. */
const browserIsThere = () => {
  const places = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  if (places.some((place) => place && existsSync(place))) return true;
  const { status } = spawnSync(`${bin}playwright-core`, ['install', '--only-shell', 'chromium'], {
    cwd: root,
    stdio: 'ignore',
    timeout: 180_000,
  });
  return status === 0;
};

rmSync(`${root}test/artifacts`, { recursive: true, force: true });
mkdirSync(`${root}test/artifacts`, { recursive: true });

const checks =
  asked.length > 0
    ? []
    : await Promise.all(
        [
          ['types', 'tsc', ['--noEmit']],
          ['lint', 'biome', ['check', '.']],
          ['unused code', 'knip', ['--no-progress']],
        ].map(([name, command, args]) => run(name, command, args)),
      );

const hasBrowser = browserIsThere();
const vitest = ['run', '--config', 'test/vitest.config.ts', '--reporter=default', '--reporter=json'];
await run('tests', 'vitest', [...vitest, `--outputFile.json=${report}`, ...asked], true);

const results = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : null;
const failedSuites = (results?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const skipped = results === null ? 0 : results.numPendingTests + results.numTodoTests;
const passed = (results?.numPassedTests ?? 0) + checks.filter(Boolean).length;
const mayNotSkip = process.env.CI === 'true' && skipped > 0;
const failed =
  (results?.numFailedTests ?? 1) + failedSuites + checks.filter((ok) => !ok).length + (mayNotSkip ? skipped : 0);

if (!hasBrowser)
  console.log(
    '\nSkipped: the browser tests, since there is no Chromium. Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.',
  );
else if (skipped > 0) console.log(`\nSkipped: ${skipped} tests.`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
