import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

test('the script that every page loads stays under 3 KB', async () => {
  const address = new URL('build.mjs', import.meta.url).href;
  const { buildSnippet } = (await import(address)) as { buildSnippet: () => Promise<string> };
  const code = await buildSnippet();
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(3000);
  expect(code).toContain('__WRITE_KEY__');
});
