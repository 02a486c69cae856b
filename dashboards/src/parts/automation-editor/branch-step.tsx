import type { Criterion } from '../../../../schemas/segment.ts';
import { segmentWords } from '../../segment-words.ts';
import { CriterionForm } from '../criterion-form/criterion-form.tsx';
import { useSegments } from '../segment-select.tsx';
import { FaultLine } from './fields.tsx';

/** The condition of a branch: told in a sentence, chosen line by line. `name`: of its step. */
export const BranchCondition = ({
  name,
  criterion,
  change,
  fault,
}: {
  name: string;
  criterion: Criterion;
  change: (criterion: Criterion) => void;
  fault: string | undefined;
}) => {
  const { nameOf } = useSegments();
  return (
    <div className="stack tight">
      <p className="break">
        Somebody who <strong>{segmentWords(criterion, nameOf)}</strong> goes the first way, everybody else the second.
      </p>
      <CriterionForm of={` of ${name}`} criterion={criterion} change={change} />
      <FaultLine fault={fault} />
    </div>
  );
};
