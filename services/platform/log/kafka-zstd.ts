import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** The fastest of the levels that are no special ones: JSON of shops is a tenth then, and the highest level saves little more. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 };
/** How much smaller a batch is packed, at most: what comes out is in one piece then, and not in sixty of Node's 16 KB. */
const mostRatio = 16;
const leastPieceBytes = 16 * 1024;
const mostPieceBytes = 1024 * 1024;
/** Of one batch unpacked; ours are below 2 MB, or one record of 16 MB. */
const mostUnpackedBytes = 128 * 1024 * 1024;

const pieceBytes = (expected: number): number =>
  Math.max(leastPieceBytes, Math.min(mostPieceBytes, Math.ceil(expected)));

/**
 * kafkajs brings gzip only. Records are JSON: a tenth of the bytes on the network and on the brokers' disks, and less work too, since kafkajs computes a
 * checksum in JavaScript over what it sends (6 µs an event of 850 bytes, as against 1 µs to compress and unpack it). Both are done at once, without the
 * thread pool: the way there and back costs as much as the half millisecond of a batch.
 */
export const useZstd = (): void => {
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: { buffer: Buffer }) =>
      zstdCompressSync(buffer, { params, chunkSize: pieceBytes(buffer.length / 4) }),
    decompress: async (bytes: Buffer) =>
      zstdDecompressSync(bytes, {
        maxOutputLength: mostUnpackedBytes,
        chunkSize: pieceBytes(bytes.length * mostRatio),
      }),
  });
};
