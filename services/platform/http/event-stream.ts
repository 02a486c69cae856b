import type { FastifyReply } from 'fastify';

/** A reader this far behind does not read: it is dropped, so that its backlog does not grow here. */
const mostBufferedBytes = 1_000_000;

export type EventStream = {
  /** Sends one message (JSON), or a comment that keeps the connection open through proxies. */
  send(message: unknown): void;
  keepOpen(): void;
  end(): void;
};

/** Turns a request's answer into server-sent events. `closed` runs once, whoever hangs up. */
export const openEventStream = (reply: FastifyReply, closed: () => void): EventStream => {
  reply.hijack();
  reply.raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  reply.raw.write('retry: 2000\n\n');
  reply.raw.on('close', closed);
  const write = (text: string): void => {
    if (reply.raw.writableLength > mostBufferedBytes) reply.raw.destroy();
    else reply.raw.write(text);
  };
  return {
    send: (message) => write(`data: ${JSON.stringify(message)}\n\n`),
    keepOpen: () => write(': nothing new\n\n'),
    end: () => void reply.raw.end(),
  };
};
