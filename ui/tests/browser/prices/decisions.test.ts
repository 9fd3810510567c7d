// Saying what a model costs, seeing what that changes, and taking it back.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Overview } from "../../../src/bindings/Overview";
import * as fixtures from "../../fixtures";
import * as prices from "../../prices";
import { close, holds, open, picture, windowWith } from "../window";
import { always, answers, refused, pricesWith, given, focused, dialog, press } from "./window";

beforeAll(open);
afterAll(close);

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
