import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { deleteAutomation } from '../../../schemas/api/automations.ts';
import { call } from '../call.ts';
import { useSite } from '../session.ts';
import { Faults } from './faults.tsx';

/** Asks once more in its own place, where the hand or the focus already is. */
export const AutomationDelete = ({ id, name }: { id: string; name: string }) => {
  const site = useSite();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState<boolean | null>(null);
  const deleting = useMutation({
    mutationFn: () =>
      call<typeof deleteAutomation>(
        { method: 'DELETE', path: '/api/sites/:site/automations/:id' },
        { params: { site: site.id, id } },
      ),
    onSuccess: async () => {
      await navigate({ to: '/$site/automations', params: { site: site.id } });
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/automations'] });
    },
  });
  if (isAsking !== true)
    return (
      <Button
        variant="default"
        size="xs"
        leftSection={<Trash2 size={15} />}
        autoFocus={isAsking === false}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
    );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="row wrap" role="group" aria-label={`Delete ${name}?`}>
      <span className="small">It stops at once. Its mails and results are kept.</span>
      <Button variant="default" size="xs" autoFocus onClick={() => setAsking(false)}>
        Keep it
      </Button>
      <Button color="red.9" size="xs" loading={deleting.isPending} onClick={() => deleting.mutate()}>
        Delete it
      </Button>
      <Faults error={deleting.error} />
    </div>
  );
};
