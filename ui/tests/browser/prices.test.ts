// A walk through prices: what is asked and decided, by pointer and by keyboard, each look kept as a picture.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
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
  const found = page.getByRole("group", { name: "What came" });
  await found.getByText("12 models with another price; 40 new; 1 gone.").waitFor();
  await found.getByText("You use 2 of those changed or gone: claude-opus-5-5 and gpt-6-codex.").waitFor();
  await found.getByText("338 past calls change: estimate $23.49 → $24.10 (+$0.61)").waitFor();
  await picture(page, "prices-found");
  await holds(page, troubles);
  await press(page, "Leave as it is");
  expect(await found.count()).toBe(0);
  expect(await focused(page)).toBe("Look for new prices");
  expect(await given(page, "take_in_prices")).toEqual([]);

  await press(page, "Look for new prices");
  await press(page, "Take in");
  await page.getByText("The lists are taken in. 338 past calls restated.").waitFor();
  expect(await given(page, "take_in_prices")).toEqual([{ number: 1, acceptJumps: false }]);
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
  const table = page.getByRole("table", { name: "Prices that jump" });
  await table.getByRole("row", { name: "openai/gpt-5.6-luna standard Input, not cached $0.20 $2.00" }).waitFor();
  await table.getByRole("row", { name: /gemini-3.8-flash batch Read from cache \$0.075 no price/ }).waitFor();
  await picture(page, `prices-jumps-${name}`);
  await holds(page, troubles);
  const button = page.getByRole("button", { name: "Take in" });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await button.click({ force: true });
  expect(await given(page, "take_in_prices")).toEqual([]);
  await page.getByLabel("These are right").check();
  await button.click();
  await page.getByText("The lists are taken in.").waitFor();
  expect(await given(page, "take_in_prices")).toEqual([{ number: 1, acceptJumps: true }]);
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

it("forgets what came when something was restated since", async () => {
  const { page } = await pricesWith({ fetched: prices.fetched(), prices: prices.lists() });
  await press(page, "Look for new prices");
  await page.getByRole("button", { name: "Take in" }).waitFor();
  await page.evaluate((next) => {
    window.hands.answer(next);
    window.hands.emit("ledger-changed");
  }, answers());
  await page.getByRole("button", { name: "Take in" }).waitFor({ state: "detached" });
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
  expect(await page.getByRole("button", { name: "Say so" }).count()).toBe(0);
  await press(page, "See what it changes");
  await dialog(page)
    .getByText(/6 past calls change: 53\sK tokens without a price → \$0\.11 estimated/)
    .waitFor();
  const decision = { decision: { kind: "set_own", provider: null, model: "nemotron-3-super", price } };
  expect(await given(page, "preview_decision")).toEqual([decision]);
  expect(await given(page, "decide")).toEqual([]);
  await picture(page, `prices-say-${name.split(" ").at(-1)}`);
  await holds(page, troubles);
  await press(page, "Say so");
  await page.getByRole("status").getByText("6 past calls restated.").waitFor();
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
  expect(await given(page, "preview_decision")).toEqual([]);
  await page.getByLabel("The other model").fill("claude-haiku-5-5");
  await press(page, "See what it changes");
  await page.getByRole("button", { name: "Say so" }).waitFor();
  await page.getByLabel("The other model").fill("claude-opus-5-5");
  await page.getByRole("button", { name: "Say so" }).waitFor({ state: "detached" });
  await page.context().close();
});

it("says in the dialog why a decision failed", async () => {
  const { page, troubles } = await pricesWith({ restated: offline });
  await press(page, "Say what it costs: nemotron-3-super");
  await page.getByLabel("nothing, it is free").check();
  await press(page, "See what it changes");
  await dialog(page).getByRole("alert").getByText("cannot be reached").waitFor();
  expect(await page.getByRole("button", { name: "Say so" }).count()).toBe(0);
  await holds(page, troubles);
  await page.context().close();
});

it("forgets a price after showing what that changes", async () => {
  const { page, troubles } = await pricesWith();
  await press(page, "Forget the price of qwen4-coder-next");
  await dialog(page).getByText("6 past calls change").waitFor();
  await picture(page, "prices-forget");
  await holds(page, troubles);
  await press(page, "Forget");
  await page.getByRole("status").getByText("6 past calls restated.").waitFor();
  const decision = { kind: "forget_own", provider: "openrouter", model: "qwen4-coder-next" };
  expect(await given(page, "decide")).toEqual([{ decision, against: 7 }]);
  expect(await focused(page)).toBe("Prices that you set");
  await page.context().close();
});

it("sets a plan, and takes it away", async () => {
  const { page, troubles } = await pricesWith({ prices: prices.lists(), restated: prices.getsPlan });
  await press(page, "Change how Claude Code is paid");
  await page.getByLabel("by a plan of the list").check();
  await page.getByLabel("Plan", { exact: true }).selectOption({ label: "Claude Max 20x, $200.00 a month" });
  await press(page, "See what it changes");
  await dialog(page).getByText("338 past calls change: $23.49 estimated → $23.49 API-equivalent").waitFor();
  await picture(page, "prices-plan");
  await holds(page, troubles);
  await press(page, "Say so");
  await page.getByRole("status").getByText("338 past calls restated.").waitFor();
  const plan = { source: "claude-code", name: "Claude Max 20x", per_month: "200", since: null };
  expect(await given(page, "decide")).toEqual([{ decision: { kind: "set_plan", ...plan }, against: 7 }]);
  expect(await focused(page)).toBe("Change how Claude Code is paid");

  await page.evaluate(
    (next) => {
      window.hands.answer(next);
      window.hands.emit("ledger-changed");
    },
    answers({ restated: prices.getsPlan }),
  );
  await page.getByText("Plans: $220.00 a month, fixed; price of Team seat not known").waitFor();
  await press(page, "Change how Codex is paid");
  await page.getByLabel("by the token").check();
  await press(page, "See what it changes");
  await press(page, "Say so");
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
  await press(page, "Take the last one back");
  await dialog(page).getByText(`“${undone.why}” of Nov 24, 2026, 12:40`).waitFor();
  await picture(page, "prices-undo");
  await holds(page, troubles);
  await press(page, "Take back");
  await page.getByRole("status").getByText("was taken back.").waitFor();
  expect(await given(page, "undo_restatement"), "the one that was named").toEqual([{ id: undone.id }]);
  expect(await focused(page)).toBe("Restatements");
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
  await page.getByRole("button", { name: "Say so" }).waitFor();
  await page.keyboard.press("Enter");
  expect(await given(page, "decide"), "a second Enter decides nothing unseen").toEqual([]);
  await tab("Say so");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText("6 past calls restated.").waitFor();

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
  await press(page, "Say so");
  await dialog(page).waitFor({ state: "detached" });
  expect(await given(page, "decide")).toMatchObject([
    { decision: { model: "qwen4-coder-next", price: { kind: "free" } } },
  ]);
  await page.context().close();
});

it("shows what plans cost beside what they cover", async () => {
  const { page, troubles } = await windowWith(answers({ overview: always(fixtures.subscribed()) }), {
    width: 420,
    height: 700,
  });
  await page.getByText("Plans: $220.00 a month, fixed; price of Team seat not known").waitFor();
  await picture(page, "overview-plans-compact");
  await holds(page, troubles);
  await page.context().close();
});
