import { Select } from '@mantine/core';
import type { listActions } from '../../../schemas/api/automations.ts';
import { useAnswer } from '../ask.ts';
import { useNow } from '../clock.ts';
import { ago, dayAndTime, money } from '../format.ts';
import { type Raw, readChoice, readText } from '../search.ts';
import { useSite } from '../session.ts';
import { useUrlState } from '../url-state.ts';
import { Pager } from './pager.tsx';
import { Avatar, PersonLink } from './person.tsx';
import { PhaseTag, phaseLabel, phaseNames } from './phase.tsx';
import { Settle } from './settle.tsx';
import { Shown, State } from './states.tsx';
import { Tile } from './tile.tsx';

const choices = ['any', ...phaseNames] as const;
const read = (raw: Raw) => ({ phase: readChoice(raw['phase'], choices, 'any'), cursor: readText(raw['cursor']) });

/** Every action with its newest phase, of one automation or of all. */
export const Ledger = ({ automation }: { automation?: string }) => {
  const site = useSite();
  const now = useNow();
  const [search, setSearch] = useUrlState(read);
  const answer = useAnswer<typeof listActions>(
    { method: 'GET', path: '/api/sites/:site/actions' },
    {
      params: { site: site.id },
      query: {
        limit: 25,
        ...(automation === undefined ? {} : { automation }),
        ...(search.phase === 'any' ? {} : { status: search.phase }),
        ...(search.cursor === '' ? {} : { cursor: search.cursor }),
      },
    },
    { everyMs: 5000 },
  );
  return (
    <Tile
      flush
      title="Ledger"
      aside={
        <Select
          aria-label="Phase"
          size="xs"
          w={140}
          allowDeselect={false}
          data={choices.map((phase) => ({ value: phase, label: phase === 'any' ? 'Any phase' : phaseLabel(phase) }))}
          value={search.phase}
          onChange={(phase) => setSearch({ phase: readChoice(phase, choices, 'any'), cursor: '' })}
        />
      }
    >
      <Shown answer={answer} height={300}>
        {({ actions, nextCursor }) => (
          <>
            {actions.length === 0 && (
              <State
                title={search.phase === 'any' ? 'Nothing was done yet' : 'No action is in this phase'}
                minHeight={160}
              >
                Each mail that is planned stands here, with what became of it.
              </State>
            )}
            <ul className="list" style={{ paddingTop: 8 }}>
              {actions.map((action) => (
                <li key={action.id} className="line">
                  <Avatar person={action} />
                  <div className="grow">
                    <div className="clip">
                      <PersonLink id={action.person} person={action} />
                    </div>
                    <div className="small soft break">
                      {[action.userId, automation === undefined ? action.automation : '', action.reason]
                        .filter((one) => one !== '')
                        .join(' · ')}
                    </div>
                  </div>
                  <span className="num wide-only">
                    {action.value === null ? action.event : money(action.value, action.currency)}
                  </span>
                  <PhaseTag phase={action.phase} />
                  <span
                    className="small soft"
                    style={{ whiteSpace: 'nowrap' }}
                    title={`planned ${dayAndTime(action.requestedAt, site.timeZone)}`}
                  >
                    {ago(action.at, now)}
                  </span>
                  {action.phase === 'uncertain' && <Settle key={action.at} action={action} />}
                </li>
              ))}
            </ul>
            <Pager cursor={search.cursor} nextCursor={nextCursor} onChange={(cursor) => setSearch({ cursor })} />
          </>
        )}
      </Shown>
    </Tile>
  );
};
