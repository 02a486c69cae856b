import { createRequire } from 'node:module';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { expect, test } from 'vitest';

const rules = createRequire(import.meta.url)('./arrows.cjs') as { forbidden: IForbiddenRuleType[]; options: object };

const look = async (folders: string[]): Promise<ICruiseResult> => {
  const { output } = await cruise(folders, {
    ...rules.options,
    ruleSet: { forbidden: rules.forbidden },
    validate: true,
  });
  return output as ICruiseResult;
};

test('every import follows the arrows', async () => {
  const { summary } = await look(['services', 'schemas', 'dashboards/src']);
  // A run that saw nothing is not green.
  expect(summary.totalCruised).toBeGreaterThan(60);
  expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
});

test('a planted import against the arrows is found', async () => {
  const { summary } = await look(['test/architecture/planted']);
  const names = new Set(summary.violations.map(({ rule }) => rule.name));
  expect(names).toContain('no-cycles');
});
