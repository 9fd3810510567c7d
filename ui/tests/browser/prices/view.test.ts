// How the view of prices looks, and how one moves in it; each look is kept as a picture.
import { afterAll, beforeAll, expect, it } from "vitest";
import * as fixtures from "../../fixtures";
import * as prices from "../../prices";
import { close, holds, open, picture, windowWith, type Answers, type Setting } from "../window";
import { always, answers, offline, pricesWith, given, focused, dialog, press } from "./window";

beforeAll(open);
afterAll(close);

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

it("folds away what is announced of models that were not used", async () => {
  const { page } = await pricesWith();
  const announced = page.getByRole("region", { name: "Announced changes" });
  await announced.getByRole("row", { name: "gemini-4-argon Google Dec 1, 2026, 01:00" }).waitFor();
  expect(await announced.getByText("gpt-6.2-sol").count()).toBe(0);
  await press(page, "and 2 of models that you did not use");
  await announced.getByRole("row", { name: "gpt-6.2-sol OpenAI Jan 1, 2027 not known" }).waitFor();
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
