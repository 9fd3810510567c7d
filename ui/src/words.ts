// Every sentence and label on screen, in one place, ready to be translated. Figures come in written already (format.ts);
// nothing here decides what is shown.
import type { Basis } from "./bindings/Basis";
import type { LookOutcome } from "./bindings/LookOutcome";
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
  otherViews: "Other views",

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
  noneOf: {
    billed: "No provider said what any of it costs.",
    estimated: "None of it is paid by the token at list price.",
    api_equivalent: "No subscription covers any of it.",
  } satisfies Record<Basis, string>,
  lookAt: "Amounts",
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
  unpricedBurning: (tokens: string) => `${tokens} tokens without a price in the last hour`,
  plusUnpricedBurning: (tokens: string) => `+ ${words.unpricedBurning(tokens)}`,
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
  modelOf: (model: string, provider: string | null) => `${model} of ${provider ?? "an unknown provider"}`,
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
  shareOf: (share: string, basis: Basis) =>
    ({
      billed: `${share} of all that is billed`,
      estimated: `${share} of all estimates`,
      api_equivalent: `${share} of all that is covered`,
    })[basis],
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

  // Prices: the lists
  prices: "Prices",
  pricesLead:
    "What your calls are priced by. What a call cost stays, until you agree to a correction; each is listed below.",
  priceLists: "Price lists",
  publishedOn: (date: string) => `published ${date}`,
  noneDisputed: "The lists agree on every price of today.",
  disputed: (count: number, figure: string) =>
    `The lists disagree about ${figure} ${plural(count, "price", "prices")}: what ${plural(count, "it makes", "they make")} a call cost is shown as a range.`,
  lookForPrices: "Look for new prices",
  looking: "Looking…",
  lookingWhy: (host: string | null) =>
    host === null
      ? "The mirror that SPENDMETER_PRICES_FROM names cannot be asked."
      : `Asks ${host} once for both lists and sends nothing about you. Nothing changes before you agree.`,
  lookDaily: "Look for newer prices every day",
  lookDailyWhy: (host: string | null) =>
    `While this is on and Spendmeter runs, it asks ${host ?? "the mirror"} for both lists once a day, and sends as little. What it finds waits here until you decide.`,
  newerFound: "Newer prices were found. Nothing changes before you agree.",
  nothingNew: "Nothing new: every model costs what the lists in use say.",
  looked: (at: string, outcome: LookOutcome) => {
    if (outcome.kind === "failed") return `Could not look on ${at}: ${outcome.why}`;
    return `Looked on ${at}: ${outcome.kind === "found" ? "newer lists were there" : "nothing new"}.`;
  },
  newerLists: (count: number, figure: string, used: number) =>
    count === 0
      ? `Newer price lists are there: ${used === 0 ? "they have other names for models" : "some of your calls have another price by them, or their first"}.`
      : `Newer price lists are there: ${figure} ${plural(count, "model", "models")} changed, ${used === 0 ? "none of which you use" : `of which you use ${used}`}.`,
  lookAtThem: "Look at them",
  foundOn: (at: string) => `Found on ${at}.`,
  foundPrices: "Newer price lists",
  changesInLists: (changed: string, added: string, gone: string) => `${changed}; ${added} new; ${gone} gone.`,
  changedModels: (count: number, figure: string) =>
    count === 0 ? "No model with another price" : `${figure} ${plural(count, "model", "models")} with another price`,
  usedAmongChanged: (count: number, names: string) => `You use ${count} of those changed or gone: ${names}.`,
  namedOtherwise: (names: string) => `Your calls of ${names} are of another model by these lists.`,
  noneUsedAmongChanged: "You use none of those changed or gone.",
  firstPriced: (names: string) => `Your calls of ${names} had no price in any list until now.`,
  leftOut: (count: number, figure: string) =>
    `${figure} ${plural(count, "part of the lists is", "parts of the lists are")} left out: this version does not understand ${plural(count, "it", "them")}.`,
  jumps: "Prices that move far",
  jumpsWhy: (count: number, figure: string) =>
    `${figure} ${plural(count, "price moves", "prices move")} to or from nothing or by more than five times. In dollars per million tokens, or per thousand web searches:`,
  /** `batch, prompts over 272,000 tokens, outside of 01:00–04:00 UTC, since Aug 16, 2026, called a and b, also at azure`. */
  callOf: (
    context: string,
    promptAbove: string | null,
    hours: string | null,
    since: string | null,
    names: string | null,
    also: string | null,
  ) =>
    [
      context,
      promptAbove && `prompts over ${promptAbove} tokens`,
      hours,
      since && `since ${since}`,
      names && `called ${names}`,
      also && `also at ${also}`,
    ]
      .filter((part) => part !== null)
      .join(", "),
  kindOfToken: "tokens",
  webSearches: "Web searches",
  allTokens: "All",
  priceNow: "now",
  priceThen: "then",
  somePrice: "a price",
  noPrice: "no price",
  jumpsAreRight: "I looked at them: these prices are right",
  takeIn: "Use these prices",
  takingIn: "Saving…",
  leaveAsIs: "Keep the prices in use",
  tookIn: (calls: string) => `The new prices are in use. ${calls}.`,
  pricesStay: "The prices in use stay as they are.",
  pricesFailed: (why: string) => `That did not work: ${why.replace(/\.$/, "")}.`,

  // Prices: what a correction changes (a restatement, in the code and in the ledger)
  callsRestated: (count: number, figure: string) =>
    count === 0 ? "No past call changes" : `${figure} past ${plural(count, "call changes", "calls change")}`,
  wereRestated: (count: number, figure: string) =>
    count === 0 ? "No past call changed" : `${figure} past ${plural(count, "call", "calls")} corrected`,
  onlyToCome: "It holds for calls to come.",
  amountsStay: "the amounts stay",
  movedBasis: { estimated: "estimate", api_equivalent: "API-equivalent" },
  tokensWithoutPrice: "tokens without a price",
  none: "none",
  becomes: (before: string, after: string) => `${before} → ${after}`,
  moves: (what: string, before: string, after: string, by: string | null) =>
    `${what} ${before} → ${after}${by === null ? "" : ` (${by})`}`,
  movesBy: (what: string, by: string) => `${what} ${by}`,
  likelyAmounts:
    "Likely amounts, as they were then: where a price is uncertain, the overview shows the range of today.",
  restatedModels: "What changes, by model",
  calls: "calls",
  before: "before",
  after: "after",

  // Prices: announced
  announced: "Announced changes",
  announcedWhy:
    "For ordinary calls with short prompts, in dollars per million tokens; days and hours by your clock. An announcement may be withdrawn.",
  noneAnnounced: "No change is announced.",
  announcedUnused: (count: number, some: boolean) =>
    `${some ? "and " : ""}${count} of ${plural(count, "a model", "models")} that you did not use`,
  fromDay: "from",
  rates: (input: string, output: string) => `${input} in · ${output} out`,
  notKnown: "not known",

  // Prices: models without a price, and own ones
  unpricedModels: "Models without a price",
  allPriced: (period: string) => `Every model that was used ${period} has a price.`,
  unnamedModel: "These calls name no model.",
  sayCost: "Say what it costs",
  sayCostOf: (model: string) => `Say what ${model} costs`,
  sayCostFor: (model: string) => `Say what it costs: ${model}`,
  whichModel: "Model",
  saidOf: (provider: string) => `For calls that ${provider} serves.`,
  costs: "It costs",
  costKinds: { like: "as much as another model", rates: "these rates", free: "nothing, it is free" },
  likeModel: "The other model",
  likeModelHint: "As the price lists call it; it has to be a model that they have a price for.",
  rateFields: {
    input: "Input",
    output: "Output",
    cacheRead: "Cache read (optional)",
    cacheWrite: "Cache write (optional)",
  },
  ratesHint: "Dollars per million tokens, such as 0.25. What is left out costs as much as input.",
  sayWhich: "Fill in a name, or rates in dollars such as 0.25 with at most six decimals.",
  seeChange: "See what it changes",
  previewing: "Counting…",
  setPrice: "Set this price",
  saving: "Saving…",
  cancel: "Cancel",
  ownPrices: "Prices that you set",
  ownPrice: { like: (model: string) => `as much as ${model}`, free: "free" },
  removePrice: "Remove",
  removePriceOf: (model: string) => `Remove your price of ${model}`,
  removeThisPrice: "Remove this price",
  removeLead: (model: string) => `${model} then costs what the lists say, or has no price if they do not know it.`,

  // Prices: plans
  plans: "Plans",
  plansLead: "What a plan covers is shown as API-equivalent, apart from money that you pay by the token.",
  byToken: "paid by the token",
  aMonth: (amount: string) => `${amount} a month`,
  priceUnknown: "price not known",
  sinceDay: (date: string) => `since ${date}`,
  untilDay: (date: string) => `until ${date}`,
  changePlan: "Change",
  changePlanOf: (source: string) => `Change how ${source} is paid`,
  howPaid: (source: string) => `How ${source} is paid`,
  isPaid: "It is paid",
  planKinds: { token: "by the token", known: "by a plan of the list", own: "by another plan" },
  plan: "Plan",
  planName: "Name of the plan",
  planPrice: "Dollars a month (optional)",
  planDays: { since: "Since (optional)", until: "Until (optional)" },
  planDaysHint:
    "The first and the last day that the plan covers. Without them, it covers all calls ever. Other plans stay for other days.",
  tokenAllAlong:
    "Everything that a plan covered becomes money. If you left the plan, choose it and give it a last day instead.",
  setPlan: "Set this plan",
  payByToken: "Pay by the token",
  planTroubles: {
    plan: "Fill in the name of the plan, and its price in dollars such as 20, or none.",
    days: "Write days as 2026-11-01, or none.",
    order: "The last day comes before the first one.",
  },
  alreadyByToken: "It is paid by the token already.",
  sourcesNotKnown: "Which agents are used here is not known yet.",
  noSources: "No source was found yet.",
  fixedPlans: (perMonth: string | null, unknown: string[]) => {
    const others = unknown.length > 0 ? `price of ${words.list(unknown)} not known` : null;
    return `Plans: ${[perMonth && `${perMonth} a month, fixed`, others].filter(Boolean).join("; ")}`;
  },

  // Prices: the log
  corrections: "Price corrections",
  noCorrections: "Nothing was corrected yet. Every call costs what it did when it was read.",
  when: "when",
  why: "Why",
  byHowMuch: "by how much",
  undoneAt: (at: string) => `undone ${at}`,
  undoLast: "Undo the last one",
  undoLead: (why: string, at: string) =>
    `“${why}” of ${at} is undone: what was decided, and what its calls cost. It stays in this list.`,
  undo: "Undo",
  undoing: "Undoing…",
  undone: (why: string) => `“${why}” was undone.`,

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
