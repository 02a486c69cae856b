import { Input, NativeSelect, NumberInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { faultWords } from '../../fault-words.ts';
import { timeUnits, unitOf } from '../../time-units.ts';

/** What the server says is wrong with the field of this path; undefined where it is right. */
export type FaultOf = (path: string) => string | undefined;
export const faultFinder =
  (errors: readonly { path: string; message: string }[]): FaultOf =>
  (path) => {
    const found = errors.find((one) => one.path === path);
    return found === undefined ? undefined : faultWords(found.message);
  };
/** The first of the field of a path and of those below it: where one input of ours stands for all of them. */
export const faultFinderUnder =
  (errors: readonly { path: string; message: string }[]): FaultOf =>
  (path) => {
    const found = errors.find((one) => one.path === path || one.path.startsWith(`${path}.`));
    return found === undefined ? undefined : faultWords(found.message);
  };
/** Of the fields below a path. */
export const within =
  (faultOf: FaultOf, prefix: string): FaultOf =>
  (path) =>
    faultOf(`${prefix}.${path}`);

export const Part = ({ title, about, children }: { title: string; about?: string; children: ReactNode }) => (
  <fieldset className="editor-part stack tight">
    <legend>{title}</legend>
    {about !== undefined && <p className="small soft">{about}</p>}
    {children}
  </fieldset>
);

/** Where no input of ours shows what the server says. */
export const FaultLine = ({ fault }: { fault: string | undefined }) =>
  fault === undefined ? null : (
    <p className="small" role="alert" style={{ color: 'var(--bad)' }}>
      {fault}
    </p>
  );

const units = [...timeUnits, { value: '1', label: 'seconds' }];
/** Where minutes need a fraction, seconds do not. */
const smallestOf = (seconds: number): number => (seconds % 60 === 0 ? unitOf(seconds) : 1);

/** A time as a number and its unit: `3 hours`. `isBare`: what stands beside it says what it is. */
export const SecondsInput = ({
  label,
  seconds,
  change,
  least = 1,
  about,
  fault,
  isBare = false,
}: {
  label: string;
  seconds: number;
  change: (seconds: number) => void;
  least?: number;
  about?: string;
  fault: string | undefined;
  isBare?: boolean;
}) => {
  const id = useId();
  const [kept, setKept] = useState({ seconds, unit: smallestOf(seconds) });
  // Another time moved into this place (steps were moved, changes discarded): its own unit is the readable one.
  const unit = kept.seconds === seconds ? kept.unit : smallestOf(seconds);
  const set = (next: number, nextUnit: number): void => {
    setKept({ seconds: next, unit: nextUnit });
    change(next);
  };
  return (
    <Input.Wrapper
      label={isBare ? undefined : label}
      id={id}
      error={fault}
      description={about}
      inputWrapperOrder={order}
    >
      <div className="row seconds-input">
        <NumberInput
          id={id}
          {...(isBare ? { 'aria-label': label } : {})}
          min={least / unit}
          decimalScale={2}
          value={Number((seconds / unit).toFixed(2))}
          error={fault !== undefined}
          onChange={(value) => {
            if (typeof value === 'number') set(Math.round(value * unit), unit);
          }}
        />
        <NativeSelect
          aria-label={`${label}: unit`}
          data={units}
          value={String(unit)}
          onChange={({ currentTarget }) => {
            const next = Number(currentTarget.value);
            set(Math.round((seconds / unit) * next), next);
          }}
        />
      </div>
    </Input.Wrapper>
  );
};
export const order: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error'];
