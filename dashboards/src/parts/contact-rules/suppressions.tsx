import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type {
  addSuppression,
  listSuppressions,
  removeSuppression,
  Suppression,
} from '../../../../schemas/api/people.ts';
import { useAnswer } from '../../ask.ts';
import { call } from '../../call.ts';
import { useNow } from '../../clock.ts';
import { ago, dayAndTime } from '../../format.ts';
import { useSite } from '../../session.ts';
import { DeleteButton } from '../delete-button.tsx';
import { Faults } from '../faults.tsx';
import { Pager } from '../pager.tsx';
import { Shown, State } from '../states.tsx';
import { Tag, Tile, type Tone } from '../tile.tsx';
import './contact-rules.css';

const path = '/api/sites/:site/suppressions';
const useRefresh = () => {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ['GET', path] });
};

/** Of a reason: how it is called, and what it means to write there again. */
const reasons: Readonly<Record<string, { label: string; tone: Tone; consequence: string }>> = {
  unsubscribed: {
    label: 'Unsubscribed',
    tone: 'info',
    consequence: 'They said that they want no marketing. Write to them again only if they have asked for it.',
  },
  complaint: {
    label: 'Complained',
    tone: 'bad',
    consequence:
      'They reported a mail as spam. Another complaint makes mail services refuse your mails to others, too. Also forgotten is whether they had unsubscribed.',
  },
  bounce: {
    label: 'Bounced',
    tone: 'warn',
    consequence:
      'There was no such mailbox. If there is none still, the next mail bounces and the address is back here; many bounces make mail services refuse you. Also forgotten is whether they had unsubscribed.',
  },
};
const byHand = {
  tone: 'plain',
  consequence: 'They get every kind of mail again, also if they had unsubscribed.',
} as const;
const reasonOf = (reason: string) =>
  reasons[reason] ?? { ...byHand, label: reason.charAt(0).toUpperCase() + reason.slice(1) };

/** Who gets nothing, whatever an automation says, and why. */
export const Suppressions = () => {
  const site = useSite();
  const [search, setSearch] = useState('');
  const [cursor, setCursor] = useState('');
  const answer = useAnswer<typeof listSuppressions>(
    { method: 'GET', path },
    { params: { site: site.id }, query: { search, limit: 10, ...(cursor === '' ? {} : { cursor }) } },
  );
  return (
    <Tile
      flush
      title="Not written to"
      aside={
        <TextInput
          type="search"
          size="xs"
          aria-label="Find an address"
          placeholder="Find an address"
          value={search}
          onChange={({ currentTarget }) => {
            setSearch(currentTarget.value);
            setCursor('');
          }}
        />
      }
    >
      <Shown answer={answer} height={120}>
        {({ suppressions, nextCursor }) => (
          <>
            {suppressions.length === 0 && (
              <State title={search === '' ? 'Nobody is kept from mails' : 'No such address is kept from mails'}>
                Who unsubscribes or complains, and whose mailbox is gone, comes here by itself.
              </State>
            )}
            <ul className="list">
              {suppressions.map((one) => (
                <SuppressionLine key={one.address} suppression={one} />
              ))}
            </ul>
            <Pager key={search} cursor={cursor} nextCursor={nextCursor} onChange={setCursor} />
          </>
        )}
      </Shown>
      <NewSuppression />
    </Tile>
  );
};

const SuppressionLine = ({ suppression: { address, reason, at } }: { suppression: Suppression }) => {
  const site = useSite();
  const now = useNow();
  const refresh = useRefresh();
  const { label, tone, consequence } = reasonOf(reason);
  const removing = useMutation({
    mutationFn: () =>
      call<typeof removeSuppression>({ method: 'DELETE', path }, { params: { site: site.id }, query: { address } }),
    onSuccess: refresh,
  });
  return (
    <li className="line">
      <div className="grow">
        <div className="break">{address}</div>
        <div className="small soft">
          {reason === 'unsubscribed' ? 'gets no marketing' : 'gets nothing'} since{' '}
          <span title={ago(at, now)}>{dayAndTime(at, site.timeZone)}</span>
        </div>
      </div>
      <Tag tone={tone}>{label}</Tag>
      <DeleteButton name={address} verb="Remove" consequence={consequence} deleting={removing} />
    </li>
  );
};

const kinds = [
  { value: 'added by hand', label: 'All mails' },
  { value: 'unsubscribed', label: 'Marketing only' },
];

const NewSuppression = () => {
  const site = useSite();
  const refresh = useRefresh();
  const [address, setAddress] = useState('');
  const [reason, setReason] = useState('added by hand');
  const adding = useMutation({
    mutationFn: () =>
      call<typeof addSuppression>({ method: 'POST', path }, { params: { site: site.id }, body: { address, reason } }),
    onSuccess: async () => {
      setAddress('');
      await refresh();
    },
  });
  return (
    <form
      className="row wrap pool-form"
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate();
      }}
    >
      <TextInput
        type="email"
        aria-label="Address to write to no more"
        placeholder="ada@example.com"
        maxLength={254}
        required
        value={address}
        onChange={({ currentTarget }) => setAddress(currentTarget.value)}
      />
      <NativeSelect
        aria-label="Which mails"
        data={kinds}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <Button type="submit" variant="default" loading={adding.isPending} leftSection={<Plus size={15} />}>
        Write there no more
      </Button>
      <Faults error={adding.error} />
    </form>
  );
};
