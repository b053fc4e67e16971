/** For tests/marketdash/portfolios/test_overall_written.py: cases as JSON from stdin, what a page writes of each to stdout. */
import { readFileSync } from "node:fs";

import { Format } from "../../static/js/core/format.js";
import { moneyIn } from "../../static/js/core/money.js";
import { overall, together } from "../../static/js/core/overall.js";
import { lacking } from "../../static/js/widgets/portfoliolacks.js";
import { dayPercent, figureCell } from "../../static/js/widgets/portfoliosums.js";

function written({ portfolios, base, places, rates, style }) {
  const money = moneyIn(new Format(style));
  const cells = (value, to) => ({
    total: money.money(value.total, to),
    ...Object.fromEntries(["day", "unrealised", "realised"].map((name) => [name, figureCell(value[name], to, money)])),
    day_percent: dayPercent(value, money),
    without: ["day", "unrealised", "realised"].map((name) => value[name].unknown),
  });
  const codes = [...new Set(portfolios.map((each) => each.base))].sort();
  const sums = new Map(codes.map((code) => [code, together(portfolios.filter((each) => each.base === code))]));
  const all = overall(sums, base, new Map(Object.entries(rates)));
  const partial = codes.flatMap((code) => lacking(all.sums.get(code))).join("; ");
  return { each: codes.map((code) => cells(sums.get(code), places[code])), whole: cells(all.whole, places[base]), partial };
}

const cases = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(cases.map(written)));
