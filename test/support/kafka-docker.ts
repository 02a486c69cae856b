import { KafkaContainer } from '@testcontainers/kafka';
import { Network } from 'testcontainers';
import { clusterSettings, type TestBroker } from './broker.ts';
import { controlOf } from './container.ts';
import { freePort, isListening } from './process.ts';

/** Apache Kafka 4.1 as Confluent packs it: the image that the module knows how to start. */
const image = 'confluentinc/cp-kafka:8.1.0';
/** Of the module: where clients come in, and where controllers vote. */
const clientPort = 9093;
const controllerPort = 9094;
const startMilliseconds = 180_000;

/** A broker of the module votes alone, at a port that changes with each start; these vote together and keep theirs. */
class VotingBroker extends KafkaContainer {
  voters = '';
  hostPort = 0;

  protected override async beforeContainerCreated(): Promise<void> {
    // The module has the last word here, so that ours comes after it.
    await super.beforeContainerCreated();
    this.withExposedPorts({ container: clientPort, host: this.hostPort });
    this.withEnvironment({ KAFKA_CONTROLLER_QUORUM_VOTERS: this.voters });
  }
}

/** Brokers in containers, each at a port of this machine that stays its own when it is started again. Answers when every one listens. */
export const startInDocker = async (count: number) => {
  const network = await new Network().start();
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const settings = Object.entries(clusterSettings(count)).map(([name, value]) => [
    `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`,
    value,
  ]);
  // Together: none listens before most of them vote.
  const containers = await Promise.all(
    ids.map(async (id) => {
      const broker = new VotingBroker(image);
      broker.voters = ids.map((each) => `${each}@kafka-${each}:${controllerPort}`).join(',');
      broker.hostPort = await freePort();
      return broker
        .withKraft()
        .withNetwork(network)
        .withNetworkAliases(`kafka-${id}`)
        .withEnvironment({
          ...Object.fromEntries(settings),
          KAFKA_BROKER_ID: String(id),
          KAFKA_HEAP_OPTS: '-Xmx400m',
        })
        .withStartupTimeout(startMilliseconds)
        .start();
    }),
  );
  const nodes = containers.map((container): TestBroker => {
    const { stop, ...control } = controlOf(container);
    return {
      ...control,
      stop: async () => void (await stop()),
      isListening: () => isListening(container.getHost(), container.getMappedPort(clientPort)),
    };
  });
  return {
    brokers: containers.map((container) => `${container.getHost()}:${container.getMappedPort(clientPort)}`),
    nodes,
    close: async (): Promise<void> => {
      await Promise.all(containers.map((container) => container.stop()));
      await network.stop();
    },
  };
};
