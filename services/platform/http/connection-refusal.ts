import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problems } from '../../../schemas/problem.ts';
import { Failure } from '../failure.ts';
import { problemOf } from './problem.ts';
import type { UnderWay } from './under-way.ts';

type ConnectionError = Error & { code?: string; reason?: string };

const failureOf = ({ code, reason }: ConnectionError): Failure => {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new Failure('too_slow', 'expected headers within 15 s and the whole request within 30 s');
  if (code === 'HPE_HEADER_OVERFLOW') return new Failure('header_too_large', 'expected at most 16 KB of headers');
  return new Failure('bad_request', `this is no request of HTTP/1.1: ${reason ?? code ?? 'it cannot be read'}`);
};

const answerOf = (failure: Failure): string => {
  const { status } = problems[failure.code];
  const text = JSON.stringify(problemOf(failure));
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};

/** Listens to every error of a connection. Answers what is no request of HTTP, or did not come in time, and ends the connection. */
export type ConnectionRefusal = (error: ConnectionError, socket: Socket) => Promise<void>;

/**
 * Whole requests that came before on the same connection are answered first: their senders would take the refusal for the answer to them, and it would
 * end in the middle of an answer that is being sent.
 */
export const createConnectionRefusal = (underWay: () => UnderWay): ConnectionRefusal => {
  const refused = new WeakSet<Socket>();
  return async (error, socket) => {
    // Whatever comes behind what could not be read cannot be read either.
    if (error.code === 'ECONNRESET' || socket.destroyed || refused.has(socket)) return;
    refused.add(socket);
    const whole = [...underWay().on(socket)].filter(({ req }) => req.complete);
    await Promise.all(whole.map((response) => new Promise((resolve) => response.once('close', resolve))));
    if (socket.writable) socket.write(answerOf(failureOf(error)));
    socket.destroySoon();
  };
};
