import { TextInput } from '@mantine/core';
import type { DraftProps } from './audience.tsx';
import { order, Part } from './fields.tsx';

/** Who the mails are from. Nothing said: the shop, from the address that the operator has set. */
export const SenderPart = ({ draft, change, faultOf }: DraftProps) => {
  const { from = { name: '', address: '' }, ...rest } = draft;
  const set = (changed: Partial<typeof from>): void => {
    const next = { ...from, ...changed };
    change(next.name === '' && next.address === '' ? rest : { ...rest, from: next });
  };
  return (
    <Part title="From whom">
      <div className="editor-fields">
        <TextInput
          label="Sender’s name"
          placeholder="The shop’s name"
          value={from.name}
          maxLength={100}
          error={faultOf('from.name')}
          onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        />
        <TextInput
          label="Sender’s address"
          description="The mail server must be allowed to send for its domain."
          inputWrapperOrder={order}
          type="email"
          placeholder="As the operator has set it"
          value={from.address}
          error={faultOf('from.address')}
          onChange={({ currentTarget }) => set({ address: currentTarget.value })}
        />
      </div>
    </Part>
  );
};
