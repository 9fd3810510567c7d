// Figures as a person reads them. Owns how money, tokens, shares and moments are written, and no sentence: those are in
// words.ts. Money stays a decimal string or an integer all the way.
import type { Margin } from "./bindings/Margin";
import { nanosOf, rounded, sumOf, without } from "./decimal";

const locale = "en-US";
const cent = 10_000_000n;
const dollar = 100n * cent;
/** Between a number and its unit: they never part at the end of a line. */
const space = "\u00a0";

const grouped = (digits: bigint): string => digits.toLocaleString(locale);

const withSign = (negative: boolean, text: string): string => (negative ? `−${text}` : text);

/** Less than half a cent is not nothing, and is not a cent either. */
function tiny(nanos: bigint): string | null {
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude === 0n || magnitude >= cent / 2n) return null;
  return nanos < 0n ? ">−$0.01" : "<$0.01";
}

function cents(magnitude: bigint): string {
  const all = rounded(magnitude, cent);
  return `$${grouped(all / 100n)}.${(all % 100n).toString().padStart(2, "0")}`;
}

/** For a headline: `$12.40` under $100, `$214` up to $9,999, `$13.4K` and `$1.2M` above. */
export function money(usd: string): string {
  const nanos = nanosOf(usd);
  return tiny(nanos) ?? withSign(nanos < 0n, short(nanos < 0n ? -nanos : nanos));
}

function short(magnitude: bigint): string {
  if (rounded(magnitude, cent) < 10_000n) return cents(magnitude);
  const dollars = rounded(magnitude, dollar);
  if (dollars < 10_000n) return `$${grouped(dollars)}`;
  const hundreds = rounded(magnitude, 100n * dollar);
  if (hundreds < 10_000n) return `$${hundreds / 10n}.${hundreds % 10n}K`;
  const tenths = rounded(magnitude, 100_000n * dollar);
  return `$${grouped(tenths / 10n)}.${tenths % 10n}M`;
}

/** For a table, where figures are compared line by line: to the cent, however large. */
export function moneyInTable(usd: string): string {
  const nanos = nanosOf(usd);
  return tiny(nanos) ?? withSign(nanos < 0n, cents(nanos < 0n ? -nanos : nanos));
}

/** For a title on hover: every digit there is, and at least cents. */
export function exactMoney(usd: string): string {
  const nanos = nanosOf(usd);
  const [whole = "0", fraction = ""] = usd.replace("-", "").split(".");
  return withSign(nanos < 0n, `$${grouped(BigInt(whole))}.${fraction.padEnd(2, "0")}`);
}

/** By how much an amount moved, for a table: `+$0.61`, `−$4.00`. */
export const moneyMoved = (usd: string): string => `${nanosOf(usd) >= cent / 2n ? "+" : ""}${moneyInTable(usd)}`;

/** `$269–305`: both ends as precise as the upper one needs. */
export function moneyRange(low: string, high: string): string {
  const whole = rounded(nanosOf(high), dollar) >= 100n && nanosOf(low) >= 0n && nanosOf(high) < 10_000n * dollar;
  const end = (usd: string): string => (whole ? `$${grouped(rounded(nanosOf(usd), dollar))}` : money(usd));
  return end(low) === end(high) ? end(low) : `${end(low)}–${end(high).replace(/^\$/, "")}`;
}

/** `$12.10–13.90`: what an amount may be, written by `write` as the amount is; `null` where that would look the same. */
export function between(usd: string, margin: Margin, write: (usd: string) => string): string | null {
  const [low, high] = [write(without(usd, margin.below)), write(sumOf([usd, margin.above]))];
  const amount = write(usd);
  return low === amount && high === amount ? null : `${low}–${high.replace(/^\$/, "")}`;
}

/** A mark on an axis, where marks are round already: `$0`, `$2.50`, `$500`, `$20K`. */
export function axisMoney(dollars: number): string {
  if (dollars >= 10_000) return `$${(dollars / 1_000).toLocaleString(locale, { maximumFractionDigits: 1 })}K`;
  if (Number.isInteger(dollars)) return `$${dollars.toLocaleString(locale)}`;
  return dollars < 0.01
    ? `$${dollars.toLocaleString(locale, { maximumFractionDigits: 9 })}`
    : `$${dollars.toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 3 })}`;
}

/** A count with a unit prefix: two digits, or three from a hundred on. */
function scaled(count: number, step: number, prefixes: readonly string[]): { figure: string; prefix: string } {
  let figure = count;
  let power = 0;
  while (Math.round(figure) >= step && power < prefixes.length - 1) {
    figure /= step;
    power += 1;
  }
  const digits = power > 0 && Number(figure.toFixed(1)) < 10 ? 1 : 0;
  const written = figure.toLocaleString(locale, { minimumFractionDigits: 0, maximumFractionDigits: digits });
  return { figure: written, prefix: prefixes[power] ?? "" };
}

/** `950`, `53 K`, `1.2 M`. */
export function tokens(count: number): string {
  const { figure, prefix } = scaled(count, 1_000, ["", "K", "M", "B", "T"]);
  return prefix ? `${figure}${space}${prefix}` : figure;
}

/** `1.4 GB`. */
export function bytes(count: number): string {
  const { figure, prefix } = scaled(count, 1_000, ["B", "KB", "MB", "GB", "TB"]);
  return `${figure}${space}${prefix}`;
}

/** `3,412`. */
export const count = (whole: number): string => whole.toLocaleString(locale);

/** A part of a whole in thousandths: `38 %`; something is never `0 %`. */
export function percent(permille: number): string {
  const whole = Math.round(permille / 10);
  return whole === 0 && permille > 0 ? `<1${space}%` : `${whole}${space}%`;
}

/** A ratio in thousandths: `1.6×`, `12×`. */
export function times(permille: number): string {
  const ratio = permille / 1_000;
  return `${ratio.toLocaleString(locale, { maximumFractionDigits: ratio < 9.95 ? 1 : 0 })}×`;
}

/** How far a figure moved, in thousandths of what it was, without its direction: `38 %`; from elevenfold on `12×`. */
export function moved(permille: number): string {
  return permille >= 10_000 ? times(permille + 1_000) : percent(Math.abs(permille));
}

/** `45 s`, `12 min`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number): string {
  const part = (amount: number, unit: string): string => `${amount}${space}${unit}`;
  if (seconds < 60) return part(Math.round(seconds), "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return part(minutes, "min");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${part(hours, "h")} ${part(minutes % 60, "min")}` : part(hours, "h");
  return hours % 24 ? `${part(Math.floor(hours / 24), "d")} ${part(hours % 24, "h")}` : part(hours / 24, "d");
}

/** Seconds between two moments. */
export const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1_000;

// Moments arrive with the user's own offset, so their wall clock is read from the text: the zone of this webview, or of
// the machine a test runs on, must not move them. Hence the formats in UTC.
const wallClock = (moment: string): Date => new Date(`${moment.slice(0, 19)}Z`);
const inUtc = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" });

const clock = inUtc({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const shortDay = inUtc({ month: "short", day: "numeric" });
const fullDay = inUtc({ weekday: "short", month: "short", day: "numeric" });
const shortDayOfYear = inUtc({ month: "short", day: "numeric", year: "numeric" });
const month = inUtc({ month: "long" });

/** `14:05`. */
export const time = (moment: string): string => clock.format(wallClock(moment));

/** `14:05` today, `Nov 23, 14:05` this year, `Nov 23, 2025` before. */
export function moment(at: string, now: Date = new Date()): string {
  const pad = (part: number): string => part.toString().padStart(2, "0");
  const today = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  if (at.startsWith(today)) return time(at);
  if (!at.startsWith(today.slice(0, 4))) return shortDayOfYear.format(wallClock(at));
  return `${shortDay.format(wallClock(at))}, ${time(at)}`;
}

/** `Nov 23, 2026`: the date of a moment. */
export const dateOf = (at: string): string => shortDayOfYear.format(wallClock(at));

/** `Nov 23, 2026, 13:05`. */
export const momentInLog = (at: string): string => `${dateOf(at)}, ${time(at)}`;

/** From when on something holds: `Dec 1, 2026` from midnight, else with the hour, since another day holds before it. */
export const startOf = (at: string): string => (time(at) === "00:00" ? dateOf(at) : momentInLog(at));

const midnight = (date: string): Date => wallClock(`${date}T00:00:00`);

/** `2026-11-24` as `Nov 24`. */
export const day = (date: string): string => shortDay.format(midnight(date));

/** `2026-11-24` as `Tue, Nov 24`. */
export const dayOfWeek = (date: string): string => fullDay.format(midnight(date));

/** `2026-11` as `November`. */
export const monthName = (yearAndMonth: string): string => month.format(midnight(`${yearAndMonth}-01`));
