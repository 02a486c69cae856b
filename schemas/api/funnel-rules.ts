import type { z } from 'zod';
import { isOfPerson } from '../filters.ts';
import { isInOrder, type Range } from '../primitives.ts';
import type { Funnel, FunnelBreakdown, FunnelExclusion } from './funnel-definition.ts';

/** What no single field can tell: combinations that make no sense are refused, and the field is named. */
type Context = z.RefinementCtx;
type Path = (string | number)[];

const refuse = (context: Context, path: Path, message: string): void =>
  context.addIssue({ code: 'custom', path, message });

/** Each person has their own value, or several: what they did in the funnel does not matter. */
export const isPersonal = ({ property, segments }: FunnelBreakdown): boolean =>
  segments !== undefined || (property !== undefined && isOfPerson(property));

/** Exclusions between which steps, where they say nothing: all. */
export const gapOf = ({ after, before }: FunnelExclusion, steps: number): { after: number; before: number } => ({
  after: after ?? 0,
  before: before ?? steps - 1,
});

export const checkStep = (
  query: { steps: readonly unknown[]; step?: number | undefined },
  path: Path,
  context: Context,
): void => {
  if ((query.step ?? 0) >= query.steps.length)
    refuse(context, path, `there are ${query.steps.length} steps, counted from 0: got ${query.step}`);
};

export const checkRange = (range: Range | undefined, path: Path, context: Context): void => {
  if (range !== undefined && !isInOrder(range)) refuse(context, path, 'must be later than "from"');
};

const sameRows = (one: { event: string; where: unknown }, other: { event: string; where: unknown }): boolean =>
  one.event === other.event && JSON.stringify(one.where) === JSON.stringify(other.where);

const checkExclusion = (query: Funnel, exclusion: FunnelExclusion, path: Path, context: Context): void => {
  const { after, before } = gapOf(exclusion, query.steps.length);
  const last = query.steps.length - 1;
  if (last === 0) refuse(context, path, 'a funnel of one step has nothing between its steps');
  else if (before > last)
    refuse(context, [...path, 'before'], `there are ${last + 1} steps, counted from 0: got ${before}`);
  else if (after >= before)
    refuse(context, [...path, 'after'], `must be less than "before": got ${after} and ${before}`);
  else if (query.order === 'unordered' && (after > 0 || before < last))
    refuse(context, path, 'an unordered funnel has no order of steps to lie between: leave out "after" and "before"');
  for (const [name, step] of [
    ['after', after],
    ['before', before],
  ] as const)
    if (query.steps[step]?.optional === true)
      refuse(context, [...path, name], `step ${step} is optional: name a required one`);
  if (query.steps.some((step) => sameRows(step, exclusion)))
    refuse(context, [...path, 'event'], 'an exclusion may not be a step of the funnel');
};

const checkSteps = (query: Funnel, context: Context): void => {
  if (query.steps[0]?.optional === true) refuse(context, ['steps', 0, 'optional'], 'the first step is never optional');
  if (query.steps[0]?.withinSeconds !== undefined)
    refuse(context, ['steps', 0, 'withinSeconds'], 'the first step has none before it');
  if (query.order !== 'unordered') return;
  if (query.open) refuse(context, ['open'], 'an unordered funnel is entered by any step as it is');
  query.steps.forEach(({ optional, withinSeconds }, index) => {
    if (optional === true)
      refuse(context, ['steps', index, 'optional'], 'in an unordered funnel no step waits for another');
    if (withinSeconds !== undefined && index > 0)
      refuse(context, ['steps', index, 'withinSeconds'], 'in an unordered funnel no step is before another');
  });
};

const checkBreakdown = (query: Funnel, context: Context): void => {
  const { breakdown } = query;
  if (breakdown === undefined) return;
  if ((breakdown.property === undefined) === (breakdown.segments === undefined))
    refuse(context, ['breakdown'], 'expected either "property" or "segments"');
  const isByStep = breakdown.attribution === 'step';
  if (isByStep && breakdown.step === undefined)
    refuse(context, ['breakdown', 'step'], 'attribution "step" needs to know which step');
  if (!isByStep && breakdown.step !== undefined)
    refuse(context, ['breakdown', 'step'], `goes with attribution "step", not with "${breakdown.attribution}"`);
  if (isByStep) checkStep({ steps: query.steps, step: breakdown.step }, ['breakdown', 'step'], context);
  if (!isByStep && breakdown.none !== undefined)
    refuse(context, ['breakdown', 'none'], `goes with attribution "step", not with "${breakdown.attribution}"`);
};

export const checkFunnel = (query: Funnel, context: Context): void => {
  checkRange(query, ['to'], context);
  checkSteps(query, context);
  query.exclusions.forEach((exclusion, index) => {
    checkExclusion(query, exclusion, ['exclusions', index], context);
  });
  checkBreakdown(query, context);
  if (query.countBy === 'entry' && query.reentry === 'first')
    refuse(context, ['reentry'], '"first" lets one entry count, countBy "entry" counts them all');
  if (typeof query.countBy === 'object' && isOfPerson(query.countBy.property))
    refuse(
      context,
      ['countBy', 'property'],
      'expected a property of events, e.g. company_id: persons are counted by "person"',
    );
  if (query.constant !== undefined && isOfPerson(query.constant))
    refuse(
      context,
      ['constant'],
      'expected a property of events: that of a person is the same through all steps as it is',
    );
};

/** A row of the breakdown can be asked for where there is one. */
export const checkBucket = (query: Funnel & { bucket?: unknown }, context: Context): void => {
  if (query.bucket !== undefined && query.breakdown === undefined)
    refuse(context, ['bucket'], 'names a row of the breakdown: expected "breakdown" beside it');
};

/** Two steps, one after the other. */
export const checkSpan = (
  query: Funnel & { fromStep: number; toStep?: number | undefined },
  context: Context,
): void => {
  const last = query.steps.length - 1;
  const { fromStep, toStep = last } = query;
  if (last === 0) refuse(context, ['steps'], 'a funnel of one step has nothing to take time between');
  else if (toStep > last) refuse(context, ['toStep'], `there are ${last + 1} steps, counted from 0: got ${toStep}`);
  else if (fromStep >= toStep)
    refuse(context, ['fromStep'], `must be less than "toStep": got ${fromStep} and ${toStep}`);
};

/** Where persons are compared, nothing else can be counted; and somebody must be able to drop. */
export const checkPersons = (query: Funnel, context: Context): void => {
  if (query.countBy !== 'person') refuse(context, ['countBy'], 'persons are compared: expected "person"');
  if (query.steps.filter(({ optional }) => optional !== true).length < 2)
    refuse(context, ['steps'], 'expected two required steps at least: nobody drops out of one');
};
