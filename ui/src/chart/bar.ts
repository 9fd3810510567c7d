// The outline of a piece of a bar, and the sentence that says the same as the bar.
import type { Day } from "../bindings/Day";
import type { Basis } from "../bindings/Basis";
import { between, dayOfWeek, exactMoney, moneyInTable, tokens } from "../format";
import { besides, shown, type Amount } from "../spend";
import { words } from "../words";
import { amountOf, type Series } from "./series";

/** A path for a rectangle, its upper corners rounded, or a hair of the ground left free above what it stands on. */
export function roundedTop(
  x: number,
  y: number,
  width: number,
  height: number,
  { rounded, seam }: { rounded: boolean; seam: boolean },
): string {
  // At least a pixel, or a cheap day would look like a day without spend.
  const visible = Math.max(1, height - (seam && height > 3 ? 1 : 0));
  const radius = rounded ? Math.min(3, width / 2, visible) : 0;
  const corner = (dx: number, dy: number): string => `a${radius},${radius} 0 0 1 ${dx},${dy}`;
  return [
    `M${x},${y + visible}`,
    `v${radius - visible}`,
    corner(radius, -radius),
    `h${width - 2 * radius}`,
    corner(radius, radius),
    `v${visible - radius}`,
    "z",
  ].join("");
}

/** `$12.40, $12.10–13.90 API-equivalent`: an estimate needs no word. */
function told({ usd, basis, margin }: Amount): string {
  const range = margin ? between(usd, margin, exactMoney) : null;
  const amount = range === null ? exactMoney(usd) : `${exactMoney(usd)}, ${range}`;
  return basis === "estimated" ? amount : `${amount} ${words.basis[basis]}`;
}

/** `Tue, Nov 24: $12.40, Anthropic $9.10, OpenAI $3.30, still counting`. */
export function daySentence(day: Day, series: readonly Series[], lead: Basis): string {
  const amount = shown(day.spend, lead);
  const missing =
    day.spend.unpriced_tokens > 0 ? ` ${words.plusUnpriced(tokens(day.spend.unpriced_tokens), null)}` : "";
  const [first = words.noData, ...others] = [...(amount ? [amount] : []), ...besides(day.spend, lead)].map(told);
  const total = [first + missing, ...others].join(", ");
  const parts = series.flatMap((one) => {
    const part = amountOf(day, one);
    return part === null ? [] : [`${one.name} ${moneyInTable(part)}`];
  });
  return `${dayOfWeek(day.date)}: ${[total, ...parts, ...(day.counting ? [words.stillCounting] : [])].join(", ")}`;
}
