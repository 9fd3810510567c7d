// Looking for newer lists, and taking them in.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PriceLists } from "../../../src/bindings/PriceLists";
import * as prices from "../../prices";
import { close, holds, open, picture, windowWith, type Setting } from "../window";
import { answers, offline, pricesWith, given, focused, press } from "./window";

beforeAll(open);
afterAll(close);

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
  await found.getByText("Your calls of nova-9 had no price in any list until now.").waitFor();
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
  await table.getByRole("row", { name: /gemini-3.8-flash batch Read from cache a price no price/ }).waitFor();
  await table
    .getByRole("row", {
      name: /opus-5-5 standard, fast, called claude-opus-5-5-YYYYMMDD, also at azure All a price no price/,
    })
    .waitFor();
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
