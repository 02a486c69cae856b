-- What did not become a row of `events`, so that received = stored + duplicate + rejected + waiting can be checked. Keyed by the place on
-- the log, so that processing a record again changes nothing. Read with FINAL.
CREATE TABLE IF NOT EXISTS duplicates
(
    site LowCardinality(String),
    message_id String,
    received_at DateTime64(3, 'UTC'),
    log_partition UInt16,
    log_offset UInt64,
    log_index UInt16
)
ENGINE = ReplacingMergeTree
ORDER BY (site, log_partition, log_offset, log_index);

-- Bad events, whole, with the reason. `source` tells the topic: 'rejected' (refused by the collector) or 'events' (refused by the warehouse).
CREATE TABLE IF NOT EXISTS rejected
(
    site LowCardinality(String),
    received_at DateTime64(3, 'UTC'),
    message_id String,
    code LowCardinality(String),
    path String,
    message String,
    event String CODEC(ZSTD(1)),
    -- The intake header as JSON: what a replay needs besides the event.
    header String CODEC(ZSTD(1)),
    source LowCardinality(String),
    log_partition UInt16,
    log_offset UInt64,
    log_index UInt16
)
ENGINE = ReplacingMergeTree
ORDER BY (site, source, log_partition, log_offset, log_index);
