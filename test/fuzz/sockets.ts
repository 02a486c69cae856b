import { connect, type Socket } from 'node:net';
import { type Answer, parseAnswers } from './connection.ts';

/** What came over a connection, and whether the server closed it. */
export type Exchange = { bytes: Buffer; answers: Answer[]; isClosed: boolean };

const outcomeOf = (chunks: readonly Buffer[], isClosed: boolean): Exchange => {
  const bytes = Buffer.concat(chunks);
  return { bytes, answers: parseAnswers(bytes), isClosed };
};

/** Sends bytes, then listens until the server closes, or has said nothing for `quietMilliseconds`. */
export const exchange = (port: number, bytes: Buffer, quietMilliseconds: number): Promise<Exchange> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A connection that is reset is closed too.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(outcomeOf(chunks, true)));
    socket.setTimeout(quietMilliseconds, () => {
      resolve(outcomeOf(chunks, false));
      socket.destroy();
    });
    socket.write(bytes);
  });

/** Opens with `head`, then adds `drop` (if any) every half second, for as long as the server lets it. */
export const drip = (port: number, head: string, drop: string): Promise<Exchange> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    if (head !== '') socket.write(head);
    const add = (): void => {
      if (socket.writable) socket.write(drop);
    };
    const dripping = drop === '' ? undefined : setInterval(add, 500);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(dripping);
      resolve(outcomeOf(chunks, true));
    });
  });

/** A client that writes for ever and never reads. Answers how many bytes it got rid of until nobody took more for `seconds`. */
export const neverRead = (port: number, bytes: Buffer, seconds: number): Promise<{ socket: Socket; taken: number }> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').pause();
    socket.on('error', reject);
    const pump = (): void => {
      while (socket.write(bytes));
      socket.once('drain', pump);
    };
    let before = -1;
    const looking = setInterval(() => {
      const taken = socket.bytesWritten - socket.writableLength;
      if (taken === before) {
        clearInterval(looking);
        resolve({ socket, taken });
      }
      before = taken;
    }, seconds * 1000);
    pump();
  });
