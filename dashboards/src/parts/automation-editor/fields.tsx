import { Input, NativeSelect, NumberInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { faultWords } from '../../fault-words.ts';

/** What the server says is wrong with the field of this path; undefined where it is right. */
export type FaultOf = (path: string) => string | undefined;
export const faultFinder =
  (errors: readonly { path: string; message: string }[]): FaultOf =>
  (path) => {
    const found = errors.find((one) => one.path === path);
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

const units = [
  { value: '86400', label: 'days' },
  { value: '3600', label: 'hours' },
  { value: '60', label: 'minutes' },
  { value: '1', label: 'seconds' },
];
/** The largest that needs no fraction; seconds always do. */
const unitOf = (seconds: number): number =>
  Number(units.find(({ value }) => seconds !== 0 && seconds % Number(value) === 0)?.value ?? 86_400);

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
  const [kept, setKept] = useState({ seconds, unit: unitOf(seconds) });
  // Another time moved into this place (steps were moved, changes discarded): its own unit is the readable one.
  const unit = kept.seconds === seconds ? kept.unit : unitOf(seconds);
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
