import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian, other Linuxes and macOS keep a Chromium; CHROMIUM names another. */
const places = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Path of a browser on this machine, or null: then browser tests are skipped, and the run says so. */
export const chromiumPath = (): string | null => {
  const installed = places.find((place) => place !== '' && existsSync(place));
  if (installed !== undefined) return installed;
  const own = chromium.executablePath();
  return existsSync(own) ? own : null;
};

/** A headless browser that asks nothing of the network but our own server. */
export const openBrowser = (): Promise<Browser> => {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error('no Chromium on this machine');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
};
