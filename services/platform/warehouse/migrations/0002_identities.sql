-- Links between ids, append-only: "this device was used by this user", once per link and event that showed it. Who an id belongs to is
-- computed, so an undo is one more row and late or shuffled events give the same answer: the earliest active link by event time wins,
-- ties by user id.
CREATE TABLE IF NOT EXISTS identities
(
    site LowCardinality(String),
    anonymous_id String,
    user_id String,
    -- Person before and after, as in `events`.
    from_person UInt64 DEFAULT sipHash64(site, 'anonymous', anonymous_id),
    to_person UInt64 DEFAULT sipHash64(site, 'user', user_id),
    -- When the two ids were first seen together, by the event's corrected time.
    linked_at DateTime64(3, 'UTC'),
    -- The event that showed it, for the audit: why were they merged?
    message_id String,
    -- 1: link. 0: undone by an operator (as of `recorded_at`, for every link of the same pair).
    active UInt8 DEFAULT 1,
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (site, from_person, linked_at, user_id);

-- from_person -> to_person in memory, read by every question, so that a journey before sign-in belongs to the person retroactively.
-- The sink reloads it after it has inserted links.
CREATE DICTIONARY IF NOT EXISTS identity
(
    from_person UInt64,
    to_person UInt64
)
PRIMARY KEY from_person
SOURCE(CLICKHOUSE(QUERY '
    SELECT from_person, argMin(to_person, (linked_at, user_id)) AS to_person
    FROM (
        SELECT from_person, to_person, user_id, min(linked_at) AS linked_at, argMax(active, (recorded_at, 1 - active)) AS active
        FROM identities
        GROUP BY from_person, to_person, user_id
    )
    WHERE active = 1
    GROUP BY from_person'))
LAYOUT(HASHED())
LIFETIME(0);
