// The pages say what the answers say, and nothing that they do not.
import { cleanup, render, screen, within } from "@testing-library/svelte";
import { afterEach, expect, it } from "vitest";
import type { Overview } from "../src/bindings/Overview";
import { amountOf, seriesOf, slicesOf } from "../src/chart/series";
import { hashOf } from "../src/route";
import OverviewPage from "../src/overview/OverviewPage.svelte";
import Found from "../src/prices/Found.svelte";
import Own from "../src/prices/Own.svelte";
import ProjectPage from "../src/project/ProjectPage.svelte";
import * as fixtures from "./fixtures";
import { fetched } from "./prices";
import { words } from "../src/words";

afterEach(cleanup);

const show = (overview: Overview) => render(OverviewPage, { overview });
const text = (element: HTMLElement) => element.textContent.replace(/\s+/g, " ").trim();
const figures = () => within(screen.getByRole("region", { name: "Now" }));

it("shows the figures, with the exact amount on hover and one badge for all estimates", () => {
  show(fixtures.overview());
  expect(figures().getByText("$12.40").title).toBe("$12.40 estimated");
  expect(figures().getByText("1.6× usual by this hour")).toBeTruthy();
  expect(figures().getByText("$169–206")).toBeTruthy();
  expect(figures().getByText(/likely \$187, 6 days left/)).toBeTruthy();
  expect(figures().getAllByText("estimated")).toHaveLength(1);
});

it("tells no data from no spend", async () => {
  const zero = { ...fixtures.nothing, estimated: "0" };
  const { rerender } = show(fixtures.overview("last30_days", { today: zero }));
  expect(figures().getByText("$0.00")).toBeTruthy();
  await rerender({ overview: fixtures.overview("last30_days", { today: fixtures.nothing }) });
  expect(figures().queryByText("$0.00")).toBeNull();
  expect(figures().getAllByText("No data").length).toBeGreaterThan(0);
});

it("never adds a bill to an estimate, and marks each", () => {
  show(
    fixtures.overview("last30_days", {
      today: { ...fixtures.nothing, billed: "7" },
      month: { ...fixtures.estimated(10_000), billed: "90" },
    }),
  );
  expect(figures().getByText("$7.00").title).toBe("$7.00 billed");
  expect(figures().getByText("$100")).toBeTruthy();
  expect(figures().getByText("$90.00").title).toBe("$90.00 billed");
  expect(figures().getAllByText("billed")).toHaveLength(2);
  expect(figures().getAllByText("estimated")).toHaveLength(1);
});

it("shows what a subscription covers in a line of its own, with its badge, and never in the sum", () => {
  show(fixtures.mixed());
  const line = figures().getAllByText("API-equivalent")[0]!.closest("small")!;
  expect(text(line)).toBe("API-equivalent $31.20, covered by your subscription");
  expect(figures().getByText("$12.40")).toBeTruthy();
  expect(figures().queryByText(/\$43\.60|\$50\.60|\$19\.40/)).toBeNull();
  const rows = within(screen.getByRole("table", { name: "Projects" })).getAllByRole("row");
  expect(text(rows[1]!)).toMatch(/\$101\.58, \$101\.28–103\.08 billed \$7\.00 ?API-equivalent \$31\.20 ?55\s%/);
  expect(text(rows[2]!)).toMatch(/^nightly-eval \$\d+\.\d\d API-equivalent$/);
});

it("draws and ranks by what a subscription covers where there is nothing else, and says that it is no estimate", () => {
  const { container } = show(fixtures.subscribed());
  expect(figures().getByText("$12.40").title).toBe("$12.40 API-equivalent");
  expect(figures().getAllByText("API-equivalent")).toHaveLength(1);
  expect(figures().getByText("Plans: $200.00 a month, fixed")).toBeTruthy();
  expect(screen.queryByText("estimated")).toBeNull();
  expect(screen.getByText("in 30 days, covered by your subscription")).toBeTruthy();
  expect(container.querySelectorAll(".chart path").length).toBeGreaterThan(60);
  expect(screen.getByRole("button", { name: /^Tue, Nov 24: \$12\.40 API-equivalent, Anthropic \$8\.90/ })).toBeTruthy();
  expect(screen.getByRole("button", { name: /^3 more · \$\d+\.\d\d$/ })).toBeTruthy();
});

it("does not look empty where the period has nothing of what leads", async () => {
  const { rerender } = show(fixtures.subscribedSince());
  expect(screen.getByText("None of it is paid by the token at list price.")).toBeTruthy();
  expect(screen.queryByText(/No spend/)).toBeNull();
  expect(screen.getByRole("button", { name: /^3 more · \$\d+\.\d\d API-equivalent$/ })).toBeTruthy();
  const today = fixtures.subscribed("today");
  const bases = { ...today.bases, lead: "billed" as const };
  await rerender({ overview: { ...today, bases } });
  expect(screen.getByText("No provider said what any of it costs.")).toBeTruthy();
});

it("does not call it nothing when what burns has no price", () => {
  const burn = { ...fixtures.quiet().burn, requests: 3, unpriced_tokens: 34_000 };
  show(fixtures.overview("last30_days", { burn }));
  expect(figures().getByText(/^34\sK tokens without a price in the last hour$/)).toBeTruthy();
  expect(figures().queryByText("nothing in the last hour")).toBeNull();
});

it("names what has no price beside the rate at which the rest burns", () => {
  const { burn } = fixtures.overview("last30_days");
  expect(burn.per_hour).not.toBeNull();
  show(fixtures.overview("last30_days", { burn: { ...burn, unpriced_tokens: 34_000 } }));
  expect(figures().getByText(/^\+ 34\sK tokens without a price in the last hour$/)).toBeTruthy();
});

it("says where an uncertain estimate may lie, if that shows", () => {
  show(fixtures.mixed());
  expect(figures().getByText("$12.10–13.90")).toBeTruthy();
  expect(figures().getByText("$12.40").title).toBe("$12.40 estimated, $12.10–13.90");
  cleanup();
  const barely = { ...fixtures.estimated(1_240), margin: { below: "0.001", above: "0.004" } };
  show(fixtures.overview("last30_days", { today: barely }));
  expect(figures().queryByText(/–13|–12/)).toBeNull();
  expect(figures().getByText("$12.40").title).toBe("$12.40 estimated, $12.399–12.404");
});

it("names the models without a price, beside the total", () => {
  const { container } = show(fixtures.unpriced());
  const line = container.querySelector(".unpriced")?.textContent?.replace(/\s+/g, " ");
  expect(line).toContain("2 models have no price: nemotron-3-super 41 K, qwen4-coder-next 12 K tokens");
  expect(figures().getByText(/^\+ 12\sK tokens without a price$/)).toBeTruthy();
  expect(figures().getByText(/^\+ 41\sK tokens without a price$/)).toBeTruthy();
  expect(screen.getByText(/^\+ 53\sK tokens on 2 unpriced models$/)).toBeTruthy();
});

it("offers to say what a model costs only where calls name one", async () => {
  const unnamed = { model: "unknown model", provider: null, is_apart: false, tokens: 900 };
  const { rerender } = show(fixtures.overview("last30_days", { unpriced: [unnamed] }));
  expect(screen.getByText(/1 model has no price/).textContent).toContain("unknown model 900");
  expect(screen.queryByRole("button", { name: "Say what it costs" })).toBeNull();
  const elsewhere = { model: "claude-opus-5-5", provider: "aws", is_apart: true, tokens: 5 };
  const models = [unnamed, ...fixtures.unpriced().unpriced, elsewhere];
  await rerender({ overview: fixtures.overview("last30_days", { unpriced: models }) });
  expect(screen.getByRole("button", { name: "Say what it costs" })).toBeTruthy();
  cleanup();
  render(Own, { used: { models, period: "last30_days" }, own: [], ondecided: () => {} });
  expect(screen.getByText("These calls name no model.")).toBeTruthy();
  const offered = screen.getAllByRole("button", { name: /^Say what it costs: / });
  expect(offered.map((one) => one.getAttribute("aria-label"))).toEqual([
    "Say what it costs: nemotron-3-super",
    "Say what it costs: qwen4-coder-next",
    "Say what it costs: claude-opus-5-5 of aws",
  ]);
});

it("says what fails at the source that fails, and keeps the figures", () => {
  show(fixtures.failing());
  const sources = within(screen.getByRole("region", { name: "Sources" }));
  expect(sources.getByText(/Codex, failing/).parentElement?.textContent).toContain("permission denied");
  expect(sources.getByText(/figures of/)).toBeTruthy();
  expect(sources.getByText("Claude Code, live")).toBeTruthy();
  expect(sources.getByText("Gemini CLI: not found")).toBeTruthy();
  expect(figures().getByText("$12.40")).toBeTruthy();
});

it("says of an agent that cannot be counted why, and does not take it for a source", async () => {
  const cursor = {
    id: "cursor",
    name: "Cursor",
    state: "not_counted" as const,
    last_read: null,
    files: 0,
    detail: "its files carry no reliable token counts",
  };
  const told = /Cursor: found, cannot be counted, because its files carry no reliable token counts/;
  const { rerender } = show(fixtures.overview("last30_days", { sources: [...fixtures.sources, cursor] }));
  expect(within(screen.getByRole("region", { name: "Sources" })).getByText(told)).toBeTruthy();
  const bare = fixtures.bare();
  await rerender({ overview: { ...bare, sources: [...bare.sources, cursor] } });
  expect(screen.getByText("No agent logs on this machine yet")).toBeTruthy();
  expect(screen.getByText(/^found, cannot be counted, because its files/)).toBeTruthy();
});

it("says that nothing was spent, on an empty axis", () => {
  show(fixtures.quiet());
  expect(screen.getByText(/^No spend in this period\. Last read .*14:05\.$/)).toBeTruthy();
  expect(screen.queryByRole("table", { name: "Projects" })).toBeNull();
});

it("says where it looked when there is nothing to read", () => {
  show(fixtures.bare());
  expect(screen.getByText("No agent logs on this machine yet")).toBeTruthy();
  expect(screen.getByText(/~\/\.claude\/projects/)).toBeTruthy();
  expect(screen.queryByRole("region", { name: "Now" })).toBeNull();
});

it("shows a bill where no agent has left a log", () => {
  const billed = { ...fixtures.nothing, billed: "4", elsewhere: "4" };
  const bases = { lead: "billed" as const, known: ["billed" as const] };
  show({ ...fixtures.bare(), bases, month: billed, total: billed });
  expect(screen.queryByText("No agent logs on this machine yet")).toBeNull();
  expect(screen.getAllByText("$4.00").length).toBeGreaterThan(0);
});

it("keeps old figures when the logs they came from are gone", () => {
  show(fixtures.overview("last30_days", { sources: fixtures.bare().sources }));
  expect(figures().getByText("$12.40")).toBeTruthy();
});

it("shows how far the first read is", () => {
  show(fixtures.firstScan());
  expect(screen.getByText("Found 2,708 log files of Claude Code and Codex on this machine")).toBeTruthy();
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("62");
  expect(screen.getByText(/1\.4\sGB of 2\.2\sGB · .* so far, estimated from list prices · 850\sMB left/)).toBeTruthy();
});

it("leads from a project's row to the project, in the same period", () => {
  show(fixtures.overview("month"));
  const expected = hashOf({ view: "project", key: "/home/ada/code/web-api", period: "month", basis: null });
  expect(screen.getByRole("link", { name: "web-api" }).getAttribute("href")).toBe(expected);
  expect(screen.getByRole("link", { name: "web-api" }).title).toMatch(/web-api\n\$\d+\.\d\d estimated$/);
});

it("hides the long tail behind its sum", async () => {
  show(fixtures.overview());
  const rows = () => within(screen.getByRole("table", { name: "Projects" })).getAllByRole("link");
  expect(rows()).toHaveLength(8);
  const more = screen.getByRole("button", { name: /^3 more · \$/ });
  more.click();
  await Promise.resolve();
  expect(rows()).toHaveLength(11);
});

it("has the bars as a table with every day, and says which one still counts", () => {
  show(fixtures.overview());
  const twin = within(screen.getByRole("table", { name: "Daily spend" }));
  expect(twin.getAllByRole("rowheader")).toHaveLength(30);
  const today = within(twin.getByRole("rowheader", { name: "Tue, Nov 24, still counting" }).closest("tr")!);
  expect(today.getAllByRole("cell").map(text)).toEqual(["$12.40 estimated", "$8.90", "$2.10", "$0.50", "$0.90"]);
  expect(
    screen.getByRole("button", {
      name: "Tue, Nov 24: $12.40, Anthropic $8.90, OpenAI $2.10, Google $0.50, OpenRouter $0.90, still counting",
    }),
  ).toBeTruthy();
});

it("stacks providers dearest first, in fixed hues, those without one together on top", () => {
  const series = seriesOf(["deepseek", "openai", "mistral", "anthropic"]);
  expect(series.map((one) => [one.name, one.colour])).toEqual([
    ["OpenAI", "var(--series-openai)"],
    ["Anthropic", "var(--series-anthropic)"],
    ["Other providers", "var(--series-other)"],
  ]);
  const [day] = fixtures.overview("today").days;
  const mixed = {
    ...day!,
    by_provider: [
      { provider: "deepseek", amount: "0.1" },
      { provider: "openai", amount: "2" },
      { provider: "mistral", amount: "0.2" },
    ],
  };
  expect(series.map((one) => amountOf(mixed, one))).toEqual(["2", null, "0.3"]);
  expect(slicesOf([mixed], series)[0]?.map((slice) => slice.series.id)).toEqual(["openai", "other"]);
});

it("shows a project down to its sessions", () => {
  render(ProjectPage, { view: fixtures.projectView() });
  expect(screen.getByRole("heading", { level: 1, name: "web-api" })).toBeTruthy();
  expect(within(screen.getByRole("table", { name: "Models" })).getByText("claude-opus-5-5")).toBeTruthy();
  expect(screen.getByText("fix/flaky-upload")).toBeTruthy();
  expect(screen.getByText("37 more sessions are not listed: they cost less than these.")).toBeTruthy();
});

it("claims no change where the records do not reach back", () => {
  const overview = fixtures.overview();
  const projects = overview.projects.map((row) => ({ ...row, change: { kind: "unknown" as const } }));
  show({ ...overview, projects });
  expect(screen.queryByText("new")).toBeNull();
  expect(screen.queryByText(/▲|▼/)).toBeNull();
});

it("tells a model that gets its first price from those that get another one", () => {
  const calm = fetched();
  const show = (changes: Partial<typeof calm.changes>) => {
    const found = { ...calm, changes: { ...calm.changes, ...changes } };
    render(Found, { found, since: null, taking: false, ontake: () => {}, onleave: () => {} });
    return text(screen.getByRole("group", { name: "Newer price lists" }));
  };
  const only = show({ changed: 0, new: 1, gone: 0, left_out: [], in_use: [] });
  expect(only).toContain("No model with another price; 1 new; 0 gone. Your calls of nova-9 had no price in any list");
  expect(only).not.toContain("You use");
  cleanup();
  expect(show({ first_priced: [] })).not.toContain("Your calls of");
  cleanup();
  const renamed = show({ changed: 0, gone: 0, first_priced: [], in_use: ["gpt-5.5-2026-04-24"] });
  expect(renamed).toContain("Your calls of gpt-5.5-2026-04-24 are of another model by these lists.");
  expect(renamed).not.toContain("You use");
});

it("says of newer lists what they are to the person, also where no model has another price", () => {
  expect(words.newerLists(0, "0", 0)).toContain("they have other names for models");
  expect(words.newerLists(0, "0", 2)).toContain("some of your calls have another price by them, or their first");
  expect(words.newerLists(3, "3", 1)).toContain("3 models changed, of which you use 1");
});
