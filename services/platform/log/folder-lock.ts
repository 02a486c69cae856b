import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path that every system takes for a socket. */
const longestSocketPath = 100;

const socketPath = (folder: string): string => {
  const inside = join(folder, 'in-use.sock');
  if (Buffer.byteLength(inside) <= longestSocketPath) return inside;
  return join(tmpdir(), `desirepath-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.sock`);
};

/** The pid of the process that answers at the socket, or null when nobody does: the file is a dead process's. */
const ownerOf = async (path: string): Promise<string | null> => {
  const socket = connect(path);
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString();
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
};

const listen = async (path: string): Promise<Server | null> => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(process.pid));
  });
  try {
    server.listen(path);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
};

/**
 * Takes a folder for this process until `release`, or until the process dies in whatever way: a listening socket cannot outlive it.
 * @throws Error naming the folder and the process that has it.
 */
export const lockFolder = async (folder: string): Promise<{ release(): Promise<void> }> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = socketPath(realpathSync(folder));
  let server = await listen(path);
  if (server === null) {
    const owner = await ownerOf(path);
    if (owner !== null)
      throw new Error(`${folder} is in use by process ${owner}: stop it, or set DATA_DIR to another folder.`);
    rmSync(path, { force: true });
    server = await listen(path);
  }
  if (server === null) throw new Error(`${folder} was taken by another process just now.`);
  const held = server;
  held.unref();
  return {
    release: () => new Promise((resolve) => held.close(() => resolve())),
  };
};
