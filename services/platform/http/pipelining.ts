import type { Server } from 'node:http';

/**
 * Bounds what one connection can have us hold: while more than `mostUnderWay` of its requests wait for their answers, nothing more is read from it. Node
 * itself only waits where answers are not taken; requests are read as fast as they come, however long their answers take. A piece that has been read (64 KB)
 * is still worked off, so there may be some hundreds more.
 */
export const boundPipelining = (server: Server, mostUnderWay: number): void => {
  const underWay = new WeakMap<object, number>();
  const isFull = (socket: object): boolean => (underWay.get(socket) ?? 0) > mostUnderWay;

  server.on('request', ({ socket }, response) => {
    if (!underWay.has(socket))
      // Each body that begins to be read asks for more of the connection.
      socket.on('resume', () => {
        if (isFull(socket)) socket.pause();
      });
    underWay.set(socket, (underWay.get(socket) ?? 0) + 1);
    if (isFull(socket)) socket.pause();
    response.once('close', () => {
      const wasFull = isFull(socket);
      underWay.set(socket, (underWay.get(socket) ?? 0) - 1);
      if (wasFull && !isFull(socket)) socket.resume();
    });
  });
};
