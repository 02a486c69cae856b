import { Amount, Anything, defineEvent, Flag, Products, productShape, Text } from './property.ts';

// Segment's e-commerce specification, version 2. It requires nothing; neither do we, but for what an event says nothing without.
// `cart_id` is added wherever a basket is meant, since the specification leaves checkout and order without a link to it.

const product = { ...productShape, cart_id: Text, currency: Text, value: Amount, products: Products, items: Products };
/** GA4 puts the product into a list. */
const aProduct = [['product_id', 'sku', 'item_id', 'products', 'items']];

const cart = { cart_id: Text, currency: Text, value: Amount, products: Products, items: Products };
const list = { list_id: Text, category: Text, products: Products, items: Products };
const promotion = { promotion_id: Text, creative: Text, name: Text, position: Text };
const order = {
  order_id: Text,
  transaction_id: Text,
  checkout_id: Text,
  cart_id: Text,
  affiliation: Text,
  subtotal: Amount,
  total: Amount,
  revenue: Amount,
  value: Amount,
  shipping: Amount,
  tax: Amount,
  discount: Amount,
  coupon: Text,
  currency: Text,
  products: Products,
  items: Products,
};
const anOrder = [['order_id', 'transaction_id']];
const checkoutStep = {
  checkout_id: Text,
  order_id: Text,
  cart_id: Text,
  step: Amount,
  shipping_method: Text,
  payment_method: Text,
  currency: Text,
  value: Amount,
  products: Products,
  items: Products,
};
const coupon = {
  order_id: Text,
  cart_id: Text,
  coupon_id: Text,
  coupon: Text,
  coupon_name: Text,
  discount: Amount,
  reason: Text,
};
const wishlist = { ...product, wishlist_id: Text, wishlist_name: Text };
const shared = { share_via: Text, share_message: Text, recipient: Text };

/** From the search to the refund. */
export const commerce = [
  defineEvent(
    'Products Searched',
    // How many were found: a number, or the list of them. Unchecked, since shops have sent either for long.
    { query: Anything, search_term: Text, results: Anything, results_count: Anything },
    { aliases: ['search', 'search_submitted', 'Searched Products'] },
  ),
  defineEvent('Product List Viewed', list, {
    aliases: ['Viewed Product Category', 'Viewed Product List', 'view_item_list', 'collection_viewed'],
  }),
  defineEvent('Product List Filtered', { ...list, filters: Anything, sorts: Anything }),
  defineEvent('Promotion Viewed', promotion, { aliases: ['Viewed Promotion', 'view_promotion'] }),
  defineEvent('Promotion Clicked', promotion, { aliases: ['Clicked Promotion', 'select_promotion'] }),
  defineEvent('Product Clicked', product, { aliases: ['Clicked Product', 'select_item'], needs: aProduct }),
  defineEvent('Product Viewed', product, { aliases: ['Viewed Product', 'view_item'], needs: aProduct }),
  defineEvent('Product Added', product, {
    aliases: ['Added Product', 'Added to Cart', 'add_to_cart', 'product_added_to_cart'],
    needs: aProduct,
  }),
  defineEvent('Product Removed', product, {
    aliases: ['Removed Product', 'remove_from_cart', 'product_removed_from_cart'],
    needs: aProduct,
  }),
  // `quantity` is how many there are now. WooCommerce's blocks tell it so.
  defineEvent('Product Quantity Changed', product, { aliases: ['change_cart_quantity'], needs: aProduct }),
  defineEvent('Cart Viewed', cart, { aliases: ['Viewed Cart', 'view_cart'] }),
  // The list is all that is in it: Shopify's carts, SegmentStream, RudderStack.
  defineEvent('Cart Updated', cart, { aliases: ['Updated Cart', 'Cart Update'] }),
  defineEvent('Cart Cleared', { cart_id: Text }, { aliases: ['Cart Emptied'] }),
  defineEvent('Checkout Started', order, { aliases: ['Started Order', 'Started Checkout', 'begin_checkout'] }),
  defineEvent('Checkout Step Viewed', checkoutStep, { aliases: ['Viewed Checkout Step'] }),
  defineEvent('Checkout Step Completed', checkoutStep, { aliases: ['Completed Checkout Step'] }),
  defineEvent('Shipping Info Entered', checkoutStep, {
    aliases: ['add_shipping_info', 'checkout_shipping_info_submitted'],
  }),
  defineEvent('Payment Info Entered', checkoutStep, {
    aliases: ['add_payment_info', 'payment_info_submitted'],
  }),
  defineEvent('Order Updated', order, { aliases: ['Updated Order'], needs: anOrder }),
  defineEvent('Order Completed', order, {
    aliases: ['Completed Order', 'purchase', 'checkout_completed', 'order_placed'],
    needs: anOrder,
  }),
  defineEvent('Order Refunded', order, { aliases: ['Refunded Order', 'refund'], needs: anOrder }),
  defineEvent('Order Cancelled', order, { aliases: ['Cancelled Order', 'Order Canceled'], needs: anOrder }),
  defineEvent('Payment Failed', { ...checkoutStep, error_code: Text, gateway: Text }, { aliases: ['Payment Failure'] }),
  defineEvent('Coupon Entered', coupon),
  defineEvent('Coupon Applied', coupon),
  defineEvent('Coupon Denied', coupon),
  defineEvent('Coupon Removed', coupon),
  defineEvent('Product Added to Wishlist', wishlist, { aliases: ['add_to_wishlist'], needs: aProduct }),
  defineEvent('Product Removed from Wishlist', wishlist, { aliases: ['remove_from_wishlist'], needs: aProduct }),
  defineEvent('Wishlist Product Added to Cart', wishlist, { needs: aProduct }),
  defineEvent('Product Shared', { ...product, ...shared }, { needs: aProduct }),
  defineEvent('Cart Shared', { ...shared, cart_id: Text, products: Products }),
  defineEvent('Signed Up', { method: Text, username: Text }, { aliases: ['sign_up', 'Account Created'] }),
  defineEvent('Signed In', { method: Text, username: Text }, { aliases: ['login', 'Logged In'] }),
  defineEvent('Experiment Viewed', {
    experiment_id: Text,
    experiment_name: Text,
    variation_id: Text,
    variation_name: Text,
    nonInteraction: Flag,
  }),
];
