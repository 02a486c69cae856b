import { Button, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Answer } from '../ask.ts';
import { Problem } from '../call.ts';
import { faultWords } from '../fault-words.ts';

/** Nothing to show: why, and what to do next. */
export const State = ({ title, children, minHeight }: { title: string; children?: ReactNode; minHeight?: number }) => (
  <div className="state" style={{ minHeight }}>
    <strong>{title}</strong>
    {children !== undefined && <div>{children}</div>}
  </div>
);

export const ErrorState = ({ error, retry, minHeight }: { error: Error; retry: () => void; minHeight?: number }) => {
  const errors = error instanceof Problem ? error.errors : [];
  // What is refused is refused again.
  const isRefused = error instanceof Problem && error.status === 400;
  return (
    <div className="state" role="alert" style={{ minHeight }}>
      <strong>{isRefused ? 'This cannot be answered' : 'This could not be loaded'}</strong>
      {errors.length === 0 && <div className="break">{error.message}</div>}
      {errors.map(({ path, message }) => (
        <div key={path + message} className="break">
          {faultWords(message)} <code className="soft">({path})</code>
        </div>
      ))}
      {!isRefused && (
        <Button variant="default" size="compact-sm" onClick={retry} mt={6}>
          Try again
        </Button>
      )}
    </div>
  );
};

/** One of the four states of a tile, each as high as what it stands for. A failed refresh keeps what was there. */
export const Shown = <T,>({
  answer,
  height,
  empty,
  children,
}: {
  answer: Answer<T>;
  height: number;
  empty?: (data: T) => ReactNode | null;
  children: (data: T) => ReactNode;
}) => {
  if (answer.data !== undefined) return empty?.(answer.data) ?? children(answer.data);
  if (answer.error !== null)
    return <ErrorState error={answer.error} retry={() => void answer.refetch()} minHeight={height} />;
  return <Skeleton height={height} radius="md" aria-hidden />;
};

/** Why what stands there could not be refreshed; nothing where it could, or where nothing stands there. */
export const RefreshFault = <T,>({ answer }: { answer: Answer<T> }) =>
  answer.data === undefined || answer.error === null ? null : (
    <p role="alert" style={{ color: 'var(--bad)', marginTop: 8 }}>
      {answer.error.message}
    </p>
  );

/** What stands there while the next answer is on its way: faded, and said to be busy. */
export const Renewed = <T,>({ answer, children }: { answer: Answer<T>; children: ReactNode }) => (
  <div
    style={{ opacity: answer.isPlaceholderData ? 0.55 : 1, transition: 'opacity .2s' }}
    aria-busy={answer.isFetching}
  >
    {children}
  </div>
);
