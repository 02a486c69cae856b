import { Button, NumberInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { getSite, patchSite } from '../../../../schemas/api/administration.ts';
import type { RouteAnswer } from '../../../../schemas/api/route.ts';
import { type Answer, useAnswer } from '../../ask.ts';
import { call, Problem } from '../../call.ts';
import { useSite } from '../../session.ts';
import { faultFinder } from '../automation-editor/fields.tsx';
import { Faults } from '../faults.tsx';

type Settings = RouteAnswer<typeof getSite>;

export const useSiteSettings = (): Answer<Settings> =>
  useAnswer<typeof getSite>({ method: 'GET', path: '/api/sites/:site' }, { params: { site: useSite().id } });

/** Of the whole site: whom no marketing reaches. It is the site's own, so it is saved apart from the rules. */
export const ControlGroup = ({ version, holdoutPercent }: Settings) => {
  const site = useSite();
  const queries = useQueryClient();
  const [percent, setPercent] = useState(holdoutPercent);
  const changing = useMutation({
    mutationFn: () =>
      call<typeof patchSite>(
        { method: 'PATCH', path: '/api/sites/:site' },
        { params: { site: site.id }, body: { holdoutPercent: percent } },
        { ifMatch: version },
      ),
    // It decides who would get what.
    onSuccess: () => queries.invalidateQueries(),
    // Changed by somebody else meanwhile: the next attempt is on what it is now.
    onError: () => queries.invalidateQueries({ queryKey: ['GET', '/api/sites/:site'] }),
  });
  const faultOf = faultFinder(changing.error instanceof Problem ? changing.error.errors : []);
  const isOvertaken = changing.error instanceof Problem && changing.error.status === 412;
  const save = (event: FormEvent): void => {
    event.preventDefault();
    changing.mutate();
  };
  return (
    <form className="stack tight" onSubmit={save}>
      <NumberInput
        label="Control group of the whole site"
        description="So many of a hundred people, always the same ones, get no marketing of any automation and count in the control group of each, so that its results show what it adds; service messages they get all the same."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        styles={{ wrapper: { maxWidth: 150 } }}
        suffix="%"
        min={0}
        max={90}
        value={percent}
        error={faultOf('holdoutPercent')}
        onChange={(next) => {
          if (typeof next === 'number') setPercent(next);
        }}
      />
      {isOvertaken ? (
        <p role="alert" style={{ color: 'var(--bad)' }}>
          Not saved: somebody else has changed the site meanwhile. Save again to set it all the same.
        </p>
      ) : (
        <Faults error={changing.error} />
      )}
      <div>
        <Button type="submit" variant="default" disabled={percent === holdoutPercent} loading={changing.isPending}>
          Save the control group
        </Button>
      </div>
    </form>
  );
};
