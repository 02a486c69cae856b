import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { deleteAutomation } from '../../../schemas/api/automations.ts';
import { call } from '../call.ts';
import { useSite } from '../session.ts';
import { DeleteButton } from './delete-button.tsx';

export const AutomationDelete = ({ id, name }: { id: string; name: string }) => {
  const site = useSite();
  const queries = useQueryClient();
  const navigate = useNavigate();
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
  return (
    <DeleteButton name={name} consequence="It stops at once. Its mails and results are kept." deleting={deleting} />
  );
};
