import { once } from 'node:events';
import type { Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A real SMTP server on a free port that keeps what it is given. `isSilent`: it hangs up then, without a word. */
export const createMailServer = async () => {
  const mails: ParsedMail[] = [];
  const state = { isSilent: false };
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        if (!state.isSilent) return done();
        for (const socket of sockets) socket.destroy();
      }, done);
    },
  });
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  // What it hung up on.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${port}`, mails, state };
};
