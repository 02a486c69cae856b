import type { PersonProfile } from '../../../schemas/api/profile.ts';
import { count, dayAndTime, duration, plural } from '../format.ts';
import { useSite } from '../session.ts';
import { Tag, Tile, type Tone } from './tile.tsx';

const outOf = (score: number | null, scaleMax: number | null): string =>
  score === null ? '–' : `${score}${scaleMax === null ? '' : ` of ${scaleMax}`}`;

const Said = ({ title, score, comment, under }: { title: string; score: string; comment: string; under: string }) => (
  <li>
    <div className="row apart">
      <span className="break">{title}</span>
      <span className="num">{score}</span>
    </div>
    {comment !== '' && <div className="break">“{comment}”</div>}
    <div className="small soft">{under}</div>
  </li>
);

/** Reviews, ratings and answers to surveys: what the person said, newest first. */
export const Voice = ({ reviews, satisfaction }: Pick<PersonProfile, 'reviews' | 'satisfaction'>) => {
  const site = useSite();
  if (reviews.length + satisfaction.length === 0) return null;
  return (
    <Tile title="What they said">
      <ul className="stack tight">
        {reviews.map((review) => (
          <Said
            key={review.at + review.productId + review.seller}
            title={review.productName || review.productId || review.seller}
            score={outOf(review.rating, review.scaleMax)}
            comment={review.comment}
            under={`${review.event} · ${dayAndTime(review.at, site.timeZone)}`}
          />
        ))}
        {satisfaction.map((answer) => (
          <Said
            key={answer.at + answer.surveyType + answer.surveyId}
            title={answer.surveyType.toUpperCase() || 'Survey'}
            score={outOf(answer.score, answer.scaleMax)}
            comment={answer.comment}
            under={`answered ${dayAndTime(answer.at, site.timeZone)}`}
          />
        ))}
      </ul>
    </Tile>
  );
};

const states: Readonly<Record<PersonProfile['support']['contacts'][number]['status'], Tone>> = {
  open: 'warn',
  resolved: 'good',
  abandoned: 'bad',
};

export const Support = ({ support }: Pick<PersonProfile, 'support'>) => {
  const site = useSite();
  if (support.contacts.length === 0) return null;
  return (
    <Tile title="Support">
      <dl className="facts">
        {support.channels.map(({ channel, contacts, open, averageFirstResponseSeconds }) => (
          <div key={channel} style={{ display: 'contents' }}>
            <dt>{channel || 'channel not said'}</dt>
            <dd>
              {plural(contacts, 'contact')}
              {open > 0 && `, ${count(open)} open`}
              {averageFirstResponseSeconds !== null && `, answered in ${duration(averageFirstResponseSeconds)}`}
            </dd>
          </div>
        ))}
      </dl>
      <ul className="stack tight" style={{ marginTop: 12 }}>
        {support.contacts.map(({ id, subject, category, status, startedAt, reopened }) => (
          <li key={id}>
            <div className="row apart">
              <span className="break">{subject || category || 'no subject'}</span>
              <Tag tone={states[status]}>{status}</Tag>
            </div>
            <div className="small soft">
              {dayAndTime(startedAt, site.timeZone)}
              {reopened > 0 && ` · reopened ${plural(reopened, 'time')}`}
            </div>
          </li>
        ))}
      </ul>
    </Tile>
  );
};

export const Mails = ({ mails }: Pick<PersonProfile, 'mails'>) => {
  const site = useSite();
  if (mails.list.length === 0) return null;
  const fate = (mail: (typeof mails.list)[number]): { label: string; tone: Tone } => {
    if (mail.unsubscribedAt !== null) return { label: 'unsubscribed', tone: 'bad' };
    if (mail.complainedAt !== null) return { label: 'marked as spam', tone: 'bad' };
    if (mail.bouncedAt !== null) return { label: 'bounced', tone: 'bad' };
    if (mail.clickedAt !== null) return { label: 'clicked', tone: 'good' };
    if (mail.openedAt !== null) return { label: 'opened', tone: 'info' };
    return { label: mail.deliveredAt === null ? 'sent' : 'delivered', tone: 'plain' };
  };
  return (
    <Tile
      title="Mails"
      aside={
        <span className="small soft">
          {count(mails.sent)} sent, {count(mails.opened)} opened, {count(mails.clicked)} clicked
        </span>
      }
    >
      <ul className="stack tight">
        {mails.list.map((mail) => (
          <li key={mail.id}>
            <div className="row apart">
              <span className="break">{mail.subject || mail.campaign || 'no subject'}</span>
              <Tag tone={fate(mail).tone}>{fate(mail).label}</Tag>
            </div>
            <div className="small soft">
              {[mail.campaign, mail.sentAt === null ? '' : dayAndTime(mail.sentAt, site.timeZone)]
                .filter((part) => part !== '')
                .join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </Tile>
  );
};
