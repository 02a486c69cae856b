/** Text that is HTML already. Only the `html` tag makes it. */
export type Html = { readonly html: string };

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

type Part = Html | string | number | readonly Html[];

const written = (part: Part): string => {
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map(({ html }) => html).join('');
};

/** `html\`<p>${text}</p>\``: text is escaped, HTML of this tag enters as it is. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings.reduce((all, string, index) => all + written(parts[index - 1] ?? '') + string),
});

/** For text of our own files only. */
export const trusted = (text: string): Html => ({ html: text });
