import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';

/** Not of the public internet: IANA's special-purpose registries (RFC 6890 and its successors), with what carries another address inside. */
const special: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const blocked = new BlockList();
for (const [network, prefix] of special) blocked.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4');

/** Whether an IP address is one of the public internet. */
export const isPublicAddress = (address: string): boolean => {
  const family = isIP(address);
  if (family === 4) return !blocked.check(address, 'ipv4');
  // One of ::ffff:0:0/96 is compared as the IPv4 address that it carries.
  return family === 6 && !blocked.check(address, 'ipv6');
};

export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} is not an address of the public internet; list it in WEBHOOK_PRIVATE_HOSTS if it is meant`);
  }
}

type Callback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * For the `lookup` of a connection: the address that was looked at is the one that is connected to, so a name that answers differently the second time
 * gains nothing. One private address among them is enough to refuse.
 */
export const lookupPublic = (host: string, options: { all?: boolean }, done: Callback): void => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    const [first] = addresses ?? [];
    if (error !== null) done(error, []);
    else if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      done(new PrivateAddress(host), []);
    else if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  });
};
