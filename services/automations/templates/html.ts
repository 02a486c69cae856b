import type { ActionItem, LeftBasket } from '../../../schemas/action.ts';
import type { BasketItem } from '../../../schemas/api/abandonment.ts';
import { discountTexts, type MailContent, sumText, whyText } from './content.ts';
import { moneyText, priceText } from './money.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

/** Only addresses of the web: a `javascript:` or `data:` address from an event is dropped. */
export const webAddress = (address: string): string | null =>
  /^https?:\/\//i.test(address) && URL.canParse(address) ? new URL(address).href : null;

const font = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const picture = ({ imageUrl, name }: BasketItem): string => {
  const address = webAddress(imageUrl);
  return address === null
    ? '<div class="tile" style="width:64px;height:64px;border-radius:10px;background:#eef1ee"></div>'
    : `<img src="${escapeHtml(address)}" width="64" height="64" alt="${escapeHtml(name)}" style="display:block;width:64px;height:64px;border-radius:10px;object-fit:cover;background:#eef1ee">`;
};

const itemLink = ({ url }: BasketItem, { links }: MailContent): string | null => {
  const address = webAddress(url);
  return address === null ? null : links.item(address);
};

const itemRow = (item: ActionItem, basket: LeftBasket, content: MailContent): string => {
  const link = itemLink(item, content);
  const name = escapeHtml(item.name || item.productId);
  const linked =
    link === null
      ? name
      : `<a href="${escapeHtml(link)}" class="ink" style="color:#1d2721;text-decoration:none">${name}</a>`;
  const price = escapeHtml(priceText(item, basket));
  return `
          <tr>
            <td width="64" style="padding:10px 14px 10px 0">${picture(item)}</td>
            <td class="ink" style="padding:10px 0;${font};font-size:16px;line-height:1.4;color:#1d2721"><strong>${linked}</strong><br><span class="soft" style="color:#59655d;font-size:14px">Quantity ${item.quantity}</span></td>
            <td align="right" class="ink" style="padding:10px 0;${font};font-size:16px;color:#1d2721;white-space:nowrap">${price}</td>
          </tr>`;
};

const basketPart = (content: MailContent): string => {
  const { basket } = content;
  if (basket === null) return '';
  return `
      <tr><td style="padding:14px 32px 8px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0">${basket.items.map((item) => itemRow(item, basket, content)).join('')}
          <tr>
            <td colspan="2" class="soft" style="padding:12px 0 0;border-top:1px solid #dfe5e1;${font};font-size:15px;color:#59655d">${sumText(basket)}</td>
            <td align="right" class="ink" style="padding:12px 0 0;border-top:1px solid #dfe5e1;${font};font-size:16px;font-weight:700;color:#1d2721;white-space:nowrap">${escapeHtml(moneyText(basket.value, basket.currency))}</td>
          </tr>
        </table>
      </td></tr>`;
};

const removedPart = (content: MailContent): string => {
  const removed = content.basket?.removed ?? [];
  if (removed.length === 0) return '';
  const names = removed.map((item) => {
    const link = itemLink(item, content);
    const name = escapeHtml(item.name || item.productId);
    return link === null ? name : `<a href="${escapeHtml(link)}" class="ink" style="color:#2f6b4f">${name}</a>`;
  });
  return `
      <tr><td style="padding:4px 32px 20px;${font};font-size:15px;line-height:1.5;color:#59655d" class="soft">
        Still thinking about it? You took out: ${names.join(', ')}.
      </td></tr>`;
};

const discountPart = ({ discount }: MailContent): string => {
  if (discount === null) return '';
  const { what, until } = discountTexts(discount);
  return `
      <tr><td style="padding:0 32px 24px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="background:#eef5f0;border-radius:14px;border:1px dashed #2f6b4f">
          <tr><td align="center" style="padding:20px;${font}">
            <div class="soft" style="font-size:14px;color:#3d5a4a">${escapeHtml(what)}</div>
            <div class="ink" style="font-size:26px;font-weight:700;letter-spacing:2px;padding:6px 0;color:#1d2721;font-family:ui-monospace,Menlo,Consolas,monospace">${escapeHtml(discount.code)}</div>
            <div class="soft" style="font-size:13px;color:#3d5a4a">${escapeHtml(until)}</div>
          </td></tr>
        </table>
      </td></tr>`;
};

/** Last, so that a mail that is cut short is not held to have been read. No text: it shows nothing. */
const pixelPart = ({ links }: MailContent): string =>
  links.pixel === null
    ? ''
    : `<img src="${escapeHtml(links.pixel)}" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0">\n`;

/** A mail of tables, since that is what mail programs draw alike; one column, so it fits a phone; colours for dark mode. */
export const htmlMail = (content: MailContent): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(content.subject)}</title>
<style>
@media (prefers-color-scheme: dark) {
  .page { background: #121613 !important; }
  .sheet { background: #1c221e !important; }
  .card { background: #223028 !important; }
  .tile { background: #2a332d !important; }
  .ink { color: #f0f4f1 !important; }
  .soft { color: #b3c0b8 !important; }
}
@media (max-width: 480px) { .sheet td { padding-left: 20px !important; padding-right: 20px !important; } .sheet table td { padding-left: 0 !important; padding-right: 10px !important; } }
</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f4f6f4">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(content.preheader)}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="page" style="background:#f4f6f4">
  <tr><td align="center" style="padding:24px 12px">
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="sheet" style="max-width:560px;background:#ffffff;border-radius:18px">
      <tr><td class="soft" style="padding:28px 32px 0;${font};font-size:14px;letter-spacing:.4px;color:#59655d">${escapeHtml(content.shop)}</td></tr>
      <tr><td class="ink" style="padding:8px 32px 8px;${font};font-size:26px;line-height:1.25;font-weight:700;color:#1d2721">${escapeHtml(content.heading)}</td></tr>
${content.paragraphs
  .map(
    (paragraph) =>
      `      <tr><td class="ink" style="padding:6px 32px;${font};font-size:16px;line-height:1.6;color:#1d2721">${escapeHtml(paragraph).replaceAll('\n', '<br>')}</td></tr>`,
  )
  .join('\n')}${basketPart(content)}${removedPart(content)}${discountPart(content)}
      <tr><td align="center" style="padding:4px 32px 32px">
        <a href="${escapeHtml(content.links.button)}" style="display:inline-block;background:#2f6b4f;color:#ffffff;text-decoration:none;${font};font-size:17px;font-weight:600;padding:14px 28px;border-radius:12px">${escapeHtml(content.button)}</a>
      </td></tr>
    </table>
    <div class="soft" style="max-width:560px;padding:18px 12px;${font};font-size:13px;line-height:1.5;color:#59655d">
      ${escapeHtml(whyText(content))}
      <a href="${escapeHtml(content.links.unsubscribe)}" class="soft" style="color:#59655d">No more marketing mails</a>
    </div>
  </td></tr>
</table>
${pixelPart(content)}</body>
</html>
`;
