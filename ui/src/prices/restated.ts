// What a restatement changes, as lines to read. Amounts of different basis are never added, and no price is not $0.00.
import type { Amounts } from "../bindings/Amounts";
import type { LoggedRestatement } from "../bindings/LoggedRestatement";
import { nanosOf, without } from "../decimal";
import { between, moneyInTable, moneyMoved, tokens } from "../format";
import { words } from "../words";

const bases = ["estimated", "api_equivalent"] as const;
type Basis = (typeof bases)[number];

const isZero = (usd: string): boolean => nanosOf(usd) === 0n;

/** What there is of amounts, each with the word for who says so: `$0.11 estimated`, `53 K tokens without a price`. */
export function partsOf(amounts: Amounts): string[] {
  const priced = bases
    .filter((basis) => !isZero(amounts[basis]))
    .map((basis) => words.exactly(moneyInTable(amounts[basis]), words.basis[basis], rangeOf(amounts, basis)));
  return amounts.unpriced_tokens > 0 ? [...priced, words.noPriceFor(tokens(amounts.unpriced_tokens))] : priced;
}

/** What there is of amounts, for a cell of a table. */
export const cellOf = (amounts: Amounts): string => partsOf(amounts).join(", ") || moneyInTable("0");

/** What becomes of amounts: one line for each kind that moves; none when all stay. */
export function movesOf(before: Amounts, after: Amounts): string[] {
  const isMoved = (basis: Basis): boolean => nanosOf(before[basis]) !== nanosOf(after[basis]);
  const moved = bases.filter((basis) => isMoved(basis) || rangeOf(before, basis) !== rangeOf(after, basis));
  const unpricedMoved = before.unpriced_tokens !== after.unpriced_tokens;
  const [was, is] = [partsOf(before), partsOf(after)];
  // One kind turns into another: neither had an amount before, so there is none to compare with.
  const turns = unpricedMoved || moved.length > 1;
  if (turns && was.length <= 1 && is.length <= 1) return [words.becomes(cellOf(before), cellOf(after))];
  const lines = moved.map((basis) => {
    const [from, to] = [moneyOf(before, basis), moneyOf(after, basis)];
    const by = from && to && isMoved(basis) ? moneyMoved(without(after[basis], before[basis])) : null;
    return words.moves(words.movedBasis[basis], from ?? words.none, to ?? words.none, by);
  });
  if (!unpricedMoved) return lines;
  const count = (amount: number): string => (amount > 0 ? tokens(amount) : words.none);
  const unpriced = words.moves(
    words.tokensWithoutPrice,
    count(before.unpriced_tokens),
    count(after.unpriced_tokens),
    null,
  );
  return [...lines, unpriced];
}

/**
 * What a restatement of the log changed. Where nobody knows how many tokens had no price, nothing may have been no price as
 * well as $0.00: then only the difference is told.
 */
export function movesInLog({ before, after, knows_unpriced }: LoggedRestatement): string[] {
  if (knows_unpriced) return movesOf(before, after);
  const moved = bases.filter((basis) => nanosOf(before[basis]) !== nanosOf(after[basis]));
  return moved.map((basis) => words.movesBy(words.movedBasis[basis], moneyMoved(without(after[basis], before[basis]))));
}

/** Nothing beside tokens without a price is no amount. */
const moneyOf = (amounts: Amounts, basis: Basis): string | null => {
  if (isZero(amounts[basis]) && amounts.unpriced_tokens > 0) return null;
  const range = rangeOf(amounts, basis);
  return range ? `${moneyInTable(amounts[basis])}, ${range}` : moneyInTable(amounts[basis]);
};

const marginOf = { estimated: "margin", api_equivalent: "api_equivalent_margin" } as const;

/** What the amount may be, where that shows. */
const rangeOf = (amounts: Amounts, basis: Basis): string | null =>
  between(amounts[basis], amounts[marginOf[basis]], moneyInTable);
