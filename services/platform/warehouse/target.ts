import { type Sql, sql } from './sql.ts';

export type Login = { user: string; password: string; database: string };

/** What the warehouse is: the engine of this process, a server with a user of its own, or a cluster of servers. */
export type Target = {
  /** Null for the embedded engine. */
  server: Login | null;
  /** Name of the cluster in the servers' `remote_servers`; null for a single one. */
  cluster: string | null;
};

export const embeddedTarget: Target = { server: null, cluster: null };

/** Of `http(s)://user:password@host:8123/database`; what it leaves out is called `default`. */
export const loginOf = (url: string): Login => {
  const { username, password, pathname } = new URL(url);
  return {
    user: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)) || 'default',
  };
};

/** A server's, or a cluster's. */
export const targetOf = (url: string, cluster: string | null): Target => ({ server: loginOf(url), cluster });

/**
 * Tables that grow with the events are spread over the shards by this expression; all rows of a key must be on one shard, since rows are folded there.
 * Every other table is whole on every server: the dictionary and the joins read it there.
 */
const shardedBy: Readonly<Record<string, string>> = { events: 'person' };
const isSharded = (table: string): boolean => shardedBy[table] !== undefined;
/** Changes of what a server keeps of the rows: the table above the shards has none. */
const isOfStorage = (change: string): boolean =>
  /^\s*(ADD|DROP|MATERIALIZE) (PROJECTION|INDEX)\b|^\s*MODIFY SETTING\b/.test(change);

/** Seconds after which a server that did not get the reload itself has new links; it asks only whether there are any. */
const linksLifetime = 'LIFETIME(MIN 2 MAX 5)';
const newLinks = 'SELECT count(), max(recorded_at) FROM identities';

export const quoteName = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
const escapeText = (text: string): string => text.replace(/[\\']/g, '\\$&');
const quoteText = (text: string): string => `'${escapeText(text)}'`;
const dictionarySource = 'SOURCE(CLICKHOUSE(QUERY';

/**
 * A dictionary reads as the user who made it known: a server's `default` may have a password, or not exist. Its query looks into the user's default
 * database, whatever its source's `DB` is, so that the table is named with the database.
 */
const ofDictionary = (statement: string, { server, cluster }: Target): string => {
  if (server === null || !statement.includes(dictionarySource)) return statement;
  const { user, password, database } = server;
  const qualify = (text: string): string =>
    text.replace(/\bFROM (\w+)/g, (_, table: string) => `FROM ${escapeText(quoteName(database))}.${table}`);
  const source = `USER ${quoteText(user)} PASSWORD ${quoteText(password)} DB ${quoteText(database)}`;
  const invalidate = cluster === null ? '' : ` INVALIDATE_QUERY '${qualify(newLinks)}'`;
  return qualify(statement).replace(dictionarySource, () => `SOURCE(CLICKHOUSE(${source}${invalidate} QUERY`);
};

/** `{shard}` and `{replica}` are macros of each server; `{database}` and `{table}` the server's own. */
const replicated = (statement: string, isOnShards: boolean): string =>
  statement.replace(/\bENGINE = (\w*MergeTree)(?:\(([^)]*)\))?/, (_, engine: string, args: string | undefined) => {
    const place = isOnShards
      ? `'/clickhouse/tables/{database}/{table}/{shard}', '{replica}'`
      : `'/clickhouse/tables/{database}/{table}/all', '{shard}-{replica}'`;
    return `ENGINE = Replicated${engine}(${place}${args === undefined ? '' : `, ${args}`})`;
  });

const onCluster = (statement: string, cluster: string, database: string): string[] => {
  const name = quoteName(cluster);
  const [head = '', verb = '', table = ''] =
    /^(CREATE TABLE IF NOT EXISTS|CREATE DICTIONARY IF NOT EXISTS|ALTER TABLE|OPTIMIZE TABLE) (\w+)/.exec(statement) ??
    [];
  const rest = statement.slice(head.length);
  switch (verb) {
    case 'CREATE TABLE IF NOT EXISTS': {
      if (!isSharded(table)) return [replicated(`${head} ON CLUSTER ${name}${rest}`, false)];
      const local = `${table}_local`;
      const spread = [cluster, database, local].map(quoteText).join(', ');
      return [
        replicated(`${verb} ${local} ON CLUSTER ${name}${rest}`, true),
        `${head} ON CLUSTER ${name} AS ${local} ENGINE = Distributed(${spread}, ${shardedBy[table]})`,
      ];
    }
    case 'CREATE DICTIONARY IF NOT EXISTS':
      return [`${head} ON CLUSTER ${name}${rest.replace('LIFETIME(0)', linksLifetime)}`];
    case 'ALTER TABLE': {
      const local = isSharded(table) ? [`${table}_local`] : [];
      const above = isSharded(table) && isOfStorage(rest) ? [] : [table];
      return [...local, ...above].map((each) => `${verb} ${each} ON CLUSTER ${name}${rest}`);
    }
    case 'OPTIMIZE TABLE':
      return [`${verb} ${isSharded(table) ? `${table}_local` : table} ON CLUSTER ${name}${rest}`];
    default:
      // What else there is concerns the server that is asked.
      if (/^(CREATE|DROP|RENAME|TRUNCATE)\b/.test(statement))
        throw new Error(`How is this done on a cluster? Teach target.ts: ${statement.slice(0, 80)}`);
      return [statement];
  }
};

/**
 * A statement of DDL or maintenance as this warehouse needs it. Migrations and services write it for one server; on a cluster tables are
 * replicated (ClickHouse: ReplicatedMergeTree, Distributed, `ON CLUSTER`). Pure: the same statement gives the same ones.
 */
export const statementsFor = (statement: string, target: Target): string[] => {
  const text = ofDictionary(statement.trim(), target);
  return target.cluster === null ? [text] : onCluster(text, target.cluster, target.server?.database ?? 'default');
};

/**
 * What a question needs. On a cluster: subqueries and joins on tables in shards are asked once, for all shards. On a server: it stops when we hang up,
 * which it does for questions that are known to write nothing; the embedded engine always does.
 */
export const questionSettings = ({ server, cluster }: Target): Readonly<Record<string, string | number>> => ({
  ...(cluster === null ? {} : { distributed_product_mode: 'global' }),
  ...(server === null ? {} : { readonly: 2, cancel_http_readonly_queries_on_client_close: 1 }),
});

/** The statements that run: of every server of a cluster, since each knows its own only. */
export const processesOf = ({ cluster }: Target): Sql =>
  cluster === null ? sql`system.processes` : sql`clusterAllReplicas(${cluster}, system.processes)`;

/** Read by who must see the last row written, on whatever server it was: kept with a quorum of their replicas, one insert after the other. */
const sequential: readonly string[] = ['ledger', 'definitions', 'discounts', 'suppressions', 'claims', 'pool_codes'];

/** Acknowledged means on most replicas, whatever server the insert came to. An insert that is sent again is known by its content. */
export const insertSettings = (table: string, { cluster }: Target): Readonly<Record<string, string | number>> =>
  cluster === null
    ? {}
    : {
        insert_quorum: 'auto',
        insert_quorum_parallel: sequential.includes(table) ? 0 : 1,
        insert_deduplicate: 1,
        distributed_foreground_insert: 1,
      };

/** For questions about those tables: a server that has not got all of it refuses, and the question is asked again. */
export const lastWordSettings = ({ cluster }: Target): Readonly<Record<string, string | number>> =>
  cluster === null ? {} : { select_sequential_consistency: 1 };
