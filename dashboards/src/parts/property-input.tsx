import { Autocomplete } from '@mantine/core';
import { useState } from 'react';

/** What figures are most often broken down by. */
export const commonGroups = [
  'context.campaign.source',
  'context.campaign.medium',
  'context.device',
  'context.browser',
  'context.country',
  'category',
  'brand',
];

/** Any path can be typed; kept when one leaves the field, so that not every key asks. */
export const PropertyInput = ({
  label,
  isLabelUnseen = false,
  placeholder,
  value,
  data,
  change,
}: {
  label: string;
  isLabelUnseen?: boolean;
  placeholder?: string;
  value: string;
  data: readonly string[];
  change: (property: string) => void;
}) => {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = (property: string): void => {
    setTyped(null);
    if (property.trim() !== value) change(property.trim());
  };
  return (
    <Autocomplete
      {...(isLabelUnseen ? { 'aria-label': label } : { label })}
      {...(placeholder === undefined ? {} : { placeholder })}
      value={typed ?? value}
      data={[...data]}
      w={230}
      onChange={setTyped}
      onOptionSubmit={commit}
      onBlur={() => {
        if (typed !== null) commit(typed);
      }}
      onKeyDown={({ key }) => {
        if (key === 'Enter' && typed !== null) commit(typed);
      }}
    />
  );
};
