// The commands and events of the Rust side. The only file that knows Tauri: a test swaps this module and nothing else
// changes. Nothing here remembers or converts anything.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Decision } from "./bindings/Decision";
import type { LoggedRestatement } from "./bindings/LoggedRestatement";
import type { Notice } from "./bindings/Notice";
import type { Overview } from "./bindings/Overview";
import type { Period } from "./bindings/Period";
import type { Preview } from "./bindings/Preview";
import type { PriceLists } from "./bindings/PriceLists";
import type { ProjectView } from "./bindings/ProjectView";
import type { RefreshPreview } from "./bindings/RefreshPreview";
import type { Restated } from "./bindings/Restated";

export const overview = (period: Period): Promise<Overview> => invoke("overview", { period });

export const project = (key: string, period: Period): Promise<ProjectView> => invoke("project", { key, period });

export const refresh = (): Promise<void> => invoke("refresh");

export const notice = (): Promise<Notice | null> => invoke("notice");

export const priceLists = (): Promise<PriceLists> => invoke("price_lists");

/** What a decision about prices would change. Touches nothing. */
export const previewDecision = (decision: Decision): Promise<Preview> => invoke("preview_decision", { decision });

/** `against` is that of the preview: what was decided elsewhere since is not overruled unseen. */
export const decide = (decision: Decision, against: number): Promise<Restated> =>
  invoke("decide", { decision, against });

export const undoRestatement = (id: number): Promise<LoggedRestatement> => invoke("undo_restatement", { id });

/** Asks the network for both price lists, and tells what they would change. */
export const fetchPrices = (): Promise<RefreshPreview> => invoke("fetch_prices");

/** Takes in the lists with this number, as they were looked at. */
export const takeInPrices = (number: number, acceptJumps: boolean): Promise<Restated> =>
  invoke("take_in_prices", { number, acceptJumps });

/** Shows the window, which is invisible until the page has something to show. */
export const pageReady = (): Promise<void> => invoke("page_ready");

/** Calls back whenever the ledger has something new. The result stops it. */
export const onLedgerChanged = (callback: () => void): Promise<() => void> =>
  listen("ledger-changed", () => callback());

/** Calls back with a hash such as `#/project/…` when a row of the tray menu asks for that view. The result stops it. */
export const openTarget = (callback: (hash: string) => void): Promise<() => void> =>
  listen<string>("open-view", (event) => callback(event.payload));
