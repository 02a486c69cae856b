import { createService, type Service } from './service.ts';

/** The services in processes of their own, as on a cluster: brokers and the warehouse are others'. Nothing is started yet. */
export const createApart = (options: {
  brokers: readonly string[];
  topicPrefix: string;
  warehouseUrl: string;
  folder: string;
  environment?: Readonly<Record<string, string>>;
}) => {
  const services: Service[] = [];
  return {
    /** `diskBytes`: what its DATA_DIR has room for. */
    create: async (name: string, kind: string, diskBytes?: number): Promise<Service> => {
      const service = await createService({
        name,
        kind,
        folder: options.folder,
        environment: {
          CLICKHOUSE_URL: options.warehouseUrl,
          KAFKA_BROKERS: options.brokers.join(','),
          KAFKA_PARTITIONS: '4',
          KAFKA_TOPIC_PREFIX: options.topicPrefix,
          ...options.environment,
        },
        ...(diskBytes === undefined ? {} : { diskBytes }),
      });
      services.push(service);
      return service;
    },
    start: async (...which: readonly Service[]): Promise<void> => {
      await Promise.all(which.map((service) => service.start()));
      await Promise.all(which.map((service) => service.ready()));
    },
    close: async (): Promise<void> => {
      await Promise.all(services.map((service) => service.kill9()));
    },
  };
};
