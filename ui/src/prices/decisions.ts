// What a person types about prices, as decisions that the ledger takes. Amounts stay the decimal text they were typed as.
import type { Asked } from "../bindings/Asked";
import type { KnownPlan } from "../bindings/KnownPlan";
import type { OwnPrice } from "../bindings/OwnPrice";
import type { PlanView } from "../bindings/PlanView";
import type { UnpricedModel } from "../bindings/UnpricedModel";
import { words } from "../words";

/** What stands in the fields for what a model costs. */
export interface CostFields {
  kind: OwnPrice["kind"];
  like: string;
  input: string;
  output: string;
  cacheRead: string;
  cacheWrite: string;
}

/** What the core calls the model of calls that name none. */
const unnamed = "unknown model";

/** Whether it can be said what `model` costs: a price goes by the name, so calls that name no model never get one. */
export const isNamed = ({ model }: UnpricedModel): boolean => model !== unnamed;

/** What a model without a price is called: with who served it, where calls of another provider have a price. */
export const nameOf = ({ model, provider, is_apart }: UnpricedModel): string =>
  is_apart ? words.modelOf(model, provider) : model;

export const noCost: CostFields = { kind: "like", like: "", input: "", output: "", cacheRead: "", cacheWrite: "" };

/** What stands in the fields for how a source is paid: by the token, a known plan by its name, or an own one. */
export interface PlanFields {
  kind: "token" | "known" | "own";
  known: string;
  name: string;
  perMonth: string;
  /** The first day that the plan covers, as `2026-11-01`; empty: all days ever. */
  since: string;
  /** The last day that the plan covers; empty: all that are to come. */
  until: string;
}

/**
 * The decimal text of dollars that someone typed, with or without its sign: `$0.25` is `0.25`. `null` when it is none, or
 * has more than `decimals` decimals: nothing is rounded behind anyone's back.
 */
export function dollars(typed: string, decimals: number): string | null {
  const match = /^\$?(\d{1,6})(?:\.(\d+))?$/.exec(typed.trim());
  if (!match) return null;
  const fraction = (match[2] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return null;
  return fraction ? `${match[1]}.${fraction}` : (match[1] ?? null);
}

const rate = (typed: string): string | null => dollars(typed, 6);
const isBlank = (typed: string): boolean => typed.trim() === "";

const rates = ["input", "output", "cacheRead", "cacheWrite"] as const;
const optional: readonly string[] = ["cacheRead", "cacheWrite"];

/** The fields that keep `fields` from saying what a model costs. */
export function wrongCosts(fields: CostFields): Exclude<keyof CostFields, "kind">[] {
  if (fields.kind === "free") return [];
  if (fields.kind === "like") return isBlank(fields.like) ? ["like"] : [];
  return rates.filter((one) => rate(fields[one]) === null && !(optional.includes(one) && isBlank(fields[one])));
}

function priceOf(fields: CostFields): OwnPrice | null {
  if (wrongCosts(fields).length > 0) return null;
  if (fields.kind === "free") return { kind: "free" };
  if (fields.kind === "like") return { kind: "like", provider: null, model: fields.like.trim() };
  const [input, output] = [rate(fields.input), rate(fields.output)];
  const [cache_read, cache_write] = [rate(fields.cacheRead), rate(fields.cacheWrite)];
  if (input === null || output === null) return null;
  return { kind: "rates", input, output, cache_read, cache_write_short: cache_write, cache_write_long: cache_write };
}

/**
 * The decision that the fields say of a model; `null` while they say none. Where one provider served what is shown, it is
 * said of that one: calls of the same name that another serves may have a price, if not in the period that is shown.
 */
export function costDecision({ model, provider }: UnpricedModel, fields: CostFields): Asked | null {
  const price = priceOf(fields);
  return price && { kind: "set_own", provider, model, price };
}

/** The day on the user's clock since when a plan holds; empty: all days ever. */
const dayOf = (plan: PlanView | null): string => plan?.since?.slice(0, 10) ?? "";

/** The last day on the user's clock on which it does, or the one in the midst of which it ends; empty: none. */
const lastDayOf = (plan: PlanView | null): string => plan?.last_day ?? plan?.until?.slice(0, 10) ?? "";

/** The fields that say what was set before, with everything else to be chosen still. */
export function planFields(plan: PlanView | null, known: KnownPlan[]): PlanFields {
  const open = { known: known[0]?.name ?? "", name: "", perMonth: "", since: dayOf(plan), until: lastDayOf(plan) };
  if (!plan) return { ...open, kind: "token" };
  const same = known.find((one) => one.name === plan.name && one.per_month === plan.per_month);
  if (same) return { ...open, kind: "known", known: same.name };
  return { ...open, kind: "own", name: plan.name, perMonth: plan.per_month ?? "" };
}

/** Whether a day was typed as `2026-11-01`, as a webview without a field for dates leaves it to the person, or none. */
function isDay(typed: string): boolean {
  if (typed === "") return true;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(typed) ? new Date(`${typed}T00:00:00Z`) : new Date(NaN);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(typed);
}

/**
 * Since when a plan holds: as before, to the moment, if the day is that of before; otherwise a day, of which the Rust side
 * knows when it begins: the zone of this webview need not be the user's.
 */
function sinceOf(day: string, plan: PlanView | null): { since: string | null; since_day?: string } {
  if (day === dayOf(plan)) return { since: plan?.since ?? null };
  return day ? { since: null, since_day: day } : { since: null };
}

/** Until when a plan holds, in the same way. */
function untilOf(day: string, plan: PlanView | null): { until: string | null; until_day?: string } {
  if (day === lastDayOf(plan)) return { until: plan?.until ?? null };
  return day ? { until: null, until_day: day } : { until: null };
}

/** The fields that keep `fields` from saying how a source is paid. */
export function wrongPlan(fields: PlanFields): (keyof PlanFields)[] {
  if (fields.kind === "token") return [];
  const [since, until] = [fields.since.trim(), fields.until.trim()];
  const days = (["since", "until"] as const).filter((one) => !isDay(fields[one].trim()));
  if (days.length === 0 && since && until && until < since) days.push("until");
  if (fields.kind === "known") return days;
  const price = isBlank(fields.perMonth) || dollars(fields.perMonth, 9) !== null ? [] : (["perMonth"] as const);
  return [...(isBlank(fields.name) ? (["name"] as const) : []), ...price, ...days];
}

/** Which of the troubles keeps `fields` from saying how a source is paid. */
export function planTrouble(fields: PlanFields): keyof typeof words.planTroubles {
  const wrong = wrongPlan(fields);
  if (wrong.length === 0 || wrong.some((one) => one === "name" || one === "perMonth")) return "plan";
  return [fields.since, fields.until].every((typed) => isDay(typed.trim())) ? "order" : "days";
}

/** The decision that the fields say of `source`, which has `plan` now. `null` while they say none, or what is so already. */
export function planDecision(
  source: string,
  fields: PlanFields,
  known: KnownPlan[],
  plan: PlanView | null,
): Asked | null {
  if (fields.kind === "token") return plan && { kind: "forget_plan", source };
  if (wrongPlan(fields).length > 0) return null;
  const lasting = { ...sinceOf(fields.since.trim(), plan), ...untilOf(fields.until.trim(), plan) };
  const chosen = known.find((one) => one.name === fields.known);
  if (fields.kind === "known") {
    return chosen ? { kind: "set_plan", source, name: chosen.name, per_month: chosen.per_month, ...lasting } : null;
  }
  return { kind: "set_plan", source, name: fields.name.trim(), per_month: dollars(fields.perMonth, 9), ...lasting };
}
