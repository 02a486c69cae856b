import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type {
  createSegment,
  getSegment,
  previewSegment,
  putSegment,
  SegmentAnswer,
} from '../../../schemas/api/segments.ts';
import type { Criterion } from '../../../schemas/segment.ts';
import { useAnswer } from '../ask.ts';
import { call, Problem } from '../call.ts';
import { criterionOf, freshDraft } from '../criterion-draft.ts';
import { count } from '../format.ts';
import { useSite } from '../session.ts';
import { CriterionForm } from './criterion-form/criterion-form.tsx';
import { Faults } from './faults.tsx';
import { Tile } from './tile.tsx';

type EditorProps = {
  /** What the editor changes; nothing: it makes a new one. */
  saved: SegmentAnswer | null;
  done: (id: string | null) => void;
};

/** It edits what was there when it was opened: a newer version is shown when it is asked for, and never pulls away what was written. */
export const SegmentEditor = ({ saved, done }: EditorProps) => {
  const [base, setBase] = useState(saved);
  return <Form key={base?.version} saved={base} done={done} renew={setBase} />;
};

const useSaving = (saved: SegmentAnswer | null, done: EditorProps['done']) => {
  const site = useSite();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; is: Criterion }) =>
      saved === null
        ? call<typeof createSegment>(
            { method: 'POST', path: '/api/sites/:site/segments' },
            { params: { site: site.id }, body },
          )
        : call<typeof putSegment>(
            { method: 'PUT', path: '/api/sites/:site/segments/:id' },
            {
              params: { site: site.id, id: saved.id },
              body: { ...body, description: saved.segment.description },
            },
            { ifMatch: saved.version },
          ),
    onSuccess: async ({ id }) => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] }),
        queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments/:id/persons'] }),
      ]);
      done(id);
    },
  });
};

/** Conditions line by line, and how many people they mean while they are written. */
const Form = ({ saved, done, renew }: EditorProps & { renew: (newest: SegmentAnswer) => void }) => {
  const { currency } = useSite();
  const [name, setName] = useState(saved?.segment.name ?? '');
  const [is, setIs] = useState<Criterion>(
    saved?.segment.is ?? criterionOf({ kind: 'group', match: 'all', drafts: [freshDraft] }, currency),
  );
  const saving = useSaving(saved, done);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    saving.mutate({ name, is });
  };
  return (
    <Tile title={saved === null ? 'New segment' : `Edit “${saved.segment.name}”`} aside={<Preview is={is} />}>
      <form className="stack" onSubmit={save}>
        <CriterionForm self={saved?.id} criterion={is} change={setIs} />
        <div className="fields">
          <TextInput
            label="Name"
            value={name}
            maxLength={100}
            required
            withAsterisk={false}
            w={260}
            // The button that opened it is gone: the focus goes on here.
            autoFocus={saved !== null}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={saving.isPending}>
            Save
          </Button>
          <Button variant="subtle" color="gray" onClick={() => done(null)}>
            Cancel
          </Button>
        </div>
        <NotSaved error={saving.error} id={saved?.id ?? null} renew={renew} />
      </form>
    </Tile>
  );
};

/** Why it was not saved; where somebody else was faster, with the way to what they made of it. */
const NotSaved = ({
  error,
  id,
  renew,
}: {
  error: Error | null;
  id: string | null;
  renew: (newest: SegmentAnswer) => void;
}) => {
  const site = useSite();
  const queries = useQueryClient();
  const reading = useMutation({
    mutationFn: (segment: string) =>
      call<typeof getSegment>(
        { method: 'GET', path: '/api/sites/:site/segments/:id' },
        { params: { site: site.id, id: segment } },
      ),
    onSuccess: async (newest) => {
      renew(newest);
      await queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site/segments'] });
    },
  });
  if (id === null || !(error instanceof Problem) || error.status !== 412) return <Faults error={error} />;
  return (
    <div role="alert" className="row wrap" style={{ color: 'var(--bad)' }}>
      <span>Not saved: somebody else changed this segment since you opened it.</span>
      <Button variant="default" size="xs" loading={reading.isPending} onClick={() => reading.mutate(id)}>
        Drop my changes and show theirs
      </Button>
      <Faults error={reading.error} />
    </div>
  );
};

/** Whether a line still waits for its segment: that is no question yet. */
const isUnchosen = (is: Criterion): boolean =>
  'of' in is ? is.of.some(isUnchosen) : is.kind === 'inSegment' && is.segment === '';

/** Asked when the writing pauses: not with every key. */
const Preview = ({ is }: { is: Criterion }) => {
  const site = useSite();
  const [asked] = useDebouncedValue(JSON.stringify(is), 400);
  const answer = useAnswer<typeof previewSegment>(
    { method: 'POST', path: '/api/sites/:site/segments/preview' },
    { params: { site: site.id }, body: { is: JSON.parse(asked) as Criterion, limit: 0 } },
    { enabled: !isUnchosen(JSON.parse(asked) as Criterion) },
  );
  return (
    <span className="soft num" aria-live="polite">
      {isUnchosen(is) ? (
        'choose a segment'
      ) : answer.error !== null ? (
        answer.error.message
      ) : answer.data === undefined ? (
        'counting …'
      ) : (
        <>
          <strong style={{ color: 'var(--ink)' }}>{count(answer.data.count)}</strong> of {count(answer.data.of)} people
        </>
      )}
    </span>
  );
};
