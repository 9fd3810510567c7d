// The built page in a real browser, with the Rust side played by fixtures. Owns the server, the browser and what a
// Tauri window gives its page; asserts only what must hold in every view.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { preview, type PreviewServer } from "vite";
import { expect } from "vitest";
import type { CommandError } from "../../src/bindings/CommandError";
import type { Notice } from "../../src/bindings/Notice";
import type { Overview } from "../../src/bindings/Overview";
import type { Period } from "../../src/bindings/Period";
import type { LoggedRestatement } from "../../src/bindings/LoggedRestatement";
import type { PriceLists } from "../../src/bindings/PriceLists";
import type { ProjectView } from "../../src/bindings/ProjectView";
import type { RefreshPreview } from "../../src/bindings/RefreshPreview";
import type { Restated } from "../../src/bindings/Restated";
import { now } from "../fixtures";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pictures = fileURLToPath(new URL("../../../target/screenshots/ui", import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What the commands answer. A `CommandError` is thrown, `"never"` is not answered. */
export interface Answers {
  overview: Partial<Record<Period, Overview>> | CommandError | "never";
  project?: Partial<Record<Period, ProjectView>> | "never";
  notice?: Notice;
  prices?: PriceLists | CommandError | "never";
  fetched?: RefreshPreview | CommandError | "never";
  /** What any decision changes, before it is taken and after. */
  restated?: Restated | CommandError;
  undone?: LoggedRestatement;
}

/** What the test can do to the page, and see of it, through the window that the page believes to be in. */
export interface Hands {
  calls: string[];
  /** What the calls of that command were given. */
  given: (command: string) => unknown[];
  emit: (event: string, payload?: string) => void;
  answer: (answers: Answers) => void;
}

declare global {
  interface Window {
    hands: Hands;
    axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
  }
}

let server: PreviewServer;
let browser: Browser;
let address: string;

export async function open(): Promise<void> {
  if (!existsSync(`${root}/dist/index.html`)) throw new Error("ui/dist is missing: run `npm run build` first");
  mkdirSync(pictures, { recursive: true });
  server = await preview({ root, preview: { port: 0, strictPort: false }, logLevel: "error" });
  const bound = server.httpServer.address();
  if (bound === null || typeof bound === "string") throw new Error("the preview server has no port");
  address = `http://localhost:${bound.port}/`;
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--force-color-profile=srgb",
    ],
  });
}

export async function close(): Promise<void> {
  await browser?.close();
  await server?.close();
}

export interface Setting {
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  hash?: string;
}

/** A window on the page. `troubles` fills with whatever the console or the content security policy complains about. */
export async function windowWith(
  answers: Answers,
  { theme = "light", width = 1100, height = 930, hash = "" }: Setting = {},
): Promise<{ page: Page; troubles: string[] }> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: "light",
    reducedMotion: "reduce",
    timezoneId: "Europe/Berlin",
    locale: "en-US",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const troubles: string[] = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(message.text());
  });
  await page.clock.setFixedTime(new Date(now));
  await page.addInitScript(playRust, { answers, theme });
  await page.goto(address + hash);
  return { page, troubles };
}

/** Runs in the page before anything of it: the theme that Rust sets, and the two calls Tauri's own library makes. */
function playRust({ answers, theme }: { answers: Answers; theme: string }): void {
  // Chromium runs this before there is a root element; Tauri's engines run theirs when there is one.
  new MutationObserver((_, observer) => {
    if (!document.documentElement) return;
    document.documentElement.dataset["theme"] = theme;
    observer.disconnect();
  }).observe(document, { childList: true });
  const callbacks = new Map<number, (event: { payload: unknown }) => void>();
  const listeners: { event: string; handler: number }[] = [];
  let current = answers;

  const picked = (of: object | "never" | undefined, period: string): Promise<unknown> => {
    if (of === undefined || of === "never") return new Promise(() => {});
    if ("message" in of) return Promise.reject(of as unknown as Error);
    return Promise.resolve((of as Record<string, unknown>)[period]);
  };
  const answered = (of: object | "never" | undefined): Promise<unknown> =>
    picked(of && of !== "never" && !("message" in of) ? { "": of } : of, "");
  const noPrices: PriceLists = {
    version: "genai-prices 2026-11-24",
    published: "2026-11-24T08:00:00Z",
    disputed: 0,
    announced: [],
    own: [],
    plans: [],
    known_plans: [],
    restatements: [],
  };
  const commands: Record<string, (args: Record<string, string>) => Promise<unknown>> = {
    overview: ({ period = "" }) => picked(current.overview, period),
    project: ({ period = "" }) => picked(current.project, period),
    notice: () => Promise.resolve(current.notice ?? null),
    price_lists: () => answered(current.prices ?? noPrices),
    preview_decision: async () => ({ against: 7, restated: await answered(current.restated) }),
    decide: () => answered(current.restated),
    fetch_prices: () => answered(current.fetched),
    take_in_prices: () => answered(current.restated),
    undo_restatement: () => Promise.resolve(current.undone ?? null),
    refresh: () => Promise.resolve(),
    page_ready: () => Promise.resolve(),
  };

  const given: [command: string, args: unknown][] = [];
  const hands: Hands = {
    calls: [],
    given: (command) => given.filter(([asked]) => asked === command).map(([, args]) => args),
    emit: (event, payload) => {
      for (const one of listeners.filter((listener) => listener.event === event))
        callbacks.get(one.handler)?.({ payload });
    },
    answer: (changed) => void (current = changed),
  };
  const internals = {
    transformCallback: (callback: (event: { payload: unknown }) => void) => {
      callbacks.set(callbacks.size + 1, callback);
      return callbacks.size;
    },
    invoke: (command: string, args: Record<string, unknown>): Promise<unknown> => {
      hands.calls.push(command);
      given.push([command, args]);
      if (command === "plugin:event|listen") {
        listeners.push({ event: String(args["event"]), handler: Number(args["handler"]) });
        return Promise.resolve(listeners.length);
      }
      const answer = commands[command];
      return answer ? answer(args as Record<string, string>) : Promise.reject(new Error(`no command ${command}`));
    },
  };
  Object.assign(window, { hands, __TAURI_INTERNALS__: internals });
}

/** Everything that must hold in any view: axe finds nothing, nothing sticks out sideways, nobody complained. */
export async function holds(page: Page, troubles: string[]): Promise<void> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  expect(
    violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html}\n${node.failureSummary}`)),
  ).toEqual([]);
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(tooWide, "the page must not scroll sideways").toBeLessThanOrEqual(0);
  expect(troubles).toEqual([]);
}

export const picture = (page: Page, name: string): Promise<Buffer> =>
  page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
