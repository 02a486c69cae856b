import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
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
  /** Newest first. */
  list(site: string, limit: number): Promise<Summary[]>;
  /** Null if there is none of this id in this site. */
  read(site: string, id: string): Promise<KeptMail | null>;
};

const safeName = /^[A-Za-z0-9_-]{1,120}$/;

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

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const summaryOf = (mail: Mail, at: string): Summary => ({
  id: mail.id,
  site: mail.site,
  to: mail.to.address,
  from: mail.from.name === '' ? mail.from.address : `${mail.from.name} <${mail.from.address}>`,
  subject: mail.subject,
  at,
});

export const createOutbox = (deps: { path: string; clock: Clock }): Outbox => {
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

  return {
    send: async (mail, beforeHandOver) => {
      const fault = safeName.test(mail.id) && safeName.test(mail.site) ? faultOf(mail) : 'its id is no file name';
      if (fault !== null) return { kind: 'refused', permanent: true, reason: fault };
      const kept = { kind: 'accepted', response: 'kept in the outbox' } as const;
      if ((await readKept(mail.site, mail.id)) !== null) return kept;
      await beforeHandOver();
      const at = new Date(deps.clock.now());
      await mkdir(folderOf(mail.site), { recursive: true, mode: 0o700 });
      await writeWhole(folderOf(mail.site), `${mail.id}.eml`, await composeMime(mail, at));
      // The JSON comes last: it is what says that the mail is there.
      await writeWhole(folderOf(mail.site), `${mail.id}.json`, JSON.stringify({ at: at.toISOString(), mail }));
      return kept;
    },
    list: async (site, limit) => {
      if (!safeName.test(site)) return [];
      const names = await readdir(folderOf(site)).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
      const found = await Promise.all(ids.map((id) => readKept(site, id)));
      return found
        .flatMap((kept) => (kept === null ? [] : [summaryOf(kept.mail, kept.at)]))
        .sort((left, right) => right.at.localeCompare(left.at))
        .slice(0, limit);
    },
    read: async (site, id) => {
      const kept = await readKept(site, id);
      if (kept === null) return null;
      const source = await readFile(join(folderOf(site), `${id}.eml`), 'utf8');
      return { ...summaryOf(kept.mail, kept.at), mail: kept.mail, source };
    },
    close: async () => undefined,
  };
};
