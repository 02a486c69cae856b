import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const files = globSync('{services,schemas,dashboards/src}/**/*.{ts,tsx}', {
  cwd: root,
  exclude: ['**/dist/**'],
}).filter((file) => !/\.test\.tsx?$|contract\.ts$/.test(file));

/** A function may be longer when the line above it says why: `// long: …`. */
const longestFunction = 60;

type Finding = string;

const isModuleLet = (node: ts.Node): boolean =>
  ts.isVariableStatement(node) &&
  node.parent.kind === ts.SyntaxKind.SourceFile &&
  (node.declarationList.flags & ts.NodeFlags.Let) !== 0;

const isEnvironment = (node: ts.Node): boolean =>
  ts.isPropertyAccessExpression(node) && node.getText() === 'process.env';

/** A catch that only logs has decided nothing. */
const onlyLogs = (node: ts.Node): boolean =>
  ts.isCatchClause(node) &&
  node.block.statements.length > 0 &&
  node.block.statements.every((statement) => /^(console|logger|telemetry\.logger)\b/.test(statement.getText())) &&
  !/\/\/ only logged:/.test(node.getText());

const linesBetween = (source: ts.SourceFile, node: ts.Node): number =>
  source.getLineAndCharacterOfPosition(node.end).line - source.getLineAndCharacterOfPosition(node.getStart()).line + 1;

/** Lines of the functions directly inside, so that a factory is not as long as all that it closes over. */
const nestedLines = (source: ts.SourceFile, node: ts.Node): number => {
  let lines = 0;
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) lines += linesBetween(source, child) - 1;
    else ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  return lines;
};

/** A function's own lines: what one has to hold in mind to read it. */
const linesOf = (source: ts.SourceFile, node: ts.Node): number =>
  linesBetween(source, node) - nestedLines(source, node);

const isLong = (source: ts.SourceFile, node: ts.Node): boolean => {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return false;
  if (linesOf(source, node) <= longestFunction) return false;
  const line = source.getLineAndCharacterOfPosition(node.getStart()).line;
  const before = source.text
    .split('\n')
    .slice(Math.max(0, line - 6), line + 1)
    .join('\n');
  return !/\blong: \S/.test(before);
};

const inspect = (file: string): Finding[] => {
  const source = ts.createSourceFile(file, readFileSync(`${root}/${file}`, 'utf8'), ts.ScriptTarget.ESNext, true);
  const found: Finding[] = [];
  const visit = (node: ts.Node): void => {
    const at = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (isModuleLet(node)) found.push(`${at} keeps state at module level`);
    if (isEnvironment(node) && file !== 'services/platform/config.ts') found.push(`${at} reads the environment`);
    if (onlyLogs(node)) found.push(`${at} catches an error and only logs it`);
    // The browser snippet and React components are trees, not procedures.
    if (!file.endsWith('.tsx') && isLong(source, node))
      found.push(`${at} is a function of ${linesOf(source, node)} lines`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

test('product code keeps to the habits', () => {
  expect(files.length).toBeGreaterThan(60);
  expect(files.flatMap(inspect)).toEqual([]);
});
