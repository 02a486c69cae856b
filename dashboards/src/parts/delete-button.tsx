import { Button } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Faults } from './faults.tsx';

/** Asks once more in its own place, where the hand or the focus already is, and says why where it is refused. */
export const DeleteButton = ({
  name,
  consequence,
  deleting,
  verb = 'Delete',
}: {
  name: string;
  consequence: string;
  deleting: UseMutationResult<unknown, Error, void>;
  verb?: 'Delete' | 'Remove';
}) => {
  const [isAsking, setAsking] = useState<boolean | null>(null);
  if (isAsking !== true)
    return (
      <Button
        variant="default"
        size="xs"
        leftSection={<Trash2 size={15} />}
        autoFocus={isAsking === false}
        onClick={() => setAsking(true)}
      >
        {verb}
      </Button>
    );
  const keep = (): void => {
    deleting.reset();
    setAsking(false);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="row wrap" role="group" aria-label={`${verb} ${name}?`}>
      <span className="small">{consequence}</span>
      <Button variant="default" size="xs" autoFocus onClick={keep}>
        Keep it
      </Button>
      <Button color="red.9" size="xs" loading={deleting.isPending} onClick={() => deleting.mutate()}>
        {verb} it
      </Button>
      <Faults error={deleting.error} />
    </div>
  );
};
