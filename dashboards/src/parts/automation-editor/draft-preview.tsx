import { CloseButton } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useId, useRef } from 'react';
import type { AutomationPreview, previewAutomation } from '../../../../schemas/api/automations.ts';
import type { Automation } from '../../../../schemas/automation.ts';
import { call, Problem } from '../../call.ts';
import { useSite } from '../../session.ts';
import { AutomationPreviewList } from '../automation-preview.tsx';
import { ReplayPart } from '../automation-replay.tsx';

/** The form knows the fields of the automation, not of the question about it. */
const fieldsOfDraft = (error: unknown): unknown =>
  error instanceof Problem
    ? new Problem(
        error.status,
        error.message,
        error.errors.map(({ path, message }) => ({ path: path.replace(/^automation\.?/, ''), message })),
      )
    : error;

/** Asks about what is written, saved or not. */
export const useDraftPreview = (id: string) => {
  const site = useSite();
  return useMutation({
    mutationFn: async (automation: Automation) => {
      try {
        return await call<typeof previewAutomation>(
          { method: 'POST', path: '/api/sites/:site/automations/:id/preview' },
          { params: { site: site.id, id }, body: { automation } },
        );
      } catch (error) {
        throw fieldsOfDraft(error);
      }
    },
  });
};

/** The answer about what was written when it was asked, below the form. `isOld`: something was changed since. */
export const DraftPreview = ({
  id,
  draft,
  preview,
  isOld,
  close,
}: {
  id: string;
  draft: Automation;
  preview: AutomationPreview;
  isOld: boolean;
  close: () => void;
}) => {
  const title = useId();
  const part = useRef<HTMLElement>(null);
  // Asked for by a button that may be far from it.
  useEffect(() => {
    if (preview !== undefined) part.current?.focus();
  }, [preview]);
  return (
    <section className="draft-preview" ref={part} tabIndex={-1} aria-labelledby={title}>
      <div className="row apart">
        <h3 id={title}>Who would get it now, as it is written here</h3>
        <CloseButton aria-label="Close what is told about the draft" onClick={close} />
      </div>
      <p className="small soft">
        {isOld ? 'You have changed something since: ask again.' : 'Saved or not, on or off. This sends nothing.'}
      </p>
      <AutomationPreviewList preview={preview} steps={draft.steps} />
      <ReplayPart key={JSON.stringify(draft)} automation={id} draft={draft} ask="Find out for the last 30 days">
        And what would it have sent in the last 30 days?
      </ReplayPart>
    </section>
  );
};
