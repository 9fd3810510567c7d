// What the Rust side says of prices: nothing decided yet, much decided, and lists that came.
import type { Amounts } from "../src/bindings/Amounts";
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
  published: "2026-11-24T08:00:00Z",
  disputed: 7,
  announced: [
    {
      provider: "google",
      model: "gemini-4-argon",
      from: "2026-12-01T00:00:00Z",
      rates: rates("4", "20"),
      before: rates("2", "10"),
    },
    { provider: "openai", model: "gpt-6.2-sol", from: "2027-01-01T00:00:00Z", rates: rates("2", "10"), before: null },
  ],
  own: [],
  plans: [],
  known_plans: [
    { name: "Claude Pro", per_month: "20" },
    { name: "Claude Max 20x", per_month: "200" },
    { name: "ChatGPT Plus", per_month: "20" },
  ],
  restatements: [],
  ...changes,
});

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
      { source: "claude-code", name: "Claude Max 20x", per_month: "200", since: null },
      { source: "codex", name: "ChatGPT Plus", per_month: "20", since: "2026-11-01T00:00:00Z" },
      { source: "cursor", name: "Team seat", per_month: null, since: null },
    ],
    restatements: [nemotron, free, took],
  });

const nemotron: LoggedRestatement = {
  id: 3,
  at: "2026-11-24T12:40:00Z",
  why: "mercury-2-coder costs as much as claude-haiku-5-5",
  calls: 6,
  estimated: ["0", "0.1104"],
  api_equivalent: ["0", "0"],
  undone_at: null,
  can_undo: true,
};
const free: LoggedRestatement = {
  id: 2,
  at: "2026-11-23T09:15:00Z",
  why: "claude-opus-5-5 is free",
  calls: 411,
  estimated: ["41.2", "0"],
  api_equivalent: ["0", "0"],
  undone_at: "2026-11-23T09:16:00Z",
  can_undo: false,
};
const took: LoggedRestatement = {
  id: 1,
  at: "2026-11-20T07:00:00Z",
  why: "took in genai-prices 2026-11-10, model-prices 2026-11-20",
  calls: 1_204,
  estimated: ["120.4", "118.75"],
  api_equivalent: ["0", "0"],
  undone_at: null,
  can_undo: false,
};

export const amounts = (estimated: string, unpriced_tokens = 0, api_equivalent = "0"): Amounts => ({
  estimated,
  api_equivalent,
  unpriced_tokens,
});

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

/** Lists that came, without a jump. */
export const fetched = (): RefreshPreview => ({
  number: 1,
  changes: {
    version: "genai-prices 2026-11-24, model-prices 2026-11-24",
    changed: 12,
    new: 40,
    gone: 1,
    left_out: 2,
    jumps: [],
    in_use: ["claude-opus-5-5", "gpt-6-codex"],
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

/** Lists that came, in which one price goes and one is ten times what it was. */
export const jumping = (): RefreshPreview => {
  const calm = fetched();
  const jumps = [
    { model: "openai/gpt-5.6-luna", context: "standard", kind: "input", before: "0.2", after: "2" },
    { model: "google/gemini-3.8-flash", context: "batch", kind: "cache_read", before: "0.075", after: null },
  ];
  return { ...calm, changes: { ...calm.changes, jumps } };
};
