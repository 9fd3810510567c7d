// A walk through prices: what is asked and decided, by pointer and by keyboard, each look kept as a picture.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Overview } from "../../src/bindings/Overview";
import type { PriceLists } from "../../src/bindings/PriceLists";
import { periods } from "../../src/route";
import * as fixtures from "../fixtures";
import * as prices from "../prices";
import { close, holds, open, picture, windowWith, type Answers, type Setting } from "./window";

beforeAll(open);
afterAll(close);

const always = <T>(answer: T) => Object.fromEntries(periods.map((period) => [period, answer]));
const answers = (changes: Partial<Answers> = {}): Answers => ({
  overview: always(fixtures.unpriced()),
  prices: prices.decided(),
  restated: prices.getsPrice,
  ...changes,
});
const offline = {
  code: "prices",
  message: "raw.githubusercontent.com cannot be reached: the name does not resolve. Check the connection.",
  action: "The prices in use stay as they are.",
};

// As the core says it: without a full stop, since the terminal goes on in the same line.
const refused = {
  code: "prices",
  message: "no list has a price for `claude-opsu`: name a model that `spend prices show` knows",
  action: null,
};

async function pricesWith(changes: Partial<Answers> = {}, setting: Setting = {}) {
  const opened = await windowWith(answers(changes), { hash: "#/prices", ...setting });
  await opened.page.getByRole("region", { name: "Price lists" }).waitFor();
  return opened;
}

const given = (page: Page, command: string) => page.evaluate((asked) => window.hands.given(asked), command);
const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim(),
  );
const dialog = (page: Page) => page.getByRole("dialog");
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

const looks: [name: string, changes: Partial<Answers>, setting?: Setting][] = [
  ["prices-light", {}],
  ["prices-dark", {}, { theme: "dark" }],
  ["prices-compact", {}, { width: 420, height: 700 }],
  ["prices-compact-dark", {}, { width: 420, height: 700, theme: "dark" }],
  ["prices-undecided", { prices: prices.lists({ announced: [], disputed: 0 }), overview: always(fixtures.overview()) }],
  ["prices-no-overview", { overview: offline }],
];

it.each(looks)("%s", async (name, changes, setting) => {
  const { page, troubles } = await pricesWith(changes, setting);
  await picture(page, name);
  await holds(page, troubles);
  await page.context().close();
});

it.each([["never"], [offline]] as const)("claims nothing of sources before they are known (%j)", async (overview) => {
  const { page, troubles } = await pricesWith({ overview });
  const plans = page.getByRole("region", { name: "Plans" });
  await plans.getByText("Which agents are used here is not known yet.").waitFor();
  expect(await plans.getByText(/claude-code|No source|a month, fixed/).count()).toBe(0);
  await holds(page, troubles);
  await page.context().close();
});

it("shows every plan of a source, and offers the last one to be changed", async () => {
  const { page, troubles } = await pricesWith();
  const plans = page.getByRole("region", { name: "Plans" });
  const codex = plans.getByRole("listitem").filter({ hasText: "Codex" });
  await codex.getByText("ChatGPT Pro, $200.00 a month, until Oct 31, 2026", { exact: true }).waitFor();
  await codex.getByText("ChatGPT Plus, $20.00 a month, since Nov 1, 2026", { exact: true }).waitFor();
  await press(page, "Change how Codex is paid");
  expect(await page.getByLabel("Since (optional)").inputValue()).toBe("2026-11-01");
  await page.getByLabel("by the token").check();
  await dialog(page).getByText("If you left the plan, choose it and give it a last day instead.").waitFor();
  await picture(page, "prices-token");
  await holds(page, troubles);
  await page.context().close();
});

it("shows a skeleton while prices are read, and says when they cannot be", async () => {
  const waiting = await windowWith(answers({ prices: "never" }), { hash: "#/prices" });
  await waiting.page.locator(".skeleton").waitFor({ state: "attached" });
  await holds(waiting.page, waiting.troubles);
  await waiting.page.context().close();
  const failing = await windowWith(answers({ prices: offline }), { hash: "#/prices", height: 300 });
  await failing.page.getByRole("alert").getByText("cannot be reached").waitFor();
  await picture(failing.page, "prices-error");
  await holds(failing.page, failing.troubles);
  await failing.page.context().close();
});

it("looks for new prices only when asked, and takes in what was agreed to", async () => {
  const { page, troubles } = await pricesWith({ fetched: prices.fetched() });
  expect(await given(page, "fetch_prices")).toEqual([]);
  await page.evaluate(
    (next) => window.hands.answer(next),
    answers({ fetched: prices.fetched(), restated: prices.fetched().restated }),
  );
  await press(page, "Look for new prices");
  const found = page.getByRole("group", { name: "Newer price lists" });
  await found.getByText("12 models with another price; 40 new; 1 gone.").waitFor();
  await found.getByText("You use 2 of those changed or gone: claude-opus-5-5 and gpt-6-codex.").waitFor();
  await found.getByText("338 past calls change: estimate $23.49 → $24.10 (+$0.61)").waitFor();
  await picture(page, "prices-found");
  await holds(page, troubles);
  await press(page, "Keep the prices in use");
  expect(await found.count()).toBe(0);
  expect(await focused(page)).toBe("Look for new prices");
  expect(await given(page, "take_in_prices")).toEqual([]);
  expect(await given(page, "leave_prices")).toEqual([{ number: 1 }]);

  await press(page, "Look for new prices");
  await press(page, "Use these prices");
  await page.getByText("The new prices are in use. 338 past calls corrected.").waitFor();
  expect(await given(page, "take_in_prices")).toEqual([{ number: 1, against: 7, acceptJumps: false }]);
  expect(await focused(page)).toBe("Look for new prices");
  expect(troubles).toEqual([]);
  await page.context().close();
});

const jumping: [name: string, setting: Setting][] = [
  ["light", {}],
  ["dark", { theme: "dark" }],
  ["compact", { width: 420, height: 700 }],
];

it.each(jumping)("takes in prices that jump only after a tick (%s)", async (name, setting) => {
  const { page, troubles } = await pricesWith({ fetched: prices.jumping() }, setting);
  await press(page, "Look for new prices");
  const finding = page.getByRole("status").getByText("Newer prices were found.");
  await finding.waitFor();
  const table = page.getByRole("table", { name: "Prices that move far" });
  await table.getByRole("row", { name: "openai/gpt-5.6-luna standard Input, not cached $0.20 $2.00" }).waitFor();
  // The same model, call and kind of token more than once: for long prompts, and at some hours.
  await table.getByRole("row", { name: /luna standard, prompts over 272,000 tokens .* \$0.40 \$4.00/ }).waitFor();
  await table
    .getByRole("row", { name: /flash standard, 01:00–04:00, .* UTC, .*, since Aug 16.* \$0.28 \$2.80/ })
    .waitFor();
  await table.getByRole("row", { name: /gemini-3.8-flash batch Read from cache \$0.075 no price/ }).waitFor();
  await picture(page, `prices-jumps-${name}`);
  await holds(page, troubles);
  const button = page.getByRole("button", { name: "Use these prices" });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await button.click({ force: true });
  expect(await given(page, "take_in_prices")).toEqual([]);
  await page.getByLabel("I looked at them: these prices are right").check();
  await button.click();
  await page.getByText("The new prices are in use.").waitFor();
  expect(await finding.count()).toBe(0);
  expect(await given(page, "take_in_prices")).toEqual([{ number: 1, against: 7, acceptJumps: true }]);
  await page.context().close();
});

it("says why looking failed, and what stays", async () => {
  const { page, troubles } = await pricesWith({ fetched: offline });
  await press(page, "Look for new prices");
  const alert = page.getByRole("alert");
  await alert.getByText("raw.githubusercontent.com cannot be reached").waitFor();
  await alert.getByText("The prices in use stay as they are.").waitFor();
  await picture(page, "prices-offline");
  await holds(page, troubles);
  await press(page, "Dismiss");
  expect(await alert.count()).toBe(0);
  expect(await focused(page)).toBe("Look for new prices");
  await page.context().close();
});

it("says that there is nothing new, and offers nothing to take in", async () => {
  const { page, troubles } = await pricesWith({ fetched: "nothing new" });
  await press(page, "Look for new prices");
  await page.getByRole("status").getByText("Nothing new: every model costs what the lists in use say.").waitFor();
  expect(await page.getByRole("button", { name: "Take in" }).count()).toBe(0);
  await holds(page, troubles);
  await page.context().close();
});

it("looks every day only once that is turned on, and says what that asks", async () => {
  const { page, troubles } = await pricesWith({ prices: prices.lists() });
  const box = page.getByRole("checkbox", { name: "Look for newer prices every day" });
  expect(await box.isChecked()).toBe(false);
  await page.getByText("asks raw.githubusercontent.com for both lists once a day").waitFor();
  expect(await given(page, "look_daily")).toEqual([]);
  const looked = { at: "2026-11-24T14:04:00+01:00", outcome: { kind: "failed", why: "No network.", in_a_row: 1 } };
  await page.evaluate(
    (next) => window.hands.answer(next),
    answers({ prices: prices.lists({ daily: true, looked: looked as PriceLists["looked"] }) }),
  );
  await box.click();
  await page.getByText("Could not look on Nov 24, 2026, 14:04: No network.").waitFor();
  expect(await box.isChecked()).toBe(true);
  expect(await given(page, "look_daily")).toEqual([{ on: true }]);
  expect(await given(page, "fetch_prices"), "the page itself looks only when asked").toEqual([]);
  await picture(page, "prices-daily");
  await holds(page, troubles);
  await box.click();
  await page.waitForFunction(() => window.hands.given("look_daily").length === 2);
  expect((await given(page, "look_daily"))[1]).toEqual({ on: false });
  await page.context().close();
});

it.each(["light", "dark"] as const)("leads from the overview to lists that wait (%s)", async (theme) => {
  const { page, troubles } = await windowWith(
    answers({ prices: prices.waiting(), fetched: prices.fetched(), restated: prices.fetched().restated }),
    { theme },
  );
  await page.getByText("Newer price lists are there: 53 models changed, of which you use 2.").waitFor();
  await picture(page, `overview-newer-prices-${theme}`);
  await holds(page, troubles);
  expect(await given(page, "waiting_prices"), "what they change is counted only for those who look").toEqual([]);
  await page.getByRole("link", { name: "Look at them" }).click();
  const found = page.getByRole("group", { name: "Newer price lists" });
  await found.getByText("338 past calls change: estimate $23.49 → $24.10 (+$0.61)").waitFor();
  await found.getByText("Found on Nov 24, 2026, 13:05.").waitFor();
  await picture(page, `prices-waiting-${theme}`);
  await holds(page, troubles);
  expect(await given(page, "fetch_prices")).toEqual([]);
  await page.evaluate((next) => window.hands.answer(next), answers({ restated: prices.fetched().restated }));
  await press(page, "Use these prices");
  await page.getByText("The new prices are in use. 338 past calls corrected.").waitFor();
  expect(await given(page, "take_in_prices")).toEqual([{ number: 1, against: 7, acceptJumps: false }]);
  expect(await found.count()).toBe(0);
  await page.context().close();
});

it("folds away what is announced of models that were not used", async () => {
  const { page } = await pricesWith();
  const announced = page.getByRole("region", { name: "Announced changes" });
  await announced.getByRole("row", { name: "gemini-4-argon Google Dec 1, 2026, 01:00" }).waitFor();
  expect(await announced.getByText("gpt-6.2-sol").count()).toBe(0);
  await press(page, "and 2 of models that you did not use");
  await announced.getByRole("row", { name: "gpt-6.2-sol OpenAI Jan 1, 2027 not known" }).waitFor();
  await page.context().close();
});

it("forgets what came when something was restated since", async () => {
  const { page } = await pricesWith({ fetched: prices.fetched(), prices: prices.lists() });
  await press(page, "Look for new prices");
  await page.getByRole("button", { name: "Use these prices" }).waitFor();
  await page.evaluate((next) => {
    window.hands.answer(next);
    window.hands.emit("ledger-changed");
  }, answers());
  await page.getByRole("button", { name: "Use these prices" }).waitFor({ state: "detached" });
  await page.context().close();
});

const costs: [name: string, fill: (page: Page) => Promise<void>, price: object][] = [
  [
    "another model",
    async (page) => page.getByLabel("The other model").fill("claude-haiku-5-5"),
    { kind: "like", provider: null, model: "claude-haiku-5-5" },
  ],
  [
    "rates",
    async (page) => {
      await page.getByLabel("these rates").check();
      await page.getByLabel("Input", { exact: true }).fill("$0.25");
      await page.getByLabel("Output").fill("1.5");
      await page.getByLabel("Cache read (optional)").fill("0.025");
    },
    {
      kind: "rates",
      input: "0.25",
      output: "1.5",
      cache_read: "0.025",
      cache_write_short: null,
      cache_write_long: null,
    },
  ],
  ["nothing", async (page) => page.getByLabel("nothing, it is free").check(), { kind: "free" }],
];

it.each(costs)("says that a model costs as %s, after seeing what that changes", async (name, fill, price) => {
  const { page, troubles } = await pricesWith();
  await press(page, "Say what it costs: nemotron-3-super");
  await fill(page);
  expect(await page.getByRole("button", { name: "Set this price" }).count()).toBe(0);
  await press(page, "See what it changes");
  await dialog(page)
    .getByText(/6 past calls change: 53\sK tokens without a price → \$0\.11 estimated/)
    .waitFor();
  await dialog(page).getByText("Likely amounts: where a price is uncertain, the overview shows the range.").waitFor();
  const decision = { decision: { kind: "set_own", provider: null, model: "nemotron-3-super", price } };
  expect(await given(page, "preview_decision")).toEqual([decision]);
  expect(await given(page, "decide")).toEqual([]);
  await picture(page, `prices-say-${name.split(" ").at(-1)}`);
  await holds(page, troubles);
  await press(page, "Set this price");
  await page.getByRole("status").getByText("6 past calls corrected.").waitFor();
  expect(await given(page, "decide"), "against what was looked at").toEqual([{ ...decision, against: 7 }]);
  expect(await dialog(page).count()).toBe(0);
  expect(await focused(page)).toBe("Models without a price");
  await page.context().close();
});

it("decides nothing but what was seen", async () => {
  const { page } = await pricesWith();
  await press(page, "Say what it costs: nemotron-3-super");
  await press(page, "See what it changes");
  await dialog(page).getByText("Fill in a name").waitFor();
  const like = page.getByLabel("The other model");
  expect(await like.getAttribute("aria-invalid")).toBe("true");
  expect(await like.evaluate((field) => field === document.activeElement)).toBe(true);
  expect(await given(page, "preview_decision")).toEqual([]);
  await like.fill("claude-haiku-5-5");
  expect(await like.getAttribute("aria-invalid")).toBe("false");
  await press(page, "See what it changes");
  await page.getByRole("button", { name: "Set this price" }).waitFor();
  await page.getByLabel("The other model").fill("claude-opus-5-5");
  await page.getByRole("button", { name: "Set this price" }).waitFor({ state: "detached" });
  await page.context().close();
});

it("says in the dialog why a decision failed, and apart from that what to do", async () => {
  const { page, troubles } = await pricesWith({ restated: refused });
  await press(page, "Say what it costs: nemotron-3-super");
  await page.getByLabel("The other model").fill("claude-opsu");
  await press(page, "See what it changes");
  const alert = dialog(page).getByRole("alert");
  await alert.getByText(refused.message, { exact: true }).waitFor();
  await alert.getByText("The prices in use stay as they are.", { exact: true }).waitFor();
  expect(await page.getByRole("button", { name: "Set this price" }).count()).toBe(0);
  await picture(page, "prices-refused");
  await holds(page, troubles);
  await page.context().close();
});

it("cannot be cancelled any more while it is done, and tells of it however it is left", async () => {
  const { page, troubles } = await pricesWith();
  await press(page, "Remove your price of qwen4-coder-next");
  await page.evaluate(() => window.hands.hold("decide"));
  await press(page, "Remove this price");
  await page.getByRole("button", { name: "Saving…" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Cancel" }).click({ force: true });
  expect(await dialog(page).count()).toBe(1);
  await page.evaluate(() => window.hands.letGo());
  await page.getByRole("status").getByText("6 past calls corrected.").waitFor();
  expect(await dialog(page).count()).toBe(0);

  // The tray menu leads elsewhere meanwhile: what is shown there has to follow.
  await press(page, "Remove your price of qwen4-coder-next");
  await page.evaluate(() => window.hands.hold("decide"));
  await press(page, "Remove this price");
  await page.evaluate(() => window.hands.emit("open-view", "#/"));
  await dialog(page).waitFor({ state: "detached" });
  const asked = () => page.evaluate(() => window.hands.calls.filter((call) => call === "overview").length);
  const before = await asked();
  await page.evaluate(() => window.hands.letGo());
  await page.waitForFunction(
    (count) => window.hands.calls.filter((call) => call === "overview").length > count,
    before,
  );
  expect(troubles).toEqual([]);
  await page.context().close();
});

it("takes back nothing that was cancelled, and cancels nothing that is taken back", async () => {
  const { page, troubles } = await pricesWith({ undone: prices.decided().restatements[0]! });
  await press(page, "Undo the last one");
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  expect(await given(page, "undo_restatement")).toEqual([]);

  await press(page, "Undo the last one");
  await page.evaluate(() => window.hands.hold("undo_restatement"));
  await press(page, "Undo");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  expect(await dialog(page).count()).toBe(1);
  await page.evaluate(() => window.hands.letGo());
  await page.getByRole("status").getByText("was undone.").waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

it("shows all models that change, and fewer again, by keyboard", async () => {
  const [one] = prices.getsPrice.models;
  const models = Array.from({ length: 9 }, (_, index) => ({ ...one!, model: `nova-${index}` }));
  const { page, troubles } = await pricesWith({ restated: { ...prices.getsPrice, models } });
  await press(page, "Remove your price of qwen4-coder-next");
  const rows = dialog(page).getByRole("rowheader");
  await rows.first().waitFor();
  expect(await rows.count()).toBe(6);
  await page.getByRole("button", { name: "3 more" }).focus();
  await page.keyboard.press("Enter");
  expect(await rows.count()).toBe(9);
  expect(await focused(page)).toBe("Show fewer");
  await page.keyboard.press("Enter");
  expect(await rows.count()).toBe(6);
  await holds(page, troubles);
  await page.context().close();
});

it("forgets a price after showing what that changes", async () => {
  const { page, troubles } = await pricesWith();
  await press(page, "Remove your price of qwen4-coder-next");
  await dialog(page).getByText("6 past calls change").waitFor();
  await picture(page, "prices-forget");
  await holds(page, troubles);
  await press(page, "Remove this price");
  await page.getByRole("status").getByText("6 past calls corrected.").waitFor();
  const decision = { kind: "forget_own", provider: "openrouter", model: "qwen4-coder-next" };
  expect(await given(page, "decide")).toEqual([{ decision, against: 7 }]);
  expect(await focused(page)).toBe("Prices that you set");
  await page.context().close();
});

it("sets a plan, and takes it away", async () => {
  const { page, troubles } = await pricesWith({ prices: prices.lists(), restated: prices.getsPlan });
  await press(page, "Change how Claude Code is paid");
  await press(page, "See what it changes");
  await dialog(page).getByText("It is paid by the token already.").waitFor();
  expect(await given(page, "preview_decision")).toEqual([]);
  await page.getByLabel("by a plan of the list").check();
  await page.getByLabel("Plan", { exact: true }).selectOption({ label: "Claude Max 20x, $200.00 a month" });
  await page.getByLabel("Since (optional)").fill("2026-11-03");
  await page.getByLabel("Until (optional)").fill("2026-11-02");
  await press(page, "See what it changes");
  await dialog(page).getByText("The last day comes before the first one.").waitFor();
  expect(await page.getByLabel("Until (optional)").getAttribute("aria-invalid")).toBe("true");
  expect(await given(page, "preview_decision")).toEqual([]);
  await page.getByLabel("Until (optional)").fill("2026-12-31");
  await press(page, "See what it changes");
  await dialog(page).getByText("338 past calls change: $23.49 estimated → $23.49 API-equivalent").waitFor();
  await picture(page, "prices-plan");
  await holds(page, troubles);
  await press(page, "Set this plan");
  await page.getByRole("status").getByText("338 past calls corrected.").waitFor();
  const plan = {
    source: "claude-code",
    name: "Claude Max 20x",
    per_month: "200",
    since: null,
    since_day: "2026-11-03",
    until: null,
    until_day: "2026-12-31",
  };
  expect(await given(page, "decide")).toEqual([{ decision: { kind: "set_plan", ...plan }, against: 7 }]);
  expect(await focused(page)).toBe("Change how Claude Code is paid");

  await page.evaluate(
    (next) => {
      window.hands.answer(next);
      window.hands.emit("ledger-changed");
    },
    answers({ restated: prices.getsPlan, overview: always({ ...fixtures.unpriced(), fixed: fixtures.mixed().fixed }) }),
  );
  await page.getByText("Plans: $220.00 a month, fixed; price of Team seat not known").waitFor();
  await press(page, "Change how Codex is paid");
  await page.getByLabel("by the token").check();
  await press(page, "See what it changes");
  await press(page, "Pay by the token");
  await page.waitForFunction(() => window.hands.given("decide").length === 2);
  expect((await given(page, "decide"))[1]).toEqual({
    decision: { kind: "forget_plan", source: "codex" },
    against: 7,
  });
  await page.context().close();
});

it("takes the last restatement back, once more asked", async () => {
  const undone = prices.decided().restatements[0]!;
  const { page, troubles } = await pricesWith({ undone });
  await press(page, "Undo the last one");
  await dialog(page).getByText(`“${undone.why}” of Nov 24, 2026, 13:40`).waitFor();
  await picture(page, "prices-undo");
  await holds(page, troubles);
  await press(page, "Undo");
  await page.getByRole("status").getByText("was undone.").waitFor();
  expect(await given(page, "undo_restatement"), "the one that was named").toEqual([{ id: undone.id }]);
  expect(await focused(page)).toBe("Price corrections");
  await page.context().close();
});

it("is reached, used and left by keyboard alone", async () => {
  const { page, troubles } = await windowWith(answers());
  await page.getByText("Daily spend").first().waitFor();
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Prices");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Prices" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "MAIN");
  const tab = async (until: string): Promise<void> => {
    for (let presses = 0; presses < 20 && (await focused(page)) !== until; presses += 1)
      await page.keyboard.press("Tab");
    expect(await focused(page)).toBe(until);
  };
  await tab("Look for new prices");
  await tab("Say what it costs: nemotron-3-super");
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  expect(await focused(page)).toBe("Say what it costs: nemotron-3-super");
  expect(page.url(), "Escape closed the dialog and nothing else").toContain("#/prices");

  await page.keyboard.press("Enter");
  await page.getByLabel("as much as another model").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.type("claude-haiku-5-5");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Set this price" }).waitFor();
  await page.keyboard.press("Enter");
  expect(await given(page, "decide"), "a second Enter decides nothing unseen").toEqual([]);
  await tab("Set this price");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("6 past calls corrected.").waitFor();

  await page.keyboard.press("Escape");
  await page.getByText("Daily spend").first().waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === "Prices");
  expect(troubles).toEqual([]);
  await page.context().close();
});

it.each(["light", "dark"] as const)("says what a model costs from the overview too (%s)", async (theme) => {
  const { page, troubles } = await windowWith(answers(), { theme });
  await press(page, "Say what it costs");
  await page.getByLabel("Model", { exact: true }).selectOption("qwen4-coder-next");
  await page.getByLabel("nothing, it is free").check();
  await picture(page, `overview-say-${theme}`);
  await holds(page, troubles);
  await press(page, "See what it changes");
  await press(page, "Set this price");
  await dialog(page).waitFor({ state: "detached" });
  expect(await given(page, "decide")).toMatchObject([
    { decision: { model: "qwen4-coder-next", price: { kind: "free" } } },
  ]);
  await page.context().close();
});

it("says it of the model that was chosen, whatever is used meanwhile", async () => {
  const { page, troubles } = await windowWith(answers());
  await press(page, "Say what it costs");
  await page.getByLabel("The other model").fill("claude-haiku-5-5");
  const becomes = async (overview: Overview, seen: string): Promise<void> => {
    await page.evaluate(
      (next) => {
        window.hands.answer(next);
        window.hands.emit("ledger-changed");
      },
      answers({ overview: always(overview) }),
    );
    await page.getByText(seen).first().waitFor();
  };
  const { unpriced, ...rest } = fixtures.unpriced();
  await becomes(
    { ...rest, unpriced: [...unpriced].reverse() },
    "qwen4-coder-next 12\u00a0K, nemotron-3-super 41\u00a0K",
  );
  expect(await page.getByLabel("Model", { exact: true }).locator("option:checked").textContent()).toBe(
    "nemotron-3-super",
  );
  await becomes({ ...rest, unpriced: [], today: fixtures.estimated(1_250) }, "$12.50");
  expect(await page.getByLabel("The other model").inputValue()).toBe("claude-haiku-5-5");
  await press(page, "See what it changes");
  await press(page, "Set this price");
  await dialog(page).waitFor({ state: "detached" });
  expect(await given(page, "decide")).toMatchObject([{ decision: { model: "nemotron-3-super" } }]);
  await page.getByRole("status").getByText("6 past calls corrected.").waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");
  expect(troubles).toEqual([]);
  await page.context().close();
});

it("shows what plans cost beside what they cover", async () => {
  const { page, troubles } = await windowWith(answers({ overview: always(fixtures.subscribed()) }), {
    width: 420,
    height: 700,
  });
  await page.getByText("Plans: $200.00 a month, fixed").waitFor();
  await picture(page, "overview-plans-compact");
  await holds(page, troubles);
  await page.context().close();
});
