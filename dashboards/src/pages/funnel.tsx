import { Button, Menu, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FolderOpen, RotateCcw, Save, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { createFunnel, deleteFunnel, listFunnels, SavedFunnel } from '../../../schemas/api/administration.ts';
import type { FunnelStep } from '../../../schemas/api/funnel-definition.ts';
import type { queryFunnel } from '../../../schemas/api/funnels.ts';
import type { listEventNames } from '../../../schemas/api/overview.ts';
import { useAnswer } from '../ask.ts';
import { call } from '../call.ts';
import { FunnelBars } from '../charts/funnel-bars.tsx';
import { useNow } from '../clock.ts';
import { duration, percent } from '../format.ts';
import { RangePicker } from '../parts/range-picker.tsx';
import { Renewed, Shown, State } from '../parts/states.tsx';
import { StepsEditor } from '../parts/steps-editor.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { instantsOf, readRange } from '../range.ts';
import { type Raw, readNumber, readSteps } from '../search.ts';
import { type SiteInfo, useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';

const purchase: FunnelStep[] = ['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'].map(
  (event) => ({ event, where: [] }),
);
const windowLimits = { least: 1, most: 366 * 86_400 };
const week = 604_800;

const read = (raw: Raw) => {
  const steps = readSteps(raw['steps']);
  return {
    ...readRange(raw),
    steps: steps.length === 0 ? purchase : steps,
    window: readNumber(raw['window'], week, windowLimits),
  };
};

export const FunnelPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const now = useNow(60_000);
  const { from, to } = instantsOf(search, site, now);
  const answer = useAnswer<typeof queryFunnel>(
    { method: 'POST', path: '/api/sites/:site/funnels/query' },
    { params: { site: site.id }, body: { steps: search.steps, from, to, windowSeconds: search.window } },
  );
  const names = useAnswer<typeof listEventNames>(
    { method: 'GET', path: '/api/sites/:site/event-names' },
    { params: { site: site.id } },
  );
  const lastStep = answer.data?.steps.at(-1);
  return (
    <div className="page">
      <PageHead title="Funnel">
        <Saved
          site={site}
          query={{
            steps: search.steps,
            windowSeconds: search.window,
            where: [],
            order: 'ordered',
            countBy: 'person',
            rangeApplies: 'entry',
            reentry: 'best',
            open: false,
            exclusions: [],
            exclusionEffect: 'exclude',
          }}
          load={({ query }) => setSearch({ steps: query.steps, window: query.windowSeconds })}
        />
        <RangePicker value={search} timeZone={site.timeZone} onChange={setSearch} />
      </PageHead>
      <Tile
        title="Drop-off"
        aside={
          lastStep === undefined ? undefined : (
            <span className="soft num" aria-live="polite">
              <strong style={{ color: 'var(--ink)' }}>{percent(lastStep.fromStart)}</strong> make it to the end ·{' '}
              answered in {Math.round(answer.data?.queryMs ?? 0)} ms
            </span>
          )
        }
      >
        <Renewed answer={answer}>
          <Shown
            answer={answer}
            height={430}
            empty={({ steps }) =>
              (steps[0]?.count ?? 0) > 0 ? null : (
                <State title={`Nobody did “${steps[0]?.label ?? ''}” in this period`} minHeight={430}>
                  Choose a longer period, or another first step below.
                </State>
              )
            }
          >
            {({ steps }) => <FunnelBars steps={steps} />}
          </Shown>
        </Renewed>
        {answer.data !== undefined && answer.error !== null && (
          <p role="alert" style={{ color: 'var(--bad)', marginTop: 8 }}>
            {answer.error.message}
          </p>
        )}
      </Tile>
      <Tile
        title="Steps"
        aside={
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<RotateCcw size={14} />}
            onClick={() => setSearch({ steps: purchase, window: week })}
          >
            Start over
          </Button>
        }
      >
        <StepsEditor steps={search.steps} names={names.data?.events ?? []} change={(steps) => setSearch({ steps })} />
        <WindowEditor seconds={search.window} change={(window) => setSearch({ window })} />
      </Tile>
    </div>
  );
};

const units = { minutes: 60, hours: 3600, days: 86_400 } as const;
type Unit = keyof typeof units;
const unitOf = (seconds: number): Unit =>
  seconds % units.days === 0 ? 'days' : seconds % units.hours === 0 ? 'hours' : 'minutes';

const WindowEditor = ({ seconds, change }: { seconds: number; change: (seconds: number) => void }) => {
  const unit = unitOf(seconds);
  const set = (value: number, of: Unit): void =>
    change(Math.min(windowLimits.most, Math.max(windowLimits.least, Math.round(value * units[of]))));
  return (
    <div className="row wrap" style={{ marginTop: 18, alignItems: 'end' }}>
      <NumberInput
        label="Conversion window"
        value={seconds / units[unit]}
        min={1}
        max={366}
        clampBehavior="strict"
        w={170}
        onChange={(value) => {
          if (typeof value === 'number' && value > 0) set(value, unit);
        }}
      />
      <Select
        aria-label="Unit of the conversion window"
        data={Object.keys(units)}
        value={unit}
        allowDeselect={false}
        w={120}
        onChange={(value) => {
          if (value !== null && value in units) set(seconds / units[unit], value as Unit);
        }}
      />
      <span className="soft small" style={{ paddingBottom: 8 }}>
        All steps within {duration(seconds)} of the first.
      </span>
    </div>
  );
};

const Saved = ({
  site,
  query,
  load,
}: {
  site: SiteInfo;
  query: SavedFunnel['query'];
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
