// Which of its amounts a spend is shown by. Estimates and bills are never added; an unknown amount is not zero.
import type { Basis } from "./bindings/Basis";
import type { Spend } from "./bindings/Spend";
import type { Tokens } from "./bindings/Tokens";

export type Amount = { usd: string; basis: Basis };

/** The estimate, because it is live and complete; the bill where there is no estimate; `null` for no data. */
export function shown(spend: Spend): Amount | null {
  if (spend.estimated !== null) return { usd: spend.estimated, basis: "estimated" };
  return spend.billed === null ? null : { usd: spend.billed, basis: "billed" };
}

/** The bill beside an estimate, if there are both. */
export const besides = (spend: Spend): string | null => (spend.estimated === null ? null : spend.billed);

/** All tokens; the kinds are disjoint, and reasoning is within output. */
export const totalTokens = (tokens: Tokens): number =>
  tokens.input + tokens.cache_read + tokens.cache_write_short + tokens.cache_write_long + tokens.output;
