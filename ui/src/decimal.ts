// Money as it crosses the border: a decimal string of dollars, exact to a billionth. Rounds and adds in integers;
// knows no sign, unit or word that appears on screen.

const nanosPerDollar = 1_000_000_000n;
const amount = /^(-?)(\d+)(?:\.(\d{1,9}))?$/;

/** Nano-dollars of a decimal string. Throws on anything else: a broken amount must not turn into a figure. */
export function nanosOf(usd: string): bigint {
  const match = amount.exec(usd);
  if (!match) throw new Error(`“${usd}” is not an amount of dollars`);
  const [, sign, whole = "0", fraction = ""] = match;
  const nanos = BigInt(whole) * nanosPerDollar + BigInt(fraction.padEnd(9, "0"));
  return sign ? -nanos : nanos;
}

/** The sum of some amounts, as a decimal string. */
export function sumOf(amounts: readonly string[]): string {
  const total = amounts.reduce((sum, usd) => sum + nanosOf(usd), 0n);
  const magnitude = total < 0n ? -total : total;
  const fraction = (magnitude % nanosPerDollar).toString().padStart(9, "0").replace(/0+$/, "");
  return `${total < 0n ? "-" : ""}${magnitude / nanosPerDollar}${fraction && `.${fraction}`}`;
}

/** What is left of an amount without another, as a decimal string. */
export const without = (usd: string, less: string): string =>
  sumOf([usd, less.startsWith("-") ? less.slice(1) : `-${less}`]);

/** A magnitude in nano-dollars, rounded half up to units of `unit` nano-dollars. */
export const rounded = (magnitude: bigint, unit: bigint): bigint => (magnitude + unit / 2n) / unit;

/** A length for drawing, never for words: floats are exact enough for pixels only. */
export const forDrawing = (usd: string): number => Number(nanosOf(usd)) / 1e9;
