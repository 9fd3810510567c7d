// The commands and events of the Rust side. The only file that knows Tauri: a test swaps this module and nothing else
// changes. Nothing here remembers or converts anything.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Notice } from "./bindings/Notice";
import type { Overview } from "./bindings/Overview";
import type { Period } from "./bindings/Period";
import type { ProjectView } from "./bindings/ProjectView";

export const overview = (period: Period): Promise<Overview> => invoke("overview", { period });

export const project = (key: string, period: Period): Promise<ProjectView> => invoke("project", { key, period });

export const refresh = (): Promise<void> => invoke("refresh");

export const notice = (): Promise<Notice | null> => invoke("notice");

/** Shows the window, which is invisible until the page has something to show. */
export const pageReady = (): Promise<void> => invoke("page_ready");

/** Calls back whenever the ledger has something new. The result stops it. */
export const onLedgerChanged = (callback: () => void): Promise<() => void> =>
  listen("ledger-changed", () => callback());

/** Calls back with a hash such as `#/project/…` when a row of the tray menu asks for that view. The result stops it. */
export const openTarget = (callback: (hash: string) => void): Promise<() => void> =>
  listen<string>("open-view", (event) => callback(event.payload));
