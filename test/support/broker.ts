/** A broker that can be killed and started again, on the same data and at the same address. */
export type TestBroker = {
  /** Resolves when it is on its way: ask `isListening`. */
  start(): Promise<void>;
  kill9(): Promise<void>;
  /** In the ordinary way. */
  stop(): Promise<void>;
  signal(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  isListening(): Promise<boolean>;
};

/** What brokers of tests have in common; replicas as wide as there are brokers. */
export const clusterSettings = (brokers: number): Readonly<Record<string, string>> => {
  const replicas = String(Math.min(3, brokers));
  return {
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': String(Math.max(1, Math.min(3, brokers) - 1)),
    'default.replication.factor': replicas,
    'broker.session.timeout.ms': '6000',
    'num.partitions': '4',
  };
};
