// Builds dist/analytics.min.js: one script, minified. The server fills in the write key when it serves it.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const folder = new URL('.', import.meta.url);

/** The script's text, as it is served but for the write key. */
export const buildSnippet = async () => {
  const [result] = await build({
    configFile: false,
    root: fileURLToPath(folder),
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2020',
      minify: true,
      lib: { entry: fileURLToPath(new URL('analytics.ts', folder)), formats: ['iife'], name: 'desirepath' },
    },
  });
  return result.output[0].code;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const code = await buildSnippet();
  await mkdir(new URL('dist/', folder), { recursive: true });
  await writeFile(new URL('dist/analytics.min.js', folder), code);
}
