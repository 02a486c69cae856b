import { Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Criterion } from '../../../../schemas/segment.ts';
import { readCriterion } from '../../criterion-json.ts';

const written = (criterion: Criterion): string => JSON.stringify(criterion, null, 2);

/** The whole of it as text: for what the lines above have no fields for. */
export const CriterionJson = ({
  of,
  criterion,
  change,
}: {
  of: string;
  criterion: Criterion;
  change: (criterion: Criterion) => void;
}) => {
  const [text, setText] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const read = text === null ? null : readCriterion(text);
  const wrong = read !== null && 'fault' in read ? read.fault : '';
  const area = useRef<HTMLTextAreaElement>(null);
  // What cannot be read cannot be kept: the form is not sent before it is put right.
  useEffect(() => area.current?.setCustomValidity(wrong), [wrong]);
  return (
    <details
      className="criterion-json"
      open={isOpen || wrong !== ''}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="small soft">As JSON</summary>
      <Textarea
        ref={area}
        mt={6}
        label={`Condition${of}, as JSON`}
        description="Any criterion of a segment. It says the same as the lines above: each follows the other."
        value={text ?? written(criterion)}
        spellCheck={false}
        autosize
        minRows={4}
        maxRows={20}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } }}
        error={wrong}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          const next = readCriterion(currentTarget.value);
          if ('criterion' in next) change(next.criterion);
        }}
        onBlur={() => {
          if (wrong === '') setText(null);
        }}
      />
    </details>
  );
};
