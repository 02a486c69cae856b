export type Agent = { browser: string; os: string; device: string };

const browsers: readonly [string, RegExp][] = [
  ['Edge', /\bEdgA?(?:iOS)?\//],
  ['Opera', /\bOPR\/|\bOpera\b/],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\bFirefox\/|\bFxiOS\//],
  ['Chrome', /\bChrome\/|\bCriOS\//],
  ['Safari', /\bSafari\//],
];
const systems: readonly [string, RegExp][] = [
  ['iOS', /\b(?:iPhone|iPad|iPod)\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b|\bMacintosh\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

const nameOf = (table: readonly [string, RegExp][], text: string): string =>
  table.find(([, pattern]) => pattern.test(text))?.[0] ?? '';

const deviceOf = (text: string): string => {
  if (/\biPad\b|\bTablet\b|\bAndroid\b(?!.*\bMobile\b)/.test(text)) return 'Tablet';
  if (/\bMobile\b|\biPhone\b|\biPod\b/.test(text)) return 'Phone';
  return /\bMozilla\//.test(text) ? 'Computer' : '';
};

/** User agents that are remembered: a shop sees some thousand. */
const remembered = 5000;
/** Nothing that a browser sends is longer; not reading on bounds the work. */
const longestAgent = 400;

/** Browser, system and kind of device; '' for what is none. */
export const createAgentReader = (): ((userAgent: string) => Agent) => {
  const known = new Map<string, Agent>();
  return (userAgent) => {
    const found = known.get(userAgent);
    if (found !== undefined) return found;
    const head = userAgent.slice(0, longestAgent);
    const agent = { browser: nameOf(browsers, head), os: nameOf(systems, head), device: deviceOf(head) };
    if (known.size >= remembered) known.clear();
    known.set(userAgent, agent);
    return agent;
  };
};
