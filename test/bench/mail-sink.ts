/**
 * An SMTP server that takes everything and keeps nothing, in a process of its own: `bench/automations.ts` forks it. It does the least that a mail needs, so
 * that what is measured is who sends.
 */
import { createServer, type Socket } from 'node:net';

const counted = { mails: 0 };

const serve = (socket: Socket): void => {
  const state = { rest: '', isData: false };
  const takeLine = (line: string): void => {
    if (state.isData) {
      if (line !== '.') return;
      state.isData = false;
      counted.mails += 1;
      socket.write('250 taken\r\n');
    } else if (/^DATA/i.test(line)) {
      state.isData = true;
      socket.write('354 go on\r\n');
    } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
    else socket.write('250 ok\r\n');
  };
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    const lines = (state.rest + chunk.toString('latin1')).split('\r\n');
    state.rest = lines.pop() ?? '';
    for (const line of lines) takeLine(line);
  });
  socket.write('220 here\r\n');
};

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', () => process.send?.({ mails: counted.mails }));
process.on('disconnect', () => process.exit(0));
