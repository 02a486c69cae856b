/**
 * Every expected error: its code on the wire, its HTTP status and its sentence.
 * `docs/errors.md` lists exactly these (a test compares them).
 */
export const problems = {
  bad_request: { status: 400, title: 'The request is not of the form this route takes' },
  not_json: { status: 400, title: 'The body is not JSON' },
  no_events: { status: 400, title: 'The body holds no events' },
  bad_encoding: { status: 400, title: 'The body could not be decompressed' },
  unauthorized: { status: 401, title: 'Credentials are missing or not known' },
  unknown_write_key: { status: 401, title: 'No site has this write key' },
  forbidden: { status: 403, title: 'These credentials do not allow this' },
  origin_not_allowed: { status: 403, title: 'This site does not take events from this origin' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  too_slow: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'It was changed in the meantime' },
  in_use: { status: 409, title: 'Something saved still uses it' },
  already_redeemed: { status: 409, title: 'This code has already been used' },
  not_uncertain: { status: 409, title: 'There is nothing to decide about this action' },
  expired: { status: 410, title: 'This has expired' },
  version_changed: { status: 412, title: 'It was changed since it was read: fetch it again' },
  too_large: { status: 413, title: 'The body is larger than what is taken at once' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  header_too_large: { status: 431, title: 'The headers are larger than what is taken' },
  query_limit: { status: 422, title: 'The question touches more than one query may: narrow it' },
  internal: { status: 500, title: 'Something broke on our side' },
  unavailable: { status: 503, title: 'Not available right now: try again' },
} as const;

export type ProblemCode = keyof typeof problems;
