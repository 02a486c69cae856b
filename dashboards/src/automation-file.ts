import type { Automation } from '../../schemas/automation.ts';

/** More than any automation takes: what is larger was chosen by mistake. */
const mostBytes = 1_000_000;

export const fileNameOf = (name: string): string => {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  return `${words || 'automation'}.json`;
};

/** What an import sends: the file's document, off whatever it says. Throws an Error that tells what is wrong with the file. */
export const readAutomationFile = async (file: Pick<File, 'size' | 'text'>): Promise<Automation> => {
  if (file.size > mostBytes) throw new Error('The file is too large for an automation.');
  const document = parsed(await file.text());
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new Error('The file holds no automation: expected a JSON object.');
  // Only the server knows whether it is one; it names the fields that are not as they should be.
  return { ...(document as Automation), enabled: false };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('The file is not JSON.');
  }
};
