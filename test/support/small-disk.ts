import { spawnSync } from 'node:child_process';

/** With a file system of its own, which no other process sees; needs no rights on most Linux machines. */
const ownMount = ['unshare', '--user', '--map-root-user', '--mount'] as const;
/** Where the machine forbids that and we are root. */
const rootMount = ['unshare', '--mount'] as const;

const works = ([command, ...args]: readonly string[], folder: string): boolean =>
  spawnSync(command ?? '', [...args, 'mount', '-t', 'tmpfs', 'tmpfs', folder]).status === 0;

/**
 * The command line that runs a command on a disk of so many bytes, mounted at `folder`: a tmpfs where the machine lets us, else the shell's limit of a
 * file's size, which makes a write fail as a full disk does.
 */
export const onSmallDisk = (folder: string, bytes: number, command: readonly string[]): readonly string[] => {
  for (const prefix of [ownMount, rootMount])
    if (works(prefix, folder))
      return [...prefix, 'sh', '-c', `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`, folder, ...command];
  return ['sh', '-c', `ulimit -f ${Math.floor(bytes / 512)} && exec "$@"`, 'sh', ...command];
};
