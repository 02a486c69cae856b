import { Button, CopyButton } from '@mantine/core';
import { Check, Copy } from 'lucide-react';

/** Puts a text into the clipboard, and says so. */
export const Copied = ({ text, label }: { text: string; label: string }) => (
  <CopyButton value={text}>
    {({ copied, copy }) => (
      <Button
        size="compact-sm"
        variant="default"
        leftSection={copied ? <Check size={14} /> : <Copy size={14} />}
        onClick={copy}
        aria-label={copied ? 'Copied' : label}
      >
        {copied ? 'Copied' : 'Copy'}
      </Button>
    )}
  </CopyButton>
);
