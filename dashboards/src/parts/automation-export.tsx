import { Button } from '@mantine/core';
import { FileDown } from 'lucide-react';
import type { Automation } from '../../../schemas/automation.ts';
import { fileNameOf } from '../automation-file.ts';

/** The saved document as a file, which another site or another installation imports. */
export const AutomationExport = ({ automation }: { automation: Automation }) => {
  const download = (): void => {
    const url = URL.createObjectURL(
      new Blob([`${JSON.stringify(automation, null, 2)}\n`], { type: 'application/json' }),
    );
    const link = document.createElement('a');
    link.href = url;
    link.download = fileNameOf(automation.name);
    link.click();
    // The browser reads it after this turn.
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <Button variant="default" size="xs" leftSection={<FileDown size={15} />} onClick={download}>
      Export
    </Button>
  );
};
