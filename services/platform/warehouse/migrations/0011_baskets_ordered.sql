-- Which granules hold an order of a basket. An order may be told under any id (the shop's own number of a customer), so it lies anywhere in the table: by these
-- the orders that name somebody's basket are found without reading the site's events. They hold orders only, so that they are small and can be exact:
-- a thousand ids cost one granule in a hundred too many.
ALTER TABLE events ADD INDEX IF NOT EXISTS carts_ordered if(event = 'Order Completed', cart_id, '') TYPE bloom_filter(0.00001) GRANULARITY 1;
ALTER TABLE events ADD INDEX IF NOT EXISTS checkouts_ordered if(event = 'Order Completed', checkout_id, '') TYPE bloom_filter(0.00001) GRANULARITY 1;

-- For rows of before, in the background; until then they are read as they are.
ALTER TABLE events MATERIALIZE INDEX IF EXISTS carts_ordered SETTINGS mutations_sync = 0;
ALTER TABLE events MATERIALIZE INDEX IF EXISTS checkouts_ordered SETTINGS mutations_sync = 0;
