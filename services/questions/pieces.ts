/** Values travel in the address of a question: so many characters at a time. Servers take 1 MB, with the rest of the question. */
const pieceCharacters = 200_000;

/** Different values, in lists that fit into one question each. */
export const inPieces = (values: readonly string[]): string[][] => {
  const pieces: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const value of new Set(values)) {
    const length = encodeURIComponent(value).length + 9;
    if (size + length > pieceCharacters) {
      pieces.push([]);
      size = 0;
    }
    pieces.at(-1)?.push(value);
    size += length;
  }
  return pieces;
};
