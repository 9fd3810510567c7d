// What is typed becomes a decision as it was typed, or none.
import { expect, it } from "vitest";
import { decided, lists } from "../../tests/prices";
import { costDecision, dollars, fixedCost, noCost, planDecision, planFields } from "./decisions";

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

it("says that a model costs as much as another", () => {
  expect(costDecision("m", { ...noCost, like: " claude-haiku-5-5 " })).toEqual({
    kind: "set_own",
    provider: null,
    model: "m",
    price: { kind: "like", provider: null, model: "claude-haiku-5-5" },
  });
  expect(costDecision("m", noCost)).toBeNull();
});

it("says rates, and leaves open what was left out", () => {
  const fields = { ...noCost, kind: "rates" as const, input: "$0.25", output: "1.50" };
  expect(costDecision("m", fields)).toMatchObject({
    price: { kind: "rates", input: "0.25", output: "1.5", cache_read: null, cache_write_short: null },
  });
  expect(costDecision("m", { ...fields, cacheRead: "0.03", cacheWrite: "0.3" })).toMatchObject({
    price: { cache_read: "0.03", cache_write_short: "0.3", cache_write_long: "0.3" },
  });
  expect(costDecision("m", { ...fields, output: "" })).toBeNull();
  expect(costDecision("m", { ...fields, cacheRead: "cheap" })).toBeNull();
});

it("says that a model is free", () => {
  expect(costDecision("m", { ...noCost, kind: "free" })).toMatchObject({ price: { kind: "free" } });
});

it("says how a source is paid", () => {
  const fields = { kind: "known" as const, known: "Claude Max 20x", name: "", perMonth: "" };
  const decision = (changes: object) => planDecision("codex", { ...fields, ...changes }, known, null);
  expect(decision({ kind: "token" })).toEqual({ kind: "forget_plan", source: "codex" });
  expect(decision({})).toEqual({
    kind: "set_plan",
    source: "codex",
    name: "Claude Max 20x",
    per_month: "200",
    since: null,
  });
  expect(decision({ kind: "own", name: "Team seat" })).toMatchObject({ name: "Team seat", per_month: null });
  expect(decision({ kind: "own", name: "Team seat", perMonth: "$35.50" })).toMatchObject({ per_month: "35.5" });
  expect(decision({ kind: "own", name: " " })).toBeNull();
  expect(decision({ kind: "own", name: "Team seat", perMonth: "much" })).toBeNull();
});

it("starts from the plan that a source has, and keeps since when", () => {
  const [claude, codex, cursor] = decided().plans;
  expect(planFields(null, known).kind).toBe("token");
  expect(planFields(claude!, known)).toMatchObject({ kind: "known", known: "Claude Max 20x" });
  expect(planFields(cursor!, known)).toMatchObject({ kind: "own", name: "Team seat", perMonth: "" });
  expect(planDecision("codex", planFields(codex!, known), known, codex!.since)).toMatchObject({
    since: "2026-11-01T00:00:00+01:00",
  });
});

it("adds what plans cost exactly, and names those of which it is not known", () => {
  const plan = (name: string, per_month: string | null) => ({ source: name, name, per_month, since: null });
  expect(fixedCost(decided().plans)).toEqual({ perMonth: "220", unknown: ["Team seat"] });
  expect(fixedCost([plan("a", "0.1"), plan("b", "0.2")]).perMonth).toBe("0.3");
  expect(fixedCost([plan("a", null)])).toEqual({ perMonth: null, unknown: ["a"] });
  expect(fixedCost([])).toEqual({ perMonth: null, unknown: [] });
});
