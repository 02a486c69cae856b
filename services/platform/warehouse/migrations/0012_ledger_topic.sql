-- What an action is about, without reading it whole: what has been said to a person about their basket, and by how many marketing mails, is asked before each mail. `shopping`: marketing about
-- what they are choosing just now (services/questions/due/shopping.ts has the same list); `marketing`: any other; `service`; `webhook`, which says nothing to them.
ALTER TABLE ledger
    ADD COLUMN IF NOT EXISTS topic LowCardinality(String) MATERIALIZED multiIf(
        JSONExtractString(action, 'kind') = 'webhook', 'webhook',
        JSONExtractString(action, 'purpose') = 'service', 'service',
        JSONType(action, 'basket') = 'Object', 'shopping',
        JSONExtractString(action, 'event', 'name') IN (
            'Product Viewed', 'Product Added', 'Wishlist Product Added to Cart', 'Product Removed', 'Product Quantity Changed', 'Cart Viewed', 'Cart Updated', 'Cart Cleared',
            'Checkout Started', 'Checkout Step Viewed', 'Checkout Step Completed', 'Shipping Info Entered', 'Payment Info Entered', 'Payment Failed',
            'Coupon Entered', 'Coupon Applied', 'Coupon Denied', 'Coupon Removed'), 'shopping',
        'marketing');

-- For rows of before, in the background; until then it is computed as they are read.
ALTER TABLE ledger MATERIALIZE COLUMN topic SETTINGS mutations_sync = 0;

-- What was lately said to somebody is asked before each mail. Rows of old times lie together in parts of their own, though not in the order of time: by this they are passed over.
ALTER TABLE ledger ADD INDEX IF NOT EXISTS times at TYPE minmax GRANULARITY 1;
ALTER TABLE ledger MATERIALIZE INDEX IF EXISTS times SETTINGS mutations_sync = 0;
