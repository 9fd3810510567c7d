// Which colour and which place in the stack a provider has. Hues are fixed, so that one provider looks the same in
// every view; the order is the view's own, dearest first.
import { stack } from "d3-shape";
import type { Day } from "../bindings/Day";
import { forDrawing, sumOf } from "../decimal";
import { words } from "../words";

export interface Series {
  id: string;
  name: string;
  colour: string;
  /** The providers it stands for: one, except for those without a hue of their own, which share one. */
  providers: string[];
}

export interface Slice {
  series: Series;
  from: number;
  to: number;
}

const hues = ["anthropic", "openai", "google"];

/** The series of some providers, in their order; those without an own hue share the last one. */
export function seriesOf(providers: readonly string[]): Series[] {
  const own = providers
    .filter((provider) => hues.includes(provider))
    .map((id) => ({ id, name: words.provider(id), colour: `var(--series-${id})`, providers: [id] }));
  const others = providers.filter((provider) => !hues.includes(provider));
  const [first] = others;
  if (first === undefined) return own;
  const name = others.length === 1 ? words.provider(first) : words.otherProviders;
  return [...own, { id: "other", name, colour: "var(--series-other)", providers: others }];
}

/** What a series has of a day, as a decimal string; `null` for nothing. */
export function amountOf(day: Day, series: Series): string | null {
  const parts = day.by_provider.filter((share) => series.providers.includes(share.provider));
  return parts.length === 0 ? null : sumOf(parts.map((share) => share.amount));
}

/** The slices of each day from the ground up, for drawing. A credit takes no room. */
export function slicesOf(days: readonly Day[], series: readonly Series[]): Slice[][] {
  const layers = stack<unknown, Day, Series>()
    .keys(series)
    .value((day, one) => Math.max(0, forDrawing(amountOf(day, one) ?? "0")))([...days]);
  return days.map((_, index) =>
    layers.flatMap((layer) => {
      const [from = 0, to = 0] = layer[index] ?? [];
      return to > from ? [{ series: layer.key, from, to }] : [];
    }),
  );
}
