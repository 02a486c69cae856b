-- How many events the log took in, by site: counted from the log itself, whatever becomes of them, so that
-- received = stored + duplicate + rejected + waiting is a check and no definition. `events` grows with `up_to_offset` (inclusive) of a partition and is
-- the same whoever counts, so a row that is written again changes nothing; the largest counts.
CREATE TABLE IF NOT EXISTS received
(
    topic LowCardinality(String),
    log_partition UInt16,
    site LowCardinality(String),
    up_to_offset UInt64,
    events UInt64
)
ENGINE = ReplacingMergeTree(events)
ORDER BY (topic, log_partition, site);
