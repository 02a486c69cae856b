import fc from 'fast-check';
import MailComposer from 'nodemailer/lib/mail-composer';
import { expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { composeMime } from './mime.ts';

const pieces = fc.constantFrom('a', ' ', '=', '\n', '\r\n', 'ü', '🧺', '\t', '.', 'long word ');
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
  fc.array(pieces, { minLength: 1, maxLength: 400 }).map((all) => all.join('')),
);
const line = fc.string({ unit: 'grapheme' }).map((said) => said.replace(/[\r\n]/g, ''));

/** It is drawn by chance. */
const withoutBoundary = (message: Buffer): string => {
  const said = message.toString();
  return said.replaceAll(/boundary="?([^";\r\n]+)/.exec(said)?.[1] ?? '-', 'boundary');
};

test('whatever a mail says, its bytes are those that the library streams', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, line, line, async (plain, html, subject, name) => {
      const from = { name: 'Wren & Sons', address: 'hello@shop.example' };
      const to = { name, address: 'ada@example.com' };
      const headers = { 'List-Unsubscribe': '<https://shop.example/u/1>' };
      const at = new Date(0);
      const mail = { id: 'action-1', site: 'shop', from, to, subject, html, text: plain, headers };
      const streamed = await new MailComposer({
        from,
        to,
        subject,
        text: plain,
        html,
        date: at,
        messageId: '<action-1@shop.example>',
        headers,
        newline: 'win',
      })
        .compile()
        .build();
      expect(withoutBoundary(await composeMime(mail, at, null))).toBe(withoutBoundary(streamed));
    }),
    { numRuns: runs(200) },
  );
});
