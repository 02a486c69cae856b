import { Button } from '@mantine/core';
import { ArrowLeft, ArrowRight } from 'lucide-react';
import { useRef } from 'react';

/**
 * Pages by cursor: forward by the cursor of the answer, back to what was seen before, or to the start where the address was
 * opened in the middle.
 */
export const Pager = ({
  cursor,
  nextCursor,
  onChange,
  names: [back, on] = ['Newer', 'Older'],
}: {
  cursor: string;
  nextCursor: string | null;
  onChange: (cursor: string) => void;
  /** Of the two ways, where the list is not by time. */
  names?: readonly [back: string, on: string];
}) => {
  const before = useRef<string[]>([]);
  if (cursor === '' && nextCursor === null) return null;
  return (
    <nav
      className="row apart"
      aria-label="Pages of the list"
      style={{ padding: '12px 18px', borderTop: '1px solid var(--line)' }}
    >
      <Button
        variant="default"
        size="compact-md"
        leftSection={<ArrowLeft size={15} />}
        disabled={cursor === ''}
        onClick={() => onChange(before.current.pop() ?? '')}
      >
        {back}
      </Button>
      <Button
        variant="default"
        size="compact-md"
        rightSection={<ArrowRight size={15} />}
        disabled={nextCursor === null}
        onClick={() => {
          if (nextCursor === null) return;
          before.current.push(cursor);
          onChange(nextCursor);
        }}
      >
        {on}
      </Button>
    </nav>
  );
};
