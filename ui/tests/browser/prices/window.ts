// The view of prices in a window, and what the tests of it do there again and again.
import type { Page } from "playwright-core";
import { periods } from "../../../src/route";
import * as fixtures from "../../fixtures";
import * as prices from "../../prices";
import { windowWith, type Answers, type Setting } from "../window";

export const always = <T>(answer: T) => Object.fromEntries(periods.map((period) => [period, answer]));
export const answers = (changes: Partial<Answers> = {}): Answers => ({
  overview: always(fixtures.unpriced()),
  prices: prices.decided(),
  restated: prices.getsPrice,
  ...changes,
});
export const offline = {
  code: "prices",
  message: "raw.githubusercontent.com cannot be reached: the name does not resolve. Check the connection.",
  action: "The prices in use stay as they are.",
};

// As the core says it: without a full stop, since the terminal goes on in the same line.
export const refused = {
  code: "prices",
  message: "no list has a price for `claude-opsu`: name a model that `spend prices show` knows",
  action: null,
};

export async function pricesWith(changes: Partial<Answers> = {}, setting: Setting = {}) {
  const opened = await windowWith(answers(changes), { hash: "#/prices", ...setting });
  await opened.page.getByRole("region", { name: "Price lists" }).waitFor();
  return opened;
}

export const given = (page: Page, command: string) => page.evaluate((asked) => window.hands.given(asked), command);
export const focused = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim(),
  );
export const dialog = (page: Page) => page.getByRole("dialog");
export const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
