// What the Rust side says of prices: nothing decided yet, much decided, and lists that came.
import type { Amounts } from "../src/bindings/Amounts";
import type { Margin } from "../src/bindings/Margin";
import type { LoggedRestatement } from "../src/bindings/LoggedRestatement";
import type { PriceLists } from "../src/bindings/PriceLists";
import type { RatesView } from "../src/bindings/RatesView";
import type { RefreshPreview } from "../src/bindings/RefreshPreview";
import type { Restated } from "../src/bindings/Restated";

const rates = (input: string, output: string): RatesView => ({
  input,
  output,
  cache_read: null,
  cache_write_short: null,
  cache_write_long: null,
  web_search: null,
});

/** Nothing was decided. */
export const lists = (changes: Partial<PriceLists> = {}): PriceLists => ({
  version: "genai-prices 2026-11-10, model-prices 2026-11-24",
  published: "2026-11-24T09:00:00+01:00",
  disputed: 7,
  announced: [
    {
      provider: "google",
      model: "gemini-4-argon",
      from: "2026-12-01T01:00:00+01:00",
      used: true,
      rates: rates("4", "20"),
      before: rates("2", "10"),
    },
    {
      provider: "openai",
      model: "gpt-6.2-sol",
      from: "2027-01-01T00:00:00+01:00",
      used: false,
      rates: rates("2", "10"),
      before: null,
    },
    {
      provider: "google",
      model: "gemini-4-neon",
      from: "2027-01-01T00:00:00+01:00",
      used: false,
      rates: rates("1", "5"),
      before: rates("0.5", "2.5"),
    },
  ],
  own: [],
  plans: [],
  known_plans: [
    { name: "Claude Pro", per_month: "20" },
    { name: "Claude Max 20x", per_month: "200" },
    { name: "ChatGPT Plus", per_month: "20" },
  ],
  restatements: [],
  daily: false,
  looked: null,
  waiting: null,
  asks: "raw.githubusercontent.com",
  ...changes,
});

/** How long a plan lasts that has no end and no beginning. */
const ever = { since: null, until: null, last_day: null };

/** Much was decided, and one thing was taken back. */
export const decided = (): PriceLists =>
  lists({
    own: [
      {
        provider: null,
        model: "mercury-2-coder",
        price: { kind: "like", provider: null, model: "claude-haiku-5-5" },
      },
      {
        provider: "openrouter",
        model: "qwen4-coder-next",
        price: {
          kind: "rates",
          input: "0.25",
          output: "1.5",
          cache_read: null,
          cache_write_short: null,
          cache_write_long: null,
        },
      },
      { provider: null, model: "llama-local", price: { kind: "free" } },
    ],
    plans: [
      { source: "claude-code", name: "Claude Max 20x", per_month: "200", ...ever },
      {
        source: "codex",
        name: "ChatGPT Pro",
        per_month: "200",
        since: null,
        until: "2026-11-01T00:00:00+01:00",
        last_day: "2026-10-31",
      },
      { source: "codex", name: "ChatGPT Plus", per_month: "20", ...ever, since: "2026-11-01T00:00:00+01:00" },
      {
        source: "cursor",
        name: "Team seat",
        per_month: null,
        since: null,
        until: "2027-01-01T00:00:00+01:00",
        last_day: "2026-12-31",
      },
    ],
    restatements: [nemotron, free, took],
  });

const exact: Margin = { below: "0", above: "0" };
export const amounts = (estimated: string, unpriced_tokens = 0, api_equivalent = "0", margin = exact): Amounts => ({
  estimated,
  margin,
  api_equivalent,
  api_equivalent_margin: exact,
  unpriced_tokens,
});

const nothing = amounts("0");
const nemotron: LoggedRestatement = {
  id: 3,
  at: "2026-11-24T13:40:00+01:00",
  why: "mercury-2-coder costs as much as claude-haiku-5-5",
  calls: 6,
  before: { ...nothing, unpriced_tokens: 53_100 },
  after: { ...nothing, estimated: "0.1104" },
  knows_unpriced: true,
  undone_at: null,
  can_undo: true,
};
const free: LoggedRestatement = {
  id: 2,
  at: "2026-11-23T10:15:00+01:00",
  why: "claude-opus-5-5 is free",
  calls: 411,
  before: { ...nothing, estimated: "41.2" },
  after: nothing,
  knows_unpriced: true,
  undone_at: "2026-11-23T10:16:00+01:00",
  can_undo: false,
};
const took: LoggedRestatement = {
  id: 1,
  at: "2026-11-20T08:00:00+01:00",
  why: "took in genai-prices 2026-11-10, model-prices 2026-11-20",
  calls: 1_204,
  before: { ...nothing, estimated: "120.4" },
  after: { ...nothing, estimated: "118.75" },
  knows_unpriced: true,
  undone_at: null,
  can_undo: false,
};

/** Six calls get a price that they did not have. */
export const getsPrice: Restated = {
  calls: 6,
  before: amounts("0", 53_100),
  after: amounts("0.1104"),
  models: [
    { provider: "", model: "nemotron-3-super", calls: 6, before: amounts("0", 53_100), after: amounts("0.1104") },
  ],
};

/** What was an estimate is covered by a plan. */
export const getsPlan: Restated = {
  calls: 338,
  before: amounts("23.49"),
  after: amounts("0", 0, "23.49"),
  models: [
    {
      provider: "anthropic",
      model: "claude-opus-5-5",
      calls: 338,
      before: amounts("23.49"),
      after: amounts("0", 0, "23.49"),
    },
  ],
};

/** The daily look is on, and found lists that wait. */
export const waiting = (): PriceLists =>
  lists({
    daily: true,
    looked: { at: "2026-11-24T13:05:00+01:00", outcome: { kind: "found" } },
    waiting: { number: 1, found_at: "2026-11-24T13:05:00+01:00", changed: 53, used: 2 },
  });

/** Lists that came, without a jump. */
export const fetched = (): RefreshPreview => ({
  number: 1,
  against: 7,
  changes: {
    version: "genai-prices 2026-11-24, model-prices 2026-11-24",
    changed: 12,
    new: 40,
    gone: 1,
    left_out: ["openai/gpt-7: a price of a kind that is not known", "mistral: two models with the id large"],
    jumps: [],
    in_use: ["claude-opus-5-5", "gpt-6-codex"],
    first_priced: ["nova-9"],
  },
  restated: {
    calls: 338,
    before: amounts("23.49"),
    after: amounts("24.1"),
    models: [
      { provider: "anthropic", model: "claude-opus-5-5", calls: 270, before: amounts("20.01"), after: amounts("20.6") },
      { provider: "openai", model: "gpt-6-codex", calls: 68, before: amounts("3.48"), after: amounts("3.5") },
    ],
  },
});

/**
 * Lists that came, in which a price goes and others are ten times what they were: for short prompts and long ones, and at
 * some hours since a day of the past.
 */
export const jumping = (): RefreshPreview => {
  const calm = fetched();
  const always = { prompt_above: 0, hours: null, since: null, names: [], also: [] };
  const luna = { ...always, model: "openai/gpt-5.6-luna", contexts: ["standard"], kind: "input" };
  const flash = { ...always, model: "google/gemini-3.8-flash", contexts: ["batch"], kind: "cache_read" };
  const gone = { before: null, after: null };
  const opus = { ...always, model: "anthropic/claude-opus-5-5", contexts: ["standard", "fast"], kind: "all" };
  const peak = { hours: "01:00–04:00, 06:00–10:00 UTC, Monday to Friday", since: "2026-08-16T16:00:00Z" };
  const jumps = [
    { ...luna, before: "0.2", after: "2" },
    { ...luna, prompt_above: 272_000, before: "0.4", after: "4" },
    { ...luna, ...peak, model: "deepseek/deepseek-flash", before: "0.28", after: "2.8" },
    { ...flash, ...gone },
    { ...opus, ...gone, names: ["claude-opus-5-5-YYYYMMDD"], also: ["azure"] },
  ];
  return { ...calm, changes: { ...calm.changes, jumps } };
};
