import { type ReactNode, useId } from 'react';

/** A framed part of a page with its title; `flush` lets lists reach its edges. */
export const Tile = ({
  title,
  aside,
  flush = false,
  children,
}: {
  title?: string;
  aside?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) => {
  const id = useId();
  return (
    <section className={flush ? 'tile flush' : 'tile'} {...(title === undefined ? {} : { 'aria-labelledby': id })}>
      {title !== undefined && (
        <div className="tile-head">
          <h2 id={id}>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
};

export const PageHead = ({
  title,
  children,
  before,
  isOneLine = false,
}: {
  title: string;
  children?: ReactNode;
  before?: ReactNode;
  /** What is beside the title stays there, however long that is when it comes. */
  isOneLine?: boolean;
}) => (
  <header className={isOneLine ? 'page-head one-line' : 'page-head'}>
    <title>{`${title} · Desirepath`}</title>
    <div className="row">
      {before}
      <h1 className="break">{title}</h1>
    </div>
    {children !== undefined && <div className="row wrap">{children}</div>}
  </header>
);

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain';
export const Tag = ({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) => (
  <span className={`tag ${tone}`}>{children}</span>
);
