import { Package } from 'lucide-react';
import { useState } from 'react';
import type { Basket, BasketLine } from '../../../schemas/api/abandonment.ts';
import { ago, money } from '../format.ts';

/** A product's picture; a neutral parcel where there is none or it does not load. */
export const Thumb = ({ url }: { url: string }) => {
  const [isBroken, setBroken] = useState(false);
  if (isBroken || !/^(https?:)?\//.test(url))
    return (
      <span className="thumb" aria-hidden>
        <Package size={17} />
      </span>
    );
  return <img className="thumb" src={url} alt="" loading="lazy" onError={() => setBroken(true)} />;
};

const Item = ({ item, removed }: { item: BasketLine; removed?: string }) => (
  <li className="row" style={{ gap: 10 }}>
    <Thumb url={item.imageUrl} />
    <div className="grow">
      <div className="clip">
        {removed === undefined ? (
          item.name || item.productId
        ) : (
          <del className="soft">{item.name || item.productId}</del>
        )}
      </div>
      <div className="small soft num">
        {item.quantity} × {item.price === null ? 'no price' : money(item.price, item.currency)}
        {item.variant !== '' && ` · ${item.variant}`}
        {removed !== undefined && ` · deleted ${removed}`}
      </div>
    </div>
  </li>
);

/** What is left in a basket, and struck through what was taken out and when. */
export const BasketItems = ({ basket, nowMs }: { basket: Pick<Basket, 'items' | 'removed'>; nowMs: number }) => (
  <ul className="items">
    {basket.items.map((item) => (
      <Item key={`${item.productId} ${item.variant}`} item={item} />
    ))}
    {basket.removed.map((item) => (
      <Item key={`${item.productId} ${item.removedAt}`} item={item} removed={ago(item.removedAt, nowMs)} />
    ))}
    {basket.items.length === 0 && basket.removed.length === 0 && <li className="soft">Nothing in it</li>}
  </ul>
);
