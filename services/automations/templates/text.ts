import type { LeftBasket } from '../../../schemas/action.ts';
import { discountTexts, type MailContent, sumText, whyText } from './content.ts';
import { moneyText, priceText } from './money.ts';

const basketBlocks = (basket: LeftBasket): string[] => {
  const { items, removed, value, currency } = basket;
  return [
    items
      .map((item) => `- ${item.quantity} × ${item.name || item.productId}  ${priceText(item, basket)}`.trimEnd())
      .join('\n'),
    `${sumText(basket)}: ${moneyText(value, currency)}`,
    removed.length === 0
      ? ''
      : `Still thinking about it? You took out: ${removed.map(({ name, productId }) => name || productId).join(', ')}.`,
  ];
};

const discountBlock = (discount: NonNullable<MailContent['discount']>): string => {
  const { what, until } = discountTexts(discount);
  return `${what}: ${discount.code}\n${until}.`;
};

/** The mail for those who read text: the same content in the same order. */
export const textMail = (content: MailContent): string => {
  const { basket, discount, links } = content;
  return [
    content.heading,
    ...content.paragraphs,
    ...(basket === null ? [] : basketBlocks(basket)),
    discount === null ? '' : discountBlock(discount),
    `${content.button}: ${links.button}`,
    `--\n${whyText(content)}\nNo more marketing mails: ${links.unsubscribe}`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
};
