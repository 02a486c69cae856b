import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux, whatever the machine: USER_HZ. */
const ticksPerSecond = 100;

type Usage = { parent: number; seconds: number };

const usages = (): Map<number, Usage> => {
  const all = new Map<number, Usage>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name in brackets may hold blanks: what follows it is by number.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      all.set(Number(name), {
        parent: Number(fields[1]),
        seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      });
    } catch {
      // It ended while we looked: it has no more to tell.
    }
  }
  return all;
};

/** Seconds of processor that a process and its children have used. Linux. */
export const cpuSeconds = (pid: number): number => {
  const all = usages();
  const sum = (each: number): number => {
    const children = [...all].filter(([, { parent }]) => parent === each);
    return (all.get(each)?.seconds ?? 0) + children.reduce((total, [child]) => total + sum(child), 0);
  };
  return sum(pid);
};

/** Children of this process. */
export const childrenOfUs = (): number[] =>
  [...usages()].filter(([, { parent }]) => parent === process.pid).map(([pid]) => pid);
