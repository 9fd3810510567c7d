// What is typed becomes a decision as it was typed, or none.
import { expect, it } from "vitest";
import { decided, lists } from "../../tests/prices";
import {
  costDecision,
  nameOf,
  dollars,
  noCost,
  planDecision,
  planFields,
  planTrouble,
  wrongCosts,
  wrongPlan,
} from "./decisions";

const known = lists().known_plans;

it("reads dollars exactly, and rounds nothing", () => {
  expect(["0.25", "$0.25", " 20 ", "20.00", "0"].map((typed) => dollars(typed, 6))).toEqual([
    "0.25",
    "0.25",
    "20",
    "20",
    "0",
  ]);
  for (const typed of ["", "-1", "1,5", "1.", ".5", "1e3", "free", "0.0000001", "1234567"])
    expect(dollars(typed, 6), typed).toBeNull();
});

const model = { model: "m", provider: null, is_apart: false, tokens: 1 };

it("says that a model costs as much as another", () => {
  expect(costDecision(model, { ...noCost, like: " claude-haiku-5-5 " })).toEqual({
    kind: "set_own",
    provider: null,
    model: "m",
    price: { kind: "like", provider: null, model: "claude-haiku-5-5" },
  });
  expect(costDecision(model, noCost)).toBeNull();
});

it("says rates, and leaves open what was left out", () => {
  const fields = { ...noCost, kind: "rates" as const, input: "$0.25", output: "1.50" };
  expect(costDecision(model, fields)).toMatchObject({
    price: { kind: "rates", input: "0.25", output: "1.5", cache_read: null, cache_write_short: null },
  });
  expect(costDecision(model, { ...fields, cacheRead: "0.03", cacheWrite: "0.3" })).toMatchObject({
    price: { cache_read: "0.03", cache_write_short: "0.3", cache_write_long: "0.3" },
  });
  expect(costDecision(model, { ...fields, output: "" })).toBeNull();
  expect(costDecision(model, { ...fields, cacheRead: "cheap" })).toBeNull();
});

it("says it of the one provider that served it", () => {
  const free = { ...noCost, kind: "free" as const };
  expect(costDecision({ ...model, provider: "aws" }, free)).toMatchObject({ provider: "aws", model: "m" });
  expect(costDecision(model, free)).toMatchObject({ provider: null, model: "m" });
});

it("names who served a model where another's calls have a price", () => {
  expect(nameOf({ ...model, provider: "aws" })).toBe("m");
  expect(nameOf({ ...model, provider: "aws", is_apart: true })).toBe("m of aws");
  expect(nameOf({ ...model, is_apart: true })).toBe("m of an unknown provider");
});

it("says that a model is free", () => {
  expect(costDecision(model, { ...noCost, kind: "free" })).toMatchObject({ price: { kind: "free" } });
});

it("says how a source is paid", () => {
  const fields = { kind: "known" as const, known: "Claude Max 20x", name: "", perMonth: "", since: "", until: "" };
  const decision = (changes: object) => planDecision("codex", { ...fields, ...changes }, known, null);
  expect(decision({})).toEqual({
    kind: "set_plan",
    source: "codex",
    name: "Claude Max 20x",
    per_month: "200",
    since: null,
    until: null,
  });
  expect(decision({ kind: "own", name: "Team seat" })).toMatchObject({ name: "Team seat", per_month: null });
  expect(decision({ kind: "own", name: "Team seat", perMonth: "$35.50" })).toMatchObject({ per_month: "35.5" });
  expect(decision({ kind: "own", name: " " })).toBeNull();
  expect(decision({ kind: "own", name: "Team seat", perMonth: "much" })).toBeNull();
});

it("starts from the plan that a source has, and keeps since when", () => {
  const [claude, , codex, cursor] = decided().plans;
  expect(planFields(null, known).kind).toBe("token");
  expect(planFields(claude!, known)).toMatchObject({ kind: "known", known: "Claude Max 20x" });
  expect(planFields(cursor!, known)).toMatchObject({ kind: "own", name: "Team seat", perMonth: "" });
  expect(planDecision("codex", planFields(codex!, known), known, codex!)).toMatchObject({
    since: "2026-11-01T00:00:00+01:00",
    until: null,
  });
});

it("keeps the moment since when a plan holds while its day stays, and says another day as one", () => {
  // Midnight in Berlin, and a moment that was said in New York: the day is the one on the user's clock.
  for (const since of ["2026-11-01T00:00:00+01:00", "2026-10-31T21:30:00-04:00"]) {
    const plan = { ...decided().plans[2]!, since };
    const fields = planFields(plan, known);
    expect(fields.since).toBe(since.slice(0, 10));
    const decision = (day: string) => planDecision("codex", { ...fields, since: day }, known, plan);
    expect(decision(since.slice(0, 10))).toMatchObject({ since });
    expect(decision("2026-07-01")).toMatchObject({ since: null, since_day: "2026-07-01" });
    expect(decision("")).toEqual({
      kind: "set_plan",
      source: "codex",
      name: "ChatGPT Plus",
      per_month: "20",
      since: null,
      until: null,
    });
  }
});

it("keeps the moment at which a plan ends while its last day stays, and says another day as one", () => {
  const plan = { ...decided().plans[3]!, until: "2026-11-01T09:30:00+01:00", last_day: null };
  const fields = planFields(plan, known);
  expect(fields.until).toBe("2026-11-01");
  const decision = (day: string) => planDecision("cursor", { ...fields, until: day }, known, plan);
  expect(decision("2026-11-01")).toMatchObject({ until: plan.until });
  expect(decision(" 2026-10-31 ")).toMatchObject({ until: null, until_day: "2026-10-31" });
  expect(decision("")).toEqual({
    kind: "set_plan",
    source: "cursor",
    name: "Team seat",
    per_month: null,
    since: null,
    until: null,
  });
});

it("names the fields that are wrong", () => {
  expect(wrongCosts(noCost)).toEqual(["like"]);
  expect(wrongCosts({ ...noCost, kind: "rates", input: "1", cacheWrite: "cheap" })).toEqual(["output", "cacheWrite"]);
  expect(wrongCosts({ ...noCost, kind: "free" })).toEqual([]);
  const plan = planFields(null, known);
  expect(wrongPlan({ ...plan, kind: "own", perMonth: "much", since: "soon" })).toEqual(["name", "perMonth", "since"]);
  expect(wrongPlan({ ...plan, kind: "token", since: "soon" })).toEqual([]);
  const lasting = (since: string, until: string) => wrongPlan({ ...plan, kind: "known", since, until });
  expect(lasting("2026-11-02", "2026-11-01")).toEqual(["until"]);
  expect(lasting("2026-11-01", "2026-11-01")).toEqual([]);
  expect(lasting("", "later")).toEqual(["until"]);
  const trouble = (since: string, until: string) => planTrouble({ ...plan, kind: "known", since, until });
  expect([trouble("2026-11-02", "2026-11-01"), trouble("", "later"), trouble("1.11.", "2026-11-01")]).toEqual([
    "order",
    "days",
    "days",
  ]);
  expect(planTrouble({ ...plan, kind: "own", since: "soon" })).toBe("plan");
});

it("takes no day for one that is none", () => {
  const fields = { ...planFields(null, known), kind: "known" as const };
  const decision = (since: string) => planDecision("codex", { ...fields, since }, known, null);
  expect(decision(" 2026-02-28 ")).toMatchObject({ since_day: "2026-02-28" });
  for (const typed of ["2026-02-29", "2026-13-01", "1.11.2026", "yesterday", "2026-11"])
    expect(decision(typed), typed).toBeNull();
});

it("takes a plan away only where there is one", () => {
  const [, , codex] = decided().plans;
  const fields = { ...planFields(codex!, known), kind: "token" as const };
  expect(planDecision("codex", fields, known, codex!)).toEqual({ kind: "forget_plan", source: "codex" });
  expect(planDecision("claude-code", planFields(null, known), known, null)).toBeNull();
});
