import { Button, Menu, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FolderOpen, Save, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { createFunnel, deleteFunnel, listFunnels, SavedFunnel } from '../../../schemas/api/administration.ts';
import { useAnswer } from '../ask.ts';
import { type CallInput, call } from '../call.ts';
import type { SiteInfo } from '../session.ts';

/** Funnels under a name: opened, saved as they stand on the page, deleted. */
export const Saved = ({
  site,
  query,
  load,
}: {
  site: SiteInfo;
  query: CallInput<typeof createFunnel>['body']['query'];
  load: (funnel: SavedFunnel) => void;
}) => {
  const queries = useQueryClient();
  const [isNaming, setNaming] = useState(false);
  const [name, setName] = useState('');
  const saved = useAnswer<typeof listFunnels>(
    { method: 'GET', path: '/api/sites/:site/funnels' },
    { params: { site: site.id } },
  );
  const refresh = () => queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/funnels'] });
  const saving = useMutation({
    mutationFn: () =>
      call<typeof createFunnel>(
        { method: 'POST', path: '/api/sites/:site/funnels' },
        { params: { site: site.id }, body: { name, query } },
      ),
    onSuccess: async () => {
      setNaming(false);
      setName('');
      await refresh();
    },
  });
  const removing = useMutation({
    mutationFn: (id: string) =>
      call<typeof deleteFunnel>(
        { method: 'DELETE', path: '/api/sites/:site/funnels/:id' },
        { params: { site: site.id, id } },
      ),
    onSuccess: refresh,
  });
  const funnels = saved.data?.funnels ?? [];
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <>
      <Menu position="bottom-end" width={280}>
        <Menu.Target>
          <Button variant="default" leftSection={<FolderOpen size={15} />}>
            Saved{funnels.length > 0 && ` (${funnels.length})`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {funnels.length === 0 && <Menu.Label>Nothing saved yet</Menu.Label>}
          {funnels.map(({ id, funnel }) => (
            <Menu.Item key={id} onClick={() => load(funnel)}>
              {funnel.name}
            </Menu.Item>
          ))}
          {funnels.length > 0 && <Menu.Divider />}
          {funnels.map(({ id, funnel }) => (
            <Menu.Item key={id} color="red" leftSection={<Trash2 size={14} />} onClick={() => removing.mutate(id)}>
              Delete “{funnel.name}”
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button variant="default" leftSection={<Save size={15} />} onClick={() => setNaming(true)}>
        Save
      </Button>
      <Modal opened={isNaming} onClose={() => setNaming(false)} title="Save this funnel">
        <form className="stack" onSubmit={save}>
          <TextInput
            label="Name"
            value={name}
            maxLength={100}
            required
            withAsterisk={false}
            data-autofocus
            error={saving.error?.message}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
        </form>
      </Modal>
    </>
  );
};
