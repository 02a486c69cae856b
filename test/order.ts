import { statSync } from 'node:fs';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of each file the share of its project's text that stands before it, longest file first: 0 for the longest, nearly 1 for the shortest. */
const places = (files: readonly TestSpecification[]): [TestSpecification, number][] => {
  const sized = files
    .map((file) => ({ file, bytes: statSync(file.moduleId).size }))
    .sort((one, other) => other.bytes - one.bytes || (one.file.moduleId < other.file.moduleId ? -1 : 1));
  const all = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  return sized.map(({ file, bytes }) => {
    const place = before / all;
    before += bytes;
    return [file, place];
  });
};

/**
 * The files of each project are spread over the whole run, its longest first: what mostly waits (processes that are killed and come back, mails that
 * are due later) runs beside what mostly computes, and no long file is left for the end.
 */
export class Mixed extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = [...Map.groupBy(files, ({ project }) => project.name).values()];
    return projects
      .flatMap(places)
      .sort(([, one], [, other]) => one - other)
      .map(([file]) => file);
  }
}
