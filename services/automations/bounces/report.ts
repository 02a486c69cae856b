import { isAboutSender, isNoMailbox, mayPass, saysNoMailbox } from '../../platform/mail/bounce.ts';

/** What a report about a mail says of one recipient. */
export type Reported = {
  /** `soft`: it came back, but the mailbox may take the next one. */
  kind: 'bounce' | 'soft' | 'complaint';
  /** Lower-case; null where it was left out, which some do with who complains. */
  address: string | null;
  /** Of the mail that it is about, without its brackets; null where the report does not say. */
  messageId: string | null;
  /** In the words of who reports it; '' for none. */
  reason: string;
};

type Fields = ReadonlyMap<string, string>;

/** Reports are small; more parts or recipients than this are no report of one of our mails, which go to one person each. */
const mostParts = 20;
const mostRecipients = 100;

/** One kind of line end from here on. */
const unixLines = (text: string): string => text.replace(/\r\n?/g, '\n');

/** Of a field; none that matters is longer. */
const longestField = 1000;

/** A block of header fields, unfolded; of a repeated field the first counts. */
const fieldsOf = (block: string): Fields => {
  const fields = new Map<string, string>();
  for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(at, 0)).trim().toLowerCase();
    if (name !== '' && !fields.has(name)) fields.set(name, line.slice(at + 1, at + longestField).trim());
  }
  return fields;
};

type Part = { head: Fields; body: string };
const partOf = (text: string): Part => {
  // A part may begin with the empty line: then it has no header.
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n');
  if (end === -1) return { head: fieldsOf(text), body: '' };
  return { head: fieldsOf(text.slice(0, end)), body: text.slice(end).replace(/^\n{1,2}/, '') };
};

const typeOf = ({ head }: Part): string => /^[^;\s]*/.exec(head.get('content-type') ?? '')?.[0].toLowerCase() ?? '';
const parameterOf = ({ head }: Part, name: string): string => {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(head.get('content-type') ?? '');
  return (found?.[1] ?? found?.[2] ?? '').trim();
};

/** The body in plain: reports may come in base 64 or quoted-printable. Their fields are ASCII. */
const decoded = ({ head, body }: Part): string => {
  switch (head.get('content-transfer-encoding')?.toLowerCase()) {
    case 'base64':
      return unixLines(Buffer.from(body, 'base64').toString('utf8'));
    case 'quoted-printable':
      return body
        .replace(/=[ \t]*\n/g, '')
        .replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    default:
      return body;
  }
};

/** The parts of a multipart, the first `mostParts`. */
const partsOf = (message: Part): Part[] => {
  const boundary = parameterOf(message, 'boundary');
  if (boundary === '') return [];
  const parts: string[][] = [];
  for (const line of message.body.split('\n')) {
    const mark = line.trimEnd();
    if (mark === `--${boundary}--`) break;
    if (mark === `--${boundary}`) parts.push([]);
    else parts.at(-1)?.push(line);
    if (parts.length > mostParts) break;
  }
  return parts.slice(0, mostParts).map((lines) => partOf(lines.join('\n')));
};

/** `rfc822; ada@example.com`, `<ada@example.com>` */
const addressOf = (field: string | undefined): string | null =>
  /[^\s<>;,"]+@[^\s<>;,"]+/.exec(field?.replace(/^\s*[a-z0-9-]+\s*;/i, '') ?? '')?.[0].toLowerCase() ?? null;

/** Whether a failure for good is about the mailbox. Where the code does not tell, the words do; where there are none, the failure is what counts. */
const isMailboxGone = (status: string, diagnostic: string): boolean =>
  !isAboutSender(diagnostic) && (saysNoMailbox(status) ?? (diagnostic === '' || isNoMailbox(diagnostic)));

/** Null for what is about us or the message. */
const kindOf = (status: string, diagnostic: string): 'bounce' | 'soft' | null => {
  if (/^5\./.test(status) && isMailboxGone(status, diagnostic)) return 'bounce';
  return mayPass(status) ? 'soft' : null;
};

/** The id in `<k3…@shop.example>`. */
export const messageIdIn = (field: string | undefined): string | null =>
  /[^\s<>]+@[^\s<>]+/.exec(field ?? '')?.[0] ?? null;

const originalTypes = ['message/rfc822', 'message/global', 'text/rfc822-headers', 'message/global-headers'];
/** The mail that a report is about comes along, whole or its header. */
const originalOf = (parts: readonly Part[]): Fields => {
  const original = parts.find((part) => originalTypes.includes(typeOf(part)));
  return original === undefined ? new Map() : fieldsOf(decoded(original).trimStart().split('\n\n', 1)[0] ?? '');
};

/**
 * What a delivery status says (RFC 3464): a block on the message, then one on each recipient. The original recipient is whom we wrote to; the final one
 * may lie behind a forward.
 */
const bouncesOf = (body: string, original: Fields): Reported[] =>
  body
    .split(/\n{2,}/)
    .slice(0, mostRecipients)
    .flatMap((block) => {
      const fields = fieldsOf(block);
      const address = addressOf(fields.get('original-recipient')) ?? addressOf(fields.get('final-recipient'));
      const hasFailed = fields.get('action')?.toLowerCase() === 'failed';
      const status = fields.get('status') ?? '';
      const words = fields.get('diagnostic-code') ?? '';
      if (address === null || !hasFailed) return [];
      const kind = kindOf(status, words);
      if (kind === null) return [];
      return [
        {
          kind,
          address,
          messageId: messageIdIn(original.get('message-id')),
          reason: words || status,
        },
      ];
    });

/** A complaint (RFC 5965). Providers leave the recipient out at times: then the mail that is complained of says to whom it went, or which it was. */
const complaintOf = (body: string, original: Fields): Reported[] => {
  const fields = fieldsOf(body);
  const kind = fields.get('feedback-type')?.toLowerCase() ?? '';
  // `not-spam` takes a complaint back; `opt-out` is one politely.
  if (!['abuse', 'fraud', 'virus', 'opt-out', 'other'].includes(kind)) return [];
  const address = addressOf(fields.get('original-rcpt-to')) ?? addressOf(original.get('to'));
  return [{ kind: 'complaint', address, messageId: messageIdIn(original.get('message-id')), reason: kind }];
};

/** Those whom a report says not to write to any more; null for a mail that is no report. */
export const readReport = (text: string): Reported[] | null => {
  const message = partOf(unixLines(text).trimStart());
  const parts = partsOf(message);
  const status = parts.find((part) =>
    ['message/delivery-status', 'message/global-delivery-status'].includes(typeOf(part)),
  );
  const original = originalOf(parts);
  if (status !== undefined) return bouncesOf(decoded(status), original);
  const feedback = parts.find((part) => typeOf(part) === 'message/feedback-report');
  return feedback === undefined ? null : complaintOf(decoded(feedback), original);
};
