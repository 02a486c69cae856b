-- What a code is good for, and where it came from. Codes of before were all percentages, made by us.
ALTER TABLE discounts
    ADD COLUMN IF NOT EXISTS automation LowCardinality(String),
    -- percent, amount, free-shipping
    ADD COLUMN IF NOT EXISTS benefit LowCardinality(String) DEFAULT 'percent',
    -- Taken off, where the benefit is an amount.
    ADD COLUMN IF NOT EXISTS amount Decimal(18, 4),
    -- Of the amount and of the minimum.
    ADD COLUMN IF NOT EXISTS currency LowCardinality(String),
    -- What the order must be worth; 0 for anything.
    ADD COLUMN IF NOT EXISTS minimum Decimal(18, 4),
    -- '' for a code made by us.
    ADD COLUMN IF NOT EXISTS pool LowCardinality(String),
    -- As it is printed: codes of a pool keep the case in which they were uploaded, while `code` is in capitals. '' for `code` itself.
    ADD COLUMN IF NOT EXISTS printed String;

-- Which code did an action get? Its codes lie anywhere in the table.
ALTER TABLE discounts ADD INDEX IF NOT EXISTS actions action_id TYPE bloom_filter(0.001) GRANULARITY 1;

-- Codes that marketers uploaded. `code` in capitals: two that differ in case alone are one.
CREATE TABLE IF NOT EXISTS pool_codes
(
    site LowCardinality(String),
    pool String,
    code String,
    printed String,
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (site, pool, code);

-- Who holds what only one may hold: a pool's code for one action, a code's redemption for one order (services/automations/claims.ts).
CREATE TABLE IF NOT EXISTS claims
(
    site LowCardinality(String),
    subject String,
    claimant String,
    -- One try of the claimant.
    attempt String,
    -- claimed, released
    kind LowCardinality(String),
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (site, subject, claimant, attempt, kind);

-- What does somebody hold? After a crash they go on with that.
ALTER TABLE claims ADD INDEX IF NOT EXISTS claimants claimant TYPE bloom_filter(0.001) GRANULARITY 1;
