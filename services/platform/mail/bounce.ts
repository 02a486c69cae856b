/** An enhanced status code (RFC 3463) of a failure for good: `5.subject.detail`. */
const enhanced = /\b5\.(\d{1,3})\.(\d{1,3})\b/;

/**
 * Does a failure for good say that the address is no good? Null where the code does not tell. Subjects: 1 address, 2 mailbox, 4 the way there; the
 * others speak of this message, of the servers, or of us (7: policy, 1.7 and 1.8: the sender), and say nothing against the address.
 */
export const saysNoMailbox = (status: string): boolean | null => {
  const [, subject = '', detail = ''] = enhanced.exec(status) ?? [];
  switch (subject) {
    case '1':
      return detail !== '7' && detail !== '8';
    case '2':
      // A full mailbox, or a mail too long for it, is a mailbox; 2.4 is a list that could not be expanded.
      return detail === '0' || detail === '1';
    case '4':
      // Exchange Online says 5.4.1 of addresses that it does not know.
      return detail === '1' || detail === '4';
    case '':
    case '0':
      return null;
    default:
      return false;
  }
};

/**
 * A failure that may pass and is about this mailbox or the way to it, where it ended the tries: full, locked, its server away for days. Policy and content are about us and the message.
 */
export const mayPass = (status: string): boolean => /\b4\.[024]\.\d{1,3}\b|\b5\.2\.2\b|\b5\.4\.7\b/.test(status);

/** What servers without such codes say of a mailbox that they do not have. */
const words =
  /\b(no such (user|mailbox|recipient|address|account)|(user|mailbox|recipient|address|account)( address)? (is |has been )?(unknown|not found|does not exist|doesn't exist|disabled)|(unknown|invalid|nonexistent) (user|mailbox|recipient|address|account)|unrouteable address)\b/i;

/** Our own address is what the server does not like. Postfix says so at RCPT TO unless told otherwise, with the codes and words of an unknown mailbox. */
export const isAboutSender = (reply: string): boolean =>
  /\bsender (address|domain|verify|rejected|denied|unknown|invalid)\b/i.test(reply);

/** The same of a server's reply to us. 550 alone is also what refuses us by policy, so it takes a code or words that name the mailbox. */
export const isNoMailbox = (reply: string): boolean =>
  !isAboutSender(reply) && (saysNoMailbox(reply) ?? words.test(reply));
