import type { Phase } from '../../../schemas/action.ts';
import { Tag, type Tone } from './tile.tsx';

const phases: Readonly<Record<Phase | 'unknown', { label: string; tone: Tone; about: string }>> = {
  requested: { label: 'Planned', tone: 'info', about: 'Decided, waiting for its turn' },
  held: { label: 'Held', tone: 'info', about: 'Kept back for now' },
  claimed: { label: 'In work', tone: 'info', about: 'Being written' },
  'handing-over': { label: 'Handing over', tone: 'info', about: 'On its way to the mail server' },
  sent: { label: 'Sent', tone: 'good', about: 'Taken by the mail server or the outbox' },
  failed: { label: 'Failed', tone: 'bad', about: 'The mail server refused it' },
  uncertain: { label: 'Uncertain', tone: 'warn', about: 'May or may not have been sent: it is not repeated by itself' },
  skipped: { label: 'Skipped', tone: 'plain', about: 'A rule spoke against it, e.g. an order in the meantime' },
  unknown: { label: 'Unknown', tone: 'plain', about: 'The ledger’s row of it cannot be read' },
};
export const phaseNames = Object.keys(phases).filter((phase) => phase !== 'unknown') as Phase[];
export const phaseLabel = (phase: Phase): string => phases[phase].label;

export const PhaseTag = ({ phase }: { phase: Phase | 'unknown' }) => (
  <span title={phases[phase].about}>
    <Tag tone={phases[phase].tone}>{phases[phase].label}</Tag>
  </span>
);
