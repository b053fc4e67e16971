// @ts-check
/** What a page may hold, by the word in `data-widget`; each is loaded where it is. */

/** @type {Record<string, () => Promise<{default: new (root: Element, page: import("../main.js").Page) => import("../main.js").Widget}>>} */
export const WIDGETS = {
  markets: () => import("./markets.js"),
  instrument: () => import("./instrument.js"),
  chain: () => import("./chain.js"),
  status: () => import("./status.js"),
  compare: () => import("./compare.js"),
  portfolio: () => import("./portfolio.js"),
  percents: () => import("./percents.js"),
  holding: () => import("./holding.js"),
  portfolios: () => import("./portfolios.js"),
  equity: () => import("./equity.js"),
  stars: () => import("./stars.js"),
  reorder: () => import("./reorder.js"),
  passkeys: () => import("./passkeys.js"),
  offer: () => import("./offer.js"),
  suggest: () => import("./suggest.js"),
  dropfile: () => import("./dropfile.js"),
  filesize: () => import("./filesize.js"),
  folding: () => import("./folding.js"),
  importing: () => import("./importing.js"),
  fills: () => import("./fills.js"),
  keystates: () => import("./keystates.js"),
};
