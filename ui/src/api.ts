// The commands and events of the Rust side. The only file that knows Tauri: a test swaps this module and nothing else
// changes. Nothing here remembers or converts anything.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Asked } from "./bindings/Asked";
import type { Basis } from "./bindings/Basis";
import type { LoggedRestatement } from "./bindings/LoggedRestatement";
import type { Notice } from "./bindings/Notice";
import type { Overview } from "./bindings/Overview";
import type { Period } from "./bindings/Period";
import type { Preview } from "./bindings/Preview";
import type { PriceLists } from "./bindings/PriceLists";
import type { ProjectView } from "./bindings/ProjectView";
import type { RefreshPreview } from "./bindings/RefreshPreview";
import type { Restated } from "./bindings/Restated";

/** Everything about a period, by the amounts on `basis` if there are any; `null`: by those that lead by themselves. */
export const overview = (period: Period, basis: Basis | null): Promise<Overview> =>
  invoke("overview", { period, basis });

export const project = (key: string, period: Period, basis: Basis | null): Promise<ProjectView> =>
  invoke("project", { key, period, basis });

export const refresh = (): Promise<void> => invoke("refresh");

export const notice = (): Promise<Notice | null> => invoke("notice");

export const priceLists = (): Promise<PriceLists> => invoke("price_lists");

/** What a decision about prices would change. Touches nothing. */
export const previewDecision = (decision: Asked): Promise<Preview> => invoke("preview_decision", { decision });

/** `against` is that of the preview: what was decided elsewhere since is not overruled unseen. */
export const decide = (decision: Asked, against: number): Promise<Restated> => invoke("decide", { decision, against });

export const undoRestatement = (id: number): Promise<LoggedRestatement> => invoke("undo_restatement", { id });

/** Turns looking for newer price lists every day on or off. */
export const lookDaily = (on: boolean): Promise<void> => invoke("look_daily", { on });

/** Asks the network for both price lists, and tells what they would change; `null` if nothing. */
export const fetchPrices = (): Promise<RefreshPreview | null> => invoke("fetch_prices");

/** What the lists that wait would change by now; `null` if none wait any more. */
export const waitingPrices = (): Promise<RefreshPreview | null> => invoke("waiting_prices");

/** Takes in the lists of that number, which were seen, unless something was decided elsewhere since. */
export const takeInPrices = (number: number, against: number, acceptJumps: boolean): Promise<Restated> =>
  invoke("take_in_prices", { number, against, acceptJumps });

/** Leaves the lists of that number as they are. */
export const leavePrices = (number: number): Promise<void> => invoke("leave_prices", { number });

/** Shows the window, which is invisible until the page has something to show. */
export const pageReady = (): Promise<void> => invoke("page_ready");

/** Calls back whenever the ledger has something new. The result stops it. */
export const onLedgerChanged = (callback: () => void): Promise<() => void> =>
  listen("ledger-changed", () => callback());

/** Calls back with a hash such as `#/project/…` when a row of the tray menu asks for that view. The result stops it. */
export const openTarget = (callback: (hash: string) => void): Promise<() => void> =>
  listen<string>("open-view", (event) => callback(event.payload));
