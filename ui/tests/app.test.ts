// The frame: it asks for what the hash names, shows the window once, and stays useful when a command fails.
import { cleanup, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import * as api from "../src/api";
import App from "../src/App.svelte";
import * as fixtures from "./fixtures";
import * as prices from "./prices";

vi.mock("../src/api");

let ledgerChanged: () => void;
let openView: (hash: string) => void;

beforeEach(() => {
  location.hash = "";
  vi.mocked(api.overview).mockImplementation((period) => Promise.resolve(fixtures.overview(period)));
  vi.mocked(api.project).mockImplementation((_, period) => Promise.resolve(fixtures.projectView(period)));
  vi.mocked(api.priceLists).mockResolvedValue(prices.lists());
  vi.mocked(api.refresh).mockResolvedValue();
  vi.mocked(api.pageReady).mockResolvedValue();
  vi.mocked(api.notice).mockResolvedValue(null);
  vi.mocked(api.onLedgerChanged).mockImplementation((callback) => {
    ledgerChanged = callback;
    return Promise.resolve(() => {});
  });
  vi.mocked(api.openTarget).mockImplementation((callback) => {
    openView = callback;
    return Promise.resolve(() => {});
  });
});

afterEach(() => {
  cleanup();
  vi.clearAllMocks();
});

it("shows the window once, when there are figures", async () => {
  render(App);
  expect(api.pageReady).not.toHaveBeenCalled();
  await screen.findByText("$12.40");
  await waitFor(() => expect(api.pageReady).toHaveBeenCalledTimes(1));
  ledgerChanged();
  await waitFor(() => expect(api.overview).toHaveBeenCalledTimes(2));
  expect(api.pageReady).toHaveBeenCalledTimes(1);
});

it("shows the window also when there is only an error, with what to do", async () => {
  vi.mocked(api.overview).mockRejectedValue({
    code: "ledger",
    message: "The ledger belongs to a newer version.",
    action: "Update Spendmeter.",
  });
  render(App);
  expect((await screen.findByRole("alert")).textContent).toContain("The ledger belongs to a newer version.");
  expect(screen.getByText("Update Spendmeter.")).toBeTruthy();
  await waitFor(() => expect(api.pageReady).toHaveBeenCalledTimes(1));
});

it("keeps the last good figures when asking again fails, and says of when they are", async () => {
  render(App);
  await screen.findByText("$12.40");
  vi.mocked(api.overview).mockRejectedValueOnce("no reply");
  ledgerChanged();
  expect((await screen.findByRole("alert")).textContent).toMatch(/no reply.*The figures below are those of .*14:05\./);
  expect(screen.getByText("$12.40")).toBeTruthy();
  screen.getByRole("button", { name: "Try again" }).click();
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

it("asks for the period that is picked, and the hash remembers it", async () => {
  render(App);
  (await screen.findByRole("button", { name: "Month" })).click();
  await waitFor(() => expect(api.overview).toHaveBeenLastCalledWith("month", null));
  expect(location.hash).toBe("#/?period=month");
});

it("opens the view that a row of the tray menu names", async () => {
  render(App);
  await screen.findByText("$12.40");
  openView("#/project/%2Fhome%2Fada%2Fcode%2Fweb-api?period=today");
  await waitFor(() => expect(api.project).toHaveBeenCalledWith("/home/ada/code/web-api", "today", null));
  expect(await screen.findByRole("heading", { level: 1, name: "web-api" })).toBeTruthy();
  expect(screen.getByRole("link", { name: /Overview/ }).getAttribute("href")).toBe("#/?period=today");
});

it("asks again after a refresh, and says when a refresh fails", async () => {
  render(App);
  await screen.findByText("$12.40");
  screen.getByRole("button", { name: "Refresh now" }).click();
  await waitFor(() => expect(api.overview).toHaveBeenCalledTimes(2));
  vi.mocked(api.refresh).mockRejectedValueOnce({ code: "busy", message: "A read is under way.", action: null });
  screen.getByRole("button", { name: "Refresh now" }).click();
  expect((await screen.findByRole("alert")).textContent).toContain("A read is under way.");
});

const noTray = /This desktop has no tray\./;
const noticed = (): Promise<HTMLElement> => screen.findByText(noTray);

it("shows a notice until it is dismissed", async () => {
  vi.mocked(api.notice).mockResolvedValue({
    code: "no_tray_host",
    message: "This desktop has no tray.",
    action: "Install the AppIndicator extension.",
  });
  render(App);
  expect((await noticed()).closest("[role=status]")?.textContent).toContain("Install the AppIndicator extension.");
  screen.getByRole("button", { name: "Dismiss" }).click();
  await waitFor(() => expect(screen.queryByText(noTray)).toBeNull());
});

it("takes a notice away when it is over, and shows it again when it comes back", async () => {
  const notice = { code: "no_tray_host" as const, message: "This desktop has no tray.", action: null };
  vi.mocked(api.notice).mockResolvedValue(notice);
  render(App);
  (await screen.findByRole("button", { name: "Dismiss" })).click();
  await waitFor(() => expect(screen.queryByText(noTray)).toBeNull());
  ledgerChanged();
  await waitFor(() => expect(api.notice).toHaveBeenCalledTimes(2));
  expect(screen.queryByText(noTray)).toBeNull();
  vi.mocked(api.notice).mockResolvedValue(null);
  ledgerChanged();
  await waitFor(() => expect(api.notice).toHaveBeenCalledTimes(3));
  vi.mocked(api.notice).mockResolvedValue(notice);
  ledgerChanged();
  expect(await noticed()).toBeTruthy();
});

it("opens prices from the bar, and Escape goes back to where one was", async () => {
  location.hash = "#/project/x?period=today";
  render(App);
  const link = await screen.findByRole("link", { name: "Prices" });
  expect(link.getAttribute("href")).toBe("#/prices?period=today");
  location.hash = "#/prices?period=today";
  expect(await screen.findByRole("heading", { level: 1, name: "Prices" })).toBeTruthy();
  expect(document.title).toBe("Prices · Spendmeter");
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
  await waitFor(() => expect(location.hash).toBe("#/project/x?period=today"));
});

it("says why prices cannot be read, and shows them once they can", async () => {
  location.hash = "#/prices";
  vi.mocked(api.priceLists).mockRejectedValueOnce({ code: "ledger", message: "The ledger is locked.", action: null });
  render(App);
  expect((await screen.findByRole("alert")).textContent).toContain("The ledger is locked.");
  screen.getByRole("button", { name: "Try again" }).click();
  expect(await screen.findByRole("region", { name: "Price lists" })).toBeTruthy();
});

it("shows beside the month what plans cost, whatever is used", async () => {
  vi.mocked(api.overview).mockResolvedValue(fixtures.mixed());
  render(App);
  expect(await screen.findByText("Plans: $220.00 a month, fixed; price of Team seat not known")).toBeTruthy();
});

it("asks for the amounts that are picked, and keeps them on the way into a project and back", async () => {
  vi.mocked(api.overview).mockResolvedValue(fixtures.mixed());
  render(App);
  const amounts = within(await screen.findByRole("group", { name: "Amounts" }));
  expect(amounts.getByRole("button", { name: "estimated" }).getAttribute("aria-pressed")).toBe("true");
  amounts.getByRole("button", { name: "API-equivalent" }).click();
  await waitFor(() => expect(api.overview).toHaveBeenLastCalledWith("last30_days", "api_equivalent"));
  expect(location.hash).toBe("#/?amounts=api_equivalent");
  const project = screen.getByRole("link", { name: "infra" });
  expect(project.getAttribute("href")).toMatch(/amounts=api_equivalent$/);
  location.hash = "#/project/x?amounts=api_equivalent";
  await waitFor(() => expect(api.project).toHaveBeenCalledWith("x", "last30_days", "api_equivalent"));
  expect((await screen.findByRole("link", { name: /Overview/ })).getAttribute("href")).toBe(
    "#/?amounts=api_equivalent",
  );
});

it("offers no choice of amounts where there is only one", async () => {
  render(App);
  await screen.findByText("$12.40");
  expect(screen.queryByRole("group", { name: "Amounts" })).toBeNull();
});
