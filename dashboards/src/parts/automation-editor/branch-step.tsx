import { Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Criterion } from '../../../../schemas/segment.ts';
import { readCriterion } from '../../criterion-json.ts';
import { segmentWords } from '../../segment-words.ts';
import { useSegments } from './segment-select.tsx';

const written = (criterion: Criterion): string => JSON.stringify(criterion, null, 2);

/** The condition of a branch: told in words, changed as JSON. */
export const BranchCondition = ({
  criterion,
  change,
  fault,
}: {
  criterion: Criterion;
  change: (criterion: Criterion) => void;
  fault: string | undefined;
}) => {
  const { nameOf } = useSegments();
  const [text, setText] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const read = text === null ? null : readCriterion(text);
  const wrong = read !== null && 'fault' in read ? read.fault : '';
  const area = useRef<HTMLTextAreaElement>(null);
  // What cannot be read cannot be kept: the form is not sent before it is put right.
  useEffect(() => area.current?.setCustomValidity(wrong), [wrong]);
  return (
    <div className="stack tight">
      <p className="break">
        Somebody who <strong>{segmentWords(criterion, nameOf)}</strong> goes the first way, everybody else the second.
      </p>
      <details
        open={isOpen || wrong !== '' || fault !== undefined}
        onToggle={(event) => setOpen(event.currentTarget.open)}
      >
        <summary className="small">Change the condition</summary>
        <Textarea
          ref={area}
          mt={6}
          label="Condition, as JSON"
          description="Any criterion of a segment, e.g. {&quot;kind&quot;: &quot;inSegment&quot;, &quot;segment&quot;: &quot;vip&quot;}."
          value={text ?? written(criterion)}
          spellCheck={false}
          autosize
          minRows={4}
          maxRows={20}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12.5 } }}
          error={wrong || fault}
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
    </div>
  );
};
