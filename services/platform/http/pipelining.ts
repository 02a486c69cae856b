import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { UnderWay } from './under-way.ts';

/**
 * Bounds what one connection can have us hold: while more than `mostUnderWay` of its requests wait for their answers, nothing more is read from it. Node
 * itself only waits where answers are not taken; requests are read as fast as they come, however long their answers take. A piece that has been read (64 KB)
 * is still worked off, so there may be some hundreds more.
 */
export const boundPipelining = (server: Server, underWay: UnderWay, mostUnderWay: number): void => {
  const isFull = (socket: Socket): boolean => underWay.on(socket).size > mostUnderWay;

  server.on('connection', (socket) => {
    // Each body that begins to be read asks for more of the connection.
    socket.on('resume', () => {
      if (isFull(socket)) socket.pause();
    });
  });
  server.on('request', ({ socket }, response) => {
    if (isFull(socket)) socket.pause();
    response.once('close', () => {
      if (underWay.on(socket).size === mostUnderWay) socket.resume();
    });
  });
};
