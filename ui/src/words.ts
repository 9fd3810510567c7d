// Every sentence and label on screen, in one place, ready to be translated. Figures come in written already (format.ts);
// nothing here decides what is shown.
import type { Basis } from "./bindings/Basis";
import type { Period } from "./bindings/Period";
import type { SourceState } from "./bindings/SourceState";

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const words = {
  product: "Spendmeter",
  title: (view: string) => `${view} · Spendmeter`,

  // The bar at the top
  period: "Period",
  periods: { today: "Today", last7_days: "7 d", last30_days: "30 d", month: "Month" } satisfies Record<Period, string>,
  asOf: (moment: string) => `as of ${moment}`,
  neverRead: "not read yet",
  outdated: "outdated",
  outdatedWhy: "Two reads in a row were missed: these figures may be too low.",
  refresh: "Refresh now",
  backToOverview: "Overview",

  // Figures
  now: "Now",
  today: "Today",
  forecastFor: (month: string) => `Forecast for ${month}`,
  burning: "Burning now",
  perHour: "/ h",
  basis: {
    billed: "billed",
    estimated: "estimated",
    api_equivalent: "API-equivalent",
  } satisfies Record<Basis, string>,
  basisWhy: {
    billed: "What the provider says it charges.",
    estimated: "Tokens times list price.",
    api_equivalent: "Tokens times list price, of calls that your subscription covers. It is no money that you pay.",
  } satisfies Record<Basis, string>,
  covered: "covered by your subscription",
  onlyCovered: "All of it is covered by your subscription.",
  exactly: (amount: string, basis: string, range: string | null) =>
    range ? `${amount} ${basis}, ${range}` : `${amount} ${basis}`,
  againstUsual: (ratio: string) => `${ratio} usual by this hour`,
  requests: (count: number, figure: string) => `${figure} ${plural(count, "request", "requests")}`,
  sinceFirst: (day: string) => `since ${day}`,
  likely: (amount: string, daysLeft: number) =>
    `likely ${amount}, ${daysLeft === 0 ? "last day" : `${daysLeft} ${plural(daysLeft, "day", "days")} left`}`,
  noForecast: "not yet",
  noForecastWhy: "needs seven days of spend",
  nothingBurning: "nothing in the last hour",
  lastThreeHours: "last 3 hours",
  noData: "No data",
  noPriceFor: (tokens: string) => `${tokens} tokens without a price`,
  plusUnpriced: (tokens: string, models: number | null) =>
    models
      ? `+ ${tokens} tokens on ${models} unpriced ${plural(models, "model", "models")}`
      : `+ ${tokens} tokens without a price`,

  // Daily spend
  dailySpend: "Daily spend",
  todayByProvider: "Today by provider",
  total: "Total",
  date: "Date",
  counting: "today",
  stillCounting: "still counting",
  otherProviders: "Other providers",
  noSpend: (readAt: string | null) => (readAt ? `No spend in this period. Last read ${readAt}.` : "No spend read yet."),
  provider: (id: string) => providerNames[id] ?? id.charAt(0).toUpperCase() + id.slice(1),
  withoutPrice: (models: number) => `${models} ${plural(models, "model has", "models have")} no price:`,
  modelTokens: (model: string, tokens: string) => `${model} ${tokens}`,
  andMore: (models: number) => `and ${models} more`,
  tokens: "tokens",

  // Ranked lists
  projects: "Projects",
  whereItWent: "Where it went",
  spentIn: {
    today: "today",
    last7_days: "7 days",
    last30_days: "30 days",
    month: "this month",
  } satisfies Record<Period, string>,
  share: "share",
  change: "change",
  trend: "trend",
  up: "up",
  down: "down",
  level: "level",
  isNew: "new",
  topMake: (top: number, all: number, share: string) => `${top} of ${all} make ${share}`,
  more: (rows: number) => `${rows} more`,
  fewer: "Show fewer",
  unattributed: "Not attributed",

  // One project
  models: "Models",
  model: "Model",
  sessions: "Sessions",
  inPeriod: {
    today: "today",
    last7_days: "in 7 days",
    last30_days: "in 30 days",
    month: "this month",
  } satisfies Record<Period, string>,
  ofAllSpend: (share: string) => `${share} of all spend`,
  against: {
    today: "on the day before",
    last7_days: "on the 7 days before",
    last30_days: "on the 30 days before",
    month: "on last month",
  } satisfies Record<Period, string>,
  newProject: "no spend in the period before",
  tokenCount: (tokens: string) => `${tokens} tokens`,
  tokensByKind: "Tokens by kind",
  tokenKinds: {
    cache_read: "Read from cache",
    cache_write_short: "Written to cache, short",
    cache_write_long: "Written to cache, long",
    input: "Input, not cached",
    output: "Output",
  },
  ofWhichReasoning: (tokens: string) => `of the output, ${tokens} is reasoning`,
  agent: "Agent",
  branch: "branch",
  usedModels: "models",
  started: "started",
  lastCall: "last",
  requestCount: "requests",
  amount: "amount",
  noSession: "without a session",
  noSessions: "No session in this period.",
  noModels: "No model was used in this period.",
  sessionsLeftOut: (count: number, figure: string) =>
    `${figure} more ${plural(count, "session is", "sessions are")} not listed: they cost less than these.`,
  moreModels: (count: number) => `+${count}`,
  lasted: (duration: string) => `${duration} long`,

  // Sources
  sources: "Sources",
  sourceStates: {
    live: "live",
    absent: "not found",
    failing: "failing",
    not_counted: "found, cannot be counted",
  } satisfies Record<SourceState, string>,
  because: (reason: string) => `because ${reason}`,
  sourceFiles: (files: number, figure: string) => `${figure} ${plural(files, "log file", "log files")}`,
  figuresOf: (moment: string) => `figures of ${moment}`,

  // First read, nothing, failures
  firstScan: (files: string, agents: string) => `Found ${files} of ${agents} on this machine`,
  firstScanUnknown: "Reading the logs of your agents",
  firstScanLead:
    "Reading them now; nothing leaves this machine. You can close this window, the meter keeps filling in the tray.",
  scanning: "Reading logs",
  soFar: (amount: string) => `${amount} so far, estimated from list prices`,
  done: (done: string, total: string) => `${done} of ${total}`,
  left: (left: string) => `${left} left`,
  list: (items: string[]) => new Intl.ListFormat("en-US", { type: "conjunction" }).format(items),
  nothingFound: "No agent logs on this machine yet",
  nothingFoundLead:
    "Spendmeter reads what coding agents write down about their own calls. It needs no key, and it keeps looking: start one of these agents and its spend appears here.",
  lookedIn: "Looked in",
  lookedInFolders: (folders: string) => `Looked in ${folders}`,
  tryAgain: "Try again",
  dismiss: "Dismiss",
  unexpected: (message: string) => `The figures could not be read: ${message.replace(/\.$/, "")}.`,
  unexpectedAction: "Try again; if it stays, restart Spendmeter.",
  keptFigures: (moment: string) => `The figures below are those of ${moment}.`,
};

const providerNames: Record<string, string> = {
  anthropic: "Anthropic",
  openai: "OpenAI",
  google: "Google",
  openrouter: "OpenRouter",
  mistral: "Mistral",
  deepseek: "DeepSeek",
  xai: "xAI",
  unattributed: "Not attributed",
};
