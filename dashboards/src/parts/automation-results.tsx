import { Select } from '@mantine/core';
import { useState } from 'react';
import type { getResults, ResultsAnswer } from '../../../schemas/api/results.ts';
import type { Step } from '../../../schemas/automation.ts';
import { useAnswer } from '../ask.ts';
import { actingSteps, variantNames } from '../automation-steps.ts';
import { stepWords } from '../automation-words.ts';
import { count, duration, money, percent, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { Shown, State } from './states.tsx';
import { TableBox } from './table-box.tsx';
import { TableHead } from './table-head.tsx';
import { Tag, Tile, type Tone } from './tile.tsx';

const day = 86_400;
const windows = [
  { value: String(day), label: 'within 1 day' },
  { value: String(7 * day), label: 'within 7 days' },
  { value: String(30 * day), label: 'within 30 days' },
];

/** What became of the mails, and what they added against those who got none. docs/results.md says what each figure means. */
export const AutomationResults = ({ automation, steps }: { automation: string; steps: readonly Step[] }) => {
  const site = useSite();
  const [seconds, setSeconds] = useState(String(7 * day));
  const answer = useAnswer<typeof getResults>(
    { method: 'GET', path: '/api/sites/:site/automations/:id/results' },
    { params: { site: site.id, id: automation }, query: { attributionSeconds: Number(seconds) } },
    { everyMs: 15_000 },
  );
  return (
    <Tile
      title="What it added"
      aside={
        <Select
          aria-label="Orders that count"
          size="xs"
          w={150}
          allowDeselect={false}
          data={windows}
          value={seconds}
          onChange={(value) => setSeconds(value ?? seconds)}
        />
      }
    >
      <Shown answer={answer} height={300}>
        {(results) => <Results results={results} steps={steps} currency={site.currency} />}
      </Shown>
    </Tile>
  );
};

const verdicts: Readonly<Record<ResultsAnswer['verdict'], { tone: Tone; text: string }>> = {
  'no-holdout': { tone: 'plain', text: 'Not measured' },
  'not-significant': { tone: 'warn', text: 'Not significant' },
  helped: { tone: 'good', text: 'It helped' },
  hurt: { tone: 'bad', text: 'It hurt' },
};

const Results = ({
  results,
  steps,
  currency,
}: {
  results: ResultsAnswer;
  steps: readonly Step[];
  currency: string;
}) => {
  const { mails, treated, holdout, lift, verdict, maturing } = results;
  if (treated.persons + holdout.persons === 0)
    return (
      <State title="No results yet" minHeight={140}>
        When the first mails have gone, this says who came back and bought.
      </State>
    );
  return (
    <div className="stack">
      <div className="row wrap">
        <Tag tone={verdicts[verdict].tone}>{verdicts[verdict].text}</Tag>
        <span className="small soft">
          {plural(mails.sent, 'mail')} sent · {count(mails.clicked)} clicked · {count(mails.unsubscribed)} unsubscribed
          {share('bounced', mails.bounced, mails.bounceRate)}
          {share('marked as spam', mails.complained, mails.complaintRate)}
          {mails.failed > 0 && ` · ${count(mails.failed)} failed`}
          {mails.uncertain > 0 && ` · ${count(mails.uncertain)} uncertain`}
        </span>
      </div>
      <TableBox label="Both groups">
        <table className="table">
          <TableHead columns={[['Group'], ['Persons', 'right'], ['Bought', 'right'], ['Revenue a person', 'right']]} />
          <tbody>
            <GroupRow name="Got the mail" group={treated} currency={currency} />
            <GroupRow name="Held out" group={holdout} currency={currency} />
          </tbody>
        </table>
      </TableBox>
      {lift === null ? (
        <p className="small soft">
          Nobody was held out, so nobody knows who would have come back anyway. Give the automation a control group.
        </p>
      ) : (
        <Lift lift={lift} smaller={Math.min(treated.persons, holdout.persons)} currency={currency} />
      )}
      {results.variants.length > 0 && <Variants variants={results.variants} steps={steps} />}
      {maturing > 0 && (
        <p className="small soft">
          {plural(maturing, 'person', 'persons')} may still buy within {duration(results.attributionSeconds)}.
        </p>
      )}
    </div>
  );
};

/** What should not be: said only where it is. */
const share = (name: string, mails: number, rate: number | null): string =>
  mails === 0 ? '' : ` · ${count(mails)} ${name}${rate === null ? '' : ` (${percent(rate)})`}`;

const GroupRow = ({ name, group, currency }: { name: string; group: ResultsAnswer['treated']; currency: string }) => (
  <tr>
    <th scope="row">{name}</th>
    <td className="num right">{count(group.persons)}</td>
    <td className="num right">{group.rate === null ? '–' : `${percent(group.rate)} (${count(group.converted)})`}</td>
    <td className="num right">
      {group.revenuePerPerson === null ? '–' : money(group.revenuePerPerson.toFixed(2), currency)}
    </td>
  </tr>
);

type VariantRow = ResultsAnswer['variants'][number];

const againstFirst = ({ variant, againstFirst: difference }: VariantRow): string => {
  if (variant === 0) return 'the others are compared to it';
  if (difference === null) return '–';
  const range = `${points(difference.difference)} points (${points(difference.low)} to ${points(difference.high)})`;
  return difference.isSignificant ? range : `${range}, not significant`;
};

/** Mails that are tried against each other, step by step. */
const Variants = ({ variants, steps }: { variants: readonly VariantRow[]; steps: readonly Step[] }) => {
  const mails = actingSteps(steps);
  return (
    <>
      {[...Map.groupBy(variants, ({ step }) => step)].map(([id, rows]) => {
        const step = mails.find((one) => one.id === id);
        const name = `Tried: ${step === undefined ? id : stepWords(step)}`;
        return (
          <TableBox key={id} label={name}>
            <table className="table">
              <caption className="small soft">{name}</caption>
              <TableHead
                columns={[['Mail'], ['Persons', 'right'], ['Bought', 'right'], ['Against mail A, with 95% confidence']]}
              />
              <tbody>
                {rows.map((row) => (
                  <tr key={row.variant}>
                    <th scope="row">{variantNames[row.variant] ?? row.variant}</th>
                    <td className="num right">{count(row.persons)}</td>
                    <td className="num right">
                      {percent(row.rate)} ({count(row.converted)})
                    </td>
                    <td>{againstFirst(row)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableBox>
        );
      })}
    </>
  );
};

const points = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)}`;

const Lift = ({
  lift,
  smaller,
  currency,
}: {
  lift: NonNullable<ResultsAnswer['lift']>;
  smaller: number;
  currency: string;
}) => {
  const { conversion, addedRevenue, personsNeeded } = lift;
  const sum = (amount: number): string => money(amount.toFixed(2), currency);
  return (
    <div className="stack tight">
      <p>
        <strong>{points(conversion.difference)} percentage points</strong> more bought, between {points(conversion.low)}{' '}
        and {points(conversion.high)} with 95% confidence.
      </p>
      {addedRevenue !== null && (
        <p>
          <strong>{sum(addedRevenue.amount)}</strong> added in all, between {sum(addedRevenue.low)} and{' '}
          {sum(addedRevenue.high)}.
        </p>
      )}
      {!conversion.isSignificant && (
        <p className="small soft">
          Chance alone could have done this.
          {personsNeeded !== null &&
            personsNeeded > smaller &&
            ` For a difference like it to show, the smaller group needs ${count(personsNeeded)} persons; it has ${count(smaller)}.`}
        </p>
      )}
    </div>
  );
};
