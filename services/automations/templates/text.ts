import { dayText, moneyText } from './money.ts';
import type { MailContent } from './render.ts';

/** The mail for those who read text: the same content in the same order. */
export const textMail = (content: MailContent): string => {
  const { basket, discount, links } = content;
  const price = (amount: string | null): string => (amount === null ? '' : `  ${moneyText(amount, basket.currency)}`);
  return [
    content.heading,
    ...content.paragraphs,
    basket.items
      .map(({ name, productId, quantity, price: each }) => `- ${quantity} × ${name || productId}${price(each)}`)
      .join('\n'),
    `In your basket: ${moneyText(basket.value, basket.currency)}`,
    basket.removed.length === 0
      ? ''
      : `Still thinking about it? You took out: ${basket.removed.map(({ name, productId }) => name || productId).join(', ')}.`,
    discount === null
      ? ''
      : `${discount.percent} % off, only for you: ${discount.code}\nGood for one order until ${dayText(discount.expiresAt)}.`,
    `${content.button}: ${links.button}`,
    `--\nYou get this mail because you have an account at ${content.shop} and left something in your basket.\nNo more mails like this: ${links.unsubscribe}`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
};
