import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The answers that are due on each connection. Who wants to know more of a request listens to the server after this does. */
export type UnderWay = { on(socket: Socket): ReadonlySet<ServerResponse> };

const none: ReadonlySet<ServerResponse> = new Set();

export const watchUnderWay = (server: Server): UnderWay => {
  const bySocket = new WeakMap<Socket, Set<ServerResponse>>();
  server.on('request', ({ socket }, response) => {
    const responses = bySocket.get(socket) ?? new Set();
    bySocket.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  });
  return { on: (socket) => bySocket.get(socket) ?? none };
};
