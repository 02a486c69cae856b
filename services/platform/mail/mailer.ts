export type Mail = {
  /** The action's id: makes a repeated hand-over recognisable (Message-ID, file name). */
  id: string;
  /** The site it is sent for: whose outbox shows it. */
  site: string;
  from: { name: string; address: string };
  to: { name: string; address: string };
  subject: string;
  html: string;
  text: string;
  headers: Readonly<Record<string, string>>;
};

/**
 * What is known after the attempt. `unknown` means that the message may or may not have been taken (the connection
 * broke after DATA): it must never be repeated by itself. `isBounce`: there is no such mailbox, for this mail or any other.
 */
export type MailResult =
  | { kind: 'accepted'; response: string }
  | { kind: 'refused'; permanent: boolean; isBounce: boolean; reason: string }
  | { kind: 'unknown'; reason: string };

export type Mailer = {
  /** `beforeHandOver` runs once the server is ready for the message and before it gets it; its rejection stops the hand-over. */
  send(mail: Mail, beforeHandOver: () => Promise<void>): Promise<MailResult>;
  close(): Promise<void>;
};
