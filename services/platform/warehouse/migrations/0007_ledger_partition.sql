-- Which partition of the topic `actions` an action stands on, in its `requested` row: a performer takes over the unfinished ones of its partitions
-- and leaves those of the others alone.
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS log_partition UInt16 DEFAULT 0;
