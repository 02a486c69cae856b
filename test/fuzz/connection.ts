import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Sent } from './bodies.ts';

export type Answer = { status: number; headers: Readonly<Record<string, string>>; text: string };

const headEnd = Buffer.from('\r\n\r\n');

/** The first answer in these bytes and where it ends; null where it is not all there. Ours always say their length. */
const parseAnswer = (bytes: Buffer): { answer: Answer; end: number } | null => {
  const at = bytes.indexOf(headEnd);
  if (at < 0) return null;
  const [first = '', ...lines] = bytes.toString('latin1', 0, at).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const end = at + headEnd.length + Number(headers['content-length'] ?? 0);
  if (bytes.length < end) return null;
  return {
    answer: { status: Number(first.split(' ', 2)[1]), headers, text: bytes.toString('utf8', at + 4, end) },
    end,
  };
};

/** Every answer in these bytes. */
export const parseAnswers = (bytes: Buffer): Answer[] => {
  const answers: Answer[] = [];
  for (let rest = bytes; ; ) {
    const parsed = parseAnswer(rest);
    if (parsed === null) return answers;
    answers.push(parsed.answer);
    rest = rest.subarray(parsed.end);
  }
};

/** A request as it goes over the wire. In chunks where `pieces` are given: how long each is. */
export const wireOf = ({ path, headers, bytes }: Sent, pieces: readonly number[] = []): Buffer => {
  const isChunked = pieces.length > 0;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = isChunked ? 'transfer-encoding: chunked' : `content-length: ${bytes.length}`;
  const head = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n\r\n`, 'latin1');
  if (!isChunked) return Buffer.concat([head, bytes]);
  const parts: Buffer[] = [head];
  let from = 0;
  for (const size of [...pieces, bytes.length]) {
    const piece = bytes.subarray(from, from + size);
    from += size;
    if (piece.length > 0) parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
};

/** A connection that is kept: requests follow each other without waiting, answers come in their order. */
export const openConnection = async (port: number) => {
  const socket: Socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  const waiting: { take(answer: Answer): void; fail(error: Error): void }[] = [];
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    for (;;) {
      const parsed = parseAnswer(received);
      if (parsed === null) return;
      received = received.subarray(parsed.end);
      waiting.shift()?.take(parsed.answer);
    }
  });
  const failAll = (): void => {
    for (const { fail } of waiting.splice(0)) fail(new Error('the connection was closed before the answer'));
  };
  socket.on('error', failAll);
  socket.on('close', failAll);
  return {
    /** @throws Error where the connection ends before the answer */
    send: (wire: Buffer): Promise<Answer> =>
      new Promise((take, fail) => {
        waiting.push({ take, fail });
        socket.write(wire);
      }),
    close: (): void => void socket.destroy(),
  };
};
