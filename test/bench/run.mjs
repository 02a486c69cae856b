// Speed, as ratios against a limit measured in the same run: `npm run bench`, or one by name: `npm run bench -- funnel`.
import { spawnSync } from 'node:child_process';

const benches = {
  collector: 'events/s, durable, against a bare Fastify route that parses the same body',
  log: 'durable appends/s of 17 KB against a plain file that is synced in groups',
  sink: 'rows/s into the warehouse against a plain insert of the same rows',
  questions: 'questions over 10 M events, each against a limit and against DuckDB on the same events',
  kafka: 'events/s from HTTP through Apache Kafka until they are stored, against the bare producer and a bare insert',
  automations: 'the planner among a million people; mails/s from the log to an SMTP server, against the mailer alone',
  'end-to-end': 'events/s from HTTP until they are stored, with the queue in the event loop',
};
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in benches));
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(1);
}
let failed = 0;
for (const [name, what] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.log(`\n── ${name}: ${what}`);
  const { status } = spawnSync(process.execPath, [new URL(`./${name}.ts`, import.meta.url).pathname], {
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
