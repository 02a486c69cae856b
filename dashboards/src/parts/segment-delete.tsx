import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { deleteSegment } from '../../../schemas/api/segments.ts';
import { call } from '../call.ts';
import { useSite } from '../session.ts';
import { DeleteButton } from './delete-button.tsx';

export const SegmentDelete = ({ id, name, done }: { id: string; name: string; done: () => void }) => {
  const site = useSite();
  const queries = useQueryClient();
  const deleting = useMutation({
    mutationFn: () =>
      call<typeof deleteSegment>(
        { method: 'DELETE', path: '/api/sites/:site/segments/:id' },
        { params: { site: site.id, id } },
      ),
    onSuccess: async () => {
      done();
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] });
    },
  });
  return <DeleteButton name={name} consequence="No question and no automation can use it then." deleting={deleting} />;
};
