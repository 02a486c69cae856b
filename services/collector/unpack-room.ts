/** What unpacked bodies hold together, from before they are unpacked until their events are on the log. */
export type UnpackRoom = {
  /** Runs `work` once there is room for `mostBytes`, in the order of the calls; `shrink` gives back what turned out not to be needed. */
  use<T>(mostBytes: number, work: (shrink: (bytes: number) => void) => Promise<T>): Promise<T>;
};

/**
 * A compressed body of 80 KB may hold 16 MB, and a hundred of them came to 4.6 GB at once. Unpacking takes turns on the thread pool
 * anyway, so waiting for room costs no throughput; what waits is small and counted elsewhere (platform/http/body-room.ts).
 */
export const createUnpackRoom = (roomBytes: number): UnpackRoom => {
  const waiting: { bytes: number; enter(): void }[] = [];
  let free = roomBytes;

  const admit = (): void => {
    for (let first = waiting[0]; first !== undefined && first.bytes <= free; first = waiting[0]) {
      waiting.shift();
      free -= first.bytes;
      first.enter();
    }
  };

  return {
    use: async (mostBytes, work) => {
      // One that is larger than the room has it for itself.
      let held = Math.min(mostBytes, roomBytes);
      await new Promise<void>((enter) => {
        waiting.push({ bytes: held, enter });
        admit();
      });
      const shrink = (bytes: number): void => {
        if (bytes >= held) return;
        free += held - bytes;
        held = bytes;
        admit();
      };
      try {
        return await work(shrink);
      } finally {
        shrink(0);
      }
    },
  };
};
