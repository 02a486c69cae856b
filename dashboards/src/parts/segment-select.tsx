import { NativeSelect } from '@mantine/core';
import type { listSegments } from '../../../schemas/api/segments.ts';
import { useAnswer } from '../ask.ts';
import { useSite } from '../session.ts';

/** Saved segments, and what one is called. */
export const useSegments = () => {
  const answer = useAnswer<typeof listSegments>(
    { method: 'GET', path: '/api/sites/:site/segments' },
    { params: { site: useSite().id } },
  );
  const segments = answer.data?.segments.map(({ id, segment }) => ({ id, name: segment.name })) ?? [];
  return { segments, nameOf: (id: string): string => segments.find((one) => one.id === id)?.name ?? id };
};

/** One of the saved segments, or one of the choices given besides. */
export const SegmentSelect = ({
  label,
  value,
  others,
  about,
  fault,
  change,
}: {
  label: string;
  value: string;
  others: readonly { value: string; label: string }[];
  about?: string;
  fault: string | undefined;
  change: (value: string) => void;
}) => {
  const { segments } = useSegments();
  const known = segments.map(({ id, name }) => ({ value: id, label: name }));
  const isKnown = [...known, ...others].some((one) => one.value === value);
  return (
    <NativeSelect
      label={label}
      description={segments.length === 0 ? 'No segments are saved yet.' : about}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      // One that was deleted, or is not loaded yet, stays what it is until another is chosen.
      data={[...others, ...known, ...(isKnown ? [] : [{ value, label: value }])]}
      value={value}
      error={fault}
      onChange={({ currentTarget }) => change(currentTarget.value)}
    />
  );
};
