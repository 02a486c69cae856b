import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchKafka, type SecureListener, startByMaven } from './kafka-maven.ts';

const keystorePassword = 'keystore-of-the-tests';
export const user = { username: 'shop', password: 'password-of-the-shop' } as const;

const keytool = (...args: string[]): void => {
  const { status, stdout, stderr } = spawnSync('keytool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`keytool: ${stdout}${stderr}`);
};

/** The broker's key and its certificate, which signs itself. */
const createKey = async (folder: string): Promise<{ keystore: string; certificate: string }> => {
  const keystore = join(folder, 'broker.p12');
  const pem = join(folder, 'broker.pem');
  const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', keystorePassword, '-alias', 'broker'];
  keytool(
    '-genkeypair',
    ...store,
    '-keyalg',
    'EC',
    '-dname',
    'CN=broker',
    '-ext',
    'SAN=ip:127.0.0.1',
    '-ext',
    'BC=ca:true',
  );
  keytool('-exportcert', ...store, '-rfc', '-file', pem);
  return { keystore, certificate: await readFile(pem, 'utf8') };
};

const modules = 'org.apache.kafka.common.security';

const listenerOf = (keystore: string): SecureListener => ({
  settings: [
    'ssl.keystore.type=PKCS12',
    `ssl.keystore.location=${keystore}`,
    `ssl.keystore.password=${keystorePassword}`,
    `ssl.key.password=${keystorePassword}`,
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    `listener.name.secure.plain.sasl.jaas.config=${modules}.plain.PlainLoginModule required user_${user.username}="${user.password}";`,
    ...['256', '512'].map(
      (bits) => `listener.name.secure.scram-sha-${bits}.sasl.jaas.config=${modules}.scram.ScramLoginModule required;`,
    ),
  ],
  formatArguments: ['256', '512'].flatMap((bits) => [
    '--add-scram',
    `SCRAM-SHA-${bits}=[name=${user.username},password=${user.password}]`,
  ]),
});

/** A broker with TLS and one user, `user`, for each mechanism that the product knows. `certificate`: what a client has to trust. */
export const startSecureKafka = async () => {
  const found = fetchKafka();
  if ('missing' in found) throw new Error(`no broker: ${found.missing}`);
  const folder = await mkdtemp(join(tmpdir(), 'desirepath-tls-'));
  const { keystore, certificate } = await createKey(folder);
  const kafka = await startByMaven({ jars: found.jars, count: 1, secure: listenerOf(keystore) });
  return {
    brokers: kafka.secureBrokers,
    certificate,
    close: async (): Promise<void> => {
      await kafka.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
