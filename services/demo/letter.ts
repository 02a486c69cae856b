/** Codes looked at in one letter. */
const mostCodes = 8;

/** Words of a letter that may be its discount code: capitals and digits, at least six, some with dashes. Likeliest first. */
export const possibleCodes = (text: string): string[] => {
  const withoutLinks = text.replace(/https?:\/\/\S+/g, ' ');
  const found = withoutLinks.match(/\b[A-Z0-9][A-Z0-9-]{4,58}[A-Z0-9]\b/g) ?? [];
  return [...new Set(found)].sort((a, b) => b.length - a.length).slice(0, mostCodes);
};

/** Paths of the counted links in a letter, in order. */
export const linksIn = (html: string): string[] =>
  [...html.matchAll(/href="([^"]+)"/g)].flatMap(([, href = '']) => {
    const address = href.replaceAll('&amp;', '&');
    if (!URL.canParse(address)) return [];
    const { pathname, search } = new URL(address);
    return pathname.startsWith('/c/') ? [`${pathname}${search}`] : [];
  });
