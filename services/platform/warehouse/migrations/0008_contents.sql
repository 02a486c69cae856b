-- What stands in `events`, by site, quarter of an hour and event: counts, sums, and a checksum of the rows' keys. The engine keeps a projection within each part
-- of the table, written and removed with the rows: it cannot disagree with them, whatever comes late, is folded or erased. Two uses: the checksum tells
-- whether an answer still holds (services/questions/fingerprint.ts), and counts and sums by time are read from here (trends). Every time zone of today is
-- whole quarters of an hour from UTC.
ALTER TABLE events MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild', lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE events ADD PROJECTION IF NOT EXISTS contents
(
    SELECT
        site,
        toStartOfFifteenMinutes(timestamp),
        event,
        count(),
        sum(cityHash64(person, timestamp, message_id)),
        sum(revenue),
        sum(value),
        sum(quantity),
        max(timestamp)
    GROUP BY site, toStartOfFifteenMinutes(timestamp), event
);

-- For rows of before; parts with and without a projection are not merged with each other.
ALTER TABLE events MATERIALIZE PROJECTION IF EXISTS contents;

-- The same for links: which a site has, and when the newest came.
ALTER TABLE identities MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';

ALTER TABLE identities ADD PROJECTION IF NOT EXISTS contents
(
    SELECT site, count(), sum(cityHash64(from_person, to_person, linked_at, active)), max(recorded_at)
    GROUP BY site
);

ALTER TABLE identities MATERIALIZE PROJECTION IF EXISTS contents;
