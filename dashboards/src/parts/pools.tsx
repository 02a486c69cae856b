import { Button, FileButton, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus, Upload } from 'lucide-react';
import { useState } from 'react';
import type { addPoolCodes, createPool, deletePool, listPools, Pool } from '../../../schemas/api/discounts.ts';
import { useAnswer } from '../ask.ts';
import { call } from '../call.ts';
import { count, percent, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { DeleteButton } from './delete-button.tsx';
import { Faults } from './faults.tsx';
import { Shown, State } from './states.tsx';
import { Tag, Tile } from './tile.tsx';

const path = '/api/sites/:site/discount-pools';
const useRefresh = () => {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['GET', path] });
};

/** Codes of the shop's own, uploaded: how many are left, and more of them. */
export const Pools = () => {
  const site = useSite();
  const answer = useAnswer<typeof listPools>({ method: 'GET', path }, { params: { site: site.id } });
  return (
    <Tile
      flush
      title="Pools of your own codes"
      aside={<span className="small soft">A mail's step takes one for each person</span>}
    >
      <Shown
        answer={answer}
        height={120}
        empty={({ pools }) =>
          pools.length > 0 ? null : (
            <State title="No pools">
              Codes are made by Desirepath, unless you upload those that your shop has made.
            </State>
          )
        }
      >
        {({ pools }) => (
          <ul className="list">
            {pools.map((pool) => (
              <PoolRow key={pool.id} pool={pool} />
            ))}
          </ul>
        )}
      </Shown>
      <NewPool />
    </Tile>
  );
};

const NewPool = () => {
  const site = useSite();
  const refresh = useRefresh();
  const [name, setName] = useState('');
  const creating = useMutation({
    mutationFn: () => call<typeof createPool>({ method: 'POST', path }, { params: { site: site.id }, body: { name } }),
    onSuccess: async () => {
      setName('');
      await refresh();
    },
  });
  return (
    <form
      className="row wrap pool-form"
      onSubmit={(event) => {
        event.preventDefault();
        creating.mutate();
      }}
    >
      <TextInput
        aria-label="Name of a new pool"
        placeholder="Spring campaign"
        maxLength={100}
        required
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={creating.isPending} leftSection={<Plus size={15} />}>
        New pool
      </Button>
      <Faults error={creating.error} />
    </form>
  );
};

/** Under a tenth it is time for more. */
const isShort = ({ codes, left }: Pool): boolean => left * 10 < codes;

const Left = ({ pool }: { pool: Pool }) => {
  if (pool.codes === 0) return <Tag tone="warn">empty</Tag>;
  if (pool.left === 0) return <Tag tone="bad">none left: mails wait</Tag>;
  return <Tag tone={isShort(pool) ? 'warn' : 'good'}>{`${percent(pool.left / pool.codes)} left`}</Tag>;
};

const PoolRow = ({ pool }: { pool: Pool }) => {
  const site = useSite();
  const refresh = useRefresh();
  const [isOpen, setOpen] = useState(pool.codes === 0);
  const deleting = useMutation({
    mutationFn: () =>
      call<typeof deletePool>(
        { method: 'DELETE', path: '/api/sites/:site/discount-pools/:id' },
        { params: { site: site.id, id: pool.id } },
      ),
    onSuccess: refresh,
  });
  return (
    <li className="stack tight pool">
      <div className="row wrap">
        <strong className="break">{pool.name}</strong>
        <Left pool={pool} />
        <span className="small soft num">
          {count(pool.left)} of {plural(pool.codes, 'code')}
        </span>
        <span className="grow" />
        <Button
          variant="default"
          size="xs"
          leftSection={<Upload size={15} />}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Add codes
        </Button>
        <DeleteButton
          name={pool.name}
          consequence="Codes that somebody got stay good; the others are gone."
          deleting={deleting}
        />
      </div>
      {isOpen && <AddCodes pool={pool} />}
    </li>
  );
};

const AddCodes = ({ pool }: { pool: Pool }) => {
  const site = useSite();
  const refresh = useRefresh();
  const [codes, setCodes] = useState('');
  const adding = useMutation({
    mutationFn: () =>
      call<typeof addPoolCodes>(
        { method: 'POST', path: '/api/sites/:site/discount-pools/:id/codes' },
        { params: { site: site.id, id: pool.id }, body: { codes } },
      ),
    onSuccess: async () => {
      setCodes('');
      await refresh();
    },
  });
  return (
    <div className="stack tight">
      <Textarea
        label={`Codes for ${pool.name}`}
        description="One a line; of a CSV file the first column counts. Those you have already are left out."
        rows={5}
        value={codes}
        onChange={({ currentTarget }) => setCodes(currentTarget.value)}
      />
      <div className="row wrap">
        <Button size="xs" disabled={codes.trim() === ''} loading={adding.isPending} onClick={() => adding.mutate()}>
          Add to the pool
        </Button>
        <FileButton
          accept=".csv,.txt,text/csv,text/plain"
          onChange={async (file) => setCodes((await file?.text()) ?? '')}
        >
          {(props) => (
            <Button {...props} variant="default" size="xs">
              From a file
            </Button>
          )}
        </FileButton>
        <Faults error={adding.error} />
      </div>
      {adding.data !== undefined && (
        <div role="status" className="small">
          {plural(adding.data.added, 'code')} added, {count(adding.data.known)} known already.
          {adding.data.refused.length > 0 && (
            <ul style={{ color: 'var(--bad)' }}>
              {adding.data.refused.map(({ line, reason }) => (
                <li key={line}>
                  Line {line}: {reason}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
};
