import type { RfmAnswer } from '../../../schemas/api/value.ts';
import type { RfmClass } from '../../../schemas/rfm.ts';
import type { Answer } from '../ask.ts';
import { count, money, plural } from '../format.ts';
import { rfmNames } from '../rfm.ts';
import { Meter } from './meter.tsx';
import { Pager } from './pager.tsx';
import { Avatar, PersonLink } from './person.tsx';
import { Renewed, Shown, State } from './states.tsx';
import { TableHead } from './table-head.tsx';
import { Tile } from './tile.tsx';

/** Classes by how lately, how often and for how much people bought; choosing one shows who is in it. */
export const BuyerClasses = ({
  answer,
  chosen,
  choose,
}: {
  answer: Answer<RfmAnswer>;
  chosen: RfmClass | '';
  choose: (chosen: RfmClass) => void;
}) => (
  <Tile flush title="Kinds of buyers">
    <Shown
      answer={answer}
      height={460}
      empty={({ buyers }) => (buyers > 0 ? null : <State title="Nobody bought in this period" minHeight={460} />)}
    >
      {({ classes, currency }) => (
        <div className="table-box">
          <table className="table snug">
            <caption className="unseen">Kinds of buyers</caption>
            <TableHead
              columns={[['Class'], ['Buyers', 'right'], ['Share', 'meter-head'], ['Net', 'right wide-only']]}
            />
            <tbody>
              {classes.map((row) => (
                <tr key={row.class}>
                  <th scope="row" className="name">
                    <button
                      type="button"
                      className="plain-number"
                      aria-pressed={row.class === chosen}
                      disabled={row.persons === 0}
                      style={{ fontWeight: row.class === chosen ? 700 : 560, textAlign: 'left' }}
                      onClick={() => choose(row.class)}
                    >
                      {rfmNames[row.class]}
                    </button>
                  </th>
                  <td className="right">{count(row.persons)}</td>
                  <td>
                    <Meter share={row.share} most={Math.max(...classes.map(({ share }) => share ?? 0))} />
                  </td>
                  <td className="right wide-only">{money(row.net, currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Shown>
  </Tile>
);

/** Buyers, worth most first. */
export const Buyers = ({
  answer,
  chosen,
  cursor,
  turn,
}: {
  answer: Answer<RfmAnswer>;
  chosen: RfmClass | '';
  cursor: string;
  turn: (cursor: string) => void;
}) => (
  <Tile flush title={chosen === '' ? 'Buyers, worth most first' : `${rfmNames[chosen]}, worth most first`}>
    <Shown
      answer={answer}
      height={460}
      empty={({ persons }) => (persons.length > 0 ? null : <State title="Nobody" minHeight={460} />)}
    >
      {({ persons, nextCursor, currency }) => (
        <Renewed answer={answer}>
          <ul className="list" style={{ maxHeight: 560, overflowY: 'auto', position: 'relative' }}>
            {persons.map((buyer) => (
              <li key={buyer.person} className="line">
                <Avatar person={buyer} />
                <div className="grow">
                  <div className="clip" style={{ fontWeight: 560 }}>
                    <PersonLink id={buyer.person} person={buyer} />
                  </div>
                  <div className="small soft clip">
                    {rfmNames[buyer.class]} · {plural(buyer.orders, 'order')}, last{' '}
                    {buyer.recencyDays === 0 ? 'today' : `${plural(buyer.recencyDays, 'day')} ago`}
                  </div>
                </div>
                <span className="num">{money(buyer.net, currency)}</span>
              </li>
            ))}
          </ul>
          <Pager cursor={cursor} nextCursor={nextCursor} onChange={turn} names={['Before', 'Further']} />
        </Renewed>
      )}
    </Shown>
  </Tile>
);
