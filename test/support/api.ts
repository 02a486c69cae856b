export const adminToken = 'admin-token-of-the-tests';

export type Api = <T = unknown>(method: string, path: string, body?: unknown, status?: number) => Promise<T>;

/** Calls as administrator: each fails on any status but the expected, a good one unless said. Given up after `patience` milliseconds, where given. */
export const createApi =
  (base: string, patience?: number): Api =>
  async <T>(method: string, path: string, body?: unknown, status?: number): Promise<T> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(patience === undefined ? {} : { signal: AbortSignal.timeout(patience) }),
    });
    const text = await response.text();
    const isExpected = status === undefined ? response.ok : response.status === status;
    if (!isExpected) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
