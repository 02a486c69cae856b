/** The list with one of its members at another place. */
export const moved = <T>(list: readonly T[], from: number, to: number): T[] => {
  const others = list.filter((_, index) => index !== from);
  const one = list[from];
  return one === undefined ? [...list] : [...others.slice(0, to), one, ...others.slice(to)];
};
