import type { Mail, Mailer } from './mailer.ts';

export type KeptMail = {
  id: string;
  site: string;
  to: string;
  from: string;
  subject: string;
  at: string;
  mail: Mail;
  source: string;
};

/** Mails kept as .eml files in DATA_DIR/outbox/<site>/: a Mailer whose outcome is always known, as a file is there or not. */
export type Outbox = Mailer & {
  /** Newest first. */
  list(site: string, limit: number): Promise<Omit<KeptMail, 'mail' | 'source'>[]>;
  /** Null if there is none of this id in this site. */
  read(site: string, id: string): Promise<KeptMail | null>;
};
