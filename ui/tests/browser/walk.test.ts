// A walk through the built page: every view in the shapes it takes, each looked over by axe and kept as a picture.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Period } from "../../src/bindings/Period";
import { periods } from "../../src/route";
import * as fixtures from "../fixtures";
import { close, holds, open, picture, windowWith, type Answers, type Setting } from "./window";

beforeAll(open);
afterAll(close);

const byPeriod = <T>(answer: (period: Period) => T): Record<Period, T> =>
  Object.fromEntries(periods.map((period) => [period, answer(period)])) as Record<Period, T>;

const usual: Answers = {
  overview: byPeriod((period) => fixtures.overview(period)),
  project: byPeriod((period) => fixtures.projectView(period)),
};
const always = (answer: ReturnType<typeof fixtures.overview>): Answers => ({ overview: byPeriod(() => answer) });

const denied = {
  code: "ledger",
  message: "The ledger in ~/.local/share/spendmeter was written by a newer version.",
  action: "Update Spendmeter, or start the newer one.",
};
const noTray = {
  code: "no_tray_host" as const,
  message: "This desktop shows no tray icons, so the meter lives in this window only.",
  action: "On GNOME, install the extension “AppIndicator and KStatusNotifierItem Support”.",
};

const views: [name: string, answers: Answers, waitFor: string, setting?: Setting][] = [
  ["overview-light", usual, "Daily spend"],
  ["overview-dark", usual, "Daily spend", { theme: "dark" }],
  ["overview-compact", usual, "Daily spend", { width: 420, height: 700 }],
  ["overview-compact-dark", usual, "Daily spend", { width: 420, height: 700, theme: "dark" }],
  ["overview-narrow", usual, "Daily spend", { width: 640 }],
  ["overview-today", usual, "Today by provider", { hash: "#/?period=today" }],
  ["overview-week", usual, "Daily spend", { hash: "#/?period=last7_days" }],
  ["overview-unpriced", always(fixtures.unpriced()), "2 models have no price", {}],
  ["overview-mixed", always(fixtures.mixed()), "covered by your subscription"],
  ["overview-mixed-compact", always(fixtures.mixed()), "covered by your subscription", { width: 420, height: 700 }],
  ["overview-subscribed", always(fixtures.subscribed()), "API-equivalent"],
  [
    "overview-subscribed-since",
    always(fixtures.subscribedSince()),
    "None of it is paid by the token",
    { hash: "#/?period=last7_days" },
  ],
  ["overview-failing", always(fixtures.failing()), "Codex, failing"],
  ["overview-failing-dark", always(fixtures.failing()), "Codex, failing", { theme: "dark" }],
  ["overview-no-spend", always(fixtures.quiet()), "No spend in this period", { hash: "#/?period=last7_days" }],
  ["nothing-found", always(fixtures.bare()), "No agent logs", { hash: "#/?period=last7_days" }],
  [
    "nothing-found-compact",
    always(fixtures.bare()),
    "No agent logs",
    { hash: "#/?period=last7_days", width: 420, height: 700 },
  ],
  ["first-scan", always(fixtures.firstScan()), "Found 2,708 log files"],
  ["first-scan-compact", always(fixtures.firstScan()), "Found 2,708 log files", { width: 420, height: 700 }],
  ["no-tray", { ...usual, notice: noTray }, "This desktop shows no tray icons"],
  ["error", { overview: denied }, "written by a newer version", { height: 300 }],
  ["project-light", usual, "Tokens by kind", { hash: "#/project/%2Fhome%2Fada%2Fcode%2Fweb-api" }],
  ["project-dark", usual, "Tokens by kind", { hash: "#/project/x", theme: "dark" }],
  ["project-compact", usual, "Tokens by kind", { hash: "#/project/x", width: 420, height: 700 }],
];

it.each(views)("%s", async (name, answers, waitFor, setting) => {
  const { page, troubles } = await windowWith(answers, setting);
  await page.getByText(waitFor).first().waitFor();
  await page.waitForFunction(() => window.hands.calls.includes("page_ready"));
  await picture(page, name);
  await holds(page, troubles);
  await page.context().close();
});

it("shows a skeleton when figures take long, and the window does not wait for them", async () => {
  const { page, troubles } = await windowWith({ overview: "never" });
  await page.waitForFunction(() => window.hands.calls.includes("page_ready"));
  await page.waitForFunction(() => Number(getComputedStyle(document.querySelector(".skeleton")!).opacity) > 0.5);
  await picture(page, "skeleton");
  await holds(page, troubles);
  await page.context().close();
});

it("goes into a project and back by keyboard, to where it was", async () => {
  const { page, troubles } = await windowWith(usual, { height: 600 });
  const row = page.getByRole("link", { name: "infra" });
  await row.focus();
  await row.press("Enter");
  await page.getByRole("heading", { level: 1, name: "web-api" }).waitFor();
  expect(page.url()).toContain("#/project/%2Fhome%2Fada%2Fcode%2Finfra");
  expect(await page.title()).toBe("web-api · Spendmeter");
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("MAIN");

  await page.goBack();
  await page.waitForFunction(() => document.activeElement?.textContent === "infra");
  expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  expect(await row.evaluate((link) => link.getBoundingClientRect().bottom <= window.innerHeight)).toBe(true);

  // Anywhere in the row: the link lies over it, which is why the click has to be forced.
  await page.getByRole("cell", { name: "10 %" }).click({ force: true });
  await page.getByRole("heading", { level: 1, name: "web-api" }).waitFor();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("table", { name: "Projects" }).waitFor();
  expect(troubles).toEqual([]);
  await page.context().close();
});

it("gives the exact day under the pointer and under the focus", async () => {
  const { page, troubles } = await windowWith(usual);
  const day = page.getByRole("button", { name: /^Sun, Nov 15/ });
  await day.hover();
  await page.locator(".readout").waitFor();
  expect(await page.locator(".readout").textContent()).toContain("Sun, Nov 15");
  await picture(page, "overview-day");
  await page.getByRole("cell", { name: "10 %" }).hover({ force: true });
  await picture(page, "overview-row");
  await day.hover();
  await page.keyboard.press("Escape");
  expect(await page.locator(".readout").count()).toBe(0);
  await page.mouse.move(0, 0);
  await day.focus();
  await page.keyboard.press("Tab");
  await page.locator(".readout", { hasText: "Mon, Nov 16" }).waitFor();
  await picture(page, "overview-day-focus");
  await holds(page, troubles);
  await page.context().close();
});

it("reaches everything by tab, in the order it is read", async () => {
  const { page } = await windowWith(
    { overview: byPeriod(() => fixtures.overview("last7_days")) },
    { hash: "#/?period=last7_days" },
  );
  await page.getByText("Daily spend").first().waitFor();
  const visited: string[] = [];
  for (let press = 0; press < 22; press += 1) {
    await page.keyboard.press("Tab");
    visited.push(
      await page.evaluate(() => {
        const focused = document.activeElement;
        return focused?.getAttribute("aria-label")?.split(":")[0] ?? focused?.textContent?.trim() ?? "";
      }),
    );
  }
  expect(visited.slice(0, 6)).toEqual(["Prices", "Today", "7 d", "30 d", "Month", "Refresh now"]);
  expect(visited.slice(6, 13).map((label) => label.slice(0, 3))).toEqual([
    "Wed",
    "Thu",
    "Fri",
    "Sat",
    "Sun",
    "Mon",
    "Tue",
  ]);
  expect(visited.slice(13, 21)).toEqual([
    "web-api",
    "nightly-eval",
    "infra",
    "docs",
    "playground",
    "mobile",
    "data-pipeline",
    "design-system",
  ]);
  expect(visited[21]).toMatch(/^3 more/);
  await page.context().close();
});

it("takes new figures without a jump", async () => {
  const { page, troubles } = await windowWith(usual, { height: 600 });
  await page.getByText("Daily spend").first().waitFor();
  await page.evaluate(() => window.scrollTo(0, 200));
  await page.evaluate(() => {
    (window as unknown as { kept: Element | null }).kept = document.querySelector("[aria-label=Projects] a");
  });
  const more = fixtures.overview("last30_days", { today: fixtures.estimated(1_391) });
  await page.evaluate((answers) => {
    window.hands.answer(answers);
    window.hands.emit("ledger-changed");
  }, always(more));
  await page.getByText("$13.91").first().waitFor();
  expect(await page.evaluate(() => window.scrollY)).toBe(200);
  const sameRow = await page.evaluate(
    () => (window as unknown as { kept: Element | null }).kept === document.querySelector("[aria-label=Projects] a"),
  );
  expect(sameRow, "rows are updated, not made anew").toBe(true);

  await page.evaluate(() => window.hands.emit("open-view", "#/?period=today"));
  await page.waitForFunction(() => location.hash === "#/?period=today");
  expect(troubles).toEqual([]);
  await page.context().close();
});

it("follows the system's theme where Rust sets none", async () => {
  const { page } = await windowWith(usual);
  await page.evaluate(() => delete document.documentElement.dataset["theme"]);
  const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await ground()).toBe("rgb(244, 244, 242)");
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await ground()).toBe("rgb(22, 22, 24)");
  await page.context().close();
});
