import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';

/** Longer than a server takes to write what it has. */
const stopSeconds = 30;

/** What a test does to a server, done to its container: testcontainers itself knows no kill. Its data and its fixed port stay. */
export const controlOf = (container: StartedTestContainer) => {
  const inDocker = async () => (await getContainerRuntimeClient()).container.getById(container.getId());
  const isRunning = async (): Promise<boolean> => (await (await inDocker()).inspect()).State.Running;
  return {
    start: async (): Promise<void> => void (await (await inDocker()).start()),
    kill9: async (): Promise<void> => {
      if (await isRunning()) await (await inDocker()).kill({ signal: 'SIGKILL' });
    },
    /** Answers the exit code. */
    stop: async (): Promise<number> => {
      if (await isRunning()) await (await inDocker()).stop({ t: stopSeconds });
      return (await (await inDocker()).inspect()).State.ExitCode;
    },
    /** All of the container stands still, not only its first process. */
    signal: async (signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> =>
      void (await (signal === 'SIGSTOP' ? (await inDocker()).pause() : (await inDocker()).unpause())),
  };
};
