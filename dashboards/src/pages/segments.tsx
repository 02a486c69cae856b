import { Button } from '@mantine/core';
import { Pencil, Plus } from 'lucide-react';
import type { listSegmentPersons, listSegments, previewSegment, SegmentAnswer } from '../../../schemas/api/segments.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago, count, percent } from '../format.ts';
import { Pager } from '../parts/pager.tsx';
import { Avatar, PersonLink } from '../parts/person.tsx';
import { SegmentDelete } from '../parts/segment-delete.tsx';
import { SegmentEditor } from '../parts/segment-editor.tsx';
import { Renewed, Shown, State } from '../parts/states.tsx';
import { TableHead } from '../parts/table-head.tsx';
import { PageHead, Tile } from '../parts/tile.tsx';
import { type Raw, readText } from '../search.ts';
import { segmentWords } from '../segment-words.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';
import '../charts/charts.css';

const read = (raw: Raw) => ({
  segment: readText(raw['segment']).slice(0, 60),
  cursor: readText(raw['cursor']),
  isNew: raw['isNew'] === true,
  /** Of the segment that is chosen. */
  isEdited: raw['isEdited'] === true,
});

/** Groups of people under a name, for funnels and filters. */
export const SegmentsPage = () => {
  const site = useSite();
  const [search, setSearch] = useUrlState(read);
  const answer = useAnswer<typeof listSegments>(
    { method: 'GET', path: '/api/sites/:site/segments' },
    { params: { site: site.id } },
  );
  const saved = answer.data?.segments ?? [];
  const nameOf = (id: string): string => saved.find((one) => one.id === id)?.segment.name ?? id;
  const chosen = saved.find(({ id }) => id === search.segment);
  return (
    <div className="page">
      <PageHead title="Segments">
        {!search.isNew && (
          <Button leftSection={<Plus size={15} />} onClick={() => setSearch({ isNew: true, isEdited: false })}>
            New segment
          </Button>
        )}
      </PageHead>
      {search.isNew && (
        <SegmentEditor
          saved={null}
          done={(id) => setSearch({ isNew: false, cursor: '', ...(id === null ? {} : { segment: id }) })}
        />
      )}
      <Tile flush title="Saved">
        <Shown
          answer={answer}
          height={160}
          empty={({ segments }) =>
            segments.length > 0 ? null : (
              <State title="No segments yet" minHeight={160}>
                Make one of people who did something, or did not.
              </State>
            )
          }
        >
          {({ segments }) => (
            <div className="table-box">
              <table className="table snug">
                <caption className="unseen">Saved segments</caption>
                <TableHead
                  columns={[['Segment'], ['Who belongs'], ['People', 'right'], ['Of all', 'right wide-only']]}
                />
                <tbody>
                  {segments.map((one) => (
                    <SegmentRow
                      key={one.id}
                      saved={one}
                      words={segmentWords(one.segment.is, nameOf)}
                      isChosen={one.id === search.segment}
                      choose={() =>
                        setSearch({ segment: one.id === search.segment ? '' : one.id, cursor: '', isEdited: false })
                      }
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Shown>
      </Tile>
      {chosen !== undefined && search.isEdited && (
        <SegmentEditor
          key={chosen.id}
          saved={chosen}
          done={(id) => setSearch({ isEdited: false, ...(id === null ? {} : { cursor: '' }) })}
        />
      )}
      {search.segment !== '' && (
        <Members
          id={search.segment}
          name={nameOf(search.segment)}
          cursor={search.cursor}
          turn={(cursor) => setSearch({ cursor })}
          edit={search.isEdited ? null : () => setSearch({ isEdited: true, isNew: false })}
          close={() => setSearch({ segment: '', cursor: '', isEdited: false })}
        />
      )}
    </div>
  );
};

const SegmentRow = ({
  saved: { segment },
  words,
  isChosen,
  choose,
}: {
  saved: SegmentAnswer;
  words: string;
  isChosen: boolean;
  choose: () => void;
}) => {
  const site = useSite();
  const { data, error } = useAnswer<typeof previewSegment>(
    { method: 'POST', path: '/api/sites/:site/segments/preview' },
    { params: { site: site.id }, body: { is: segment.is, limit: 0 } },
  );
  return (
    <tr>
      <th scope="row" className="name">
        <button
          type="button"
          className="plain-number"
          aria-pressed={isChosen}
          style={{ fontWeight: isChosen ? 700 : 560, textAlign: 'left' }}
          onClick={choose}
        >
          {segment.name}
        </button>
      </th>
      <td className="soft">{segment.description || words}</td>
      <td className="right">{data === undefined ? (error?.message ?? '…') : count(data.count)}</td>
      <td className="right wide-only">
        {data === undefined ? '' : percent(data.of === 0 ? null : data.count / data.of)}
      </td>
    </tr>
  );
};

const Members = ({
  id,
  name,
  cursor,
  turn,
  edit,
  close,
}: {
  id: string;
  name: string;
  cursor: string;
  turn: (cursor: string) => void;
  /** Not while it is edited. */
  edit: (() => void) | null;
  close: () => void;
}) => {
  const site = useSite();
  const now = useNow();
  const answer = useAnswer<typeof listSegmentPersons>(
    { method: 'GET', path: '/api/sites/:site/segments/:id/persons' },
    { params: { site: site.id, id }, query: { limit: 20, ...(cursor === '' ? {} : { cursor }) } },
  );
  return (
    <Tile
      flush
      title={`In “${name}”`}
      aside={
        edit !== null && (
          <div className="row wrap">
            <Button variant="default" size="xs" leftSection={<Pencil size={14} />} onClick={edit}>
              Edit
            </Button>
            <SegmentDelete key={id} id={id} name={name} done={close} />
          </div>
        )
      }
    >
      <Shown
        answer={answer}
        height={300}
        empty={({ persons }) => (persons.length > 0 ? null : <State title="Nobody is in it now" minHeight={160} />)}
      >
        {({ persons, nextCursor }) => (
          <Renewed answer={answer}>
            <ul className="list" aria-label={`People in ${name}`}>
              {persons.map((person) => (
                <li key={person.id} className="line">
                  <Avatar person={person} />
                  <div className="grow clip" style={{ fontWeight: 560 }}>
                    <PersonLink id={person.id} person={person} />
                  </div>
                  <span className="small soft" style={{ whiteSpace: 'nowrap' }}>
                    {ago(person.lastSeen, now)}
                  </span>
                </li>
              ))}
            </ul>
            <Pager cursor={cursor} nextCursor={nextCursor} onChange={turn} />
          </Renewed>
        )}
      </Shown>
    </Tile>
  );
};
