import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { DkimKey } from './dkim.ts';
import type { Mail, Mailer } from './mailer.ts';
import { composeMime, faultOf } from './mime.ts';

export type KeptMail = {
  id: string;
  site: string;
  to: string;
  from: string;
  subject: string;
  at: string;
  mail: Mail;
  /** The message as it would go out. */
  source: string;
};
type Summary = Omit<KeptMail, 'mail' | 'source'>;

/** Mails kept as files in `path`/<site>/: a Mailer whose outcome is always known, as a file is there or not. */
export type Outbox = Mailer & {
  /** Newest first, the newest 1,000 of a site. */
  list(site: string, limit: number): Promise<Summary[]>;
  /** Null if there is none of this id in this site. */
  read(site: string, id: string): Promise<KeptMail | null>;
};

const safeName = /^[A-Za-z0-9_-]{1,120}$/;
/** Summaries of a site that are kept in mind, so that a look at the list does not read every mail again. */
const mostListed = 1000;
/** Files open at the same time while the list is read for the first time. */
const readAtOnce = 32;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** A new name is there after a power failure only once its folder is on disk too. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Written whole or not at all, also when the power fails. */
const writeWhole = async (folder: string, name: string, content: Buffer | string): Promise<void> => {
  const file = await open(join(folder, `${name}.part`), 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(folder, `${name}.part`), join(folder, name));
};

const makeFolder = async (root: string, name: string): Promise<string> => {
  const folder = join(root, name);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await syncFolder(root);
  return folder;
};

const summaryOf = (mail: Mail, at: string): Summary => ({
  id: mail.id,
  site: mail.site,
  to: mail.to.address,
  from: mail.from.name === '' ? mail.from.address : `${mail.from.name} <${mail.from.address}>`,
  subject: mail.subject,
  at,
});

const newestFirst = (summaries: Summary[]): Summary[] =>
  summaries.sort((left, right) => right.at.localeCompare(left.at)).slice(0, mostListed);

export const createOutbox = (deps: { path: string; clock: Clock; dkim: DkimKey | null }): Outbox => {
  /** By site. Only this process writes here, so what was read once stays right. */
  const lists = new Map<string, Promise<Summary[]>>();
  const folderOf = (site: string): string => join(deps.path, site);

  const readKept = async (site: string, id: string): Promise<{ at: string; mail: Mail } | null> => {
    if (!safeName.test(site) || !safeName.test(id)) return null;
    try {
      return JSON.parse(await readFile(join(folderOf(site), `${id}.json`), 'utf8')) as { at: string; mail: Mail };
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

  const readList = async (site: string): Promise<Summary[]> => {
    const names = await readdir(folderOf(site)).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    let found: Summary[] = [];
    for (let from = 0; from < ids.length; from += readAtOnce) {
      const kept = await Promise.all(ids.slice(from, from + readAtOnce).map((id) => readKept(site, id)));
      found = newestFirst([
        ...found,
        ...kept.flatMap((each) => (each === null ? [] : [summaryOf(each.mail, each.at)])),
      ]);
    }
    return found;
  };

  const remember = (site: string, list: Promise<Summary[]>): Promise<Summary[]> => {
    lists.set(site, list);
    list.catch(() => {
      if (lists.get(site) === list) lists.delete(site);
    });
    return list;
  };

  const listOf = (site: string): Promise<Summary[]> => lists.get(site) ?? remember(site, readList(site));

  /** Where the list is being read just now, it may have the mail already. */
  const note = (summary: Summary): void => {
    const known = lists.get(summary.site);
    if (known === undefined) return;
    const withIt = (all: Summary[]) => newestFirst([summary, ...all.filter(({ id }) => id !== summary.id)]);
    void remember(summary.site, known.then(withIt));
  };

  return {
    send: async (mail, beforeHandOver) => {
      const fault = safeName.test(mail.site) ? faultOf(mail) : 'its site is no file name';
      if (fault !== null) return { kind: 'refused', permanent: true, isBounce: false, reason: fault };
      const kept = { kind: 'accepted', response: 'kept in the outbox' } as const;
      if ((await readKept(mail.site, mail.id)) !== null) return kept;
      const at = new Date(deps.clock.now());
      const message = await composeMime(mail, at, deps.dkim);
      await beforeHandOver();
      const folder = await makeFolder(deps.path, mail.site);
      await writeWhole(folder, `${mail.id}.eml`, message);
      // The JSON comes last: it is what says that the mail is there.
      await writeWhole(folder, `${mail.id}.json`, JSON.stringify({ at: at.toISOString(), mail }));
      await syncFolder(folder);
      note(summaryOf(mail, at.toISOString()));
      return kept;
    },
    list: async (site, limit) => (safeName.test(site) ? (await listOf(site)).slice(0, limit) : []),
    read: async (site, id) => {
      const kept = await readKept(site, id);
      if (kept === null) return null;
      const source = await readFile(join(folderOf(site), `${id}.eml`), 'utf8');
      return { ...summaryOf(kept.mail, kept.at), mail: kept.mail, source };
    },
    close: async () => undefined,
  };
};
