// Which of its amounts a spend is shown by. Estimates, bills and API-equivalents are never added; an unknown amount is not
// zero.
import type { Basis } from "./bindings/Basis";
import type { Margin } from "./bindings/Margin";
import type { Spend } from "./bindings/Spend";
import type { Tokens } from "./bindings/Tokens";

/** All of them, in the order in which one leads. */
export const bases: readonly Basis[] = ["estimated", "billed", "api_equivalent"];

export type Amount = { usd: string; basis: Basis; margin?: Margin };

/** All amounts, `lead` first. */
function amounts(spend: Spend, lead: Basis): Amount[] {
  const { estimated, margin, billed, api_equivalent, api_equivalent_margin } = spend;
  const all: Amount[] = [
    ...(estimated === null ? [] : [{ usd: estimated, basis: "estimated" as const, margin }]),
    ...(billed === null ? [] : [{ usd: billed, basis: "billed" as const }]),
    ...(api_equivalent === null
      ? []
      : [{ usd: api_equivalent, basis: "api_equivalent" as const, margin: api_equivalent_margin }]),
  ];
  return all.sort((one, other) => Number(other.basis === lead) - Number(one.basis === lead));
}

/** The amount that leads; where there is none, the estimate, what was billed, or what a subscription covers. */
export const shown = (spend: Spend, lead: Basis): Amount | null => amounts(spend, lead)[0] ?? null;

/** The amounts that stand beside the one that is shown. */
export const besides = (spend: Spend, lead: Basis): Amount[] => amounts(spend, lead).slice(1);

/** All tokens; the kinds are disjoint, and reasoning is within output. */
export const totalTokens = (tokens: Tokens): number =>
  tokens.input + tokens.cache_read + tokens.cache_write_short + tokens.cache_write_long + tokens.output;
