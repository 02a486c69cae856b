import type { CSSProperties, ReactNode } from 'react';

/** Around a table that may be larger than its place: the keyboard scrolls it too. */
export const TableBox = ({ label, style, children }: { label: string; style?: CSSProperties; children: ReactNode }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
  <section className="table-box" tabIndex={0} aria-label={label} style={style}>
    {children}
  </section>
);
