import { expect, test } from 'vitest';
import { splitStatements } from './migrate.ts';

test('statements end at semicolons, not at those in texts and comments', () => {
  expect(splitStatements("-- a; b\nSELECT ';' AS `x;y`; /* ; */ SELECT 'it''s;' ;\n")).toEqual([
    "SELECT ';' AS `x;y`",
    "SELECT 'it''s;'",
  ]);
  expect(splitStatements("SELECT 'a\\';b'; SELECT 5 - 3 / 2")).toEqual(["SELECT 'a\\';b'", 'SELECT 5 - 3 / 2']);
});
