// Answers as the Rust side gives them, plausible and adding up. Always the same: the noise has a seed.
import type { BurnRate } from "../src/bindings/BurnRate";
import type { Day } from "../src/bindings/Day";
import type { Overview } from "../src/bindings/Overview";
import type { Period } from "../src/bindings/Period";
import type { ProjectView } from "../src/bindings/ProjectView";
import type { Ranked } from "../src/bindings/Ranked";
import type { Session } from "../src/bindings/Session";
import type { SourceHealth } from "../src/bindings/SourceHealth";
import type { Spend } from "../src/bindings/Spend";
import type { Tokens } from "../src/bindings/Tokens";

export const now = "2026-11-24T14:05:00+01:00";
const today = Date.UTC(2026, 10, 24);

const usd = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`.replace(/\.?0+$/, "");

/** A stream of numbers in [0, 1), the same in every run. */
function noise(seed: number): () => number {
  let state = seed * 48_271;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

/** The tokens that some cents buy with an agent's usual mix: mostly context read from a cache. */
const tokensFor = (cents: number): Tokens => ({
  input: cents * 210,
  cache_read: cents * 9_400,
  cache_write_short: cents * 620,
  cache_write_long: 0,
  output: cents * 118,
  reasoning: cents * 41,
});

export const noTokens: Tokens = {
  input: 0,
  cache_read: 0,
  cache_write_short: 0,
  cache_write_long: 0,
  output: 0,
  reasoning: 0,
};

export const nothing: Spend = {
  estimated: null,
  margin: { below: "0", above: "0" },
  billed: null,
  elsewhere: null,
  api_equivalent: null,
  api_equivalent_margin: { below: "0", above: "0" },
  requests: 0,
  tokens: noTokens,
  unpriced_tokens: 0,
  coverage_permille: null,
};

export const estimated = (cents: number): Spend => ({
  ...nothing,
  estimated: usd(cents),
  requests: Math.max(1, Math.round(cents / 6.3)),
  tokens: tokensFor(cents),
  coverage_permille: 1_000,
});

const lengths: Record<Period, number> = { today: 1, last7_days: 7, last30_days: 30, month: 24 };
const providers = ["anthropic", "openai", "google", "openrouter"];
const usualCents = [320, 160, 60, 90];

/** Cents by day and provider: quieter at weekends, one dear day, today well above the usual. */
const ledger: number[][] = (() => {
  const random = noise(11);
  const days = Array.from({ length: 30 }, (_, index) => {
    const weekday = new Date(today - (29 - index) * 86_400_000).getUTCDay();
    const pace = weekday === 0 || weekday === 6 ? 0.25 : 1;
    return usualCents.map((usual) => Math.round(usual * pace * (0.5 + random() * 1.3)));
  });
  days[20] = [1_050, 150, 40, 80];
  days[29] = [890, 210, 50, 90];
  return days;
})();

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

function daysOf(period: Period, part: number): { days: Day[]; cents: number } {
  const length = lengths[period];
  const kept = ledger.slice(30 - length).map((row) => row.map((cents) => Math.round(cents * part)));
  const days = kept.map((row, index): Day => {
    const date = new Date(today - (length - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return {
      date,
      spend: estimated(sum(row)),
      by_provider: providers.map((provider, place) => ({ provider, amount: usd(row[place] ?? 0) })),
      counting: index === length - 1,
    };
  });
  return { days, cents: sum(kept.flat()) };
}

function trendOf(cents: number, seed: number): string[] {
  const random = noise(seed);
  const weights = Array.from({ length: 12 }, (_, place) => random() * (0.6 + place / 14));
  return weights.map((weight) => usd(Math.round((cents * weight) / sum(weights))));
}

/** Ranked rows whose amounts add up to `cents`. */
function ranked(
  rows: [key: string, label: string, permille: number, change: number | null][],
  cents: number,
): Ranked[] {
  let left = cents;
  return rows.map(([key, label, permille, change], index) => {
    const own = index === rows.length - 1 ? left : Math.round((cents * permille) / 1_000);
    left -= own;
    return {
      key,
      label,
      spend: estimated(own),
      share_permille: permille,
      change: change === null ? { kind: "new" } : { kind: "by", permille: change },
      trend: trendOf(own, index + 3),
    };
  });
}

const home = "/home/ada/code";
const projectRows: [string, string, number, number | null][] = [
  [`${home}/web-api`, "web-api", 552, 380],
  [`${home}/nightly-eval`, "nightly-eval", 190, -40],
  [`${home}/infra`, "infra", 98, 90],
  [`${home}/docs`, "docs", 47, -210],
  [`${home}/playground`, "playground", 31, null],
  [`${home}/mobile`, "mobile", 24, 2],
  [`${home}/data-pipeline`, "data-pipeline", 18, -620],
  [`${home}/design-system`, "design-system", 14, 1_240],
  [`${home}/release-notes`, "release-notes", 11, 110],
  [`${home}/dotfiles`, "dotfiles", 9, null],
  ["", "Not attributed", 6, -80],
];

export const sources: SourceHealth[] = [
  { id: "claude-code", name: "Claude Code", state: "live", last_read: now, files: 2_290, detail: null },
  { id: "codex", name: "Codex", state: "live", last_read: now, files: 418, detail: null },
  {
    id: "gemini-cli",
    name: "Gemini CLI",
    state: "absent",
    last_read: null,
    files: 0,
    detail: "~/.gemini/tmp",
  },
  {
    id: "opencode",
    name: "opencode",
    state: "absent",
    last_read: null,
    files: 0,
    detail: "~/.local/share/opencode",
  },
];

/** Nothing was used in the last hours. */
const nothingBurns: BurnRate = {
  per_hour: null,
  basis: "estimated",
  requests: 0,
  unpriced_tokens: 0,
  quarters: Array<string>(12).fill("0"),
};

export function overview(period: Period = "last30_days", changes: Partial<Overview> = {}): Overview {
  const { days, cents } = daysOf(period, 1);
  return {
    period,
    as_of: now,
    freshness: "current",
    bases: { lead: "estimated", known: ["estimated"] },
    fixed: null,
    today: estimated(1_240),
    today_against_usual_permille: 1_600,
    month: estimated(daysOf("month", 1).cents),
    month_name: "2026-11",
    forecast: { low: "169.2", likely: "187.4", high: "205.75", days_left: 6 },
    burn: {
      per_hour: "3.2",
      basis: "estimated",
      requests: 41,
      unpriced_tokens: 0,
      quarters: ["0.1", "0.16", "0.08", "0.31", "0.24", "0.47", "0.4", "0.78", "0.64", "0.92", "0.71", "0.93"],
    },
    total: estimated(cents),
    days,
    providers,
    projects: ranked(projectRows, cents),
    unpriced: [],
    sources,
    progress: null,
    ...changes,
  };
}

/** Two models that the price list does not know. */
export const unpriced = (): Overview => {
  const plain = overview();
  return {
    ...plain,
    today: { ...plain.today, unpriced_tokens: 12_400, coverage_permille: 999 },
    month: { ...plain.month, unpriced_tokens: 40_700, coverage_permille: 999 },
    total: { ...plain.total, unpriced_tokens: 53_100, coverage_permille: 999 },
    unpriced: [
      { model: "nemotron-3-super", provider: null, is_apart: false, tokens: 40_700 },
      { model: "qwen4-coder-next", provider: null, is_apart: false, tokens: 12_400 },
    ],
  };
};

/** The lists disagree about a price, some was billed, and a subscription covers some: looked at by the estimates. */
export const mixed = (): Overview => {
  const plain = overview();
  const beside = { billed: "7", api_equivalent: "31.2", margin: { below: "0.3", above: "1.5" } };
  const mixedInto = (spend: Spend): Spend => ({ ...spend, ...beside });
  return {
    ...plain,
    bases: { lead: "estimated", known: ["estimated", "billed", "api_equivalent"] },
    fixed: { per_month: "220", unknown: ["Team seat"] },
    today: mixedInto(plain.today),
    month: mixedInto(plain.month),
    total: mixedInto(plain.total),
    projects: plain.projects.map((row, index) =>
      index === 0 ? { ...row, spend: mixedInto(row.spend) } : index === 1 ? covered(row) : row,
    ),
  };
};

const byPlan = ({ estimated, ...spend }: Spend): Spend => ({ ...spend, estimated: null, api_equivalent: estimated });

/** A row that has nothing of what leads. */
const covered = (row: Ranked): Ranked => ({
  ...row,
  spend: byPlan(row.spend),
  share_permille: null,
  change: { kind: "unknown" },
  trend: row.trend.map(() => "0"),
});

/** All of it is covered by a subscription, so that this leads. */
export const subscribed = (period: Period = "last30_days"): Overview => {
  const plain = overview(period);
  return {
    ...plain,
    bases: { lead: "api_equivalent", known: ["api_equivalent"] },
    fixed: { per_month: "200", unknown: [] },
    today: byPlan(plain.today),
    month: byPlan(plain.month),
    burn: { ...plain.burn, basis: "api_equivalent" },
    total: byPlan(plain.total),
    days: plain.days.map((day) => ({ ...day, spend: byPlan(day.spend) })),
    projects: plain.projects.map((row) => ({ ...row, spend: byPlan(row.spend) })),
  };
};

/** In the week, a subscription covers all; in the month before, something was paid by the token, so that this leads. */
export const subscribedSince = (): Overview => {
  const covered = subscribed("last7_days");
  return {
    ...covered,
    bases: { lead: "estimated", known: ["estimated", "api_equivalent"] },
    month: { ...covered.month, estimated: "12.4" },
    forecast: null,
    today_against_usual_permille: null,
    days: covered.days.map((day) => ({ ...day, by_provider: [] })),
    projects: covered.projects.map((row) => ({ ...row, share_permille: null, trend: row.trend.map(() => "0") })),
  };
};

/** Two polls were missed, and one source says why. */
export const failing = (): Overview =>
  overview("last30_days", {
    freshness: "outdated",
    as_of: "2026-11-24T11:40:00+01:00",
    burn: nothingBurns,
    sources: sources.map((source) =>
      source.id === "codex"
        ? {
            ...source,
            state: "failing",
            last_read: "2026-11-24T11:40:00+01:00",
            detail: "~/.codex/sessions cannot be read (permission denied). Give your user read access to it.",
          }
        : source,
    ),
  });

/** Everything is read, and nothing was spent. */
export const quiet = (): Overview =>
  overview("last7_days", {
    today: nothing,
    today_against_usual_permille: null,
    month: nothing,
    forecast: null,
    burn: nothingBurns,
    total: nothing,
    days: daysOf("last7_days", 1).days.map((day) => ({ ...day, spend: nothing, by_provider: [] })),
    providers: [],
    projects: [],
  });

/** No agent has left a log. */
export const bare = (): Overview => ({
  ...quiet(),
  bases: { lead: "estimated", known: [] },
  sources: [
    {
      id: "claude-code",
      name: "Claude Code",
      state: "absent",
      last_read: null,
      files: 0,
      detail: "~/.claude/projects",
    },
    {
      id: "codex",
      name: "Codex",
      state: "absent",
      last_read: null,
      files: 0,
      detail: "~/.codex/sessions",
    },
    ...sources.slice(2),
  ],
});

/** The first read of everything is under way. */
export const firstScan = (): Overview =>
  overview("last30_days", {
    as_of: null,
    freshness: "never",
    today_against_usual_permille: null,
    forecast: null,
    progress: { bytes_done: 1_390_000_000, bytes_total: 2_240_000_000 },
  });

export function projectView(period: Period = "last30_days", changes: Partial<ProjectView> = {}): ProjectView {
  const { days, cents } = daysOf(period, 0.552);
  const [row] = ranked(projectRows, cents);
  if (!row) throw new Error("the fixtures have no project");
  return {
    project: { ...row, spend: estimated(cents) },
    period,
    bases: { lead: "estimated", known: ["estimated"] },
    as_of: now,
    freshness: "current",
    days,
    providers,
    models: ranked(
      [
        ["claude-opus-5-5", "claude-opus-5-5", 604, 520],
        ["gpt-6-codex", "gpt-6-codex", 248, 60],
        ["claude-haiku-5", "claude-haiku-5", 79, -130],
        ["gemini-4-flash", "gemini-4-flash", 69, null],
      ],
      cents,
    ),
    unpriced: [],
    sessions: sessions(),
    sessions_left_out: 37,
    ...changes,
  };
}

function sessions(): Session[] {
  const opus = "claude-opus-5-5";
  const rows: [agent: string, branch: string | null, models: string[], started: string, last: string, cents: number][] =
    [
      ["Claude Code", "fix/flaky-upload", [opus, "claude-haiku-5"], "11-24T09:12", "11-24T14:03", 894],
      ["Claude Code", "main", [opus], "11-23T22:41", "11-24T02:36", 745],
      ["Codex", "feat/retry-queue", ["gpt-6-codex"], "11-20T10:02", "11-20T12:44", 512],
      ["Claude Code", "feat/multi-tenant-rate-limits", [opus, "claude-haiku-5"], "11-18T13:30", "11-18T17:21", 431],
      ["Codex", null, ["gpt-6-codex"], "11-17T08:15", "11-17T08:52", 208],
      ["Claude Code", "docs/openapi", ["claude-haiku-5", "gemini-4-flash"], "11-12T16:04", "11-12T16:31", 64],
      ["Claude Code", "main", ["gemini-4-flash"], "10-30T11:00", "10-30T11:02", 3],
    ];
  return rows.map(([agent, branch, models, started, last, cents], index) => ({
    session: `0a4be9f2-7c1d-4e55-9d3b-00000000000${index}`,
    agent,
    branch,
    models,
    started: `2026-${started}:00+01:00`,
    last: `2026-${last}:00+01:00`,
    spend: estimated(cents),
  }));
}
