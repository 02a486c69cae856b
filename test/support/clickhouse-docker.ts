import { GenericContainer, Wait } from 'testcontainers';
import { controlOf } from './container.ts';
import { freePort } from './process.ts';
import { eventually } from './product.ts';
import { composeImage } from './servers.ts';

const httpPort = 8123;

/** The ClickHouse server of docker-compose.yml, at a port of this machine that stays its own when it is started again. `login`: user:password. */
export const startInDocker = async (login: string) => {
  const [user = '', password = ''] = login.split(':');
  const container = await new GenericContainer(composeImage('clickhouse'))
    .withEnvironment({ CLICKHOUSE_USER: user, CLICKHOUSE_PASSWORD: password })
    .withExposedPorts({ container: httpPort, host: await freePort() })
    .withUlimits({ nofile: { hard: 262_144, soft: 262_144 } })
    .withWaitStrategy(Wait.forHttp('/ping', httpPort))
    .start();
  const host = `${container.getHost()}:${container.getMappedPort(httpPort)}`;
  const { start, kill9, stop } = controlOf(container);
  return {
    url: `http://${login}@${host}/default`,
    server: {
      name: 'clickhouse',
      output: () => `see docker logs ${container.getId()}`,
      start,
      kill9,
      stop,
      ready: () =>
        eventually(async () => {
          if (!(await fetch(`http://${host}/ping`)).ok) throw new Error('not yet');
        }, 60),
    },
    close: async (): Promise<void> => void (await container.stop()),
  };
};
