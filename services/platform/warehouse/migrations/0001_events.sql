-- One row per event. Ordered by person, so that a journey lies together: a timeline reads one granule, a funnel streams person by person.
-- ReplacingMergeTree only folds the rare row that a zombie sink slipped in twice: such rows are equal in the whole key, `timestamp`
-- (the source of the partition) included, so folding never has to look across partitions. Retries of a client are kept out by the sink.
CREATE TABLE IF NOT EXISTS events
(
    site LowCardinality(String),
    -- Best known at insert: the user if there is one, else the device. Query through `identity` for the person after later sign-ins.
    person UInt64 DEFAULT if(user_id != '', sipHash64(site, 'user', user_id), sipHash64(site, 'anonymous', anonymous_id)),
    -- Corrected for the client's clock.
    timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    event LowCardinality(String),
    type LowCardinality(String),
    message_id String CODEC(ZSTD(1)),
    anonymous_id String CODEC(ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    session String CODEC(ZSTD(1)),
    original_timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    sent_at Nullable(DateTime64(3, 'UTC')) CODEC(ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    channel LowCardinality(String),

    product_id String CODEC(ZSTD(1)),
    product_name String CODEC(ZSTD(1)),
    category LowCardinality(String),
    brand LowCardinality(String),
    variant LowCardinality(String),
    seller LowCardinality(String),
    price Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    quantity Nullable(Int32) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    revenue Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    value Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    coupon String CODEC(ZSTD(1)),
    order_id String CODEC(ZSTD(1)),
    cart_id String CODEC(ZSTD(1)),
    checkout_id String CODEC(ZSTD(1)),
    -- JSON array of products, as sent ('' where there is none).
    products String CODEC(ZSTD(1)),
    query String CODEC(ZSTD(1)),
    rating Nullable(Float32) CODEC(ZSTD(1)),
    score Nullable(Float32) CODEC(ZSTD(1)),
    ticket_id String CODEC(ZSTD(1)),
    support_channel LowCardinality(String),
    email String CODEC(ZSTD(1)),

    url String CODEC(ZSTD(1)),
    path String CODEC(ZSTD(1)),
    title String CODEC(ZSTD(1)),
    referrer String CODEC(ZSTD(1)),
    campaign_source LowCardinality(String),
    campaign_medium LowCardinality(String),
    campaign_name LowCardinality(String),
    user_agent String CODEC(ZSTD(1)),
    browser LowCardinality(String),
    os LowCardinality(String),
    device LowCardinality(String),
    locale LowCardinality(String),
    country LowCardinality(String),
    ip String CODEC(ZSTD(1)),

    -- The JSON as it was sent, whole, so that nothing is lost: '' where the event had none.
    properties String CODEC(ZSTD(1)),
    context String CODEC(ZSTD(1)),
    traits String CODEC(ZSTD(1)),

    -- Where on the log the event stands: partition, offset of its record, place within the record.
    log_partition UInt16 CODEC(ZSTD(1)),
    log_offset UInt64 CODEC(Delta, ZSTD(1)),
    log_index UInt16 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (site, person, timestamp, message_id)
-- Parts below 128 MB (uncompressed) keep their columns in one file: an insert of 20,000 rows then takes half the CPU (17 us a row against 35) and a fraction of
-- the memory, since a wide part has a buffer for each of its columns.
SETTINGS index_granularity = 8192, min_bytes_for_wide_part = 134217728;
