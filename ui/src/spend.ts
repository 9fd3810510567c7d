// Which of its amounts a spend is shown by. Estimates, bills and API-equivalents are never added; an unknown amount is not
// zero.
import type { Basis } from "./bindings/Basis";
import type { Margin } from "./bindings/Margin";
import type { Spend } from "./bindings/Spend";
import type { Tokens } from "./bindings/Tokens";

export type Amount = { usd: string; basis: Basis; margin?: Margin };

const amounts = ({ estimated, margin, billed, api_equivalent }: Spend): Amount[] => [
  ...(estimated === null ? [] : [{ usd: estimated, basis: "estimated" as const, margin }]),
  ...(billed === null ? [] : [{ usd: billed, basis: "billed" as const }]),
  ...(api_equivalent === null ? [] : [{ usd: api_equivalent, basis: "api_equivalent" as const }]),
];

/** The estimate; where there is none, what was billed, or what a subscription covers; `null` for no data. */
export const shown = (spend: Spend): Amount | null => amounts(spend)[0] ?? null;

/** The amounts that stand beside the one that is shown. */
export const besides = (spend: Spend): Amount[] => amounts(spend).slice(1);

/** All tokens; the kinds are disjoint, and reasoning is within output. */
export const totalTokens = (tokens: Tokens): number =>
  tokens.input + tokens.cache_read + tokens.cache_write_short + tokens.cache_write_long + tokens.output;
