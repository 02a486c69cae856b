import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';

/** Keys as we make them and as people type them; anything else must not be written into a script. */
const keyPattern = /^[\w.-]{1,100}$/;
const hostPattern = /^[\w.:[\]-]{1,255}$/;

const snippetFile = new URL('./snippet/dist/analytics.min.js', import.meta.url);

export type BrowserFile = { text: string; etag: string };

const withTag = (text: string): BrowserFile => ({
  text,
  etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
});

/**
 * What analytics-next asks for before its first event. It never fails, whatever the key: without it that library sends nothing, for
 * good. It names this server, since the library's default is its vendor's.
 */
export const settingsFor = (writeKey: string, base: { headers: IncomingHttpHeaders; publicUrl: string | null }) => {
  const { host = '' } = base.headers;
  const address = base.publicUrl ?? (hostPattern.test(host) ? `${forwardedProtocol(base.headers)}://${host}` : null);
  const [protocol, apiHost] = address?.split('://') ?? [];
  return withTag(
    JSON.stringify({
      integrations: {
        'Segment.io': {
          apiKey: writeKey,
          ...(apiHost === undefined ? {} : { apiHost: `${apiHost}/v1`, protocol }),
          unbundledIntegrations: [],
          addBundledMetadata: false,
        },
      },
      plan: { track: { __default: { enabled: true, integrations: {} } } },
      edgeFunction: {},
      remotePlugins: [],
    }),
  );
};

const forwardedProtocol = (headers: IncomingHttpHeaders): string =>
  headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';

/** The script for a page, the write key filled in; null where the key could not be one, or the script was not built. */
export const createSnippet = (): ((writeKey: string) => BrowserFile | null) => {
  const source = existsSync(snippetFile) ? readFileSync(snippetFile, 'utf8') : null;
  return (writeKey) =>
    source === null || !keyPattern.test(writeKey) ? null : withTag(source.replaceAll('__WRITE_KEY__', writeKey));
};
