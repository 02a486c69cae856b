import { readFileSync } from 'node:fs';

/** Something that is asked: its name, and the numbers of its answer. */
export type Asked = { name: string; ask: () => Promise<readonly number[]> };

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Milliseconds of CPU that this process and the engine's have used: what is left of a measurement on a machine that others use too. Linux only. */
const cpuMilliseconds = (enginePid: number): number => {
  const { user, system } = process.cpuUsage();
  try {
    const [, fields = ''] = readFileSync(`/proc/${enginePid}/stat`, 'utf8').split(') ');
    const [ticksOfUser = 0, ticksOfSystem = 0] = fields.split(' ').slice(11, 13).map(Number);
    return (user + system) / 1000 + (ticksOfUser + ticksOfSystem) * 10;
  } catch {
    return Number.NaN;
  }
};

type Timed = { ms: number; cpu: number; answer: readonly number[] };

/**
 * Asks each in turn, round by round, so that whatever else the machine does meets all of them; the first round warms up and is not counted. Medians, by name, and the
 * last answers.
 */
const timeInTurn = async (asked: readonly Asked[], rounds: number, enginePid: number): Promise<Map<string, Timed>> => {
  const runs = asked.map(({ name, ask }) => ({
    name,
    ask,
    ms: [] as number[],
    cpu: [] as number[],
    answer: [] as readonly number[],
  }));
  for (let round = 0; round <= rounds; round += 1)
    for (const run of runs) {
      const [startedAt, cpuBefore] = [performance.now(), cpuMilliseconds(enginePid)];
      run.answer = await run.ask();
      if (round === 0) continue;
      run.ms.push(performance.now() - startedAt);
      run.cpu.push(cpuMilliseconds(enginePid) - cpuBefore);
    }
  return new Map(runs.map(({ name, ms, cpu, answer }) => [name, { ms: median(ms), cpu: median(cpu), answer }]));
};

export type Comparison = {
  name: string;
  ours: Asked['ask'];
  /** What any exact answer has to do at least, and how many times as long ours may take. */
  limit?: { name: string; ask: Asked['ask']; most: number };
  /** The best of them counts, and all must give our answer. */
  others?: readonly Asked[];
};

const nothing: Timed = { ms: Number.NaN, cpu: Number.NaN, answer: [] };
const shown = ({ ms, cpu }: Timed): string => `${ms < 20 ? ms.toFixed(1) : ms.toFixed(0)} ms (CPU ${cpu.toFixed(0)})`;
const ratios = (a: Timed, b: Timed): string => `${(a.ms / b.ms).toFixed(2)} (CPU ${(a.cpu / b.cpu).toFixed(2)})`;

/** Prints a line, and answers whether it is within its limit and all answers are equal. */
export const compare = async (
  { name, ours, limit, others = [] }: Comparison,
  { rounds, enginePid }: { rounds: number; enginePid: number },
): Promise<boolean> => {
  const asked = [{ name: 'ours', ask: ours }, ...others, ...(limit === undefined ? [] : [limit])];
  const found = await timeInTurn(asked, rounds, enginePid);
  const timeOf = (each: string): Timed => found.get(each) ?? nothing;
  const own = timeOf('ours');
  console.log(`${name}: ${shown(own)}`);
  const isWithin = limit === undefined || own.ms / timeOf(limit.name).ms <= limit.most;
  if (limit !== undefined)
    console.log(
      `  ${ratios(own, timeOf(limit.name))} of ${limit.name}, ${shown(timeOf(limit.name))}; at most ${limit.most}${isWithin ? '' : ': MISSED'}`,
    );
  for (const other of others) {
    const its = timeOf(other.name);
    const isEqual = JSON.stringify(its.answer) === JSON.stringify(own.answer);
    console.log(
      `  ${other.name}: ${shown(its)}, ${ratios(its, own)} of ours; ${isEqual ? 'the same answer' : `ANOTHER ANSWER: ${its.answer.slice(0, 8)} and not ${own.answer.slice(0, 8)}`}`,
    );
  }
  return isWithin && others.every((other) => JSON.stringify(timeOf(other.name).answer) === JSON.stringify(own.answer));
};
