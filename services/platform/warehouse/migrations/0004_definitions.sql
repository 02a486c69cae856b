-- What people edit (sites, funnels, automations, templates): JSON documents, every version kept. The newest version of an id counts;
-- `deleted` hides it.
CREATE TABLE IF NOT EXISTS definitions
(
    kind LowCardinality(String),
    site LowCardinality(String),
    id String,
    version UInt32,
    document String,
    deleted UInt8,
    author String,
    created_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (kind, site, id, version);
