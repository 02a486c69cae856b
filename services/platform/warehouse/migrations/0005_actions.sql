-- The ledger: every phase of every action, append-only; the newest phase by `sequence` counts. The one performer of a person writes it, a
-- phase before the effect that it announces, so that after a crash it is known what may be repeated (services/automations/ledger.ts).
CREATE TABLE IF NOT EXISTS ledger
(
    site LowCardinality(String),
    action_id String,
    automation String,
    automation_version UInt32,
    step UInt16,
    person UInt64,
    user_id String,
    -- What the action answers to, e.g. the idle basket: cart id and its last activity.
    occasion String,
    -- requested, held, claimed, handing-over, sent, failed, uncertain, skipped
    phase LowCardinality(String),
    sequence UInt16,
    reason String,
    -- The action as JSON (schemas/action.ts), so that the ledger alone explains it.
    action String CODEC(ZSTD(1)),
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (site, action_id, sequence);

-- Who must not be written to. The newest row of an address counts.
CREATE TABLE IF NOT EXISTS suppressions
(
    site LowCardinality(String),
    -- Lower-case.
    address String,
    channel LowCardinality(String),
    reason LowCardinality(String),
    active UInt8,
    at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (site, address, at);

-- Codes that were made, and their use. `issued` once per action; `redeemed` rows carry the order.
CREATE TABLE IF NOT EXISTS discounts
(
    site LowCardinality(String),
    code String,
    action_id String,
    person UInt64,
    percent UInt8,
    expires_at DateTime64(3, 'UTC'),
    -- issued, redeemed
    kind LowCardinality(String),
    order_id String,
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (site, code, kind, order_id);
