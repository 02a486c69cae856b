-- What stands in `events`, by site, quarter of an hour and event: counts, and a checksum of the rows' keys. The engine keeps a projection within each part of the
-- table, written and removed with the rows: it cannot disagree with them, whatever comes late, is folded or erased. The checksum tells whether an answer
-- still holds (services/questions/fingerprint.ts). A row that stands there twice counts twice until it is folded, so counts that must be exact are not
-- read from here.
ALTER TABLE events MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE events ADD PROJECTION IF NOT EXISTS contents
(
    SELECT
        site,
        toStartOfFifteenMinutes(timestamp),
        event,
        count(),
        sum(cityHash64(person, timestamp, message_id)),
        max(timestamp)
    GROUP BY site, toStartOfFifteenMinutes(timestamp), event
);

-- For rows of before, in the background; until then they are read as they are.
ALTER TABLE events MATERIALIZE PROJECTION IF EXISTS contents SETTINGS mutations_sync = 0;

-- The same for links: which a site has, and when the newest came.
ALTER TABLE identities MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE identities ADD PROJECTION IF NOT EXISTS contents
(
    SELECT site, count(), sum(cityHash64(from_person, to_person, linked_at, active)), max(recorded_at)
    GROUP BY site
);

ALTER TABLE identities MATERIALIZE PROJECTION IF EXISTS contents SETTINGS mutations_sync = 0;
