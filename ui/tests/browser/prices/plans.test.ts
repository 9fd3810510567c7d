// Plans: what they cover, from when until when, and what they cost.
import { afterAll, beforeAll, expect, it } from "vitest";
import * as fixtures from "../../fixtures";
import * as prices from "../../prices";
import { close, holds, open, picture, windowWith } from "../window";
import { always, answers, pricesWith, given, focused, dialog, press } from "./window";

beforeAll(open);
afterAll(close);

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
